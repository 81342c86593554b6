#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/list.h"

struct item {
    int number;
    struct bq_list link;
};

static int number_of(struct bq_list *link)
{
    return bq_list_owner(link, struct item, link)->number;
}

/* The members' numbers as the digits of one. */
static int digits_of(struct bq_list *list)
{
    int digits = 0;

    bq_list_each (at, list) {
        digits = digits * 10 + number_of(at);
    }
    return digits;
}

static void members_come_in_the_order_of_adding(void **state)
{
    (void)state;
    struct item a = {.number = 1};
    struct item b = {.number = 2};
    struct item c = {.number = 3};
    struct bq_list list;

    bq_list_init(&list);
    assert_true(bq_list_empty(&list));
    assert_int_equal(digits_of(&list), 0);
    bq_list_add(&list, &b.link);
    bq_list_add(&list, &c.link);
    bq_list_push(&list, &a.link);
    assert_false(bq_list_empty(&list));
    assert_int_equal(digits_of(&list), 123);
}

static void members_are_shifted_out_from_the_front(void **state)
{
    (void)state;
    struct item a = {.number = 1};
    struct item b = {.number = 2};
    struct bq_list list;

    bq_list_init(&list);
    bq_list_add(&list, &a.link);
    bq_list_add(&list, &b.link);
    assert_ptr_equal(bq_list_shift(&list), &a.link);
    assert_ptr_equal(bq_list_shift(&list), &b.link);
    assert_null(bq_list_shift(&list));
}

static void the_member_at_hand_may_be_taken_out(void **state)
{
    (void)state;
    struct item items[5];
    struct bq_list list;

    bq_list_init(&list);
    for (int i = 0; i < 5; i++) {
        items[i].number = i + 1;
        bq_list_add(&list, &items[i].link);
    }
    bq_list_each (at, &list) {
        if (number_of(at) % 2 == 1) {
            bq_list_remove(at);
        }
    }
    assert_int_equal(digits_of(&list), 24);
}

static void a_member_taken_out_can_be_taken_out_again(void **state)
{
    (void)state;
    struct item a = {.number = 1};
    struct item b = {.number = 2};
    struct bq_list list;

    bq_list_init(&list);
    bq_list_add(&list, &a.link);
    bq_list_add(&list, &b.link);
    bq_list_remove(&a.link);
    bq_list_remove(&a.link);
    assert_int_equal(digits_of(&list), 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_come_in_the_order_of_adding),
        cmocka_unit_test(members_are_shifted_out_from_the_front),
        cmocka_unit_test(the_member_at_hand_may_be_taken_out),
        cmocka_unit_test(a_member_taken_out_can_be_taken_out_again),
    };

    return cmocka_run_group_tests_name("base/list", tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "job/share.h"

static void the_weights_hold_over_time_however_little_is_dealt_at_once(void **state)
{
    (void)state;
    for (size_t at_once = 1; at_once <= 7; at_once++) {
        struct bq_weighted queues[] = {{.name = "fast", .weight = 5},
                                       {.name = "slow", .weight = 1},
                                       {.name = "other", .weight = 2}};
        size_t sums[3] = {0};

        for (size_t i = 0; i < 80; i++) {
            bq_deal(queues, 3, at_once);
            assert_int_equal(queues[0].dealt + queues[1].dealt + queues[2].dealt, at_once);
            for (size_t q = 0; q < 3; q++) {
                sums[q] += queues[q].dealt;
            }
        }
        assert_int_equal(sums[0], 50 * at_once);
        assert_int_equal(sums[1], 10 * at_once);
        assert_int_equal(sums[2], 20 * at_once);
    }
}

static void no_queue_waits_longer_than_its_weight_says(void **state)
{
    (void)state;
    struct bq_weighted queues[] = {{.name = "fast", .weight = 9}, {.name = "slow", .weight = 1}};
    int waited = 0;

    for (int i = 0; i < 100; i++) {
        bq_deal(queues, 2, 1);
        waited = queues[1].dealt > 0 ? 0 : waited + 1;
        assert_true(waited < 10);
    }
}

static void the_turn_to_be_first_goes_round(void **state)
{
    (void)state;
    struct bq_weighted queues[] = {{.name = "a", .weight = 1}, {.name = "b", .weight = 1}};
    int first[2] = {0};

    for (int i = 0; i < 10; i++) {
        bq_deal(queues, 2, 3);
        assert_int_equal(queues[0].place + queues[1].place, 1);
        first[queues[0].place]++;
    }
    assert_int_equal(first[0], 5);
}

static void who_is_dealt_nothing_comes_last(void **state)
{
    (void)state;
    struct bq_weighted queues[] = {
        {.name = "a", .weight = 1}, {.name = "b", .weight = 100}, {.name = "c", .weight = 1}};

    bq_deal(queues, 3, 1);
    assert_int_equal(queues[1].place, 0);
    assert_int_equal(queues[0].place, 1);
    assert_int_equal(queues[2].place, 2);
    bq_deal(queues, 0, 5);
}

static struct barq_arena arena;

static void queues_are_read_with_their_weights(void **state)
{
    (void)state;
    struct barq_worker_queue queues[BQ_MAX_QUEUES];
    size_t count = 0;

    assert_int_equal(bq_queues_parse(&arena, "fast:3,slow", queues, &count, NULL), BARQ_OK);
    assert_int_equal(bq_queues_parse(&arena, "mail:1000", queues, &count, NULL), BARQ_OK);
    assert_int_equal(count, 3);
    assert_string_equal(queues[0].name, "fast");
    assert_int_equal(queues[0].weight, 3);
    assert_string_equal(queues[1].name, "slow");
    assert_int_equal(queues[1].weight, 1);
    assert_string_equal(queues[2].name, "mail");
    assert_int_equal(queues[2].weight, 1000);
}

static void a_colon_without_a_number_is_part_of_a_name(void **state)
{
    (void)state;
    struct barq_worker_queue queues[BQ_MAX_QUEUES];
    size_t count = 0;

    assert_int_equal(bq_queues_parse(&arena, "arq:queue,arq:other:3", queues, &count, NULL),
                     BARQ_OK);
    assert_string_equal(queues[0].name, "arq:queue");
    assert_int_equal(queues[0].weight, 1);
    assert_string_equal(queues[1].name, "arq:other");
    assert_int_equal(queues[1].weight, 3);
}

static void what_is_no_list_of_queues_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",     ",",  "a,", "a,,b", "a:0",       "a:1001", "a:-1",
                                      "a:1b", "a:", ":3", "a,a",  "a:2,b,a:3", "a\n",    "\x80"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct barq_worker_queue queues[BQ_MAX_QUEUES];
        size_t count = 0;
        struct barq_error err = {.text = ""};

        assert_int_equal(bq_queues_parse(&arena, bad[i], queues, &count, &err), BARQ_ERR_ARG);
        assert_true(strlen(err.text) > 0);
    }
}

static void more_queues_than_there_can_be_are_refused(void **state)
{
    (void)state;
    struct barq_worker_queue queues[BQ_MAX_QUEUES];
    char name[] = "aa";
    size_t count = 0;

    for (int i = 0; i < BQ_MAX_QUEUES; i++) {
        name[0] = (char)('a' + i / 26);
        name[1] = (char)('a' + i % 26);
        assert_int_equal(bq_queues_parse(&arena, name, queues, &count, NULL), BARQ_OK);
    }
    assert_int_equal(bq_queues_parse(&arena, "more", queues, &count, NULL), BARQ_ERR_ARG);
}

static int set_up(void **state)
{
    (void)state;
    bq_arena_init(&arena, 65536);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_weights_hold_over_time_however_little_is_dealt_at_once),
        cmocka_unit_test(no_queue_waits_longer_than_its_weight_says),
        cmocka_unit_test(the_turn_to_be_first_goes_round),
        cmocka_unit_test(who_is_dealt_nothing_comes_last),
        cmocka_unit_test(queues_are_read_with_their_weights),
        cmocka_unit_test(a_colon_without_a_number_is_part_of_a_name),
        cmocka_unit_test(what_is_no_list_of_queues_is_refused),
        cmocka_unit_test(more_queues_than_there_can_be_are_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

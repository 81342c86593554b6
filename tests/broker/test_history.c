#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "broker/history.h"

enum { PLENTY = 65536 };

/* What `list` becomes with `entry`. */
static void check(const char *list, const char *entry, const char *expected)
{
    bq_auto(buf) struct bq_buf out;

    bq_buf_init(&out, PLENTY);
    bq_history_add(&out, list, entry);
    assert_string_equal(bq_buf_cstr(&out), expected);
}

static void an_entry_goes_behind_the_others(void **state)
{
    (void)state;
    check(NULL, "{}", "[{}]");
    check("", "{}", "[{}]");
    check("[]", "{\"a\":1}", "[{\"a\":1}]");
    check("[{\"a\":1}]", "{\"b\":[1,2]}", "[{\"a\":1},{\"b\":[1,2]}]");
}

static void what_is_no_list_counts_as_empty(void **state)
{
    (void)state;
    check("{}", "{}", "[{}]");
    check("nonsense", "{}", "[{}]");
}

static void the_oldest_entries_make_room(void **state)
{
    (void)state;
    bq_auto(buf) struct bq_buf list;
    char entry[64];

    bq_buf_init(&list, PLENTY);
    for (int i = 1; i <= 100; i++) {
        bq_auto(buf) struct bq_buf next;

        bq_buf_init(&next, PLENTY);
        (void)snprintf(entry, sizeof(entry), "{\"n\":%d,\"e\":\"\\\"],[{\\\\\"}", i);
        bq_history_add(&next, list.len ? bq_buf_cstr(&list) : NULL, entry);
        bq_buf_reset(&list);
        bq_buf_puts(&list, bq_buf_cstr(&next));
    }
    assert_true(strncmp(bq_buf_cstr(&list), "[{\"n\":81,", strlen("[{\"n\":81,")) == 0);
    assert_non_null(strstr(bq_buf_cstr(&list), "{\"n\":100,"));
}

static void a_history_never_grows_over_its_bytes(void **state)
{
    (void)state;
    static char entry[BQ_HISTORY_MAX_BYTES / 2];
    static char too_long[BQ_HISTORY_MAX_BYTES + 1];
    bq_auto(buf) struct bq_buf once;
    bq_auto(buf) struct bq_buf twice;

    memset(entry, '1', sizeof(entry) - 1);
    memset(too_long, '2', sizeof(too_long) - 1);
    bq_buf_init(&once, PLENTY);
    bq_buf_init(&twice, PLENTY);
    bq_history_add(&once, "[{}]", entry);
    bq_history_add(&twice, bq_buf_cstr(&once), entry);
    assert_int_equal(once.len, strlen("[{},]") + strlen(entry));
    assert_int_equal(twice.len, strlen("[]") + strlen(entry));

    check("[{}]", too_long, "[{}]");
    check(NULL, too_long, "[]");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_goes_behind_the_others),
        cmocka_unit_test(what_is_no_list_counts_as_empty),
        cmocka_unit_test(the_oldest_entries_make_room),
        cmocka_unit_test(a_history_never_grows_over_its_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"

static void every_status_has_a_word_of_its_own(void **state)
{
    (void)state;
    assert_string_equal(barq_status_name(BARQ_OK), "ok");
    assert_string_equal(barq_status_name(BARQ_ERR_NOMEM), "nomem");
    assert_string_equal(barq_status_name(BARQ_ERR_BUG), "bug");

    for (int a = BARQ_OK; a <= BARQ_ERR_BUG; a++) {
        for (int b = BARQ_OK; b < a; b++) {
            assert_string_not_equal(barq_status_name((enum barq_status)a),
                                    barq_status_name((enum barq_status)b));
        }
    }
}

static void a_number_that_is_no_status_has_a_word_too(void **state)
{
    (void)state;
    assert_string_equal(barq_status_name((enum barq_status)(BARQ_ERR_BUG + 1)), "unknown");
    assert_string_equal(barq_status_name((enum barq_status) - 1), "unknown");
}

static void a_failure_returns_what_it_writes(void **state)
{
    (void)state;
    struct barq_error err;

    assert_int_equal(bq_fail(&err, BARQ_ERR_TYPE, "json: %s at %d", "a set", 3), BARQ_ERR_TYPE);
    assert_int_equal(err.status, BARQ_ERR_TYPE);
    assert_string_equal(err.text, "json: a set at 3");

    assert_int_equal(barq_error_set(&err, BARQ_ERR_JOB, "no such list"), BARQ_ERR_JOB);
    assert_int_equal(err.status, BARQ_ERR_JOB);
    assert_string_equal(err.text, "no such list");
}

static void nobody_needs_to_want_the_sentence(void **state)
{
    (void)state;
    assert_int_equal(bq_fail(NULL, BARQ_ERR_CONN, "x"), BARQ_ERR_CONN);
    assert_int_equal(barq_error_set(NULL, BARQ_ERR_CONN, "x"), BARQ_ERR_CONN);
    errno = ENOSPC;
    assert_int_equal(bq_fail_errno(NULL, "x"), BARQ_ERR_FULL);
    assert_int_equal(bq_fail_add(NULL, "x"), BARQ_ERR_BUG);
}

static void a_long_sentence_is_cut_between_two_characters(void **state)
{
    (void)state;
    char text[2 * BARQ_ERROR_MAX_BYTES + 2] = "";
    struct barq_error err;

    /* Two bytes a character: with and without one in front, so that one of the two must be cut. */
    for (size_t shift = 0; shift < 2; shift++) {
        memset(text, 'a', shift);
        for (size_t i = shift; i + 2 < sizeof(text); i += 2) {
            memcpy(text + i, "\xc3\xa9", 3);
        }
        bq_fail(&err, BARQ_ERR_BUG, "%s", text);
        size_t len = strlen(err.text);
        assert_in_range(len, BARQ_ERROR_MAX_BYTES - 2, BARQ_ERROR_MAX_BYTES - 1);
        assert_true(bq_utf8_valid(err.text, len));
    }
}

static void a_sentence_may_be_made_of_the_one_before(void **state)
{
    (void)state;
    struct barq_error err;

    bq_fail(&err, BARQ_ERR_SQL, "no such table");
    bq_fail(&err, BARQ_ERR_SQL, "receipt: %s", err.text);
    assert_string_equal(err.text, "receipt: no such table");
}

static void a_system_call_says_what_errno_means(void **state)
{
    (void)state;
    struct barq_error err;

    errno = ENOENT;
    assert_int_equal(bq_fail_errno(&err, "wake: open %s", "/nowhere"), BARQ_ERR_NOTFOUND);
    assert_int_equal(err.status, BARQ_ERR_NOTFOUND);
    assert_string_equal(err.text, "wake: open /nowhere: No such file or directory");

    errno = 99999;
    assert_int_equal(bq_fail_errno(&err, "x"), BARQ_ERR_IO);
    assert_string_equal(err.text, "x: unknown error");
}

static void each_errno_that_matters_has_its_status(void **state)
{
    (void)state;
    static const struct {
        int number;
        enum barq_status status;
    } cases[] = {
        {ENOSPC, BARQ_ERR_FULL},   {EFBIG, BARQ_ERR_FULL},      {EDQUOT, BARQ_ERR_FULL},
        {EACCES, BARQ_ERR_DENIED}, {EPERM, BARQ_ERR_DENIED},    {EROFS, BARQ_ERR_DENIED},
        {ENOMEM, BARQ_ERR_NOMEM},  {ENOENT, BARQ_ERR_NOTFOUND}, {EIO, BARQ_ERR_IO},
        {EMFILE, BARQ_ERR_IO},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        errno = cases[i].number;
        assert_int_equal(bq_fail_errno(NULL, "x"), cases[i].status);
    }
}

static void a_long_sentence_leaves_room_for_errno(void **state)
{
    (void)state;
    char name[2 * BARQ_ERROR_MAX_BYTES];
    struct barq_error err;

    memset(name, 'n', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    errno = EACCES;
    bq_fail_errno(&err, "open %s", name);
    assert_true(bq_ends_with(err.text, "n: Permission denied"));
}

static void where_it_happened_goes_in_front(void **state)
{
    (void)state;
    struct barq_error err;

    bq_fail(&err, BARQ_ERR_FULL, "disk is full");
    assert_int_equal(bq_fail_add(&err, "sqlite"), BARQ_ERR_FULL);
    assert_int_equal(err.status, BARQ_ERR_FULL);
    assert_string_equal(err.text, "sqlite: disk is full");

    for (int i = 0; i < BARQ_ERROR_MAX_BYTES; i++) {
        bq_fail_add(&err, "more");
    }
    assert_in_range(strlen(err.text), BARQ_ERROR_MAX_BYTES - 8, BARQ_ERROR_MAX_BYTES - 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_word_of_its_own),
        cmocka_unit_test(a_number_that_is_no_status_has_a_word_too),
        cmocka_unit_test(a_failure_returns_what_it_writes),
        cmocka_unit_test(nobody_needs_to_want_the_sentence),
        cmocka_unit_test(a_long_sentence_is_cut_between_two_characters),
        cmocka_unit_test(a_sentence_may_be_made_of_the_one_before),
        cmocka_unit_test(a_system_call_says_what_errno_means),
        cmocka_unit_test(each_errno_that_matters_has_its_status),
        cmocka_unit_test(a_long_sentence_leaves_room_for_errno),
        cmocka_unit_test(where_it_happened_goes_in_front),
    };

    return cmocka_run_group_tests_name("base/error", tests, NULL, NULL);
}

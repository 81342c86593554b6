#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static int open_and_leave(int *inner)
{
    bq_auto(fd) int fd = dup(0);
    *inner = fd;
    errno = EBADMSG;
    return -1;
}

static void a_descriptor_is_closed_on_the_way_out_and_errno_stays(void **state)
{
    (void)state;
    int fd = -1;

    assert_int_equal(open_and_leave(&fd), -1);
    assert_int_equal(errno, EBADMSG);
    assert_true(fd >= 0);
    assert_false(is_open(fd));
}

static void no_descriptor_is_nothing_to_close(void **state)
{
    (void)state;
    int none = -1;

    errno = 0;
    bq_fd_drop(&none);
    assert_int_equal(errno, 0);
}

static int open_and_keep(void)
{
    bq_auto(fd) int fd = dup(0);
    return bq_fd_take(&fd);
}

static void a_descriptor_that_is_taken_stays_open(void **state)
{
    (void)state;
    int fd = open_and_keep();

    assert_true(is_open(fd));
    close(fd);
}

static char *make_text(const char *from)
{
    bq_auto(memory) char *text = strdup(from);
    return text && text[0] != '\0' ? bq_take(text) : NULL;
}

static void what_is_taken_lives_on_and_what_is_not_is_freed(void **state)
{
    (void)state;
    char *kept = make_text("kept");

    assert_string_equal(kept, "kept");
    free(kept);
    /* The leak checker of build/asan says whether this one was freed. */
    assert_null(make_text(""));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_descriptor_is_closed_on_the_way_out_and_errno_stays),
        cmocka_unit_test(a_descriptor_that_is_taken_stays_open),
        cmocka_unit_test(no_descriptor_is_nothing_to_close),
        cmocka_unit_test(what_is_taken_lives_on_and_what_is_not_is_freed),
    };

    return cmocka_run_group_tests_name("base/auto", tests, NULL, NULL);
}

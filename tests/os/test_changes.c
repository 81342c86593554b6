#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/changes.h"
#include "support/folder.h"

static struct bq_changes changes;

static int set_up(void **state)
{
    return folder_make(state) == 0 &&
                   bq_changes_open(&changes, folder_text("%s/mod.so", folder_path()), NULL) ==
                       BARQ_OK
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    bq_changes_close(&changes);
    return folder_remove(state);
}

static void write_file(const char *name)
{
    FILE *file = fopen(folder_text("%s/%s", folder_path(), name), "ae");

    assert_non_null(file);
    assert_int_equal(fputs("x", file), 1);
    assert_int_equal(fclose(file), 0);
}

static void assert_noticed(void)
{
    struct pollfd wait = {.fd = changes.fd, .events = POLLIN};

    assert_int_equal(poll(&wait, 1, 10000), 1);
    assert_true(bq_changes_take(&changes));
    assert_false(bq_changes_take(&changes));
}

static void a_file_that_is_written_is_noticed(void **state)
{
    (void)state;
    assert_false(bq_changes_take(&changes));
    write_file("mod.so");
    assert_noticed();
    write_file("mod.so");
    assert_noticed();
}

static void a_file_put_in_its_place_is_noticed(void **state)
{
    (void)state;
    write_file("new");
    (void)bq_changes_take(&changes);
    assert_int_equal(
        rename(folder_text("%s/new", folder_path()), folder_text("%s/mod.so", folder_path())), 0);
    assert_noticed();
}

static void other_files_are_none_of_our_business(void **state)
{
    (void)state;
    struct pollfd wait = {.fd = changes.fd, .events = POLLIN};

    write_file("mod.so.tmp");
    write_file("mod");
    assert_int_equal(poll(&wait, 1, 10000), 1);
    assert_false(bq_changes_take(&changes));
}

static void what_cannot_be_watched_is_refused(void **state)
{
    (void)state;
    struct bq_changes other;
    struct barq_error err;

    assert_int_equal(bq_changes_open(&other, "/tmp/", &err), BARQ_ERR_ARG);
    assert_int_equal(bq_changes_open(&other, "/not/there.so", &err), BARQ_ERR_NOTFOUND);
    bq_changes_close(&other);
    assert_int_equal(bq_changes_open(&other, "here.so", &err), BARQ_OK);
    bq_changes_close(&other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_that_is_written_is_noticed),
        TEST(a_file_put_in_its_place_is_noticed),
        TEST(other_files_are_none_of_our_business),
        TEST(what_cannot_be_watched_is_refused),
    };

    return cmocka_run_group_tests_name("os/changes", tests, NULL, NULL);
}

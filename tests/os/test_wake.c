#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/time.h"
#include "os/wake.h"
#include "support/folder.h"

enum { WAIT_MS = 10000 };

static const char *path;

static int begin(void **state)
{
    if (folder_make(state) != 0) {
        return -1;
    }
    path = folder_text("%s/jobs.db-wake", folder_path());
    return 0;
}

static int open_bell(void)
{
    int fd = -1;

    assert_int_equal(bq_wake_open(path, &fd, NULL), BARQ_OK);
    return fd;
}

static int open_watch(void)
{
    int fd = -1;

    assert_int_equal(bq_wake_watch(path, &fd, NULL), BARQ_OK);
    return fd;
}

static void a_ring_wakes_every_watcher(void **state)
{
    (void)state;
    int watches[3];
    int bell = open_bell();

    for (int i = 0; i < 3; i++) {
        watches[i] = open_watch();
    }
    bq_wake_ring(bell);
    for (int i = 0; i < 3; i++) {
        assert_true(bq_wake_wait(watches[i], WAIT_MS));
        assert_false(bq_wake_take(watches[i]));
        close(watches[i]);
    }
    close(bell);
}

static void without_a_ring_waiting_ends_in_time(void **state)
{
    (void)state;
    int watch = open_watch();
    int64_t begun_ms = bq_mono_ms();

    assert_false(bq_wake_wait(watch, 20));
    assert_in_range(bq_mono_ms() - begun_ms, 19, WAIT_MS);
    assert_false(bq_wake_take(watch));
    close(watch);
}

static void opening_rings_nothing(void **state)
{
    (void)state;
    int watch = open_watch();

    close(open_bell());
    close(open_watch());
    assert_false(bq_wake_take(watch));
    close(watch);
}

static void many_rings_are_taken_at_once_and_leave_the_file_small(void **state)
{
    (void)state;
    struct stat file;
    int bell = open_bell();
    int watch = open_watch();

    for (int i = 0; i < 10000; i++) {
        bq_wake_ring(bell);
    }
    assert_true(bq_wake_take(watch));
    assert_false(bq_wake_take(watch));
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(file.st_size, 1);

    bq_wake_ring(bell);
    assert_true(bq_wake_take(watch));
    close(bell);
    close(watch);
}

static void a_ring_comes_from_another_process(void **state)
{
    (void)state;
    int status = 1;
    int watch = open_watch();
    pid_t pid = fork();
    if (pid == 0) {
        int bell = -1;
        if (bq_wake_open(path, &bell, NULL) != BARQ_OK) {
            _exit(1);
        }
        bq_wake_ring(bell);
        _exit(0);
    }

    assert_true(bq_wake_wait(watch, WAIT_MS));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(watch);
}

static void neither_end_is_inherited_nor_blocks(void **state)
{
    (void)state;
    int bell = open_bell();
    int watch = open_watch();

    assert_true(fcntl(bell, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(watch, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(watch, F_GETFL) & O_NONBLOCK);
    close(bell);
    close(watch);
}

static void a_folder_that_is_not_there_is_reported(void **state)
{
    (void)state;
    int fd = -5;
    struct barq_error err;

    assert_int_equal(bq_wake_open("/nowhere/at/all", &fd, &err), BARQ_ERR_NOTFOUND);
    assert_int_equal(bq_wake_watch("/nowhere/at/all", &fd, &err), BARQ_ERR_NOTFOUND);
    assert_string_equal(err.text, "wake: open /nowhere/at/all: No such file or directory");
    assert_int_equal(fd, -5);
}

/* Somebody else who may write to the database must be able to ring. */
static void it_is_as_open_as_the_file_it_lies_beside(void **state)
{
    (void)state;
    struct stat file;
    const char *beside = folder_text("%s/jobs.db", folder_path());
    mode_t mask = umask(077);
    int database = open(beside, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(database >= 0 && fchmod(database, 0664) == 0);
    close(database);

    close(open_bell());
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0664);
    unlink(path);
    close(open_watch());
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0664);

    unlink(beside);
    umask(mask);
}

static void a_link_in_its_place_is_not_followed(void **state)
{
    (void)state;
    int fd = -5;
    const char *elsewhere = folder_text("%s/precious", folder_path());
    assert_int_equal(symlink(elsewhere, path), 0);

    assert_int_equal(bq_wake_open(path, &fd, NULL), BARQ_ERR_IO);
    assert_int_equal(bq_wake_watch(path, &fd, NULL), BARQ_ERR_IO);
    assert_int_equal(access(elsewhere, F_OK), -1);
    assert_int_equal(fd, -5);
}

#define wake_test(test) cmocka_unit_test_setup_teardown(test, begin, folder_remove)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        wake_test(a_ring_wakes_every_watcher),
        wake_test(without_a_ring_waiting_ends_in_time),
        wake_test(opening_rings_nothing),
        wake_test(many_rings_are_taken_at_once_and_leave_the_file_small),
        wake_test(a_ring_comes_from_another_process),
        wake_test(neither_end_is_inherited_nor_blocks),
        wake_test(it_is_as_open_as_the_file_it_lies_beside),
        wake_test(a_link_in_its_place_is_not_followed),
        wake_test(a_folder_that_is_not_there_is_reported),
    };

    return cmocka_run_group_tests_name("os/wake", tests, NULL, NULL);
}

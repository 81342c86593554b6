#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/lock.h"
#include "support/folder.h"

static const char *path;

static int begin(void **state)
{
    if (folder_make(state) != 0) {
        return -1;
    }
    path = folder_text("%s/lock", folder_path());
    return 0;
}

static int take(void)
{
    int fd = -1;

    assert_int_equal(bq_lock_take(path, &fd, NULL), BARQ_OK);
    assert_true(fd >= 0);
    return fd;
}

static void a_lock_is_held_until_it_is_closed(void **state)
{
    (void)state;
    int other = -5;
    struct barq_error err;
    int fd = take();

    assert_int_equal(bq_lock_look(path), BQ_LOCK_HELD);
    assert_int_equal(bq_lock_take(path, &other, &err), BARQ_ERR_BUSY);
    assert_int_equal(other, -5);
    assert_non_null(strstr(err.text, path));

    close(fd);
    assert_int_equal(bq_lock_look(path), BQ_LOCK_FREE);
    close(take());
}

static void a_look_neither_takes_nor_frees(void **state)
{
    (void)state;
    int fd = take();

    for (int i = 0; i < 100; i++) {
        assert_int_equal(bq_lock_look(path), BQ_LOCK_HELD);
    }
    close(fd);
    assert_int_equal(bq_lock_look(path), BQ_LOCK_FREE);
}

static void where_there_is_no_file_nobody_knows(void **state)
{
    (void)state;
    assert_int_equal(bq_lock_look(path), BQ_LOCK_UNKNOWN);
    assert_int_equal(access(path, F_OK), -1);
}

static void a_folder_that_is_not_there_is_reported(void **state)
{
    (void)state;
    int fd = -5;

    assert_int_equal(bq_lock_take("/nowhere/at/all", &fd, NULL), BARQ_ERR_NOTFOUND);
    assert_int_equal(fd, -5);
}

static void a_killed_process_holds_nothing(void **state)
{
    (void)state;
    int ready[2];
    char byte;
    int fd = -1;
    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);

    pid_t pid = fork();
    if (pid == 0) {
        enum barq_status status = bq_lock_take(path, &fd, NULL);
        byte = (char)status;
        _exit(write(ready[1], &byte, 1) == 1 ? pause() : 1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(byte, BARQ_OK);
    assert_int_equal(bq_lock_look(path), BQ_LOCK_HELD);
    assert_int_equal(bq_lock_take(path, &fd, NULL), BARQ_ERR_BUSY);

    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(bq_lock_look(path), BQ_LOCK_FREE);
    close(take());
    close(ready[0]);
    close(ready[1]);
}

static void a_lock_is_not_inherited(void **state)
{
    (void)state;
    int fd = take();

    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);
}

#define lock_test(test) cmocka_unit_test_setup_teardown(test, begin, folder_remove)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        lock_test(a_lock_is_held_until_it_is_closed),
        lock_test(a_look_neither_takes_nor_frees),
        lock_test(where_there_is_no_file_nobody_knows),
        lock_test(a_folder_that_is_not_there_is_reported),
        lock_test(a_killed_process_holds_nothing),
        lock_test(a_lock_is_not_inherited),
    };

    return cmocka_run_group_tests_name("os/lock", tests, NULL, NULL);
}

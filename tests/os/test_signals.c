#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/signals.h"

static int signals_fd = -1;

static int open_signals(void **state)
{
    (void)state;
    signal(SIGCHLD, SIG_IGN);
    return bq_signals_open(&signals_fd, NULL) == BARQ_OK ? 0 : -1;
}

static int close_signals(void **state)
{
    (void)state;
    return close(signals_fd);
}

static void a_signal_is_something_to_read(void **state)
{
    (void)state;
    static const int wanted[] = {SIGINT, SIGTERM, SIGHUP};

    assert_int_equal(bq_signals_next(signals_fd), 0);
    for (size_t i = 0; i < 3; i++) {
        struct pollfd wait = {.fd = signals_fd, .events = POLLIN};
        kill(getpid(), wanted[i]);
        assert_int_equal(poll(&wait, 1, 10000), 1);
        assert_int_equal(bq_signals_next(signals_fd), wanted[i]);
        assert_int_equal(bq_signals_next(signals_fd), 0);
    }
}

static void several_signals_come_one_by_one(void **state)
{
    (void)state;
    kill(getpid(), SIGTERM);
    kill(getpid(), SIGINT);
    int first = bq_signals_next(signals_fd);
    int second = bq_signals_next(signals_fd);

    assert_int_equal(first + second, SIGTERM + SIGINT);
    assert_int_equal(bq_signals_next(signals_fd), 0);
}

static void the_descriptor_is_not_inherited_and_never_blocks(void **state)
{
    (void)state;
    assert_true(fcntl(signals_fd, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(signals_fd, F_GETFL) & O_NONBLOCK);
}

static void a_broken_pipe_is_an_error_and_no_end(void **state)
{
    (void)state;
    int fds[2];

    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    close(fds[0]);
    assert_int_equal(write(fds[1], "x", 1), -1);
    assert_int_equal(errno, EPIPE);
    close(fds[1]);
}

static void a_childs_end_is_not_lost_nor_read_here(void **state)
{
    (void)state;
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        _exit(3);
    }

    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 3);
    assert_int_equal(bq_signals_next(signals_fd), 0);
}

static void *look_at_mask(void *mask)
{
    pthread_sigmask(SIG_BLOCK, NULL, mask);
    return NULL;
}

static void threads_that_are_started_block_them_too(void **state)
{
    (void)state;
    pthread_t thread;
    sigset_t mask;

    assert_int_equal(pthread_create(&thread, NULL, look_at_mask, &mask), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(sigismember(&mask, SIGINT));
    assert_true(sigismember(&mask, SIGTERM));
    assert_true(sigismember(&mask, SIGHUP));
    assert_true(sigismember(&mask, SIGCHLD));
    assert_false(sigismember(&mask, SIGQUIT));
}

static void
a_child_that_leaves_them_to_its_parent_lives_and_its_own_children_die_of_them(void **state)
{
    (void)state;
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        sigset_t none;

        bq_signals_leave_to_parent();
        sigemptyset(&none);
        pthread_sigmask(SIG_SETMASK, &none, NULL);
        raise(SIGTERM);
        raise(SIGINT);
        raise(SIGHUP);
        execl("/bin/sh", "sh", "-c", "kill -TERM $$; exit 3", NULL);
        _exit(4);
    }

    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_is_something_to_read),
        cmocka_unit_test(several_signals_come_one_by_one),
        cmocka_unit_test(the_descriptor_is_not_inherited_and_never_blocks),
        cmocka_unit_test(a_broken_pipe_is_an_error_and_no_end),
        cmocka_unit_test(a_childs_end_is_not_lost_nor_read_here),
        cmocka_unit_test(threads_that_are_started_block_them_too),
        cmocka_unit_test(
            a_child_that_leaves_them_to_its_parent_lives_and_its_own_children_die_of_them),
    };

    return cmocka_run_group_tests_name("os/signals", tests, open_signals, close_signals);
}

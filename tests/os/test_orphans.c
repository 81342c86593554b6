#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/orphans.h"

/* A child that has ended, and is not reaped. */
static pid_t ended_child(int code)
{
    siginfo_t info;
    pid_t pid = fork();

    if (pid == 0) {
        _exit(code);
    }
    assert_true(pid > 0);
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    return pid;
}

/* A child's child whose parent has ended: it is ours, since we are a subreaper, and ended. */
static pid_t ended_orphan(void)
{
    int ends[2];
    siginfo_t info;
    pid_t orphan = 0;

    assert_int_equal(pipe(ends), 0);
    pid_t parent = fork();
    if (parent == 0) {
        orphan = fork();
        if (orphan == 0) {
            _exit(0);
        }
        _exit(write(ends[1], &orphan, sizeof(orphan)) != sizeof(orphan));
    }
    assert_int_equal(read(ends[0], &orphan, sizeof(orphan)), sizeof(orphan));
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(waitpid(parent, NULL, 0), parent);
    assert_int_equal(waitid(P_PID, (id_t)orphan, &info, WEXITED | WNOWAIT), 0);
    return orphan;
}

static bool is(const void *context, pid_t pid)
{
    return *(const pid_t *)context == pid;
}

static int become_subreaper(void **state)
{
    (void)state;
    return prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static void orphans_fall_to_a_subreaper_only(void **state)
{
    (void)state;
    assert_true(bq_orphans_fall_to_us());
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
    assert_int_equal(bq_orphans_fall_to_us(), getpid() == 1);
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
}

static void orphans_are_reaped(void **state)
{
    (void)state;
    pid_t none = -1;

    bq_orphans_reap(is, &none);
    for (int i = 0; i < 10; i++) {
        (void)ended_orphan();
    }
    bq_orphans_reap(is, &none);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void a_child_of_our_own_keeps_its_status(void **state)
{
    (void)state;
    int status = 0;
    pid_t own = ended_child(7);

    (void)ended_orphan();
    bq_orphans_reap(is, &own);
    assert_int_equal(waitpid(own, &status, 0), own);
    assert_int_equal(WEXITSTATUS(status), 7);
    bq_orphans_reap(is, &own);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orphans_fall_to_a_subreaper_only),
        cmocka_unit_test(orphans_are_reaped),
        cmocka_unit_test(a_child_of_our_own_keeps_its_status),
    };

    return cmocka_run_group_tests_name("os/orphans", tests, become_subreaper, NULL);
}

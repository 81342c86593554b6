/* The fault points themselves, also in builds that have none compiled in. */
#ifndef BQ_FAULTS
#define BQ_FAULTS
#endif

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

/* The library's may be empty: this one is linked instead. */
#include "base/fault.c" /* NOLINT(bugprone-suspicious-include) */
#include "base/time.h"
#include "support/folder.h"

enum { WAIT_MS = 10000 };

static int begin(void **state)
{
    return folder_make(state) == 0 && setenv("BARQ_FAULTS", folder_path(), 1) == 0 ? 0 : -1;
}

static void path_of(char *path, const char *name)
{
    assert_true(write_path(path, folder_path(), name, ""));
}

static void order(const char *point, const char *text)
{
    char path[PATH_MAX];
    path_of(path, point);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static bool is_there(const char *name)
{
    char path[PATH_MAX];

    path_of(path, name);
    return access(path, F_OK) == 0;
}

/* The pid in a ".hit" file; 0 when there is none. */
static pid_t hit_by(const char *name)
{
    char path[PATH_MAX];
    int pid = 0;

    path_of(path, name);
    FILE *file = fopen(path, "r");
    if (file) {
        assert_int_equal(fscanf(file, "%d", &pid), 1);
        fclose(file);
    }
    return pid;
}

/* A process that reaches `point` and then exits with 7, or 8 if it was told to fail. */
static pid_t start(const char *point)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        bool failed = bq_fault_cut(point);
        _exit(failed ? 8 : 7);
    }
    return pid;
}

static int end_of(pid_t pid)
{
    int status = 0;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void a_point_without_an_order_is_passed(void **state)
{
    (void)state;
    assert_int_equal(WEXITSTATUS(end_of(start("free"))), 7);
    order("other", "kill");
    assert_int_equal(WEXITSTATUS(end_of(start("free"))), 7);
    assert_true(is_there("other"));

    unsetenv("BARQ_FAULTS");
    order("free", "kill");
    assert_int_equal(WEXITSTATUS(end_of(start("free"))), 7);
}

static void an_empty_or_senseless_order_is_passed(void **state)
{
    (void)state;
    order("a", "");
    assert_false(bq_fault_cut("a"));
    assert_true(is_there("a"));
    order("b", "dance");
    assert_false(bq_fault_cut("b"));
}

static void kill_kills_and_leaves_its_mark(void **state)
{
    (void)state;
    order("attempt.committed", "kill\n");
    pid_t pid = start("attempt.committed");
    int status = end_of(pid);

    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
    assert_int_equal(hit_by("attempt.committed.hit"), pid);
    assert_false(is_there("attempt.committed"));
}

static void exit_exits_with_0(void **state)
{
    (void)state;
    order("p", "exit");
    int status = end_of(start("p"));
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void fail_is_told_to_the_code_once(void **state)
{
    (void)state;
    order("p", "fail");
    assert_true(bq_fault_cut("p"));
    assert_int_equal(hit_by("p.hit"), getpid());
    assert_false(bq_fault_cut("p"));
}

static void stop_stops_until_it_is_continued(void **state)
{
    (void)state;
    int status = 0;

    order("p", "stop");
    pid_t pid = start("p");
    assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
    assert_true(WIFSTOPPED(status));
    assert_int_equal(hit_by("p.hit"), pid);
    kill(pid, SIGCONT);
    assert_int_equal(WEXITSTATUS(end_of(pid)), 7);
}

static void hang_hangs(void **state)
{
    (void)state;
    order("p", "hang");
    pid_t pid = start("p");

    for (int64_t end_ms = bq_mono_ms() + WAIT_MS; !is_there("p.hit");) {
        assert_true(bq_mono_ms() < end_ms);
    }
    assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
    kill(pid, SIGKILL);
    assert_int_equal(WTERMSIG(end_of(pid)), SIGKILL);
}

static void only_the_nth_time_counts(void **state)
{
    (void)state;
    order("p", "fail 3");
    assert_false(bq_fault_cut("p"));
    assert_false(bq_fault_cut("other"));
    assert_false(bq_fault_cut("p"));
    assert_true(is_there("p"));
    assert_true(bq_fault_cut("p"));
    assert_false(is_there("p"));

    order("p", "fail 2");
    assert_false(bq_fault_cut("p"));
    assert_true(bq_fault_cut("p"));
}

static void of_several_processes_only_one_takes_it(void **state)
{
    (void)state;
    pid_t pids[8];
    int failed = 0;

    order("p", "fail");
    for (int i = 0; i < 8; i++) {
        pids[i] = start("p");
    }
    for (int i = 0; i < 8; i++) {
        failed += WEXITSTATUS(end_of(pids[i])) == 8;
    }
    assert_int_equal(failed, 1);
}

#define fault_test(test) cmocka_unit_test_setup_teardown(test, begin, folder_remove)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        fault_test(a_point_without_an_order_is_passed),
        fault_test(an_empty_or_senseless_order_is_passed),
        fault_test(kill_kills_and_leaves_its_mark),
        fault_test(exit_exits_with_0),
        fault_test(fail_is_told_to_the_code_once),
        fault_test(stop_stops_until_it_is_continued),
        fault_test(hang_hangs),
        fault_test(only_the_nth_time_counts),
        fault_test(of_several_processes_only_one_takes_it),
    };

    return cmocka_run_group_tests_name("base/fault", tests, NULL, NULL);
}

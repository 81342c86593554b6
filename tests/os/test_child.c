#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/text.h"
#include "os/child.h"

enum { WAIT_MS = 10000 };

static struct bq_child child;
static int socket_fd; /* our end of descriptor 3 */
static char heard[4096];

/* Runs a shell script; what it writes to 3 or, with `out_fd`, to 1 and 2 can be heard. */
static void start(const char *script, const char *const *env)
{
    char *argv[] = {(char[]){"sh"}, (char[]){"-c"}, strdup(script), NULL};
    int pair[2];
    assert_int_equal(bq_socket_pair(pair, NULL), BARQ_OK);
    struct bq_child_options options = {
        .path = "/bin/sh",
        .argv = argv,
        .extra_env = env,
        .socket_fd = pair[1],
        .out_fd = pair[1],
    };

    assert_int_equal(bq_child_spawn(&options, &child, NULL), BARQ_OK);
    close(pair[1]);
    free(argv[2]);
    socket_fd = pair[0];
}

/* Everything that comes until nobody has the other end any more. */
static const char *hear_all(void)
{
    struct pollfd wait = {.fd = socket_fd, .events = POLLIN};
    size_t len = 0;
    ssize_t got = 1;

    while (got > 0) {
        assert_int_equal(poll(&wait, 1, WAIT_MS), 1);
        got = recv(socket_fd, heard + len, sizeof(heard) - 1 - len, 0);
        len += got > 0 ? (size_t)got : 0;
    }
    heard[len] = '\0';
    return heard;
}

/* One write of the child. */
static const char *hear(void)
{
    struct pollfd wait = {.fd = socket_fd, .events = POLLIN};

    assert_int_equal(poll(&wait, 1, WAIT_MS), 1);
    ssize_t got = recv(socket_fd, heard, sizeof(heard) - 1, 0);
    heard[got > 0 ? got : 0] = '\0';
    return heard;
}

static struct bq_child_end reap(void)
{
    struct pollfd wait = {.fd = child.pidfd, .events = POLLIN};
    struct bq_child_end end = {.code = 99};

    assert_int_equal(poll(&wait, 1, WAIT_MS), 1);
    assert_true(bq_child_reap(&child, &end));
    return end;
}

static int no_child(void **state)
{
    (void)state;
    child = (struct bq_child){.pidfd = -1};
    socket_fd = -1;
    return 0;
}

static int end_child(void **state)
{
    (void)state;
    bq_child_kill(&child, SIGKILL);
    if (child.pid) {
        reap();
    }
    bq_fd_drop(&socket_fd);
    return 0;
}

static void a_child_says_how_it_ended(void **state)
{
    (void)state;
    char text[BQ_CHILD_END_BYTES];
    static const struct {
        const char *script;
        const char *text;
    } cases[] = {
        {"exit 0", "exited with 0"},
        {"exit 3", "exited with 3"},
        {"kill -SEGV $$", "killed by SIGSEGV"},
        {"kill -KILL $$", "killed by SIGKILL"},
        {"kill -36 $$", "killed by signal 36"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        start(cases[i].script, NULL);
        struct bq_child_end end = reap();
        bq_child_end_text(&end, text);
        assert_string_equal(text, cases[i].text);
        assert_int_equal(child.pid, 0);
        assert_int_equal(child.pidfd, -1);
        close(socket_fd);
    }
    socket_fd = -1;
}

static void one_that_runs_is_not_reaped(void **state)
{
    (void)state;
    struct bq_child_end end = {.code = 99};
    start("read line <&3; exit 4", NULL);

    assert_false(bq_child_reap(&child, &end));
    assert_int_equal(end.code, 99);
    assert_int_equal(send(socket_fd, "go\n", 3, 0), 3);
    assert_int_equal(reap().code, 4);
    assert_false(bq_child_reap(&child, &end));
}

static void what_cannot_be_run_is_reported(void **state)
{
    (void)state;
    char *argv[] = {(char[]){"x"}, NULL};
    struct bq_child_options options = {
        .path = "/nowhere/at/all", .argv = argv, .socket_fd = -1, .out_fd = -1};
    struct barq_error err;

    assert_int_equal(bq_child_spawn(&options, &child, &err), BARQ_ERR_NOTFOUND);
    assert_string_equal(err.text, "child: start /nowhere/at/all: No such file or directory");
    assert_int_equal(child.pid, 0);

    options.path = "/dev/null";
    assert_int_equal(bq_child_spawn(&options, &child, &err), BARQ_ERR_DENIED);
    options.path = "/bin/true";
    options.socket_fd = 999999;
    assert_int_equal(bq_child_spawn(&options, &child, &err), BARQ_ERR_IO);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void a_child_has_its_four_descriptors_and_nothing_else(void **state)
{
    (void)state;
    int leaked = dup(STDERR_FILENO); /* not close-on-exec, as a library's may be */
    int high = fcntl(leaked, F_DUPFD, 500);
    /* One by one: to list them, the shell would open another. */
    start("i=0; while [ $i -lt 600 ]; do [ -e /proc/$$/fd/$i ] && echo $i; i=$((i + 1)); done; :",
          NULL);

    assert_string_equal(hear_all(), "0\n1\n2\n3\n");
    assert_int_equal(reap().code, 0);
    close(leaked);
    close(high);
}

static void a_child_reads_nothing_from_our_input(void **state)
{
    (void)state;
    start("readlink /proc/$$/fd/0", NULL);
    assert_string_equal(hear_all(), "/dev/null\n");
}

static void output_and_errors_go_where_they_are_told(void **state)
{
    (void)state;
    start("echo out; echo err >&2", NULL);
    assert_string_equal(hear_all(), "out\nerr\n");
}

static void errors_may_go_elsewhere(void **state)
{
    (void)state;
    char *argv[] = {(char[]){"sh"}, (char[]){"-c"}, (char[]){"echo out; echo err >&2"}, NULL};
    int pair[2];
    int errors[2];
    char said[16] = "";
    assert_int_equal(bq_socket_pair(pair, NULL), BARQ_OK);
    assert_int_equal(pipe2(errors, O_CLOEXEC), 0);
    struct bq_child_options options = {
        .path = "/bin/sh", .argv = argv, .socket_fd = -1, .out_fd = pair[1], .err_fd = errors[1]};

    assert_int_equal(bq_child_spawn(&options, &child, NULL), BARQ_OK);
    close(pair[1]);
    close(errors[1]);
    socket_fd = pair[0];
    assert_string_equal(hear_all(), "out\n");
    assert_int_equal(read(errors[0], said, sizeof(said) - 1), 4);
    assert_string_equal(said, "err\n");
    close(errors[0]);
}

/* Spawns with the socket at `socket_at` and the output at `out_at`, and checks what arrives where. */
static void spawn_from(int socket_at, int out_at)
{
    char script[] = "echo out; echo err >&2; echo socket >&3";
    char *argv[] = {(char[]){"sh"}, (char[]){"-c"}, script, NULL};
    char text[64] = "";
    int channel[2];
    int output[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, channel), 0);
    assert_int_equal(pipe(output), 0);
    int high[4];
    for (int i = 0; i < 4; i++) {
        int from = i < 2 ? channel[i] : output[i - 2];
        high[i] = fcntl(from, F_DUPFD_CLOEXEC, 40);
        close(from);
    }

    /* What is at these places is put back afterwards. */
    int kept_socket = fcntl(socket_at, F_DUPFD_CLOEXEC, 40);
    int kept_out = fcntl(out_at, F_DUPFD_CLOEXEC, 40);
    dup3(high[1], socket_at, O_CLOEXEC);
    dup3(high[3], out_at, O_CLOEXEC);
    struct bq_child_options options = {
        .path = "/bin/sh", .argv = argv, .socket_fd = socket_at, .out_fd = out_at};
    enum barq_status status = bq_child_spawn(&options, &child, NULL);
    kept_socket < 0 ? close(socket_at) : dup2(kept_socket, socket_at);
    kept_out < 0 ? close(out_at) : dup2(kept_out, out_at);

    assert_int_equal(status, BARQ_OK);
    assert_int_equal(reap().code, 0);
    assert_int_equal(read(high[0], text, sizeof(text)), 7);
    assert_memory_equal(text, "socket\n", 7);
    assert_int_equal(read(high[2], text, sizeof(text)), 8);
    assert_memory_equal(text, "out\nerr\n", 8);
    for (int i = 0; i < 4; i++) {
        close(high[i]);
    }
    bq_fd_drop(&kept_socket);
    bq_fd_drop(&kept_out);
}

static void descriptors_may_be_handed_over_from_anywhere(void **state)
{
    (void)state;
    spawn_from(3, 4);
    spawn_from(4, 3);
    spawn_from(0, 3);
    spawn_from(1, 2);
    spawn_from(2, 1);
    spawn_from(3, 1);
}

/* The set of signals behind `name` in a /proc/PID/status. */
static uint64_t signals_of(const char *status, const char *name)
{
    const char *line = strstr(status, name);

    assert_non_null(line);
    return strtoull(line + strlen(name), NULL, 16);
}

static void signals_are_as_in_a_new_process(void **state)
{
    (void)state;
    /* glibc leaves the two that it keeps for itself ignored in whatever it spawns. */
    static const uint64_t of_glibc = UINT64_C(3) << 31;
    sigset_t mask;
    sigset_t before;
    sigfillset(&mask);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGUSR1, SIG_IGN);
    pthread_sigmask(SIG_SETMASK, &mask, &before);
    start("exec cat /proc/self/status", NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGUSR1, SIG_DFL);

    const char *status = hear_all();
    assert_int_equal(signals_of(status, "SigBlk:"), 0);
    assert_int_equal(signals_of(status, "SigIgn:") & ~of_glibc, 0);
    assert_int_equal(signals_of(status, "SigCgt:"), 0);
}

static void the_environment_is_ours_with_additions(void **state)
{
    (void)state;
    static const char *const env[] = {"OURS_B=replaced", "OURS_C=added", NULL};

    setenv("OURS_A", "kept", 1);
    setenv("OURS_B", "ours", 1);
    setenv("OURS_BB", "longer", 1);
    start("env | grep ^OURS_ | sort", env);
    assert_string_equal(hear_all(), "OURS_A=kept\nOURS_B=replaced\nOURS_BB=longer\nOURS_C=added\n");
    unsetenv("OURS_A");
    unsetenv("OURS_B");
    unsetenv("OURS_BB");
}

static void a_signal_reaches_the_whole_group(void **state)
{
    (void)state;
    /* A grandchild which holds the socket open; the shell says when it is there. */
    start("sleep 1000 & echo $! >&3; wait", NULL);
    int64_t grandchild;
    char *line = strchr(hear(), '\n');
    assert_non_null(line);
    *line = '\0';
    assert_true(bq_parse_int(heard, &grandchild));
    assert_int_equal(getpgid((pid_t)grandchild), child.pid);
    assert_int_equal(getpgid(child.pid), child.pid);
    assert_int_not_equal(getpgid(0), child.pid);

    bq_child_kill(&child, SIGTERM);
    assert_string_equal(hear_all(), "");
    struct bq_child_end end = reap();
    assert_true(end.signaled);
    assert_int_equal(end.code, SIGTERM);
}

static void what_a_child_leaves_behind_is_killed_when_it_is_reaped(void **state)
{
    (void)state;
    start("trap '' TERM; sleep 1000 & echo ready >&3; exit 5", NULL);
    assert_string_equal(hear(), "ready\n");
    assert_int_equal(reap().code, 5);
    /* Only now does nobody hold the socket any more. */
    assert_string_equal(hear_all(), "");
}

static void one_who_left_the_group_is_killed_all_the_same(void **state)
{
    (void)state;
    char *argv[] = {(char[]){"perl"}, (char[]){"-e"},
                    (char[]){"setpgrp(0, getpgrp(getppid)) or exit 9; $| = 1; print \"left\"; "
                             "sleep 1000"},
                    NULL};
    int pair[2];
    assert_int_equal(bq_socket_pair(pair, NULL), BARQ_OK);
    struct bq_child_options options = {
        .path = "/usr/bin/perl", .argv = argv, .socket_fd = -1, .out_fd = pair[1]};
    assert_int_equal(bq_child_spawn(&options, &child, NULL), BARQ_OK);
    close(pair[1]);
    socket_fd = pair[0];

    assert_string_equal(hear(), "left");
    bq_child_kill(&child, SIGKILL);
    assert_true(reap().signaled);
}

static void killing_nobody_does_nothing(void **state)
{
    (void)state;
    struct bq_child none = {.pid = 0, .pidfd = -1};
    struct bq_child_end end;

    bq_child_kill(NULL, SIGKILL);
    bq_child_kill(&none, SIGKILL);
    assert_false(bq_child_reap(&none, &end));
}

static void a_child_that_somebody_else_reaped_has_ended(void **state)
{
    (void)state;
    char text[BQ_CHILD_END_BYTES];
    start("exit 0", NULL);

    assert_int_equal(waitpid(child.pid, NULL, 0), child.pid);
    struct bq_child_end end;
    assert_true(bq_child_reap(&child, &end));
    bq_child_end_text(&end, text);
    assert_string_equal(text, "ended, and somebody else reaped it");
}

static void our_end_of_a_socket_pair_does_not_wait_and_neither_is_inherited(void **state)
{
    (void)state;
    int pair[2];

    assert_int_equal(bq_socket_pair(pair, NULL), BARQ_OK);
    assert_true(fcntl(pair[0], F_GETFL) & O_NONBLOCK);
    assert_false(fcntl(pair[1], F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(pair[0], F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(pair[1], F_GETFD) & FD_CLOEXEC);
    close(pair[0]);
    close(pair[1]);
}

static void a_packet_is_read_as_it_was_sent(void **state)
{
    (void)state;
    char got[8];
    int pair[2];

    assert_int_equal(bq_packet_pair(pair, NULL), BARQ_OK);
    assert_true(fcntl(pair[0], F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(pair[1], F_GETFD) & FD_CLOEXEC);
    assert_int_equal(send(pair[0], "one", 3, 0), 3);
    assert_int_equal(send(pair[0], "other", 5, 0), 5);
    assert_int_equal(recv(pair[1], got, sizeof(got), 0), 3);
    assert_int_equal(recv(pair[1], got, sizeof(got), 0), 5);
    close(pair[0]);
    assert_int_equal(recv(pair[1], got, sizeof(got), 0), 0);
    close(pair[1]);
}

static void no_descriptor_is_left_over(void **state)
{
    (void)state;
    int before = dup(0);
    close(before);
    for (int i = 0; i < 20; i++) {
        start("exit 0", NULL);
        reap();
        close(socket_fd);
    }
    socket_fd = -1;
    int after = dup(0);
    close(after);
    assert_int_equal(before, after);
}

#define child_test(test) cmocka_unit_test_setup_teardown(test, no_child, end_child)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        child_test(a_child_says_how_it_ended),
        child_test(one_that_runs_is_not_reaped),
        child_test(what_cannot_be_run_is_reported),
        child_test(a_child_has_its_four_descriptors_and_nothing_else),
        child_test(a_child_reads_nothing_from_our_input),
        child_test(output_and_errors_go_where_they_are_told),
        child_test(errors_may_go_elsewhere),
        child_test(descriptors_may_be_handed_over_from_anywhere),
        child_test(signals_are_as_in_a_new_process),
        child_test(the_environment_is_ours_with_additions),
        child_test(a_signal_reaches_the_whole_group),
        child_test(what_a_child_leaves_behind_is_killed_when_it_is_reaped),
        child_test(one_who_left_the_group_is_killed_all_the_same),
        child_test(killing_nobody_does_nothing),
        child_test(a_child_that_somebody_else_reaped_has_ended),
        child_test(our_end_of_a_socket_pair_does_not_wait_and_neither_is_inherited),
        child_test(a_packet_is_read_as_it_was_sent),
        child_test(no_descriptor_is_left_over),
    };

    return cmocka_run_group_tests_name("os/child", tests, NULL, NULL);
}

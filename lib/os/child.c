#include "os/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"

enum {
    ENV_MAX_BYTES = 8 * 1024 * 1024, /* the kernel takes 6 MiB at most */
    ABOVE_STANDARD = 16,             /* free of the descriptors that a child's get made of */
    UNKNOWN_END = -1,
};

static size_t name_len(const char *entry)
{
    return strcspn(entry, "=");
}

static bool is_replaced(const char *entry, const char *const *extra)
{
    size_t len = name_len(entry);

    for (; *extra; extra++) {
        if (name_len(*extra) == len && strncmp(*extra, entry, len) == 0) {
            return true;
        }
    }
    return false;
}

static size_t count_of(const char *const *entries)
{
    size_t count = 0;

    while (entries[count]) {
        count++;
    }
    return count;
}

/* Our environment with `extra` in it; NULL when out of memory. */
static char **merge_env(struct barq_arena *arena, const char *const *extra)
{
    static const char *const none[] = {NULL};
    const char *const *added = extra ? extra : none;
    size_t ours = environ ? count_of((const char *const *)environ) : 0;
    char **merged = bq_arena_array(arena, ours + count_of(added) + 1, sizeof(*merged));
    if (!merged) {
        return NULL;
    }

    size_t count = 0;
    for (size_t i = 0; i < ours; i++) {
        if (!is_replaced(environ[i], added)) {
            merged[count++] = environ[i];
        }
    }
    for (; *added; added++) {
        merged[count] = bq_arena_strdup(arena, *added);
        if (!merged[count++]) {
            return NULL;
        }
    }
    return merged;
}

/* Signals as a new process has them, whatever ours are: an ignored SIGPIPE would be inherited. */
static int set_attributes(posix_spawnattr_t *attr)
{
    sigset_t none;
    sigset_t all;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(attr, &none);
    posix_spawnattr_setsigdefault(attr, &all);
    posix_spawnattr_setpgroup(attr, 0);
    return posix_spawnattr_setflags(attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF);
}

/* Above all that they become: no dup2 hits another, or itself. -1: none. */
struct descriptors {
    int socket_fd;
    int out_fd;
    int err_fd;
};

static int set_descriptors(posix_spawn_file_actions_t *actions, const struct descriptors *given)
{
    int failed = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);

    int err_fd = given->err_fd >= 0 ? given->err_fd : given->out_fd;

    if (!failed && given->out_fd >= 0) {
        failed = posix_spawn_file_actions_adddup2(actions, given->out_fd, 1);
    }
    if (!failed && err_fd >= 0) {
        failed = posix_spawn_file_actions_adddup2(actions, err_fd, 2);
    }
    if (!failed && given->socket_fd >= 0) {
        failed = posix_spawn_file_actions_adddup2(actions, given->socket_fd, BQ_CHILD_SOCKET);
    }
    if (!failed) {
        /* What we were started with may not be close-on-exec. */
        int rest = given->socket_fd >= 0 ? BQ_CHILD_SOCKET + 1 : BQ_CHILD_SOCKET;
        failed = posix_spawn_file_actions_addclosefrom_np(actions, rest);
    }
    return failed;
}

/* posix_spawn() as we want it; an errno value, or 0. */
static int spawn(const struct bq_child_options *options, const struct descriptors *given,
                 char **env, pid_t *pid)
{
    posix_spawnattr_t attr;
    posix_spawn_file_actions_t actions;

    int failed = posix_spawnattr_init(&attr);
    if (failed) {
        return failed;
    }
    failed = posix_spawn_file_actions_init(&actions);
    if (failed) {
        posix_spawnattr_destroy(&attr);
        return failed;
    }

    failed = set_attributes(&attr);
    if (!failed) {
        failed = set_descriptors(&actions, given);
    }
    if (!failed) {
        failed = posix_spawn(pid, options->path, &actions, &attr, options->argv, env);
    }
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attr);
    return failed;
}

/* A descriptor of a child that has just been spawned; without one it is of no use. */
static enum barq_status open_pidfd(pid_t pid, struct bq_child *out, struct barq_error *err)
{
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

    if (pidfd < 0) {
        enum barq_status status = bq_fail_errno(err, "child: no pidfd");
        kill(-pid, SIGKILL);
        waitpid(pid, NULL, 0);
        return status;
    }
    *out = (struct bq_child){.pid = pid, .pidfd = pidfd};
    return BARQ_OK;
}

/* Out of the way of 0 to 3; -1 stays -1. */
static bool lift(int fd, int *out)
{
    *out = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, ABOVE_STANDARD);
    return fd < 0 || *out >= 0;
}

enum barq_status bq_child_spawn(const struct bq_child_options *options, struct bq_child *out,
                                struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, ENV_MAX_BYTES);
    char **env = merge_env(&arena, options->extra_env);
    if (!env) {
        return bq_fail(err, BARQ_ERR_NOMEM, "child: no memory for its environment");
    }

    bq_auto(fd) int socket_fd = -1;
    bq_auto(fd) int out_fd = -1;
    bq_auto(fd) int err_fd = -1;
    if (!lift(options->socket_fd, &socket_fd) || !lift(options->out_fd, &out_fd) ||
        !lift(options->err_fd > 0 ? options->err_fd : -1, &err_fd)) {
        return bq_fail_errno(err, "child: hand over descriptors");
    }

    struct descriptors given = {.socket_fd = socket_fd, .out_fd = out_fd, .err_fd = err_fd};
    pid_t pid = 0;
    errno = spawn(options, &given, env, &pid);
    if (errno) {
        return bq_fail_errno(err, "child: start %s", options->path);
    }
    return open_pidfd(pid, out, err);
}

void bq_child_kill(const struct bq_child *child, int signal)
{
    if (!child || child->pid <= 0) {
        return;
    }
    kill(-child->pid, signal);

    /* It is not reaped, so the pid is still its own. One in the group has been told already. */
    if (getpgid(child->pid) != child->pid) {
        syscall(SYS_pidfd_send_signal, child->pidfd, signal, NULL, 0);
    }
}

static struct bq_child_end end_of(const siginfo_t *info)
{
    return (struct bq_child_end){
        .signaled = info->si_code == CLD_KILLED || info->si_code == CLD_DUMPED,
        .code = info->si_status,
    };
}

bool bq_child_reap(struct bq_child *child, struct bq_child_end *end)
{
    siginfo_t info = {.si_pid = 0};
    struct bq_child_end ended = {.code = UNKNOWN_END};
    if (child->pid <= 0) {
        return false;
    }

    /* Looked at first: until it is really reaped, nobody else can get its pid for a group. */
    int looked = waitid(P_PIDFD, (id_t)child->pidfd, &info, WEXITED | WNOHANG | WNOWAIT);
    if (looked == 0 && info.si_pid == 0) {
        return false;
    }
    if (looked == 0) {
        ended = end_of(&info);
        kill(-child->pid, SIGKILL);
        waitid(P_PIDFD, (id_t)child->pidfd, &info, WEXITED | WNOHANG);
    } else if (errno != ECHILD) {
        return false;
    }

    close(child->pidfd);
    *child = (struct bq_child){.pidfd = -1};
    *end = ended;
    return true;
}

void bq_child_end_text(const struct bq_child_end *end, char *out)
{
    const char *name = end->signaled ? sigabbrev_np(end->code) : NULL;

    if (name) {
        snprintf(out, BQ_CHILD_END_BYTES, "killed by SIG%s", name);
    } else if (end->signaled) {
        snprintf(out, BQ_CHILD_END_BYTES, "killed by signal %d", end->code);
    } else if (end->code == UNKNOWN_END) {
        snprintf(out, BQ_CHILD_END_BYTES, "ended, and somebody else reaped it");
    } else {
        snprintf(out, BQ_CHILD_END_BYTES, "exited with %d", end->code);
    }
}

static enum barq_status make_pair(int type, int out[2], struct barq_error *err)
{
    int pair[2];

    if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) != 0) {
        return bq_fail_errno(err, "child: no socket pair");
    }
    if (fcntl(pair[0], F_SETFL, O_RDWR | O_NONBLOCK) != 0) {
        enum barq_status status = bq_fail_errno(err, "child: make a socket non-blocking");
        close(pair[0]);
        close(pair[1]);
        return status;
    }
    out[0] = pair[0];
    out[1] = pair[1];
    return BARQ_OK;
}

enum barq_status bq_socket_pair(int out[2], struct barq_error *err)
{
    return make_pair(SOCK_STREAM, out, err);
}

enum barq_status bq_packet_pair(int out[2], struct barq_error *err)
{
    return make_pair(SOCK_SEQPACKET, out, err);
}

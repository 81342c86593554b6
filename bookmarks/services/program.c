#include "services/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/time.h"

enum { PIECE_BYTES = 64 * 1024 };

/* What another program has no use for. */
static const char *const kept_back[] = {
    "YOUTUBE_API_KEY=", "GEMINI_API_KEY=", "OPENAI_API_KEY=", "DATABASE_URL=", "BARQ_URL=", NULL,
};

bool bm_program_find(const char *name, char path[BM_PROGRAM_PATH_BYTES])
{
    const char *folders = getenv("PATH");

    if (strchr(name, '/')) {
        snprintf(path, BM_PROGRAM_PATH_BYTES, "%s", name);
        return access(path, X_OK) == 0;
    }
    while (folders && *folders) {
        size_t len = strcspn(folders, ":");
        int put = snprintf(path, BM_PROGRAM_PATH_BYTES, "%.*s/%s", (int)len, folders, name);
        /* A folder that is not absolute is wherever we happen to be: not taken. */
        if (*folders == '/' && put < BM_PROGRAM_PATH_BYTES && access(path, X_OK) == 0) {
            return true;
        }
        folders += len + (folders[len] == ':');
    }
    return false;
}

struct run {
    struct bq_child child;
    int out_fd; /* -1: at its end */
    int said_fd;
    struct bq_buf *out;
    struct bq_buf *said;
};

static void run_clear(struct run *run)
{
    struct bq_child_end end;

    if (run->child.pid > 0) {
        bq_child_kill(&run->child, SIGKILL);
        struct pollfd ended = {.fd = run->child.pidfd, .events = POLLIN};
        while (poll(&ended, 1, -1) < 0 && errno == EINTR) {
        }
        (void)bq_child_reap(&run->child, &end);
    }
    bq_fd_drop(&run->out_fd);
    bq_fd_drop(&run->said_fd);
}

static enum barq_status start(const struct bm_program *program, struct run *run,
                              struct barq_error *err)
{
    int out[2];
    int said[2];
    if (pipe2(out, O_CLOEXEC) != 0) {
        return bq_fail_errno(err, "program: no pipe");
    }
    run->out_fd = out[0];
    bq_auto(fd) int out_end = out[1];
    if (pipe2(said, O_CLOEXEC) != 0) {
        return bq_fail_errno(err, "program: no pipe");
    }
    run->said_fd = said[0];
    bq_auto(fd) int said_end = said[1];

    struct bq_child_options options = {
        .path = program->path,
        .argv = program->argv,
        .extra_env = kept_back,
        .socket_fd = -1,
        .out_fd = out_end,
        .err_fd = said_end,
    };
    return bq_child_spawn(&options, &run->child, err);
}

/* Takes what there is; closes `*fd` at its end. */
static void take(int *fd, struct bq_buf *into)
{
    static const size_t piece = PIECE_BYTES;
    char bytes[PIECE_BYTES];
    ssize_t got = read(*fd, bytes, piece);

    if (got > 0) {
        bq_buf_put(into, bytes, (size_t)got);
    } else if (got == 0 || errno != EINTR) {
        close(*fd);
        *fd = -1;
    }
}

/* What is said beyond its limit is read, so that nobody waits, and forgotten. */
static void take_said(struct run *run)
{
    char bytes[4096];
    ssize_t got = read(run->said_fd, bytes, sizeof(bytes));
    size_t room = run->said->limit - run->said->len;

    if (got > 0) {
        bq_buf_put(run->said, bytes, (size_t)got < room ? (size_t)got : room);
    } else if (got == 0 || errno != EINTR) {
        close(run->said_fd);
        run->said_fd = -1;
    }
}

/* One wait; BARQ_OK, or why it must end. */
static enum barq_status wait_once(const struct bm_program *program, struct run *run,
                                  int64_t deadline_ms, struct barq_error *err)
{
    struct pollfd fds[] = {{.fd = run->out_fd, .events = POLLIN},
                           {.fd = run->said_fd, .events = POLLIN},
                           {.fd = program->cancel_fd, .events = POLLIN},
                           {.fd = run->child.pidfd, .events = POLLIN}};
    int64_t left_ms = deadline_ms - bq_mono_ms();

    if (left_ms <= 0) {
        return bq_fail(err, BARQ_ERR_TIMEOUT, "program: %s took longer than %lld s", program->path,
                       (long long)(program->timeout_ms / 1000));
    }
    if (poll(fds, 4, (int)(left_ms < INT32_MAX ? left_ms : INT32_MAX)) < 0) {
        return errno == EINTR ? BARQ_OK : bq_fail_errno(err, "program: wait");
    }
    if (fds[2].revents) {
        return bq_fail(err, BARQ_ERR_CANCELED, "program: told to stop");
    }
    if (fds[0].revents) {
        take(&run->out_fd, run->out);
    }
    if (fds[1].revents) {
        take_said(run);
    }
    if (run->out->failed) {
        return bq_fail(err, run->out->starved ? BARQ_ERR_NOMEM : BARQ_ERR_LIMIT,
                       "program: %s wrote more than %zu bytes", program->path, run->out->limit);
    }
    return BARQ_OK;
}

enum barq_status bm_program_run(const struct bm_program *program, struct bq_buf *out,
                                struct bq_buf *said, struct bq_child_end *end,
                                struct barq_error *err)
{
    struct run run = {
        .child = {.pidfd = -1}, .out_fd = -1, .said_fd = -1, .out = out, .said = said};
    int64_t deadline_ms = bq_mono_ms() + program->timeout_ms;

    enum barq_status status = start(program, &run, err);
    while (status == BARQ_OK && (run.child.pid > 0 || run.out_fd >= 0 || run.said_fd >= 0)) {
        status = wait_once(program, &run, deadline_ms, err);
        /* Its end is that of all that it started, so their output ends, too. */
        (void)bq_child_reap(&run.child, end);
    }
    run_clear(&run);
    return status;
}

#include "commands/server_child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"
#include "commands/follow.h"

enum {
    STOP_MS = 10000,
    SAID_MAX_BYTES = 64 * 1024,
    TAIL_BYTES = 600, /* of what it said last, for an error */
};

static const char serving[] = "serving ";

/* What is long ago is forgotten. */
static void keep(struct bm_server *server, const char *bytes, size_t len)
{
    if (server->said.len + len > SAID_MAX_BYTES) {
        bq_buf_consume(&server->said, server->said.len);
    }
    bq_buf_put(&server->said, bytes, len);
}

/* Finds "serving ADDRESS\n" in what was said. */
static void find_address(struct bm_server *server)
{
    const char *said = bq_buf_cstr(&server->said);
    const char *line = said ? strstr(said, serving) : NULL;
    const char *end = line ? strchr(line, '\n') : NULL;

    if (end && *server->address == '\0') {
        const char *address = line + sizeof(serving) - 1;
        snprintf(server->address, sizeof(server->address), "%.*s", (int)(end - address), address);
    }
}

/* What can be read without waiting. */
static void drain(struct bm_server *server)
{
    char bytes[16 * 1024];

    for (;;) {
        ssize_t got = read(server->out_fd, bytes, sizeof(bytes));
        if (got <= 0) {
            return;
        }
        keep(server, bytes, (size_t)got);
        if (server->tell) {
            fwrite(bytes, 1, (size_t)got, stderr);
        }
        if (*server->address == '\0') {
            find_address(server);
        }
    }
}

static enum barq_status spawn(struct bm_server *server, const char *port, int out_fd,
                              struct barq_error *err)
{
    char path[PATH_MAX];
    char name[] = "bookmarks";
    char command[] = "serve";
    char option[] = "--port";
    char number[16];
    char *argv[] = {name, command, option, number, NULL};
    char follow[BM_FOLLOW_BYTES];
    const char *const env[] = {follow, NULL};

    ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (len < 0) {
        return bq_fail_errno(err, "demo: cannot find this program's own file");
    }
    path[len] = '\0';
    snprintf(number, sizeof(number), "%s", port);
    bm_follow_variable(follow);
    struct bq_child_options options = {
        .path = path, .argv = argv, .extra_env = env, .socket_fd = -1, .out_fd = out_fd};
    return bq_child_spawn(&options, &server->child, err);
}

enum barq_status bm_server_start(struct bm_server *server, const char *port, struct barq_error *err)
{
    int ends[2];

    *server = (struct bm_server){.child = {.pidfd = -1}, .out_fd = -1};
    bq_buf_init(&server->said, SAID_MAX_BYTES);
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return bq_fail_errno(err, "demo: cannot make a pipe");
    }
    server->out_fd = ends[0];
    /* Only our end does not wait: the flag is the open file's, and each end is one. */
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
        close(ends[1]);
        return bq_fail_errno(err, "demo: cannot set up a pipe");
    }
    enum barq_status status = spawn(server, port, ends[1], err);
    close(ends[1]);
    return status;
}

static enum barq_status tell_end(const struct bm_server *server, const struct bq_child_end *end,
                                 struct barq_error *err)
{
    char how[BQ_CHILD_END_BYTES];
    size_t len = server->said.len;
    size_t tail = len > TAIL_BYTES ? TAIL_BYTES : len;

    bq_child_end_text(end, how);
    while (tail > 0 && server->said.data[len - 1] == '\n') {
        len--;
        tail--;
    }
    return bq_fail(err, BARQ_ERR_IO, "demo: the server has %s: %.*s", how, (int)tail,
                   tail > 0 ? server->said.data + len - tail : "");
}

enum barq_status bm_server_listen(struct bm_server *server, int stop_fd, int wait_ms,
                                  struct barq_error *err)
{
    struct pollfd fds[] = {{.fd = server->out_fd, .events = POLLIN},
                           {.fd = server->child.pidfd, .events = POLLIN},
                           {.fd = stop_fd, .events = POLLIN}};
    struct bq_child_end end;

    int ready = poll(fds, 3, wait_ms);
    drain(server);
    if (ready > 0 && fds[1].revents != 0 && bq_child_reap(&server->child, &end)) {
        return tell_end(server, &end, err);
    }
    if (ready > 0 && fds[2].revents != 0) {
        return bq_fail(err, BARQ_ERR_CANCELED,
                       "demo: stopped; what is left goes on with the next demo, or serve");
    }
    return BARQ_OK;
}

void bm_server_tell(struct bm_server *server)
{
    size_t len = server->said.len;
    size_t tail = len > TAIL_BYTES ? TAIL_BYTES : len;

    server->tell = true;
    if (tail > 0) {
        const char *from = server->said.data + len - tail;
        const char *line = tail < len ? memchr(from, '\n', tail) : NULL;
        from = line ? line + 1 : from;
        fwrite(from, 1, (size_t)(server->said.data + len - from), stderr);
    }
}

void bm_server_stop(struct bm_server *server)
{
    int64_t deadline_ms = bq_mono_ms() + STOP_MS;
    int signal = SIGTERM;

    while (server->child.pid != 0) {
        struct barq_error err;
        bq_child_kill(&server->child, signal);
        while (server->child.pid != 0 && bq_mono_ms() < deadline_ms &&
               bm_server_listen(server, -1, 100, &err) == BARQ_OK) {
        }
        signal = SIGKILL;
        deadline_ms += STOP_MS;
    }
    bq_buf_clear(&server->said);
    if (server->out_fd >= 0) {
        close(server->out_fd);
    }
    server->out_fd = -1;
}

void bm_server_drop(struct bm_server *server)
{
    bm_server_stop(server);
}

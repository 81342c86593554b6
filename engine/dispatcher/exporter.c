#include "dispatcher/exporter.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/log.h"
#include "base/time.h"
#include "job/trace.h"

enum {
    WAITING_MAX_BYTES = 1024 * 1024,
    PACKET_MAX_BYTES = 60 * 1024, /* less than barq-otlp takes, and more than a span has */
    CHECK_EACH_MS = 1000,
    AGAIN_MIN_MS = 10 * 1000, /* it is started again then, and the next time later */
    AGAIN_MAX_MS = 600 * 1000,
    TELL_EACH_MS = 60 * 1000,
    END_LIMIT_MS = 4000, /* more than it takes its time for (otlp/main.c) */
};

#define PROGRAM "barq-otlp"

void bq_exporter_init(struct bq_exporter *exporter, const char *worker_path)
{
    *exporter = (struct bq_exporter){
        .wanted = bq_trace_exported(),
        .worker_path = worker_path,
        .again_ms = AGAIN_MIN_MS,
        .child = {.pidfd = -1},
        .fd = -1,
    };
    bq_buf_init(&exporter->waiting, WAITING_MAX_BYTES);
}

/* "FOLDER/barq-otlp", if that can be run. */
static bool try_folder(const char *folder, size_t len, char path[PATH_MAX])
{
    int written = snprintf(path, PATH_MAX, "%.*s/" PROGRAM, (int)len, folder);

    return len > 0 && written < PATH_MAX && access(path, X_OK) == 0;
}

/* Where BARQ_OTLP says, else beside our binary, else in PATH. */
static bool find_program(const struct bq_exporter *exporter, char path[PATH_MAX])
{
    const char *said = getenv("BARQ_OTLP");
    const char *slash = strrchr(exporter->worker_path, '/');

    if (said && said[0] != '\0') {
        return snprintf(path, PATH_MAX, "%s", said) < PATH_MAX;
    }
    if (slash && try_folder(exporter->worker_path, (size_t)(slash - exporter->worker_path), path)) {
        return true;
    }
    for (const char *at = getenv("PATH"); at && *at != '\0'; at += *at == ':') {
        size_t len = strcspn(at, ":");
        if (try_folder(at, len, path)) {
            return true;
        }
        at += len;
    }
    return false;
}

static enum barq_status start(struct bq_exporter *exporter, struct barq_error *err)
{
    char path[PATH_MAX];
    char name[] = PROGRAM;
    char *const argv[] = {name, NULL};
    int pair[2];

    if (!find_program(exporter, path)) {
        return bq_fail(err, BARQ_ERR_NOTFOUND,
                       "there is no barq-otlp beside the worker's program or in PATH");
    }
    enum barq_status status = bq_packet_pair(pair, err);
    if (status != BARQ_OK) {
        return status;
    }
    bq_auto(fd) int theirs = pair[1];
    bq_auto(fd) int ours = pair[0];
    struct bq_child_options options = {
        .path = path, .argv = argv, .socket_fd = theirs, .out_fd = -1};
    status = bq_child_spawn(&options, &exporter->child, err);
    if (status == BARQ_OK) {
        exporter->fd = bq_fd_take(&ours);
    }
    return status;
}

/* Whatever it was, it is not tried again at once: it may be so each time. */
static void give_up(struct bq_exporter *exporter, int64_t now_ms)
{
    int64_t twice_ms = 2 * exporter->again_ms;

    bq_fd_drop(&exporter->fd);
    exporter->start_at_ms = now_ms + exporter->again_ms;
    exporter->again_ms = twice_ms < AGAIN_MAX_MS ? twice_ms : AGAIN_MAX_MS;
}

static int64_t count_lines(const struct bq_buf *lines)
{
    int64_t count = 0;

    for (size_t i = 0; i < lines->len; i++) {
        count += lines->data[i] == '\n';
    }
    return count;
}

/* How many bytes of what waits go into one packet: whole lines. */
static size_t packet_bytes(const struct bq_buf *lines)
{
    if (lines->len <= PACKET_MAX_BYTES) {
        return lines->len;
    }
    const char *end = memrchr(lines->data, '\n', PACKET_MAX_BYTES);
    return end ? (size_t)(end - lines->data) + 1 : lines->len;
}

void bq_exporter_put(struct bq_exporter *exporter, const char *span, size_t len)
{
    if (!bq_buf_has_room(&exporter->waiting, len + 1)) {
        exporter->dropped++;
        return;
    }
    bq_buf_put(&exporter->waiting, span, len);
    bq_buf_put(&exporter->waiting, "\n", 1);
}

void bq_exporter_flush(struct bq_exporter *exporter)
{
    struct bq_buf *waiting = &exporter->waiting;

    while (exporter->fd >= 0 && waiting->len > 0) {
        size_t len = packet_bytes(waiting);
        if (send(exporter->fd, waiting->data, len, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)len) {
            bq_buf_consume(waiting, len);
        } else if (errno == EAGAIN) {
            return;
        } else {
            bq_fd_drop(&exporter->fd); /* its end is told by the next check */
        }
    }
}

static void tell_dropped(struct bq_exporter *exporter)
{
    if (exporter->dropped != exporter->told) {
        bq_warn("spans dropped, as the exporter did not take them",
                bq_int("spans", exporter->dropped - exporter->told),
                bq_int("in_all", exporter->dropped));
        exporter->told = exporter->dropped;
    }
}

/* Not while the one before is not reaped. */
static void start_if_due(struct bq_exporter *exporter, int64_t now_ms)
{
    struct barq_error err;

    if (exporter->fd >= 0 || exporter->child.pid > 0 || now_ms < exporter->start_at_ms) {
        return;
    }
    if (start(exporter, &err) != BARQ_OK) {
        bq_warn("spans cannot be exported", bq_str("error", err.text));
        give_up(exporter, now_ms);
    }
}

void bq_exporter_check(struct bq_exporter *exporter, int64_t now_ms)
{
    struct bq_child_end end;
    char how[BQ_CHILD_END_BYTES];

    if (!exporter->wanted || now_ms < exporter->check_at_ms) {
        return;
    }
    exporter->check_at_ms = now_ms + CHECK_EACH_MS;
    if (bq_child_reap(&exporter->child, &end)) {
        bq_child_end_text(&end, how);
        bq_warn("the exporter of spans has ended", bq_str("how", how));
        if (now_ms - exporter->start_at_ms > AGAIN_MAX_MS) {
            exporter->again_ms = AGAIN_MIN_MS; /* it had run well */
        }
        give_up(exporter, now_ms);
    }
    start_if_due(exporter, now_ms);
    if (now_ms >= exporter->tell_at_ms && exporter->dropped != exporter->told) {
        tell_dropped(exporter);
        exporter->tell_at_ms = now_ms + TELL_EACH_MS;
    }
}

/* What still waits, as long as it is taken. */
static void flush_all(struct bq_exporter *exporter, int64_t until_ms)
{
    struct pollfd room = {.events = POLLOUT};

    bq_exporter_flush(exporter);
    while (exporter->fd >= 0 && exporter->waiting.len > 0) {
        int64_t left_ms = until_ms - bq_mono_ms();
        room.fd = exporter->fd;
        if (left_ms <= 0 || poll(&room, 1, (int)left_ms) <= 0) {
            return;
        }
        bq_exporter_flush(exporter);
    }
}

void bq_exporter_close(struct bq_exporter *exporter)
{
    struct pollfd wait = {.fd = exporter->child.pidfd, .events = POLLIN};
    int64_t until_ms = bq_mono_ms() + END_LIMIT_MS;
    struct bq_child_end end;

    flush_all(exporter, until_ms);
    bq_fd_drop(&exporter->fd);
    if (exporter->child.pid > 0) {
        int64_t left_ms = until_ms - bq_mono_ms();
        if (poll(&wait, 1, left_ms > 0 ? (int)left_ms : 0) <= 0) {
            bq_warn("the exporter of spans does not end, and is killed");
            bq_child_kill(&exporter->child, SIGKILL);
            (void)poll(&wait, 1, END_LIMIT_MS);
        }
        (void)bq_child_reap(&exporter->child, &end);
    }
    exporter->dropped += count_lines(&exporter->waiting);
    bq_buf_clear(&exporter->waiting);
    tell_dropped(exporter);
}

#include "broker/sqlite/sqlite.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/time.h"
#include "broker/sqlite/broker.h"
#include "broker/sqlite/tables.h"
#include "os/wake.h"

/* A ring can be lost: whoever waits looks for himself once a second. */
enum { WAIT_MAX_MS = 1000 };

static const struct bq_broker_ops sqlite_ops;

static void close_fd(int *fd)
{
    bq_fd_drop(fd);
    *fd = -1;
}

/* Ends the worker half, whole or half-built. */
static void stop_worker(struct sqlite_broker *self)
{
    bq_writer_stop(&self->writer);
    bq_db_close(bq_take(self->worker.db));
    bq_lease_clear(&self->worker.lease);
    close_fd(&self->epoll_fd);
    close_fd(&self->wake_watch);
    self->joined = false;
}

static void sqlite_close(struct bq_broker *broker)
{
    struct sqlite_broker *self = bq_sqlite_broker_of(broker);

    stop_worker(self);
    bq_fd_drop(&self->done_watch);
    bq_fd_drop(&self->done_fd);
    bq_fd_drop(&self->wake_fd);
    bq_db_close(self->db);
    free(self->url);
    free(self);
}

static void bq_sqlite_broker_drop(struct sqlite_broker **broker)
{
    if (*broker) {
        sqlite_close(&(*broker)->base);
    }
}

typedef enum barq_status open_file(const char *path, int *fd, struct barq_error *err);

/* Opens what lies beside the queue's file. */
static enum barq_status open_beside(const struct sqlite_broker *self, const char *suffix,
                                    open_file *opener, int *fd, struct barq_error *err)
{
    char file[PATH_MAX];
    int len = snprintf(file, sizeof(file), "%s%s", bq_db_path(self->db), suffix);

    if (len < 0 || (size_t)len >= sizeof(file)) {
        return bq_fail(err, BARQ_ERR_ARG, "sqlite: the path of the queue is too long");
    }
    return opener(file, fd, err);
}

static enum barq_status open_files(struct sqlite_broker *self, struct barq_error *err)
{
    enum barq_status status = bq_queue_open(self->url, &self->db, err);

    if (status == BARQ_OK) {
        status = open_beside(self, "-wake", bq_wake_open, &self->wake_fd, err);
    }
    if (status == BARQ_OK) {
        status = open_beside(self, "-done", bq_wake_open, &self->done_fd, err);
    }
    return status;
}

static enum barq_status sqlite_open(const char *url, const struct bq_dsn *dsn,
                                    struct bq_broker **out, struct barq_error *err)
{
    bq_auto(sqlite_broker) struct sqlite_broker *self = calloc(1, sizeof(*self));
    (void)dsn;

    if (!self) {
        return bq_fail(err, BARQ_ERR_NOMEM, "sqlite: out of memory");
    }
    self->base.ops = &sqlite_ops;
    self->wake_fd = self->done_fd = self->done_watch = -1;
    self->wake_watch = self->epoll_fd = -1;
    self->writer.event_fd = self->worker.lease.lock_fd = -1;
    self->url = strdup(url);
    if (!self->url) {
        return bq_fail(err, BARQ_ERR_NOMEM, "sqlite: out of memory");
    }
    enum barq_status status = open_files(self, err);
    if (status != BARQ_OK) {
        return status;
    }
    *out = &bq_take(self)->base;
    return BARQ_OK;
}

static enum barq_status sqlite_migrate(const char *url, int *from, int *to, struct barq_error *err)
{
    bq_auto(db) struct bq_db *db = NULL;

    enum barq_status status = bq_db_open(url, NULL, &db, err);
    return status == BARQ_OK ? bq_queue_migrate(db, from, to, err) : status;
}

void bq_sqlite_advance(struct bq_broker *broker, int64_t ms)
{
    bq_sqlite_broker_of(broker)->ahead_ms += ms;
}

enum barq_status bq_client_begin(struct sqlite_broker *broker, struct queue_tx *tx,
                                 enum bq_db_mode mode, int64_t timeout_ms, struct barq_error *err)
{
    return bq_tx_begin(tx, broker->db, mode, bq_wall_ms() + broker->ahead_ms, timeout_ms, err);
}

enum barq_status bq_client_end(struct sqlite_broker *broker, struct queue_tx *tx,
                               enum barq_status status)
{
    status = bq_tx_end(tx, status);
    if (status == BARQ_OK && tx->woke) {
        bq_wake_ring(broker->wake_fd);
    }
    if (status == BARQ_OK && tx->finished) {
        bq_wake_ring(broker->done_fd);
    }
    return status;
}

/* The first call only begins to watch: what had finished before was not told. */
static void sqlite_wait_finished(struct bq_broker *broker, int64_t timeout_ms)
{
    struct sqlite_broker *self = bq_sqlite_broker_of(broker);
    int64_t bite_ms = timeout_ms < WAIT_MAX_MS ? timeout_ms : WAIT_MAX_MS;

    if (self->done_watch >= 0) {
        (void)bq_wake_wait(self->done_watch, bite_ms);
        return;
    }
    if (open_beside(self, "-done", bq_wake_watch, &self->done_watch, NULL) != BARQ_OK) {
        /* Without inotify it is polling. */
        (void)usleep((useconds_t)(bite_ms < 50 ? bite_ms : 50) * 1000);
    }
}

static enum barq_status watch_both(struct sqlite_broker *self, struct barq_error *err)
{
    struct epoll_event readable = {.events = EPOLLIN};

    self->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    /* Without a watch, which the system may have none to give of, the dispatcher's polling is enough. */
    if (open_beside(self, "-wake", bq_wake_watch, &self->wake_watch, NULL) == BARQ_OK) {
        (void)epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, self->wake_watch, &readable);
    }
    if (self->epoll_fd < 0 ||
        epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, self->writer.event_fd, &readable) != 0) {
        return bq_fail_errno(err, "sqlite: epoll");
    }
    return BARQ_OK;
}

static enum barq_status start_worker(struct sqlite_broker *self,
                                     const struct bq_worker_lease *lease, int64_t timeout_ms,
                                     struct barq_error *err)
{
    struct queue_worker *worker = &self->worker;

    worker->wake_fd = self->wake_fd;
    worker->done_fd = self->done_fd;
    worker->rules = lease->limits;
    worker->n_rules = lease->n_limits;
    enum barq_status status = bq_lease_init(&worker->lease, lease, err);
    if (status == BARQ_OK) {
        status = bq_queue_open(self->url, &worker->db, err);
    }
    if (status == BARQ_OK) {
        status = bq_queue_join(worker, bq_wall_ms() + self->ahead_ms, timeout_ms, err);
    }
    worker->rules = NULL;
    worker->n_rules = 0;
    if (status == BARQ_OK) {
        status = bq_writer_start(&self->writer, worker, err);
    }
    return status == BARQ_OK ? watch_both(self, err) : status;
}

static enum barq_status sqlite_join(struct bq_broker *broker, const struct bq_worker_lease *lease,
                                    int64_t timeout_ms, struct barq_error *err)
{
    struct sqlite_broker *self = bq_sqlite_broker_of(broker);

    assert(!self->joined);
    enum barq_status status = start_worker(self, lease, timeout_ms, err);
    if (status != BARQ_OK) {
        stop_worker(self);
        return status;
    }
    self->joined = true;
    return BARQ_OK;
}

static int sqlite_fd(struct bq_broker *broker)
{
    return bq_sqlite_broker_of(broker)->epoll_fd;
}

static void sqlite_begin(struct bq_broker *broker, struct bq_exchange *exchange)
{
    struct sqlite_broker *self = bq_sqlite_broker_of(broker);

    assert(self->joined);
    bq_writer_give(&self->writer, exchange, self->ahead_ms);
}

static struct bq_exchange *sqlite_end(struct bq_broker *broker)
{
    return bq_writer_take(&bq_sqlite_broker_of(broker)->writer);
}

static bool sqlite_woken(struct bq_broker *broker)
{
    return bq_wake_take(bq_sqlite_broker_of(broker)->wake_watch);
}

static const struct bq_broker_ops sqlite_ops = {
    .name = "sqlite",
    .default_queue = "barq",
    .codec = &bq_codec_json,
    .poll_ms = 1000,
    .enqueue = bq_queue_enqueue,
    .find = bq_queue_find,
    .wait_finished = sqlite_wait_finished,
    .abort = bq_queue_abort,
    .list = bq_queue_list,
    .stats = bq_queue_stats,
    .pause = bq_queue_pause,
    .workers = bq_queue_workers,
    .limits = bq_queue_limits,
    .weaknesses = bq_queue_weaknesses,
    .crons = bq_queue_crons,
    .revive = bq_queue_revive,
    .remove = bq_queue_remove,
    .join = sqlite_join,
    .fd = sqlite_fd,
    .begin = sqlite_begin,
    .end = sqlite_end,
    .woken = sqlite_woken,
    .close = sqlite_close,
};

const struct bq_broker_kind bq_broker_sqlite = {
    .scheme = "sqlite", .open = sqlite_open, .migrate = sqlite_migrate};

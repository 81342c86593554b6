#include "broker/sqlite/lease.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "os/lock.h"

enum { LOOK_EVERY_MS = 1000, LOCK_TRIES = 1000 };

/* The kernel's id of this boot; "" when it cannot be read, which then is nobody's. */
static void read_boot(char out[LEASE_BOOT_BYTES])
{
    bq_auto(fd) int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? 0 : read(fd, out, LEASE_BOOT_BYTES - 1);

    out[len < 0 ? 0 : len] = '\0';
    out[strcspn(out, "\n")] = '\0';
}

enum barq_status bq_lease_init(struct queue_lease *lease, const struct bq_worker_lease *wanted,
                               struct barq_error *err)
{
    *lease = (struct queue_lease){.lease_ms = wanted->lease_ms, .lock_fd = -1};
    lease->name = strdup(wanted->name);
    lease->queues_text = strdup(wanted->queues_text ? wanted->queues_text : wanted->queues[0]);
    if (!lease->name || !lease->queues_text ||
        !bq_queues_init(&lease->queues, wanted->queues, wanted->n_queues)) {
        bq_lease_clear(lease);
        return bq_fail(err, BARQ_ERR_NOMEM, "sqlite: out of memory");
    }
    (void)gethostname(lease->host, sizeof(lease->host) - 1);
    read_boot(lease->boot);
    return BARQ_OK;
}

void bq_lease_clear(struct queue_lease *lease)
{
    bq_queues_clear(&lease->queues);
    free(bq_take(lease->name));
    free(bq_take(lease->queues_text));
    bq_fd_drop(&lease->lock_fd);
    lease->lock_fd = -1;
}

static void lock_path(char out[PATH_MAX], const char *path, int64_t worker)
{
    (void)snprintf(out, PATH_MAX, "%s-worker-%" PRId64, path, worker);
}

static void remove_lock(const char *path, int64_t worker)
{
    char file[PATH_MAX];

    lock_path(file, path, worker);
    (void)unlink(file);
}

struct lease_change bq_lease_change(const struct queue_lease *lease)
{
    return (struct lease_change){.worker = lease->worker, .lock_fd = -1};
}

/* A row without a lock file yet. */
static enum barq_status insert_worker(struct queue_tx *tx, const struct queue_lease *lease,
                                      int64_t *out)
{
    int64_t queue = 0;

    enum barq_status status = bq_tx_queue(tx, lease->queues.all[0].name, &queue);
    if (status == BARQ_OK) {
        status =
            bq_tx_exec(tx,
                       "INSERT INTO barq_workers"
                       " (queue, name, host, boot, lease_until, queues, started_at, seen_at)"
                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                       barq_sql_int(queue), barq_sql_text(lease->name), barq_sql_text(lease->host),
                       barq_sql_text(lease->boot), barq_sql_int(tx->now_ms + lease->lease_ms),
                       barq_sql_text(lease->queues_text), barq_sql_int(lease->started_at_ms),
                       barq_sql_int(tx->now_ms));
    }
    if (status == BARQ_OK) {
        status = bq_db_query_int(tx->db, "SELECT last_insert_rowid()", NULL, 0, 0, out, tx->err);
    }
    return status;
}

static enum barq_status delete_worker(struct queue_tx *tx, int64_t worker)
{
    return bq_tx_exec(tx, "DELETE FROM barq_workers WHERE worker = ?1", barq_sql_int(worker));
}

/*
 * Nobody looks at the lock file before the row is committed, so it is held from the first look on.
 * A file that is held already is of a worker of an earlier queue of this name: the next number.
 */
static enum barq_status take_lease(struct queue_tx *tx, const struct queue_lease *lease,
                                   struct lease_change *change)
{
    char file[PATH_MAX];

    for (int i = 0; i < LOCK_TRIES; i++) {
        int64_t worker = 0;
        enum barq_status status = insert_worker(tx, lease, &worker);
        if (status != BARQ_OK) {
            return status;
        }
        lock_path(file, bq_db_path(tx->db), worker);
        status = bq_lock_take(file, &change->lock_fd, tx->err);
        if (status == BARQ_OK) {
            change->worker = worker;
            change->renewed = true;
            return BARQ_OK;
        }
        if (status != BARQ_ERR_BUSY) {
            return status;
        }
        status = delete_worker(tx, worker);
        if (status != BARQ_OK) {
            return status;
        }
    }
    return bq_fail(tx->err, BARQ_ERR_BUSY, "sqlite: no lock file for this worker is free");
}

/* In the place of a queue that was removed there may be another, with another's row of our number. */
static bool is_another(const struct queue_tx *tx, const struct queue_lease *lease)
{
    char file[PATH_MAX];

    lock_path(file, bq_db_path(tx->db), lease->worker);
    return lease->doubtful && !bq_lock_is_at(lease->lock_fd, file);
}

/* Jobs that we have claimed but do not know of would be renewed for ever: whoever looks next gets all that was ours. */
static enum barq_status give_up(struct queue_tx *tx, const struct queue_lease *lease)
{
    enum barq_status status = bq_tx_lose(tx, lease->worker);

    return status == BARQ_OK ? delete_worker(tx, lease->worker) : status;
}

enum barq_status bq_lease_keep(struct queue_tx *tx, const struct queue_lease *lease,
                               struct lease_change *change, bool renew, bool *lost)
{
    const struct barq_scalar params[] = {barq_sql_int(lease->worker)};
    int64_t until_ms = 0;

    enum barq_status status = lease->in_doubt ? give_up(tx, lease) : BARQ_OK;
    if (status == BARQ_OK) {
        status = bq_db_query_int(tx->db, "SELECT lease_until FROM barq_workers WHERE worker = ?1",
                                 params, 1, INT64_MIN, &until_ms, tx->err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    *lost = until_ms == INT64_MIN || is_another(tx, lease);
    if (*lost) {
        return take_lease(tx, lease, change);
    }
    change->renewed = renew || until_ms <= tx->now_ms;
    if (!change->renewed) {
        return BARQ_OK;
    }
    return bq_tx_exec(tx,
                      "UPDATE barq_workers SET lease_until = ?2, seen_at = ?3 WHERE worker = ?1",
                      barq_sql_int(lease->worker), barq_sql_int(tx->now_ms + lease->lease_ms),
                      barq_sql_int(tx->now_ms));
}

/*
 * Of a worker of this kernel, or of this machine before it was started anew, a lock file tells
 * whether it lives.
 */
static bool is_dead(const struct queue_tx *tx, const struct queue_lease *lease,
                    const struct bq_rows *worker)
{
    const char *host = bq_rows_text(worker, 2);
    const char *boot = bq_rows_text(worker, 3);
    bool same_boot = boot && *boot && strcmp(boot, lease->boot) == 0;
    bool same_host = host && *host && strcmp(host, lease->host) == 0;
    char file[PATH_MAX];

    if (!same_boot && !same_host) {
        return false;
    }
    lock_path(file, bq_db_path(tx->db), bq_rows_int(worker, 0));
    return bq_lock_look(file) == BQ_LOCK_FREE;
}

/* Notes whose jobs are to be taken, in `change`. */
static enum barq_status find_gone(struct queue_tx *tx, const struct queue_lease *lease, bool look,
                                  struct lease_change *change)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool more = false;

    enum barq_status status =
        bq_tx_query(tx, &rows,
                    "SELECT worker, lease_until <= ?1, host, boot FROM barq_workers"
                    " WHERE worker <> ?2",
                    barq_sql_int(tx->now_ms), barq_sql_int(change->worker));
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, tx->err);
    }
    while (status == BARQ_OK && more && change->n_reaped < LEASE_REAP_MAX) {
        if (bq_rows_int(rows, 1) || (look && is_dead(tx, lease, rows))) {
            change->reaped[change->n_reaped++] = bq_rows_int(rows, 0);
        }
        status = bq_rows_next(rows, &more, tx->err);
    }
    return status;
}

enum barq_status bq_lease_reap(struct queue_tx *tx, struct queue_lease *lease,
                               struct lease_change *change)
{
    int64_t mono_ms = bq_mono_ms();
    bool look = lease->looked_at_ms == 0 || mono_ms - lease->looked_at_ms >= LOOK_EVERY_MS;

    lease->looked_at_ms = look ? mono_ms : lease->looked_at_ms;
    enum barq_status status = find_gone(tx, lease, look, change);
    for (size_t i = 0; status == BARQ_OK && i < change->n_reaped; i++) {
        status = bq_tx_lose(tx, change->reaped[i]);
        if (status == BARQ_OK) {
            status = delete_worker(tx, change->reaped[i]);
        }
    }
    return status;
}

enum barq_status bq_lease_leave(struct queue_tx *tx, struct lease_change *change)
{
    int64_t worker = change->worker;

    /* One that was taken in this very transaction goes with the rest. */
    if (change->lock_fd >= 0) {
        remove_lock(bq_db_path(tx->db), change->worker);
        bq_fd_drop(&change->lock_fd);
        change->lock_fd = -1;
    }
    change->worker = 0;
    enum barq_status status = bq_tx_lose(tx, worker);
    if (status != BARQ_OK) {
        return status;
    }
    return delete_worker(tx, worker);
}

void bq_lease_adopt(struct queue_lease *lease, const struct lease_change *change, const char *path)
{
    char file[PATH_MAX];

    lease->in_doubt = false;
    for (size_t i = 0; i < change->n_reaped; i++) {
        remove_lock(path, change->reaped[i]);
    }
    lease->doubtful = false;
    if (change->worker == lease->worker && change->lock_fd < 0) {
        return;
    }
    lock_path(file, path, lease->worker);
    if (lease->worker > 0 && bq_lock_is_at(lease->lock_fd, file)) {
        (void)unlink(file);
    }
    bq_fd_drop(&lease->lock_fd);
    lease->lock_fd = change->lock_fd;
    lease->worker = change->worker;
}

void bq_lease_undo(const struct lease_change *change, const char *path)
{
    if (change->lock_fd >= 0) {
        remove_lock(path, change->worker);
        close(change->lock_fd);
    }
}

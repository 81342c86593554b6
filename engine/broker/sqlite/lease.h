/*
 * lease.h - a worker's lease: a row of barq_workers, and a lock file beside
 * the queue that says whether its process lives.
 *
 * What a transaction changes of it becomes true with its COMMIT, so that a
 * transaction is given a struct lease_change, which is then adopted or undone.
 */
#ifndef BQ_BROKER_SQLITE_LEASE_H
#define BQ_BROKER_SQLITE_LEASE_H

#include "broker/sqlite/queues.h"

enum { LEASE_REAP_MAX = 64, LEASE_HOST_BYTES = 65, LEASE_BOOT_BYTES = 40 };

struct queue_lease {
    struct worker_queues queues;
    char *name;            /* owned; for people, as is: */
    char *queues_text;     /* owned */
    int64_t started_at_ms; /* joined then; a lease that replaces a lost one tells the same */
    int64_t lease_ms;
    int64_t worker; /* its number; 0: none */
    int lock_fd;    /* owned; of <path>-worker-<worker>; -1: none */
    bool doubtful;  /* the file was opened anew: it may be another queue */
    bool
        in_doubt; /* a COMMIT failed of which nobody knows: jobs may be ours that we do not know of */
    int64_t claims;       /* exchanges that may have claimed something */
    int64_t looked_at_ms; /* at others' lock files, by bq_mono_ms() */
    char host[LEASE_HOST_BYTES];
    char boot[LEASE_BOOT_BYTES]; /* the kernel's id of this boot */
};

struct lease_change {
    int64_t worker; /* from COMMIT on */
    int lock_fd;    /* a new worker's; owned; -1: nothing new */
    bool renewed;
    int64_t reaped[LEASE_REAP_MAX];
    size_t n_reaped;
};

enum barq_status bq_lease_init(struct queue_lease *lease, const struct bq_worker_lease *wanted,
                               struct barq_error *err) BARQ_MUST_CHECK;
/* Leaves the lock file where it is: that it is free says that this worker is gone. */
void bq_lease_clear(struct queue_lease *lease);

struct lease_change bq_lease_change(const struct queue_lease *lease);
/* Looks whether the lease still stands; takes a new one if not (`*lost`); renews it if `renew`, or if it is over. */
enum barq_status bq_lease_keep(struct queue_tx *tx, const struct queue_lease *lease,
                               struct lease_change *change, bool renew, bool *lost) BARQ_MUST_CHECK;
/* Takes the jobs of workers whose lease is over, or, now and then, whose process is dead. */
enum barq_status bq_lease_reap(struct queue_tx *tx, struct queue_lease *lease,
                               struct lease_change *change) BARQ_MUST_CHECK;
enum barq_status bq_lease_leave(struct queue_tx *tx, struct lease_change *change) BARQ_MUST_CHECK;
/* After the transaction: what it changed holds, or never was. */
void bq_lease_adopt(struct queue_lease *lease, const struct lease_change *change, const char *path);
void bq_lease_undo(const struct lease_change *change, const char *path);

#endif

/*
 * pg_cancel.c - asking the server to stop. libpq does that on a connection of its own and blocks until
 * the server has hung up, which one that stands still never does: so it has a thread of its own.
 */
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/time.h"
#include "db/pg.h"

/* Shared by the thread and whoever asked; the last of both frees it. */
struct bq_pg_cancel {
    PGcancel *handle;
    int done_fd; /* an eventfd: readable when the server has been told */
    atomic_bool left;
};

static void leave(struct bq_pg_cancel *cancel)
{
    if (!atomic_exchange(&cancel->left, true)) {
        return;
    }
    bq_libpq.PQfreeCancel(cancel->handle);
    bq_fd_drop(&cancel->done_fd);
    free(cancel);
}

static void *tell(void *asked)
{
    struct bq_pg_cancel *cancel = asked;
    uint64_t one = 1;
    char why[256];

    (void)bq_libpq.PQcancel(cancel->handle, why, sizeof(why));
    (void)!write(cancel->done_fd, &one, sizeof(one));
    leave(cancel);
    return NULL;
}

struct bq_pg_cancel *bq_pg_cancel_start(struct bq_pg *db)
{
    struct bq_pg_cancel *cancel = calloc(1, sizeof(*cancel));
    pthread_t thread;
    if (!cancel) {
        return NULL;
    }

    atomic_init(&cancel->left, false);
    cancel->handle = bq_libpq.PQgetCancel(db->connection);
    cancel->done_fd = eventfd(0, EFD_CLOEXEC);
    if (!cancel->handle || cancel->done_fd < 0 ||
        pthread_create(&thread, NULL, tell, cancel) != 0) {
        atomic_store(&cancel->left, true);
        leave(cancel);
        return NULL;
    }
    (void)pthread_detach(thread);
    return cancel;
}

bool bq_pg_cancel_end(struct bq_pg_cancel *cancel, int64_t until_ms)
{
    if (!cancel) {
        return true;
    }

    struct pollfd done = {.fd = cancel->done_fd, .events = POLLIN};
    int64_t left_ms = until_ms - bq_mono_ms();
    bool told = poll(&done, 1, left_ms > 0 ? (int)left_ms : 0) == 1;
    leave(cancel);
    return told;
}

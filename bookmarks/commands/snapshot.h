/*
 * snapshot.h - what backup and restore share: where the two databases are, and
 * a folder of their own for copies.
 */
#ifndef BM_SNAPSHOT_H
#define BM_SNAPSHOT_H

#include <barq/error.h>

#include "base/arena.h"

enum { BM_SNAPSHOT_BUSY_MS = 30000 };

/* Paths, in the arena of whoever asked. */
struct bm_snapshot {
    const char *queue; /* of the databases in use */
    const char *data;
    const char *folder; /* of this snapshot alone; removed at its end */
    const char *queue_copy;
    const char *data_copy;
};

/*
 * Finds the databases and makes the folder, beside `path`.
 *
 * BARQ_ERR_ARG  one of them is not SQLite's: it says what to do instead
 */
enum barq_status bm_snapshot_begin(const char *path, struct barq_arena *arena,
                                   struct bm_snapshot *out, struct barq_error *err) BARQ_MUST_CHECK;
/* Removes the copies; takes a zeroed one. */
void bm_snapshot_end(struct bm_snapshot *snapshot);
void bm_snapshot_drop(struct bm_snapshot *snapshot); /* for bm_auto(snapshot) */

#endif

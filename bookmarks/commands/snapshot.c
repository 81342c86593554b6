#include "commands/snapshot.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dsn.h"
#include "base/error.h"

/* The file behind `variable`, which main() has put into the environment. */
static enum barq_status find(const char *variable, const char *what, const char *instead,
                             struct barq_arena *arena, const char **out, struct barq_error *err)
{
    struct bq_dsn dsn;
    const char *url = getenv(variable);

    enum barq_status status = bq_dsn_parse(arena, url ? url : "", &dsn, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (strcmp(dsn.scheme, "sqlite") != 0) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "backup: the %s is not in a file of SQLite (%s: %s); use %s", what, variable,
                       dsn.scheme, instead);
    }
    *out = dsn.path;
    return BARQ_OK;
}

enum barq_status bm_snapshot_begin(const char *path, struct barq_arena *arena,
                                   struct bm_snapshot *out, struct barq_error *err)
{
    struct bm_snapshot snapshot = {.folder = NULL};
    char *folder = bq_arena_format(arena, "%s.XXXXXX", path);

    enum barq_status status =
        find("DATABASE_URL", "data", "pg_dump and pg_restore", arena, &snapshot.data, err);
    if (status == BARQ_OK) {
        status =
            find("BARQ_URL", "queue", "what its server has for that", arena, &snapshot.queue, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    if (!folder || !mkdtemp(folder)) {
        return bq_fail_errno(err, "backup: cannot make a folder beside %s", path);
    }
    snapshot.folder = folder;
    snapshot.queue_copy = bq_arena_format(arena, "%s/queue.db", folder);
    snapshot.data_copy = bq_arena_format(arena, "%s/data.db", folder);
    *out = snapshot;
    return snapshot.queue_copy && snapshot.data_copy
               ? BARQ_OK
               : bq_fail(err, BARQ_ERR_NOMEM, "backup: out of memory");
}

void bm_snapshot_end(struct bm_snapshot *snapshot)
{
    if (!snapshot->folder) {
        return;
    }
    if (snapshot->queue_copy) {
        (void)unlink(snapshot->queue_copy);
    }
    if (snapshot->data_copy) {
        (void)unlink(snapshot->data_copy);
    }
    (void)rmdir(snapshot->folder);
}

void bm_snapshot_drop(struct bm_snapshot *snapshot)
{
    bm_snapshot_end(snapshot);
}

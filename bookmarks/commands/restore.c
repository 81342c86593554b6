#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#include <barq/admin.h>
#include <barq/client.h>

#include "auto.h"
#include "base/error.h"
#include "commands/commands.h"
#include "commands/snapshot.h"
#include "db/sqlite_copy.h"
#include "export/archive.h"

static const char usage[] =
    "usage: bookmarks restore [--force] FILE\n"
    "\n"
    "Puts back what bookmarks backup has written to FILE, in the place of what is\n"
    "there now. Whoever only reads may go on; a worker (serve has one) must be\n"
    "stopped first.\n"
    "\n"
    "  --force  although there are lists that will be gone\n";

/* A worker has jobs in its hands of which the restored queue may know nothing. */
static enum barq_status check_workers(struct barq_arena *arena, struct barq_error *err)
{
    struct barq_client *client = NULL;
    struct barq_worker_info *workers = NULL;
    size_t count = 0;

    enum barq_status status = barq_client_open(NULL, NULL, &client, err);
    if (status == BARQ_OK) {
        status = barq_workers(client, arena, &workers, &count, err);
    }
    if (status == BARQ_OK && count > 0) {
        status = bq_fail(err, BARQ_ERR_BUSY, "restore: the worker %s is running: stop it first",
                         workers[0].name);
    }
    barq_client_close(client);
    return status;
}

static enum barq_status check_lists(struct barq_arena *arena, struct barq_error *err)
{
    bm_auto(session) struct barq_session *session = NULL;
    const struct bm_list *lists = NULL;
    size_t count = 0;

    enum barq_status status = bm_store_open(&session, err);
    if (status == BARQ_OK) {
        status = barq_session_begin(session, false, err);
    }
    if (status == BARQ_OK) {
        status = bm_lists(session, arena, &lists, &count, err);
    }
    if (status == BARQ_OK && count > 0) {
        return bq_fail(err, BARQ_ERR_EXISTS,
                       "restore: there are %zu lists here, which would be gone; --force does it",
                       count);
    }
    return status;
}

/* The data first: should this break off, an older queue beside newer data only does work again. */
static enum barq_status put_back(const struct bm_snapshot *snapshot, const char *path,
                                 struct barq_error *err)
{
    const struct bm_archive_file files[] = {{"queue.db", snapshot->queue_copy},
                                            {"data.db", snapshot->data_copy}};
    bool found[2] = {false, false};

    enum barq_status status = bm_archive_read(path, files, 2, found, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (!found[1]) {
        return bq_fail(err, BARQ_ERR_FORMAT, "restore: %s is no backup of bookmarks", path);
    }
    status = bq_sqlite_copy(snapshot->data_copy, snapshot->data, false, BM_SNAPSHOT_BUSY_MS, err);
    if (status == BARQ_OK && found[0]) {
        status =
            bq_sqlite_copy(snapshot->queue_copy, snapshot->queue, false, BM_SNAPSHOT_BUSY_MS, err);
    }
    return status;
}

static enum barq_status restore(const char *path, bool force, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bm_auto(snapshot) struct bm_snapshot snapshot = {.folder = NULL};
    bq_arena_init(&arena, BM_COMMAND_ARENA_BYTES);

    enum barq_status status = access(path, R_OK) == 0
                                  ? bm_snapshot_begin(path, &arena, &snapshot, err)
                                  : bq_fail_errno(err, "restore: cannot open %s", path);
    if (status == BARQ_OK) {
        status = check_workers(&arena, err);
    }
    if (status == BARQ_OK && !force) {
        status = check_lists(&arena, err);
    }
    return status == BARQ_OK ? put_back(&snapshot, path, err) : status;
}

int bm_cmd_restore(int argc, char **argv)
{
    static const struct option options[] = {
        {"force", no_argument, NULL, 'f'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    bm_auto(session) struct barq_session *session = NULL;
    struct barq_error err;
    bool force = false;

    for (int option; (option = getopt_long(argc, argv, "fh", options, NULL)) != -1;) {
        if (option != 'f') {
            return bm_show_usage(usage, option == 'h');
        }
        force = true;
    }
    if (optind + 1 != argc) {
        return bm_show_usage(usage, false);
    }
    /* A backup of an older version is brought up to this one when it is opened. */
    if (restore(argv[optind], force, &err) != BARQ_OK || bm_store_open(&session, &err) != BARQ_OK) {
        return bm_complain(&err);
    }
    puts("restored");
    return BM_EXIT_OK;
}

#include <getopt.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auto.h"
#include "base/error.h"
#include "commands/commands.h"
#include "commands/snapshot.h"
#include "commands/terminal.h"
#include "db/sqlite_copy.h"
#include "export/archive.h"

static const char usage[] =
    "usage: bookmarks backup FILE\n"
    "\n"
    "Writes all lists, and the jobs that wait, to FILE (a ZIP with both databases),\n"
    "while everything goes on. bookmarks restore takes it back. Nothing may be at\n"
    "FILE yet. For data in PostgreSQL use pg_dump.\n";

/* The queue first, then the data: a job that is in both is known to be done, one that is in neither
 * was never there. */
static enum barq_status copy_both(const struct bm_snapshot *snapshot, bool *has_queue,
                                  struct barq_error *err)
{
    *has_queue = access(snapshot->queue, F_OK) == 0;

    enum barq_status status = *has_queue ? bq_sqlite_copy(snapshot->queue, snapshot->queue_copy,
                                                          true, BM_SNAPSHOT_BUSY_MS, err)
                                         : BARQ_OK;
    if (status == BARQ_OK) {
        status =
            bq_sqlite_copy(snapshot->data, snapshot->data_copy, true, BM_SNAPSHOT_BUSY_MS, err);
    }
    return status;
}

static enum barq_status write_backup(const char *path, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bm_auto(snapshot) struct bm_snapshot snapshot = {.folder = NULL};
    bool has_queue = false;
    bq_arena_init(&arena, BM_SMALL_ARENA_BYTES);
    if (access(path, F_OK) == 0) {
        return bq_fail(err, BARQ_ERR_EXISTS, "backup: there is a file %s already", path);
    }

    enum barq_status status = bm_snapshot_begin(path, &arena, &snapshot, err);
    if (status == BARQ_OK) {
        status = copy_both(&snapshot, &has_queue, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    const struct bm_archive_file files[] = {{"queue.db", has_queue ? snapshot.queue_copy : NULL},
                                            {"data.db", snapshot.data_copy}};
    return bm_archive_write(path, files, 2, err);
}

int bm_cmd_backup(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    bm_auto(session) struct barq_session *session = NULL;
    struct barq_error err;
    struct stat about;

    int option = getopt_long(argc, argv, "h", options, NULL);
    if (option != -1 || optind + 1 != argc) {
        return bm_show_usage(usage, option == 'h');
    }
    const char *path = argv[optind];
    if (bm_store_open(&session, &err) != BARQ_OK || write_backup(path, &err) != BARQ_OK) {
        return bm_complain(&err);
    }
    bm_print_text(stdout, path);
    printf(": %lld bytes\n", stat(path, &about) == 0 ? (long long)about.st_size : 0);
    return BM_EXIT_OK;
}

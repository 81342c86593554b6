/* pause, resume, cancel and retry: what a person does with a run. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "api/run_json.h"
#include "auto.h"
#include "base/time.h"
#include "commands/run.h"

static const char usage[] =
    "usage: bookmarks pause RUN\n"
    "       bookmarks resume RUN\n"
    "       bookmarks cancel RUN\n"
    "       bookmarks retry [--video ID] RUN\n"
    "\n"
    "Stops a run: what is being processed ends its step, the rest waits. Lets it go\n"
    "on. Ends it: what waits is pending again. Takes on once more what failed in it.\n"
    "RUN is the id of a run, or a list, and then its newest run.\n"
    "\n"
    "  --video ID  this video only\n"
    "  --json      say how the run is then, as JSON\n";

enum barq_status bm_find_run(struct barq_session *session, const char *what,
                             struct barq_arena *arena, struct bm_run *out, struct barq_error *err)
{
    struct bm_list list;

    enum barq_status status = bm_run_get(session, what, arena, out, err);
    if (status != BARQ_ERR_NOTFOUND) {
        return status;
    }
    status = bm_list_find(session, what, arena, &list, err);
    return status == BARQ_OK ? bm_run_latest(session, list.id, arena, out, err) : status;
}

enum barq_status bm_print_json(const struct barq_value *value, struct barq_arena *arena,
                               struct barq_error *err)
{
    const char *json = NULL;

    enum barq_status status = barq_to_json(arena, value, &json, NULL, err);
    if (status == BARQ_OK) {
        printf("%s\n", json);
    }
    return status;
}

static enum barq_status change(struct barq_session *session, const char *how, const char *run_id,
                               const char *video_id, struct barq_error *err)
{
    int64_t now_ms = bq_wall_ms();
    int64_t retried = 0;

    if (strcmp(how, "pause") == 0) {
        return bm_run_pause(session, run_id, now_ms, err);
    }
    if (strcmp(how, "resume") == 0) {
        return bm_run_resume(session, run_id, now_ms, err);
    }
    if (strcmp(how, "cancel") == 0) {
        return bm_run_cancel(session, run_id, now_ms, err);
    }
    return bm_run_retry(session, run_id, video_id, now_ms, &retried, err);
}

static enum barq_status change_in_transaction(struct barq_session *session, const char *how,
                                              const char *what, const char *video_id,
                                              struct barq_arena *arena, struct bm_run *run,
                                              struct barq_error *err)
{
    enum barq_status status = barq_session_begin(session, true, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bm_find_run(session, what, arena, run, err);
    if (status == BARQ_OK) {
        status = change(session, how, run->id, video_id, err);
    }
    if (status == BARQ_OK) {
        status = bm_run_get(session, run->id, arena, run, err);
    }
    if (status == BARQ_OK) {
        return barq_session_commit(session, err);
    }
    barq_session_rollback(session);
    return status;
}

static int run_change(const char *how, const char *what, const char *video_id, bool json)
{
    bm_auto(session) struct barq_session *session = NULL;
    bq_auto(arena) struct barq_arena arena;
    struct barq_error err;
    struct bm_run run = {.id = NULL};
    bq_arena_init(&arena, BM_COMMAND_ARENA_BYTES);

    enum barq_status status = bm_store_open(&session, &err);
    if (status == BARQ_OK) {
        status = change_in_transaction(session, how, what, video_id, &arena, &run, &err);
    }
    if (status == BARQ_OK && json) {
        status = bm_print_json(bm_run_json(&run, NULL, 0, &arena), &arena, &err);
    } else if (status == BARQ_OK) {
        printf("run %s: %s, %lld of %lld videos wait\n", run.id, bm_run_status(&run),
               (long long)run.counts.pending, (long long)run.counts.total);
    }
    return status == BARQ_OK ? BM_EXIT_OK : bm_complain(&err);
}

int bm_cmd_run_change(int argc, char **argv)
{
    static const struct option options[] = {{"video", required_argument, NULL, 'v'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char *video_id = NULL;
    bool retries = strcmp(argv[0], "retry") == 0;
    bool json = false;

    for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (option == 'v' && retries) {
            video_id = optarg;
        } else if (option == 'j') {
            json = true;
        } else {
            return bm_show_usage(usage, option == 'h');
        }
    }
    if (optind + 1 != argc) {
        return bm_show_usage(usage, false);
    }
    return run_change(argv[0], argv[optind], video_id, json);
}

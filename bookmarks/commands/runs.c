#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "api/run_json.h"
#include "auto.h"
#include "base/time.h"
#include "commands/run.h"
#include "commands/terminal.h"

enum { SHOWN_MAX = 1000, NUMBER_BYTES = 24 };

static const char usage[] =
    "usage: bookmarks runs [--json] [LIST]\n"
    "       bookmarks runs --videos [--json] RUN\n"
    "\n"
    "Shows the last runs, of a list or of all; or how each video of a run does: what\n"
    "waits, is processed, is held and until when, failed and why. RUN is the id of a\n"
    "run, or a list, and then its newest run.\n"
    "\n"
    "  --videos  the videos of one run\n"
    "  --json    as JSON, one line\n";

static const struct bm_text_column run_columns[] = {
    {"run", 36, false},   {"status", 21, false},  {"videos", 8, true},
    {"waiting", 8, true}, {"completed", 9, true}, {"failed", 8, true},
};
enum { N_RUN_COLUMNS = sizeof(run_columns) / sizeof(run_columns[0]) };

static const struct bm_text_column video_columns[] = {
    {"video", 11, false}, {"status", 10, false}, {"title", 40, false}, {"reason", 80, false}};
enum { N_VIDEO_COLUMNS = sizeof(video_columns) / sizeof(video_columns[0]) };

/* What both ways of showing need. */
struct shown {
    bool json;
    struct barq_session *session;
    struct barq_arena *arena;
    const struct bm_held *holds;
    size_t n_holds;
};

static void print_holds(const struct shown *shown)
{
    for (size_t i = 0; i < shown->n_holds; i++) {
        bm_print_text(stdout, shown->holds[i].reason);
        printf("\n");
    }
}

/* -- runs -- */

static void print_run(const struct bm_run *run)
{
    const int64_t counts[] = {run->counts.total, run->counts.pending, run->counts.completed,
                              run->counts.failed};
    char texts[4][NUMBER_BYTES];
    const char *cells[N_RUN_COLUMNS] = {run->id,  bm_run_status(run), texts[0],
                                        texts[1], texts[2],           texts[3]};

    for (int i = 0; i < 4; i++) {
        snprintf(texts[i], NUMBER_BYTES, "%lld", (long long)counts[i]);
    }
    bm_print_row(stdout, run_columns, N_RUN_COLUMNS, cells);
}

static enum barq_status print_runs(const struct shown *shown, const struct bm_run *runs,
                                   size_t count, struct barq_error *err)
{
    if (shown->json) {
        struct barq_value *list = barq_list(shown->arena);
        for (size_t i = 0; i < count; i++) {
            barq_add(list, bm_run_json(&runs[i], shown->holds, shown->n_holds, shown->arena));
        }
        return bm_print_json(list, shown->arena, err);
    }
    if (count == 0) {
        printf("no runs yet; bookmarks process LIST starts one\n");
        return BARQ_OK;
    }
    bm_print_titles(stdout, run_columns, N_RUN_COLUMNS);
    for (size_t i = 0; i < count; i++) {
        print_run(&runs[i]);
    }
    print_holds(shown);
    return BARQ_OK;
}

static enum barq_status show_runs(struct shown *shown, const char *list_name,
                                  struct barq_error *err)
{
    struct bm_run_filter filter = {.list_id = NULL};
    const struct bm_run *runs = NULL;
    struct bm_list list;
    size_t count = 0;

    enum barq_status status = barq_session_begin(shown->session, false, err);
    if (status == BARQ_OK && list_name) {
        status = bm_list_find(shown->session, list_name, shown->arena, &list, err);
        filter.list_id = status == BARQ_OK ? list.id : NULL;
    }
    if (status == BARQ_OK) {
        status =
            bm_runs(shown->session, &filter, BM_RUNS_PAGE_MAX, shown->arena, &runs, &count, err);
    }
    if (status == BARQ_OK) {
        status = bm_holds(shown->session, bq_wall_ms(), shown->arena, &shown->holds,
                          &shown->n_holds, err);
    }
    barq_session_rollback(shown->session);
    return status == BARQ_OK ? print_runs(shown, runs, count, err) : status;
}

/* -- the videos of one -- */

static enum barq_status print_videos(const struct shown *shown, const struct bm_run_view *view,
                                     const struct bm_run_video *videos, size_t count,
                                     struct barq_error *err)
{
    struct barq_value *list = barq_list(shown->arena);

    if (!shown->json) {
        bm_print_titles(stdout, video_columns, N_VIDEO_COLUMNS);
    }
    for (size_t i = 0; i < count; i++) {
        struct bm_run_says says = bm_run_says(view, &videos[i]);
        const char *cells[N_VIDEO_COLUMNS] = {videos[i].youtube_id, says.status, videos[i].title,
                                              says.reason};
        if (shown->json) {
            barq_add(list, bm_run_video_json(view, &videos[i], shown->arena));
        } else {
            bm_print_row(stdout, video_columns, N_VIDEO_COLUMNS, cells);
        }
    }
    return shown->json ? bm_print_json(list, shown->arena, err) : BARQ_OK;
}

static enum barq_status show_videos(struct shown *shown, const char *what, struct barq_error *err)
{
    const struct bm_run_video *videos = NULL;
    struct bm_run run = {.state = BM_RUN_CANCELLED};
    size_t count = 0;

    enum barq_status status = barq_session_begin(shown->session, false, err);
    if (status == BARQ_OK) {
        status = bm_find_run(shown->session, what, shown->arena, &run, err);
    }
    if (status == BARQ_OK) {
        status = bm_run_videos(shown->session, run.id, BARQ_OFF, NULL, SHOWN_MAX, shown->arena,
                               &videos, &count, err);
    }
    if (status == BARQ_OK) {
        status = bm_holds(shown->session, bq_wall_ms(), shown->arena, &shown->holds,
                          &shown->n_holds, err);
    }
    barq_session_rollback(shown->session);
    struct bm_run_view view = {
        .holds = shown->holds, .n_holds = shown->n_holds, .running = run.state == BM_RUN_RUNNING};
    if (status == BARQ_OK && run.counts.pending > 0) {
        status = bm_queue_look(shown->arena, &view.queue, err);
    }
    return status == BARQ_OK ? print_videos(shown, &view, videos, count, err) : status;
}

static int show(const char *what, bool videos, bool json)
{
    bm_auto(session) struct barq_session *session = NULL;
    bq_auto(arena) struct barq_arena arena;
    struct shown shown = {.json = json, .arena = &arena};
    struct barq_error err;
    bq_arena_init(&arena, BM_COMMAND_ARENA_BYTES);

    enum barq_status status = bm_store_open(&session, &err);
    shown.session = session;
    if (status == BARQ_OK) {
        status = videos ? show_videos(&shown, what, &err) : show_runs(&shown, what, &err);
    }
    return status == BARQ_OK ? BM_EXIT_OK : bm_complain(&err);
}

int bm_cmd_runs(int argc, char **argv)
{
    static const struct option options[] = {{"videos", no_argument, NULL, 'v'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    bool videos = false;
    bool json = false;

    for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (option != 'v' && option != 'j') {
            return bm_show_usage(usage, option == 'h');
        }
        videos |= option == 'v';
        json |= option == 'j';
    }
    int given = argc - optind;
    if (given > 1 || (videos && given != 1)) {
        return bm_show_usage(usage, false);
    }
    return show(given == 1 ? argv[optind] : NULL, videos, json);
}

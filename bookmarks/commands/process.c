#include <getopt.h>
#include <stdio.h>

#include "api/run_json.h"
#include "auto.h"
#include "base/error.h"
#include "base/time.h"
#include "commands/run.h"
#include "jobs/settings.h"
#include "services/origin.h"
#include "store/video_edit.h"

enum { VIDEOS_MAX = 100 };

/* What was asked for. */
struct request {
    struct bm_run_options options;
    const char *video_ids[VIDEOS_MAX];
    int status; /* BARQ_OFF: not said */
    bool wait;
    bool json;
};

static const char usage[] =
    "usage: bookmarks process [--wait] [--failed] [--again] [--video ID]... [--field NAME]\n"
    "                         [--failed-of RUN] [--status STATUS] [--watch] [--dry-run]\n"
    "                         [--json] LIST\n"
    "\n"
    "Fetches what is known of a list's pending videos, and fills their fields. A\n"
    "worker does that: bookmarks serve has one, bookmarks worker is one.\n"
    "\n"
    "  --wait    show how far it is, and end when it is done; also of a run that an\n"
    "            import has started\n"
    "  --failed  the failed videos once more, too\n"
    "  --again   also those that an earlier run has taken on and not finished\n"
    "  --video ID       this video, whatever its state is; up to 100 of them\n"
    "  --status STATUS  all that are pending, completed or failed, up to 10,000\n"
    "  --failed-of RUN  those that failed in this run\n"
    "  --field NAME     fill this field only\n"
    "  --watch          Gemini sees the videos themselves, not only what is said in\n"
    "                   them: dear (try --dry-run), and not of long ones\n"
    "  --dry-run        of one --video: what would be found is the event run.previewed\n"
    "                   (bookmarks events), and stored nowhere else\n"
    "  --json           say which run it is, and with --wait how it went, as JSON\n"
    "\n"
    "Exit code: 0 done, 3 some videos failed (with --wait), 1 failed, 2 usage.\n";

enum barq_status bm_process(struct barq_session *session, const char *list_id,
                            const struct bm_run_options *options, struct barq_arena *arena,
                            struct bm_run *out, struct barq_error *err)
{
    enum barq_status status = barq_session_begin(session, true, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bm_run_start(session, list_id, options, bq_wall_ms(), arena, out, err);
    if (status == BARQ_OK) {
        return barq_session_commit(session, err);
    }
    barq_session_rollback(session);
    return status;
}

static int tell_json(struct barq_session *session, const struct request *request,
                     struct bm_run *run, struct barq_arena *arena)
{
    struct barq_error err;

    enum barq_status status = request->wait ? bm_await_run(session, run, &err) : BARQ_OK;
    if (status == BARQ_OK) {
        status = bm_print_json(bm_run_json(run, NULL, 0, arena), arena, &err);
    }
    if (status != BARQ_OK) {
        return bm_complain(&err);
    }
    return request->wait && run->counts.failed > 0 ? BM_EXIT_PARTLY : BM_EXIT_OK;
}

static int wait_for(struct barq_session *session, struct bm_run *run)
{
    struct barq_error err;

    if (bm_follow_run(session, run, &err) != BARQ_OK) {
        return bm_complain(&err);
    }
    printf("%lld videos: %lld completed, %lld failed\n", (long long)run->counts.total,
           (long long)run->counts.completed, (long long)run->counts.failed);
    return run->counts.failed > 0 ? BM_EXIT_PARTLY : BM_EXIT_OK;
}

/* The newest run that is under way in the list; false: there is none. */
static enum barq_status find_running(struct barq_session *session, const char *list_id,
                                     struct barq_arena *arena, struct bm_run *out, bool *found,
                                     struct barq_error *err)
{
    const struct bm_run_filter filter = {.list_id = list_id, .running = true};
    const struct bm_run *runs = NULL;
    size_t count = 0;

    enum barq_status status = barq_session_begin(session, false, err);
    if (status == BARQ_OK) {
        status = bm_runs(session, &filter, 1, arena, &runs, &count, err);
        barq_session_rollback(session);
    }
    *found = status == BARQ_OK && count > 0;
    if (*found) {
        *out = runs[0];
    }
    return status;
}

/* As it was found: the pending videos, if any, are an earlier run's. */
static void tell_nothing_to_do(const struct bm_list *list)
{
    if (list->counts.pending > 0) {
        printf("%s: an earlier run has taken on the %lld pending videos: a worker processes them;\n"
               "--again takes them on once more\n",
               list->name, (long long)list->counts.pending);
        return;
    }
    printf("%s: no pending videos to process\n", list->name);
    if (list->counts.failed > 0) {
        printf("--failed takes on the %lld that failed\n", (long long)list->counts.failed);
    }
}

/* Who will be asked, and, of a status, which videos it is. */
static enum barq_status look_up(struct barq_session *session, struct barq_arena *arena,
                                const char *list_id, int wanted, struct bm_run_options *options,
                                struct bm_services_settings *out, struct barq_error *err)
{
    enum barq_status status = barq_session_begin(session, false, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bm_services_of(session, arena, out, err);
    if (status == BARQ_OK && wanted != BARQ_OFF) {
        status = bm_video_ids(session, list_id, wanted, BM_RUN_SELECTION_MAX, arena,
                              &options->video_ids, &options->n_videos, err);
    }
    barq_session_rollback(session);
    if (status == BARQ_OK && options->watch && out->model.service != BM_SERVICE_GEMINI) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "process: only Gemini can watch videos: set gemini_api_key, and "
                       "model_service if another model is set, too");
    }
    return status;
}

static int process(const char *name, const struct request *request)
{
    bm_auto(session) struct barq_session *session = NULL;
    bq_auto(arena) struct barq_arena arena;
    struct bm_run_options options = request->options;
    struct bm_services_settings services;
    struct barq_error err;
    struct bm_list list;
    struct bm_run run;
    bq_arena_init(&arena, BM_COMMAND_ARENA_BYTES);

    if (bm_store_open(&session, &err) != BARQ_OK ||
        bm_read_list(session, name, &arena, &list, &err) != BARQ_OK ||
        look_up(session, &arena, list.id, request->status, &options, &services, &err) != BARQ_OK) {
        return bm_complain(&err);
    }
    enum barq_status status = bm_process(session, list.id, &options, &arena, &run, &err);
    bool joined = false;
    if (status == BARQ_ERR_NOTFOUND && request->wait) { /* an import has started one: it will do */
        enum barq_status looked = find_running(session, list.id, &arena, &run, &joined, &err);
        status = joined ? BARQ_OK : looked != BARQ_OK ? looked : status;
    }
    if (status == BARQ_ERR_NOTFOUND && !request->json) {
        tell_nothing_to_do(&list);
        return BM_EXIT_OK;
    }
    if (status != BARQ_OK) {
        return bm_complain(&err);
    }
    if (request->json) {
        return tell_json(session, request, &run, &arena);
    }
    printf("%s: processing %lld videos, run %s\n%s\n", list.name, (long long)run.counts.total,
           run.id, bm_origin_text(&services));
    fflush(stdout);
    return request->wait ? wait_for(session, &run) : BM_EXIT_OK;
}

static bool add_video(struct request *request, const char *id)
{
    if (request->options.n_videos == VIDEOS_MAX) {
        return false;
    }
    request->video_ids[request->options.n_videos++] = id;
    request->options.video_ids = request->video_ids;
    return true;
}

/* False: it is none. */
static bool read_option(struct request *request, int option)
{
    enum bm_video_status status;

    switch (option) {
    case 'w':
        request->wait = true;
        return true;
    case 'f':
        request->options.failed_too = true;
        return true;
    case 'a':
        request->options.again = true;
        return true;
    case 'v':
        return add_video(request, optarg);
    case 's':
        if (!bm_video_status_parse(optarg, &status)) {
            return false;
        }
        request->status = (int)status;
        return true;
    case 'o':
        request->options.failed_of = optarg;
        return true;
    case 'i':
        request->options.field = optarg;
        return true;
    case 'g':
        request->options.watch = true;
        return true;
    case 'd':
        request->options.dry = true;
        return true;
    case 'j':
        request->json = true;
        return true;
    default:
        return false;
    }
}

int bm_cmd_process(int argc, char **argv)
{
    static const struct option options[] = {
        {"wait", no_argument, NULL, 'w'},         {"failed", no_argument, NULL, 'f'},
        {"again", no_argument, NULL, 'a'},        {"video", required_argument, NULL, 'v'},
        {"status", required_argument, NULL, 's'}, {"failed-of", required_argument, NULL, 'o'},
        {"field", required_argument, NULL, 'i'},  {"watch", no_argument, NULL, 'g'},
        {"dry-run", no_argument, NULL, 'd'},      {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0}};
    struct request request = {.status = BARQ_OFF};

    for (int option; (option = getopt_long(argc, argv, "wfah", options, NULL)) != -1;) {
        if (!read_option(&request, option)) {
            return bm_show_usage(usage, option == 'h');
        }
    }
    bool both = request.status != BARQ_OFF && request.options.video_ids;
    if (optind + 1 != argc || both) {
        return bm_show_usage(usage, false);
    }
    return process(argv[optind], &request);
}

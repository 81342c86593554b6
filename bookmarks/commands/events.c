#include <getopt.h>
#include <stdio.h>

#include "api/run_json.h"
#include "auto.h"
#include "base/text.h"
#include "base/time.h"
#include "commands/run.h"
#include "commands/terminal.h"

static const char usage[] =
    "usage: bookmarks events [--after NUMBER] [--run RUN] [--json] [LIST]\n"
    "\n"
    "Shows what has happened in the last 30 days, of a list, a run, or all: up to\n"
    "1000 events, by their numbers.\n"
    "\n"
    "  --after NUMBER  only those behind this one\n"
    "  --run RUN       of this run, by its id\n"
    "  --json          one JSON object a line\n";

struct request {
    struct bm_event_filter filter;
    const char *list; /* by name or id; NULL: all */
    bool json;
};

static enum barq_status print_event(const struct bm_event *event, bool json,
                                    struct barq_arena *arena, struct barq_error *err)
{
    char at[BQ_TIME_TEXT_BYTES];

    if (json) {
        return bm_print_json(bm_event_json(event, arena), arena, err);
    }
    bq_time_text(event->at_ms, at);
    printf("%lld  %s  %-16s  %s  ", (long long)event->seq, at, event->kind,
           event->video_id ? event->video_id
           : event->run_id ? event->run_id
                           : "");
    bm_print_text(stdout, event->data);
    printf("\n");
    return BARQ_OK;
}

static enum barq_status read_events(struct barq_session *session, struct request *request,
                                    struct barq_arena *arena, const struct bm_event **events,
                                    size_t *count, struct barq_error *err)
{
    struct bm_list list;

    enum barq_status status = barq_session_begin(session, false, err);
    if (status == BARQ_OK && request->list) {
        status = bm_list_find(session, request->list, arena, &list, err);
        request->filter.list_id = status == BARQ_OK ? list.id : NULL;
    }
    if (status == BARQ_OK) {
        status =
            bm_events(session, &request->filter, BM_EVENTS_PAGE_MAX, arena, events, count, err);
    }
    barq_session_rollback(session);
    return status;
}

static int show(struct request *request)
{
    bm_auto(session) struct barq_session *session = NULL;
    bq_auto(arena) struct barq_arena arena;
    const struct bm_event *events = NULL;
    struct barq_error err;
    size_t count = 0;
    bq_arena_init(&arena, 2 * (size_t)BM_COMMAND_ARENA_BYTES);

    enum barq_status status = bm_store_open(&session, &err);
    if (status == BARQ_OK) {
        status = read_events(session, request, &arena, &events, &count, &err);
    }
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        status = print_event(&events[i], request->json, &arena, &err);
    }
    return status == BARQ_OK ? BM_EXIT_OK : bm_complain(&err);
}

int bm_cmd_events(int argc, char **argv)
{
    static const struct option options[] = {{"after", required_argument, NULL, 'a'},
                                            {"run", required_argument, NULL, 'r'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    struct request request = {.json = false};
    bool good = true;

    for (int option; good && (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (option == 'a') {
            good = bq_parse_int(optarg, &request.filter.after) && request.filter.after >= 0;
        } else if (option == 'r') {
            request.filter.run_id = optarg;
        } else if (option == 'j') {
            request.json = true;
        } else {
            return bm_show_usage(usage, option == 'h');
        }
    }
    if (!good || optind + 1 < argc) {
        return bm_show_usage(usage, false);
    }
    request.list = argv[optind];
    return show(&request);
}

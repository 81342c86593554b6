#include <getopt.h>
#include <stdio.h>

#include "api/run_json.h"
#include "auto.h"
#include "base/error.h"
#include "base/time.h"
#include "commands/run.h"
#include "commands/terminal.h"

static const char usage[] =
    "usage: bookmarks holds [--json]\n"
    "       bookmarks holds --end SERVICE\n"
    "\n"
    "Shows the services that are left alone for a while, since a quota is spent or\n"
    "they were asked too often. --end asks one again at once.\n";

static enum barq_status end(struct barq_session *session, const char *service,
                            struct barq_error *err)
{
    bool ended = false;

    enum barq_status status = barq_session_begin(session, true, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bm_hold_end(session, service, INT64_MAX, &ended, err);
    if (status == BARQ_OK && !ended) {
        status = bq_fail(err, BARQ_ERR_NOTFOUND, "holds: %s is not held", service);
    }
    if (status == BARQ_OK) {
        status = bm_runs_go_on(session, err);
    }
    if (status == BARQ_OK) {
        return barq_session_commit(session, err);
    }
    barq_session_rollback(session);
    return status;
}

static enum barq_status show(struct barq_session *session, bool json, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct barq_value *list = NULL;
    const struct bm_held *holds = NULL;
    size_t count = 0;
    bq_arena_init(&arena, BM_SMALL_ARENA_BYTES);

    enum barq_status status = barq_session_begin(session, false, err);
    if (status == BARQ_OK) {
        status = bm_holds(session, bq_wall_ms(), &arena, &holds, &count, err);
    }
    barq_session_rollback(session);
    list = barq_list(&arena);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        barq_add(list, bm_hold_json(&holds[i], &arena));
        if (!json) {
            bm_print_text(stdout, holds[i].reason);
            printf("\n");
        }
    }
    return status == BARQ_OK && json ? bm_print_json(list, &arena, err) : status;
}

int bm_cmd_holds(int argc, char **argv)
{
    static const struct option options[] = {{"end", required_argument, NULL, 'e'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    bm_auto(session) struct barq_session *session = NULL;
    const char *service = NULL;
    struct barq_error err;
    bool json = false;

    for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (option == 'e') {
            service = optarg;
        } else if (option == 'j') {
            json = true;
        } else {
            return bm_show_usage(usage, option == 'h');
        }
    }
    if (optind != argc) {
        return bm_show_usage(usage, false);
    }
    enum barq_status status = bm_store_open(&session, &err);
    if (status == BARQ_OK) {
        status = service ? end(session, service, &err) : show(session, json, &err);
    }
    return status == BARQ_OK ? BM_EXIT_OK : bm_complain(&err);
}

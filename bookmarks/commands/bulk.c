/* bulk.c - one thing done to many videos. */
#include "store/bulk.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "commands/run.h"
#include "commands/step.h"
#include "commands/terminal.h"
#include "fields/value_text.h"
#include "search/find.h"
#include "store/tags.h"

static const char usage[] =
    "usage: bookmarks bulk [OPTION...] delete | watched | unwatched LIST\n"
    "       bookmarks bulk [OPTION...] move | copy LIST TO-LIST\n"
    "       bookmarks bulk [OPTION...] tag | untag LIST TAG...\n"
    "       bookmarks bulk [OPTION...] set LIST FIELD=VALUE...\n"
    "\n"
    "Does one thing to many videos of a list. Each is done or refused on its own; what\n"
    "was refused is told. To process many, see bookmarks process.\n"
    "\n"
    "  --video VIDEO    this one, by id or address; up to 1000 of them\n"
    "  --query QUERY    those that fit; bookmarks search --help tells how\n"
    "  --status STATUS  those that are pending, completed or failed\n"
    "  --all            all of the list\n"
    "  --json           as the API would say it\n"
    "\n"
    "Exit code: 0 done, 3 some were refused, 1 failed, 2 usage.\n";

enum { VIDEOS_MAX = 1000, FAILURES_TOLD = 100, VALUES_MAX = 100 };

struct bulk {
    struct bm_step step; /* first */
    struct bm_bulk what;
    const char *list;
    char **names;
    size_t n_names;
    bool all;
    int status;        /* BARQ_OFF: any */
    const char *query; /* NULL: none */
    const char *videos[VIDEOS_MAX];
    size_t n_videos;
    struct barq_value *failures;
};

/* -- what it is about; in a transaction for reading -- */

/* As they are now: what comes to fit meanwhile is left alone. */
static enum barq_status find_by_query(struct bulk *bulk, const char *list_id,
                                      struct barq_error *err)
{
    const struct bm_step *step = &bulk->step;
    struct bm_query query;
    struct bm_scope scope = {.list_id = list_id, .query = &query};

    enum barq_status status = bm_query_parse(step->arena, bulk->query, &query, err);
    return status == BARQ_OK ? bm_find_ids(step->session, step->arena, &scope, BM_BULK_ALL_MAX,
                                           &bulk->what.ids, &bulk->what.count, err)
                             : status;
}

static enum barq_status find_videos(struct bulk *bulk, const char *list_id, struct barq_error *err)
{
    const struct bm_step *step = &bulk->step;
    enum barq_status status = BARQ_OK;

    if (bulk->query) {
        return find_by_query(bulk, list_id, err);
    }
    if (bulk->n_videos == 0) {
        return bm_video_ids(step->session, list_id, bulk->status, BM_BULK_ALL_MAX, step->arena,
                            &bulk->what.ids, &bulk->what.count, err);
    }
    for (size_t i = 0; status == BARQ_OK && i < bulk->n_videos; i++) {
        struct bm_video video = {.id = NULL};
        status = bm_step_video(step, list_id, bulk->videos[i], &video, err);
        bulk->videos[i] = video.id;
    }
    bulk->what.ids = bulk->videos;
    bulk->what.count = bulk->n_videos;
    return status;
}

static enum barq_status find_values(struct bulk *bulk, const char *list_id, struct barq_error *err)
{
    struct barq_arena *arena = bulk->step.arena;
    struct barq_value *values = barq_map(arena);
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < bulk->n_names; i++) {
        const char *text = strchr(bulk->names[i], '=');
        struct barq_value *value = NULL;
        struct bm_field field;
        if (!text) {
            return bq_fail(err, BARQ_ERR_ARG, "bulk: %.64s is not FIELD=VALUE", bulk->names[i]);
        }
        const char *name = bq_arena_strndup(arena, bulk->names[i], (size_t)(text - bulk->names[i]));
        status = bm_field_find(bulk->step.session, list_id, name ? name : "", arena, &field, err);
        if (status == BARQ_OK) {
            status = bm_value_parse(&field, text + 1, arena, &value, err);
        }
        if (status == BARQ_OK) {
            barq_set_key(values, field.name, value ? value : barq_null(arena));
        }
    }
    bulk->what.values = values;
    return status;
}

static enum barq_status find_rest(struct bulk *bulk, const char *list_id, struct barq_error *err)
{
    const struct bm_step *step = &bulk->step;
    struct bm_list to = {.id = NULL};
    enum barq_status status = BARQ_OK;

    switch (bulk->what.action) {
    case BM_BULK_MOVE:
    case BM_BULK_COPY:
        status = bm_list_find(step->session, bulk->names[0], step->arena, &to, err);
        bulk->what.to_list = to.id;
        return status;
    case BM_BULK_TAG:
    case BM_BULK_UNTAG:
        bulk->what.n_tags = bulk->n_names;
        return bm_bulk_tags(step->session, (const char *const *)bulk->names, bulk->n_names,
                            step->arena, &bulk->what.tags, err);
    case BM_BULK_SET:
        return find_values(bulk, list_id, err);
    case BM_BULK_DELETE:
    case BM_BULK_WATCHED:
    case BM_BULK_UNWATCHED:
        break;
    }
    return BARQ_OK;
}

static enum barq_status look_up(struct bulk *bulk, struct barq_error *err)
{
    const struct bm_step *step = &bulk->step;
    struct bm_list list = {.id = NULL};

    enum barq_status status = barq_session_begin(step->session, false, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bm_list_find(step->session, bulk->list, step->arena, &list, err);
    if (status == BARQ_OK) {
        status = find_videos(bulk, list.id, err);
    }
    if (status == BARQ_OK) {
        status = find_rest(bulk, list.id, err);
    }
    barq_session_rollback(step->session);
    return status;
}

/* -- doing it -- */

static void refused(void *context, const char *video_id, const char *why)
{
    struct bulk *bulk = context;
    struct barq_arena *arena = bulk->step.arena;
    struct barq_value *map = barq_map(arena);
    if (barq_count(bulk->failures) == FAILURES_TOLD) {
        return;
    }

    barq_set_key(map, "video_id", barq_string(arena, video_id));
    barq_set_key(map, "error", barq_string(arena, why));
    barq_add(bulk->failures, map);
}

static enum barq_status tell(const struct bulk *bulk, struct barq_error *err)
{
    struct barq_arena *arena = bulk->step.arena;
    struct barq_value *map = barq_map(arena);

    if (bulk->step.json) {
        barq_set_key(map, "done_count", barq_int(arena, bulk->what.done));
        barq_set_key(map, "failed_count", barq_int(arena, bulk->what.failed));
        barq_set_key(map, "failures", bulk->failures);
        return bm_print_json(map, arena, err);
    }
    printf("%lld done, %lld refused\n", (long long)bulk->what.done, (long long)bulk->what.failed);
    for (size_t i = 0; i < barq_count(bulk->failures); i++) {
        const struct barq_value *failure = barq_at(bulk->failures, i);
        printf("  %s: ", barq_as_string(barq_get(failure, "video_id"), ""));
        bm_print_text(stdout, barq_as_string(barq_get(failure, "error"), ""));
        printf("\n");
    }
    return BARQ_OK;
}

static int run(const struct bulk *given)
{
    struct bulk bulk = *given; /* which points at what is here */
    bm_auto(session) struct barq_session *session = NULL;
    bq_auto(arena) struct barq_arena arena;
    struct barq_error err;
    bq_arena_init(&arena, BM_COMMAND_ARENA_BYTES);

    enum barq_status status = bm_store_open(&session, &err);
    bulk.step.session = session;
    bulk.step.arena = &arena;
    bulk.failures = barq_list(&arena);
    if (status == BARQ_OK) {
        status = look_up(&bulk, &err);
    }
    if (status == BARQ_OK) {
        bulk.what.session = session;
        bulk.what.refused = refused;
        bulk.what.context = &bulk;
        status = bm_bulk_run(&bulk.what, &err);
    }
    if (status == BARQ_OK) {
        status = tell(&bulk, &err);
    }
    if (status != BARQ_OK) {
        return bm_complain(&err);
    }
    return bulk.what.failed > 0 ? BM_EXIT_PARTLY : BM_EXIT_OK;
}

/* -- the command -- */

/* How many names an action takes behind the list; false: there is no such action, or too few. */
static bool read_action(struct bulk *bulk, const char *name)
{
    for (int i = 0; bm_bulk_actions[i]; i++) {
        if (strcmp(bm_bulk_actions[i], name) == 0) {
            bulk->what.action = (enum bm_bulk_action)i;
            switch (bulk->what.action) {
            case BM_BULK_MOVE:
            case BM_BULK_COPY:
                return bulk->n_names == 1;
            case BM_BULK_SET:
                return bulk->n_names >= 1 && bulk->n_names <= VALUES_MAX;
            case BM_BULK_TAG:
            case BM_BULK_UNTAG:
                return bulk->n_names >= 1 && bulk->n_names <= BM_TAGS_OF_VIDEO_MAX;
            case BM_BULK_DELETE:
            case BM_BULK_WATCHED:
            case BM_BULK_UNWATCHED:
                return bulk->n_names == 0;
            }
        }
    }
    return false;
}

/* False for what makes no sense. */
static bool take(struct bulk *bulk, int option, const char *argument)
{
    enum bm_video_status status;

    switch (option) {
    case 'v':
        if (bulk->n_videos == VIDEOS_MAX) {
            return false;
        }
        bulk->videos[bulk->n_videos++] = argument;
        return true;
    case 's':
        if (!bm_video_status_parse(argument, &status)) {
            return false;
        }
        bulk->status = (int)status;
        return true;
    case 'q':
        bulk->query = argument;
        return true;
    case 'a':
        bulk->all = true;
        return true;
    case 'j':
        bulk->step.json = true;
        return true;
    default:
        return false;
    }
}

int bm_cmd_bulk(int argc, char **argv)
{
    static const struct option options[] = {{"video", required_argument, NULL, 'v'},
                                            {"status", required_argument, NULL, 's'},
                                            {"query", required_argument, NULL, 'q'},
                                            {"all", no_argument, NULL, 'a'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    struct bulk bulk = {.status = BARQ_OFF};

    for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (!take(&bulk, option, optarg)) {
            return bm_show_usage(usage, option == 'h');
        }
    }
    /* One way to say which, so that nobody deletes all of a list by a word that is missing. */
    int ways = (bulk.n_videos > 0) + (bulk.status != BARQ_OFF) + (bulk.query != NULL) + bulk.all;
    if (argc - optind < 2 || ways != 1) {
        return bm_show_usage(usage, false);
    }
    bulk.list = argv[optind + 1];
    bulk.names = argv + optind + 2;
    bulk.n_names = (size_t)(argc - optind - 2);
    return read_action(&bulk, argv[optind]) ? run(&bulk) : bm_show_usage(usage, false);
}

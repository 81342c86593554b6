#include "store/subscriptions.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "base/text.h"
#include "base/time.h"
#include "commands/run.h"
#include "commands/terminal.h"

enum { HOUR_MS = 3600 * 1000, DAY_HOURS = 24 };

static const char usage[] =
    "usage: bookmarks subscriptions [--json] [LIST]\n"
    "       bookmarks subscriptions --add KIND:TARGET [--every HOURS] LIST\n"
    "       bookmarks subscriptions --delete ID\n"
    "\n"
    "Shows what lists are filled from, again and again: a channel (channel:UC...), a\n"
    "playlist (playlist:PL...), or a search (keyword:WORDS, 100 units of quota a time).\n"
    "\n"
    "  --every HOURS  how often it is looked there; 24 unless said\n";

struct request {
    const char *list;
    const char *delete_id;
    char *add; /* "KIND:TARGET" */
    int64_t every_hours;
    bool json;
};

static struct barq_value *json_of(const struct bm_subscription *one, struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);

    barq_set_key(map, "id", barq_string(arena, one->id));
    barq_set_key(map, "list_id", barq_string(arena, one->list_id));
    barq_set_key(map, "kind", barq_string(arena, one->kind));
    barq_set_key(map, "target", barq_string(arena, one->target));
    barq_set_key(map, "every_hours", barq_int(arena, one->every_ms / HOUR_MS));
    barq_set_key(map, "match_count", barq_int(arena, one->matches));
    barq_set_key(map, "error_message",
                 one->error ? barq_string(arena, one->error) : barq_null(arena));
    return map;
}

static enum barq_status print_all(const struct bm_subscription *all, size_t count, bool json,
                                  struct barq_arena *arena, struct barq_error *err)
{
    struct barq_value *list = barq_list(arena);

    for (size_t i = 0; i < count; i++) {
        if (json) {
            barq_add(list, json_of(&all[i], arena));
            continue;
        }
        printf("%s  %s:", all[i].id, all[i].kind);
        bm_print_text(stdout, all[i].target);
        printf("  every %lld h, %lld found  ", (long long)(all[i].every_ms / HOUR_MS),
               (long long)all[i].matches);
        bm_print_text(stdout, all[i].error ? all[i].error : "");
        printf("\n");
    }
    return json ? bm_print_json(list, arena, err) : BARQ_OK;
}

static enum barq_status add(struct barq_session *session, struct request *request,
                            const char *list_id, struct barq_error *err)
{
    char *colon = strchr(request->add, ':');
    char id[BM_ID_BYTES];

    *colon = '\0';
    const struct bm_subscription new = {.list_id = list_id,
                                        .kind = request->add,
                                        .target = colon + 1,
                                        .name = colon + 1,
                                        .every_ms = request->every_hours * HOUR_MS};
    enum barq_status status = bm_subscription_add(session, &new, bq_wall_ms(), id, err);
    if (status == BARQ_OK) {
        printf("%s\n", id);
    }
    return status;
}

/* In a transaction that is for writing if it changes something. */
static enum barq_status act(struct barq_session *session, struct request *request,
                            struct barq_arena *arena, struct barq_error *err)
{
    const struct bm_subscription *all = NULL;
    struct bm_list list = {.id = NULL};
    size_t count = 0;

    if (request->delete_id) {
        return bm_subscription_delete(session, request->delete_id, err);
    }
    enum barq_status status =
        request->list ? bm_list_find(session, request->list, arena, &list, err) : BARQ_OK;
    if (status == BARQ_OK && request->add) {
        return add(session, request, list.id, err);
    }
    if (status == BARQ_OK) {
        status = bm_subscriptions(session, list.id, arena, &all, &count, err);
    }
    return status == BARQ_OK ? print_all(all, count, request->json, arena, err) : status;
}

static int run(struct request *request)
{
    bm_auto(session) struct barq_session *session = NULL;
    bq_auto(arena) struct barq_arena arena;
    bool writes = request->add || request->delete_id;
    struct barq_error err;
    bq_arena_init(&arena, BM_COMMAND_ARENA_BYTES);

    enum barq_status status = bm_store_open(&session, &err);
    if (status == BARQ_OK) {
        status = barq_session_begin(session, writes, &err);
    }
    if (status == BARQ_OK) {
        status = act(session, request, &arena, &err);
    }
    if (status == BARQ_OK && writes) {
        status = barq_session_commit(session, &err);
    }
    return status == BARQ_OK ? BM_EXIT_OK : bm_complain(&err);
}

static bool read_hours(const char *text, int64_t *out)
{
    return bq_parse_int(text, out) && *out >= BM_SUBSCRIPTION_LEAST_HOURS &&
           *out <= BM_SUBSCRIPTION_MOST_HOURS;
}

int bm_cmd_subscriptions(int argc, char **argv)
{
    static const struct option options[] = {
        {"add", required_argument, NULL, 'a'},    {"every", required_argument, NULL, 'e'},
        {"delete", required_argument, NULL, 'd'}, {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0}};
    struct request request = {.every_hours = DAY_HOURS};
    bool good = true;

    for (int option; good && (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (option == 'a') {
            request.add = optarg;
            good = strchr(optarg, ':') != NULL;
        } else if (option == 'e') {
            good = read_hours(optarg, &request.every_hours);
        } else if (option == 'd') {
            request.delete_id = optarg;
        } else if (option == 'j') {
            request.json = true;
        } else {
            return bm_show_usage(usage, option == 'h');
        }
    }
    request.list = argv[optind];
    if (!good || optind + 1 < argc || (request.add && !request.list)) {
        return bm_show_usage(usage, false);
    }
    return run(&request);
}

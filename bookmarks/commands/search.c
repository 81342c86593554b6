/* search.c - videos found again, from the command line; and the index made anew. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "api/result_json.h"
#include "auto.h"
#include "base/text.h"
#include "commands/run.h"
#include "commands/step.h"
#include "commands/terminal.h"
#include "search/find.h"
#include "search/index.h"
#include "search/results.h"
#include "store/lists.h"

enum { RESULTS_DEFAULT = 20, TITLE_WIDTH = 100 };

static const char usage[] =
    "usage: bookmarks search [--json] [--list LIST] [--sort SORT] [--limit N]\n"
    "                        [--cursor CURSOR] QUERY...\n"
    "\n"
    "Finds videos by words, \"phrases\", -words and operators, all of which must fit:\n"
    "\n"
    "  tag:NAME  channel:NAME  list:NAME  in:title (description, transcript, notes)\n"
    "  is:failed (pending, completed, watched, unwatched, gone, private, live)\n"
    "  field:NAME  field:NAME=VALUE (and != > < >= <= ~)\n"
    "  dur:>10m  dur:5m..1h  views:>10k  added:<2025-01-01  published:2024\n"
    "\n"
    "  --sort SORT      rank, added, published, title, channel, duration, views, ...\n"
    "                   or field:NAME; with a \"-\" before it from the end\n"
    "  --limit N        at most so many (20; 1 to 1000)\n"
    "  --cursor CURSOR  the page behind the one that ended with it\n";

struct searching {
    struct bm_step step; /* first */
    const char *list;
    struct bm_listing listing;
};

static const struct bm_text_column columns[] = {{"title", TITLE_WIDTH, false}};

static void print_moment(const struct bm_moment *moment, const char *youtube_id)
{
    char at[BM_LENGTH_BYTES] = "0:00";

    if (moment->start_ms >= 1000) {
        bm_length_text(moment->start_ms / 1000, at);
    }
    printf("    %s  ", at);
    bm_print_text(stdout, moment->text);
    printf("  https://youtu.be/%s?t=%lld\n", youtube_id, (long long)(moment->start_ms / 1000));
}

static void print_result(const struct bm_video *video, const struct bm_result *result)
{
    const struct bm_metadata *metadata = &video->metadata;
    const char *title = video->own_title  ? video->own_title
                        : metadata->title ? metadata->title
                                          : metadata->youtube_id;

    bm_print_row(stdout, columns, 1, &title);
    if (result->where && strcmp(result->where, "title") != 0 && result->n_moments == 0) {
        printf("    %s: ", result->where);
        bm_print_text(stdout, result->snippet.text);
        putchar('\n');
    }
    for (size_t i = 0; i < result->n_moments; i++) {
        print_moment(&result->moments[i], metadata->youtube_id);
    }
}

static enum barq_status print_found(const struct searching *searching, const struct bm_found *found,
                                    struct barq_error *err)
{
    const struct bm_step *step = &searching->step;
    const struct bm_video *videos = NULL;
    size_t count = 0;

    enum barq_status status =
        bm_videos_of(step->session, found->ids, found->count, step->arena, &videos, &count, err);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        struct bm_result result;
        status = bm_result_read(step->session, step->arena, searching->listing.scope.query,
                                videos[i].id, &result, err);
        if (status == BARQ_OK) {
            print_result(&videos[i], &result);
        }
    }
    if (status == BARQ_OK) {
        printf("%zu of %lld\n", count, (long long)found->total);
    }
    if (status == BARQ_OK && found->next) {
        printf("the next page: --cursor %s\n", found->next);
    }
    return status;
}

static enum barq_status print_json(const struct searching *searching, const struct bm_found *found,
                                   struct barq_error *err)
{
    struct barq_arena *arena = searching->step.arena;
    struct barq_value *map = barq_map(arena);
    struct barq_value *results = NULL;

    enum barq_status status = bm_api_results_json(
        searching->step.session, arena, searching->listing.scope.query, found, &results, err);
    barq_set_key(map, "results", results);
    barq_set_key(map, "total", barq_int(arena, found->total));
    barq_set_key(map, "query", barq_string(arena, searching->listing.text));
    barq_set_key(map, "next", found->next ? barq_string(arena, found->next) : barq_null(arena));
    return status == BARQ_OK ? bm_print_json(map, arena, err) : status;
}

static enum barq_status search(struct bm_step *step, struct barq_error *err)
{
    struct searching *searching = (struct searching *)step;
    struct bm_listing *listing = &searching->listing;
    struct bm_found found = {.count = 0};
    struct bm_query query;
    struct bm_list list;

    enum barq_status status = bm_query_parse(step->arena, listing->text, &query, err);
    if (status == BARQ_OK && searching->list) {
        status = bm_list_find(step->session, searching->list, step->arena, &list, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    listing->scope =
        (struct bm_scope){.list_id = searching->list ? list.id : NULL, .query = &query};
    listing->is_counted = true;
    status = bm_find(step->session, step->arena, listing, &found, err);
    if (status != BARQ_OK) {
        return status;
    }
    return step->json ? print_json(searching, &found, err) : print_found(searching, &found, err);
}

/* The words of a query as they came, with a blank between; false when that is too long. */
static bool join(char **words, int count, char text[BM_QUERY_MAX_BYTES + 1])
{
    size_t len = 0;

    for (int i = 0; i < count; i++) {
        size_t more = strlen(words[i]) + (i > 0);
        if (more > BM_QUERY_MAX_BYTES - len) {
            return false;
        }
        len += (size_t)snprintf(text + len, BM_QUERY_MAX_BYTES + 1 - len, "%s%s", i > 0 ? " " : "",
                                words[i]);
    }
    return true;
}

/* False for what makes no sense. */
static bool take(struct searching *searching, int option, const char *argument)
{
    int64_t limit = RESULTS_DEFAULT;

    switch (option) {
    case 'j':
        searching->step.json = true;
        return true;
    case 'l':
        searching->list = argument;
        return true;
    case 's':
        searching->listing.sort = argument;
        return true;
    case 'c':
        searching->listing.cursor = argument;
        return true;
    case 'n':
        searching->listing.limit =
            bq_parse_int(argument, &limit) && limit > 0 && limit <= BM_PAGE_MAX ? (size_t)limit : 0;
        return searching->listing.limit > 0;
    default:
        return false;
    }
}

int bm_cmd_search(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"list", required_argument, NULL, 'l'},
                                            {"sort", required_argument, NULL, 's'},
                                            {"limit", required_argument, NULL, 'n'},
                                            {"cursor", required_argument, NULL, 'c'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    char text[BM_QUERY_MAX_BYTES + 1] = "";
    struct searching searching = {.listing = {.text = text, .limit = RESULTS_DEFAULT}};

    /* "+": what begins with "-" behind the first word is a word that must not be there. */
    for (int option; (option = getopt_long(argc, argv, "+h", options, NULL)) != -1;) {
        if (!take(&searching, option, optarg)) {
            return bm_show_usage(usage, option == 'h');
        }
    }
    if (optind == argc || !join(argv + optind, argc - optind, text)) {
        return bm_show_usage(usage, false);
    }
    return bm_step(&searching.step, false, search);
}

/* -- the index -- */

static const char reindex_usage[] =
    "usage: bookmarks reindex\n"
    "\n"
    "Makes the index that search looks into anew, should it be in doubt. It keeps\n"
    "itself, so there is no need otherwise. Meanwhile everything else goes on, and a\n"
    "search finds what is indexed already.\n";

int bm_cmd_reindex(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    bm_auto(session) struct barq_session *session = NULL;
    struct barq_error err;
    int64_t count = 0;

    int option = getopt_long(argc, argv, "h", options, NULL);
    if (option != -1 || optind != argc) {
        return bm_show_usage(reindex_usage, option == 'h');
    }
    if (bm_store_open(&session, &err) != BARQ_OK || bm_reindex(session, &count, &err) != BARQ_OK) {
        return bm_complain(&err);
    }
    printf("%lld videos indexed\n", (long long)count);
    return BM_EXIT_OK;
}

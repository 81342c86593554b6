#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "api/listing.h"
#include "base/text.h"
#include "commands/run.h"
#include "commands/step.h"
#include "commands/terminal.h"
#include "export/field_text.h"
#include "search/find.h"

enum {
    WIDTH_WITHOUT_TERMINAL = 120,
    ROWS_DEFAULT = 50,
    FIXED_COLUMNS = 4,
    MAX_COLUMNS = 12,
    STATUS_WIDTH = 9,
    LENGTH_WIDTH = 7,
    CHANNEL_WIDTH = 14, /* at least */
    CHANNEL_MAX_WIDTH = 30,
    TITLE_WIDTH = 60, /* of most; what is left beyond goes to the channel */
    TITLE_MIN_WIDTH = 26,
};

static const char usage[] =
    "usage: bookmarks videos [--json] [--status STATUS] [--query QUERY] [--sort SORT]\n"
    "                        [--cursor CURSOR] [--limit N] LIST\n"
    "\n"
    "Shows the videos of a list with their fields.\n"
    "\n"
    "  --status STATUS  only those that are pending, completed or failed\n"
    "  --query QUERY    only those that fit; bookmarks search --help tells how\n"
    "  --sort SORT      position, title, channel, duration, published, added, views, ...\n"
    "                   or field:NAME; with a \"-\" before it from the end\n"
    "  --cursor CURSOR  the page behind the one that ended with it\n"
    "  --limit N        at most so many (50; 1 to 1000)\n";

/* The columns that fit: status, title, length, channel, and as many fields as there is room for. */
struct table {
    struct bm_text_column columns[MAX_COLUMNS];
    size_t n_columns;
    const struct bm_field *fields;
    size_t n_fields; /* those shown */
};

static int field_width(const struct bm_field *field)
{
    static const int widths[BM_FIELD_TYPES] = {
        [BM_TEXT] = 14,   [BM_SELECT] = 9, [BM_MULTI_SELECT] = 19,
        [BM_NUMBER] = 6,  [BM_RATING] = 6, [BM_DURATION] = 7,
        [BM_BOOLEAN] = 8, [BM_DATE] = 10,  [BM_LINK] = 20,
    };
    return widths[field->type];
}

static void lay_out(struct table *table, const struct bm_field *fields, size_t n_fields)
{
    int terminal = bm_terminal_width(stdout);
    int left = (terminal > 0 ? terminal : WIDTH_WITHOUT_TERMINAL) - STATUS_WIDTH - LENGTH_WIDTH -
               CHANNEL_WIDTH - (FIXED_COLUMNS - 1) * BM_COLUMN_GAP;

    *table = (struct table){.columns = {{"status", STATUS_WIDTH, false},
                                        {"title", TITLE_MIN_WIDTH, false},
                                        {"length", LENGTH_WIDTH, true},
                                        {"channel", CHANNEL_WIDTH, false}},
                            .n_columns = FIXED_COLUMNS,
                            .fields = fields};
    for (size_t i = 0; i < n_fields && table->n_columns < MAX_COLUMNS; i++) {
        int width = field_width(&fields[i]) + BM_COLUMN_GAP;
        if (left - width < TITLE_MIN_WIDTH) {
            break;
        }
        left -= width;
        table->columns[table->n_columns++] = (struct bm_text_column){
            fields[i].label, width - BM_COLUMN_GAP, bm_field_is_number(fields[i].type)};
        table->n_fields++;
    }
    int more = left > TITLE_WIDTH ? left - TITLE_WIDTH : 0;
    int most = CHANNEL_MAX_WIDTH - CHANNEL_WIDTH;
    more = more < most ? more : most;
    left -= more;
    table->columns[3].width += more;
    table->columns[1].width = left > TITLE_MIN_WIDTH ? left : TITLE_MIN_WIDTH;
}

static enum barq_status print_video(struct barq_session *session, const struct table *table,
                                    const struct bm_video *video, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    char length[BM_LENGTH_BYTES];
    const struct bm_field_value *values = NULL;
    size_t n_values = 0;
    bq_arena_init(&arena, BM_COMMAND_ARENA_BYTES);

    enum barq_status status = bm_field_values(session, video->id, &arena, &values, &n_values, err);
    if (status != BARQ_OK) {
        return status;
    }
    bm_length_text(video->metadata.duration_s, length);
    const char *title = video->metadata.title;
    if (!title || *title == '\0') { /* not fetched, or a video without one */
        title = video->metadata.youtube_id;
    }
    if (video->error) { /* and which it is about */
        title = bq_arena_format(&arena, "%s: %s", title, video->error);
    }
    const char *cells[MAX_COLUMNS] = {bm_video_status_name(video->status), title, length,
                                      video->metadata.channel};
    for (size_t i = 0; i < table->n_fields; i++) {
        const struct bm_field_value *value = bm_value_of(&table->fields[i], values, n_values);
        cells[FIXED_COLUMNS + i] = bm_field_text(value, ", ", &arena);
    }
    bm_print_row(stdout, table->columns, table->n_columns, cells);
    return BARQ_OK;
}

static enum barq_status print_table(struct barq_session *session, const char *list_id,
                                    const struct bm_video *videos, size_t count,
                                    struct barq_arena *arena, struct barq_error *err)
{
    const struct bm_field *fields = NULL;
    size_t n_fields = 0;
    struct table table;

    enum barq_status status = bm_fields(session, list_id, arena, &fields, &n_fields, err);
    if (status != BARQ_OK) {
        return status;
    }
    lay_out(&table, fields, n_fields);
    bm_print_titles(stdout, table.columns, table.n_columns);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        status = print_video(session, &table, &videos[i], err);
    }
    return status;
}

static enum barq_status print_page(struct barq_session *session,
                                   const struct bm_video_filter *filter, size_t rows,
                                   struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    const struct bm_video *videos = NULL;
    size_t count = 0;
    bq_arena_init(&arena, BM_COMMAND_ARENA_BYTES);

    enum barq_status status = bm_videos(session, filter, rows, &arena, &videos, &count, err);
    return status == BARQ_OK ? print_table(session, filter->list_id, videos, count, &arena, err)
                             : status;
}

enum barq_status bm_print_videos(struct barq_session *session, const struct bm_video_filter *filter,
                                 size_t rows, struct barq_error *err)
{
    enum barq_status status = barq_session_begin(session, false, err);

    if (status == BARQ_OK) {
        status = print_page(session, filter, rows, err);
        barq_session_rollback(session);
    }
    return status;
}

/* -- the command -- */

struct showing {
    struct bm_step step; /* first */
    const char *list;
    int wanted; /* an enum bm_video_status; BARQ_OFF: any */
    struct bm_listing listing;
};

static void print_counts(const struct bm_list *list)
{
    printf("%s: %lld videos: %lld completed, %lld failed, %lld pending\n", list->name,
           (long long)list->counts.total, (long long)list->counts.completed,
           (long long)list->counts.failed, (long long)list->counts.pending);
    if (list->counts.pending == list->counts.total && list->counts.total > 0) {
        printf("bookmarks process \"%s\" fetches what is known of them\n", list->name);
    }
}

static enum barq_status print_found(const struct showing *showing, const struct bm_list *list,
                                    const struct bm_found *found, struct barq_error *err)
{
    const struct bm_step *step = &showing->step;
    const struct bm_video *videos = NULL;
    struct barq_value *json = NULL;
    size_t count = 0;

    if (step->json) {
        enum barq_status made = bm_api_listing_json(step->session, step->arena, found, &json, err);
        return made == BARQ_OK ? bm_print_json(json, step->arena, err) : made;
    }
    enum barq_status status =
        bm_videos_of(step->session, found->ids, found->count, step->arena, &videos, &count, err);
    if (status == BARQ_OK) {
        status = print_table(step->session, list->id, videos, count, step->arena, err);
    }
    if (status == BARQ_OK) {
        print_counts(list);
    }
    if (status == BARQ_OK && found->next && showing->listing.sort) {
        printf("the next page: --cursor %s\n", found->next);
    }
    return status;
}

static enum barq_status show(struct bm_step *step, struct barq_error *err)
{
    struct showing *showing = (struct showing *)step;
    struct bm_listing *listing = &showing->listing;
    struct bm_found found = {.count = 0};
    struct bm_query query;
    struct bm_list list;

    if (showing->wanted != BARQ_OFF) {
        const char *word = bm_video_status_name((enum bm_video_status)showing->wanted);
        listing->text = bq_arena_format(step->arena, "is:%s %s", word, listing->text);
    }
    enum barq_status status = bm_query_parse(step->arena, listing->text, &query, err);
    if (status == BARQ_OK) {
        status = bm_list_find(step->session, showing->list, step->arena, &list, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    listing->scope = (struct bm_scope){.list_id = list.id, .query = &query};
    status = bm_find(step->session, step->arena, listing, &found, err);
    return status == BARQ_OK ? print_found(showing, &list, &found, err) : status;
}

/* False for what makes no sense. */
static bool take(struct showing *showing, int option, const char *argument)
{
    enum bm_video_status status;
    int64_t limit = 0;

    switch (option) {
    case 'j':
        showing->step.json = true;
        return true;
    case 's':
        if (!bm_video_status_parse(argument, &status)) {
            return false;
        }
        showing->wanted = (int)status;
        return true;
    case 'q':
        showing->listing.text = argument;
        return true;
    case 'o':
        showing->listing.sort = argument;
        return true;
    case 'c':
        showing->listing.cursor = argument;
        return true;
    case 'n':
        if (!bq_parse_int(argument, &limit) || limit < 1 || limit > BM_PAGE_MAX) {
            return false;
        }
        showing->listing.limit = (size_t)limit;
        return true;
    default:
        return false;
    }
}

int bm_cmd_videos(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'},         {"status", required_argument, NULL, 's'},
        {"query", required_argument, NULL, 'q'},  {"sort", required_argument, NULL, 'o'},
        {"cursor", required_argument, NULL, 'c'}, {"limit", required_argument, NULL, 'n'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0}};
    struct showing showing = {.wanted = BARQ_OFF, .listing = {.text = "", .limit = ROWS_DEFAULT}};

    for (int option; (option = getopt_long(argc, argv, "s:n:h", options, NULL)) != -1;) {
        if (!take(&showing, option, optarg)) {
            return bm_show_usage(usage, option == 'h');
        }
    }
    if (optind + 1 != argc) {
        return bm_show_usage(usage, false);
    }
    showing.list = argv[optind];
    return bm_step(&showing.step, false, show);
}

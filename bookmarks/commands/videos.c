#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "api/video_json.h"
#include "auto.h"
#include "base/text.h"
#include "base/time.h"
#include "commands/run.h"
#include "commands/terminal.h"
#include "export/field_text.h"

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
    "usage: bookmarks videos [--json] [--status STATUS] [--limit N] [--after N] LIST\n"
    "\n"
    "Shows the videos of a list with their fields.\n"
    "\n"
    "  --status STATUS  only those that are pending, completed or failed\n"
    "  --limit N        at most so many (50; 1 to 1000)\n"
    "  --after N        those behind the one at this position\n"
    "  --json           as the API tells of them\n";

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

static enum barq_status print_page(struct barq_session *session,
                                   const struct bm_video_filter *filter, size_t rows,
                                   struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    const struct bm_video *videos = NULL;
    const struct bm_field *fields = NULL;
    size_t n_videos = 0;
    size_t n_fields = 0;
    struct table table;
    bq_arena_init(&arena, BM_COMMAND_ARENA_BYTES);

    enum barq_status status = bm_fields(session, filter->list_id, &arena, &fields, &n_fields, err);
    if (status == BARQ_OK) {
        status = bm_videos(session, filter, rows, &arena, &videos, &n_videos, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    lay_out(&table, fields, n_fields);
    bm_print_titles(stdout, table.columns, table.n_columns);
    for (size_t i = 0; status == BARQ_OK && i < n_videos; i++) {
        status = print_video(session, &table, &videos[i], err);
    }
    return status;
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

static enum barq_status print_json(struct barq_session *session,
                                   const struct bm_video_filter *filter, size_t limit,
                                   struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    const struct bm_video *videos = NULL;
    const struct bm_field *fields = NULL;
    size_t n_videos = 0;
    size_t n_fields = 0;
    bq_arena_init(&arena, BM_COMMAND_ARENA_BYTES);
    struct barq_value *list = barq_list(&arena);

    enum barq_status status = bm_fields(session, filter->list_id, &arena, &fields, &n_fields, err);
    if (status == BARQ_OK) {
        status = bm_videos(session, filter, limit, &arena, &videos, &n_videos, err);
    }
    for (size_t i = 0; status == BARQ_OK && i < n_videos; i++) {
        struct barq_value *video = NULL;
        status = bm_api_video(session, &videos[i], fields, n_fields, &arena, &video, err);
        barq_add(list, video);
    }
    return status == BARQ_OK ? bm_print_json(list, &arena, err) : status;
}

static int show_json(struct barq_session *session, const struct bm_video_filter *filter,
                     size_t limit)
{
    struct barq_error err;

    enum barq_status status = barq_session_begin(session, false, &err);
    if (status == BARQ_OK) {
        status = print_json(session, filter, limit, &err);
        barq_session_rollback(session);
    }
    return status == BARQ_OK ? BM_EXIT_OK : bm_complain(&err);
}

static int show(const char *name, struct bm_video_filter filter, size_t limit, bool json)
{
    bm_auto(session) struct barq_session *session = NULL;
    bq_auto(arena) struct barq_arena arena;
    struct barq_error err;
    struct bm_list list;
    bq_arena_init(&arena, BM_SMALL_ARENA_BYTES);

    if (bm_store_open(&session, &err) != BARQ_OK ||
        bm_read_list(session, name, &arena, &list, &err) != BARQ_OK) {
        return bm_complain(&err);
    }
    filter.list_id = list.id;
    if (json) {
        return show_json(session, &filter, limit);
    }
    if (bm_print_videos(session, &filter, limit, &err) != BARQ_OK) {
        return bm_complain(&err);
    }
    printf("%s: %lld videos: %lld completed, %lld failed, %lld pending\n", list.name,
           (long long)list.counts.total, (long long)list.counts.completed,
           (long long)list.counts.failed, (long long)list.counts.pending);
    if (list.counts.pending == list.counts.total && list.counts.total > 0) {
        printf("bookmarks process \"%s\" fetches what is known of them\n", list.name);
    }
    return BM_EXIT_OK;
}

int bm_cmd_videos(int argc, char **argv)
{
    static const struct option options[] = {
        {"status", required_argument, NULL, 's'}, {"limit", required_argument, NULL, 'n'},
        {"after", required_argument, NULL, 'b'},  {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0}};
    enum bm_video_status status;
    struct bm_video_filter filter = {.status = BARQ_OFF};
    bool json = false;
    int64_t limit = ROWS_DEFAULT;

    for (int option; (option = getopt_long(argc, argv, "s:n:h", options, NULL)) != -1;) {
        if (option == 'j') {
            json = true;
        } else if (option == 's' && bm_video_status_parse(optarg, &status)) {
            filter.status = (int)status;
        } else if (option == 'b' && bq_parse_int(optarg, &filter.after_position)) {
            continue;
        } else if (option != 'n' || !bq_parse_int(optarg, &limit)) {
            return bm_show_usage(usage, option == 'h');
        }
    }
    if (optind + 1 != argc || limit < 1 || limit > BM_PAGE_MAX) {
        return bm_show_usage(usage, false);
    }
    return show(argv[optind], filter, (size_t)limit, json);
}

#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "formats/bars.h"
#include "formats/csv.h"
#include "formats/format.h"

enum { NAMES_MAX_BYTES = 256 * 1024, ROW_MAX_BYTES = 4 * 1024 * 1024 };

#define FIELD_PREFIX "field_"

struct table {
    const struct bm_sink *sink; /* borrowed */
    struct bm_layout layout;
    struct bm_csv csv;
    size_t rows;             /* seen, of those that are rows */
    struct barq_arena names; /* of the columns */
    const char **columns;    /* the names; NULL before the header */
    size_t n_columns;
    int list_title;        /* the column of a list's title, in the rows before the header */
    const char *folder;    /* that title, in `names` */
    struct barq_arena row; /* of the row at hand */
};

static enum barq_status open_table(const struct bm_sink *sink, const struct bm_head *head,
                                   void **out, struct barq_error *err)
{
    struct table *table = calloc(1, sizeof(*table));
    if (!table) {
        return bq_fail(err, BARQ_ERR_NOMEM, "import: out of memory");
    }
    table->sink = sink;
    table->layout = head->layout;
    table->list_title = BM_NO_COLUMN;
    bm_csv_init(&table->csv, head->layout.delimiter);
    bq_arena_init(&table->names, NAMES_MAX_BYTES);
    bq_arena_init(&table->row, ROW_MAX_BYTES);
    *out = table;
    return BARQ_OK;
}

static void close_table(void *self)
{
    struct table *table = self;

    if (table) {
        bm_csv_clear(&table->csv);
        bq_arena_clear(&table->names);
        bq_arena_clear(&table->row);
        free(table);
    }
}

/* What stands before a Takeout table: the list itself, whose title is the folder of its videos. */
static void take_preamble(struct table *table)
{
    if (table->list_title != BM_NO_COLUMN) {
        table->folder =
            bq_arena_strdup(&table->names, bm_csv_field(&table->csv, (size_t)table->list_title));
        table->list_title = BM_NO_COLUMN;
        return;
    }
    if (table->csv.n_fields == 1) { /* a title alone */
        table->folder = bq_arena_strdup(&table->names, bm_csv_field(&table->csv, 0));
    }
    for (size_t i = 0; i < table->csv.n_fields; i++) {
        if (bm_column_of(bm_csv_field(&table->csv, i)) == BM_COLUMN_TITLE) {
            table->list_title = (int)i;
        }
    }
}

static enum barq_status take_header(struct table *table, struct barq_error *err)
{
    size_t count = table->csv.n_fields;

    table->columns = bq_arena_array(&table->names, count, sizeof(*table->columns));
    for (size_t i = 0; table->columns && i < count; i++) {
        table->columns[i] = bq_arena_strdup(&table->names, bm_csv_field(&table->csv, i));
        if (!table->columns[i]) {
            table->columns = NULL;
        }
    }
    table->n_columns = table->columns ? count : 0;
    return table->columns || count == 0
               ? BARQ_OK
               : bq_fail(err, BARQ_ERR_LIMIT, "import: the names of the columns are too long");
}

/*
 * A cell as it was before it was exported: a spreadsheet's apostrophe before what would begin a
 * formula is no part of it.
 */
static char *cell(struct table *table, size_t column)
{
    if (column >= table->csv.n_fields) {
        return NULL;
    }
    char *text = table->csv.text.data + table->csv.starts[column];
    if (table->layout.own && text[0] == '\'' && text[1] != '\0' && strchr("=+-@\t\r'", text[1])) {
        text++;
    }
    return *text != '\0' ? text : NULL;
}

static char *role(struct table *table, enum bm_column column)
{
    int at = table->layout.columns[column];

    return at == BM_NO_COLUMN ? NULL : cell(table, (size_t)at);
}

/* The columns called field_NAME. */
static bool take_fields(struct table *table, struct bm_item *item)
{
    struct bm_item_field *fields = bq_arena_array(&table->row, table->n_columns, sizeof(*fields));
    if (!fields) {
        return table->n_columns == 0;
    }

    for (size_t i = 0; i < table->n_columns; i++) {
        const char *name = table->columns[i];
        const char *text = cell(table, i);
        if (text && strncasecmp(name, FIELD_PREFIX, strlen(FIELD_PREFIX)) == 0) {
            fields[item->n_fields++] =
                (struct bm_item_field){.name = name + strlen(FIELD_PREFIX), .text = text};
        }
    }
    item->fields = fields;
    return true;
}

/* Of our own export: {COLUMN: text}. */
static bool take_record(struct table *table, struct bm_item *item)
{
    struct barq_value *record = barq_map(&table->row);

    for (size_t i = 0; i < table->n_columns; i++) {
        const char *text = cell(table, i);
        if (text) {
            barq_set_key(record, table->columns[i], barq_string(&table->row, text));
        }
    }
    item->record = record;
    return barq_value_check(record, NULL) == BARQ_OK;
}

/* Tags of other tables are what YouTube, or the video's maker, has said. */
static void take_tags(struct table *table, struct bm_item *item)
{
    char *text = role(table, BM_COLUMN_TAGS);

    if (text && table->layout.own) {
        for (char *tag; item->n_tags < BM_ITEM_TAGS_MAX && (tag = bm_bars_next(&text)) != NULL;) {
            item->tags[item->n_tags++] = tag;
        }
    } else if (text && table->layout.mixed) {
        bm_item_tags(item, text, strchr(text, '|') ? '|' : ',');
    }
}

static enum barq_status take_video(struct table *table, struct barq_error *err)
{
    struct bm_item item = {.line = table->csv.line, .added_at_ms = INT64_MIN};
    const char *added = role(table, BM_COLUMN_ADDED);
    const char *address = role(table, BM_COLUMN_ADDRESS);
    bq_arena_reset(&table->row);

    if (!take_fields(table, &item) || (table->layout.own && !take_record(table, &item))) {
        return bm_item_fail(table->sink, item.line, "", "more than can be read of one row", err);
    }
    item.title = role(table, BM_COLUMN_TITLE);
    item.note = role(table, BM_COLUMN_NOTE);
    item.folder = role(table, BM_COLUMN_FOLDER);
    item.folder = item.folder ? item.folder : table->folder;
    item.added_at_ms = added ? bm_item_time(added) : INT64_MIN;
    take_tags(table, &item);
    return bm_item_give(table->sink, &item, address ? address : "", table->layout.mixed, err);
}

static enum barq_status take_row(struct table *table, struct barq_error *err)
{
    struct bm_csv *csv = &table->csv;

    if (csv->blank) {
        return BARQ_OK;
    }
    if (csv->problem) {
        return bm_item_fail(table->sink, csv->line, "", csv->problem, err);
    }
    size_t row = table->rows++;
    if (!table->layout.has_header || row > table->layout.header_row) {
        return take_video(table, err);
    }
    if (row == table->layout.header_row) {
        return take_header(table, err);
    }
    take_preamble(table);
    return BARQ_OK;
}

static enum barq_status push_table(void *self, const char *bytes, size_t len,
                                   struct barq_error *err)
{
    struct table *table = self;
    const char *end = bytes + len;
    enum barq_status status = BARQ_OK;

    for (const char *at = bytes; at < end && status == BARQ_OK;) {
        bool row;
        at = bm_csv_push(&table->csv, at, end, &row);
        if (row) {
            status = take_row(table, err);
        }
    }
    return status;
}

static enum barq_status end_table(void *self, struct barq_error *err)
{
    struct table *table = self;

    return bm_csv_end(&table->csv) ? take_row(table, err) : BARQ_OK;
}

const struct bm_format bm_format_table = {"table", open_table, push_table, end_table, close_table};

#include "formats/csv.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum state {
    ROW_START,
    HASH, /* a # began the row: a comment, unless a delimiter follows, as in "#,title,url" */
    FIELD_START,
    PLAIN,
    QUOTED,
    QUOTE_SEEN, /* within quotes: the field's end, or the first half of "" */
    COMMENT,
};

static const char mark[] = "\xef\xbb\xbf";

enum { MARK_BYTES = sizeof(mark) - 1, MARK_PASSED = -1 };

void bm_csv_init(struct bm_csv *csv, char delimiter)
{
    *csv = (struct bm_csv){.delimiter = delimiter, .state = ROW_START, .next_line = 1};
    bq_buf_init(&csv->text, BM_CSV_ROW_MAX_BYTES);
}

void bm_csv_clear(struct bm_csv *csv)
{
    if (csv) {
        bq_buf_clear(&csv->text);
    }
}

void bm_csv_drop(struct bm_csv *csv)
{
    bm_csv_clear(csv);
}

/* Keeps the first problem of a row, but for one that explains the others. */
static void problem(struct bm_csv *csv, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void problem(struct bm_csv *csv, const char *format, ...)
{
    va_list values;

    if (csv->problem) {
        return;
    }
    va_start(values, format);
    vsnprintf(csv->problem_text, sizeof(csv->problem_text), format, values);
    va_end(values);
    csv->problem = csv->problem_text;
}

static void begin_row(struct bm_csv *csv)
{
    bq_buf_reset(&csv->text);
    csv->n_fields = 0;
    csv->line = csv->next_line;
    csv->blank = false;
    csv->problem = NULL;
}

static void begin_field(struct bm_csv *csv)
{
    if (csv->n_fields == BM_CSV_MAX_FIELDS) {
        problem(csv, "more than %d columns", BM_CSV_MAX_FIELDS);
        return;
    }
    csv->starts[csv->n_fields++] = csv->text.len;
}

static void put(struct bm_csv *csv, char byte)
{
    if (byte == '\0') {
        problem(csv, "a NUL byte in it");
        return;
    }
    bq_buf_put_u8(&csv->text, (uint8_t)byte);
}

static void end_field(struct bm_csv *csv)
{
    bq_buf_put_u8(&csv->text, '\0');
}

static void end_row(struct bm_csv *csv)
{
    csv->state = ROW_START;
    if (csv->text.failed) {
        csv->problem = NULL;
        problem(csv, csv->text.starved ? "out of memory" : "longer than %d KiB",
                BM_CSV_ROW_MAX_BYTES / 1024);
    } else if (!bq_utf8_valid(csv->text.data, csv->text.len)) {
        problem(csv, "not UTF-8; perhaps Latin-1 or Windows-1252: save the file as UTF-8");
    }
}

/* What a byte does that is neither quoted nor a comment's; true when it ended a row. */
static bool step_field(struct bm_csv *csv, char byte)
{
    if (byte == '\n' || byte == '\r') {
        end_field(csv);
        end_row(csv);
        return true;
    }
    if (byte == csv->delimiter && byte != BM_CSV_LINES) {
        end_field(csv);
        begin_field(csv);
        csv->state = FIELD_START;
    } else if (byte == '"' && csv->state == FIELD_START && csv->delimiter != BM_CSV_LINES) {
        csv->state = QUOTED;
    } else {
        put(csv, byte);
        csv->state = PLAIN;
    }
    return false;
}

static bool step_row_start(struct bm_csv *csv, char byte)
{
    begin_row(csv);
    if (byte == '\n' || byte == '\r') {
        csv->blank = true;
        return true;
    }
    if (byte == '#') {
        csv->state = HASH;
        return false;
    }
    begin_field(csv);
    csv->state = FIELD_START;
    return step_field(csv, byte);
}

static bool step_hash(struct bm_csv *csv, char byte)
{
    if (byte == csv->delimiter && byte != BM_CSV_LINES) {
        begin_field(csv);
        put(csv, '#');
        return step_field(csv, byte);
    }
    csv->state = byte == '\n' || byte == '\r' ? ROW_START : COMMENT;
    return false;
}

static bool step_quoted(struct bm_csv *csv, char byte)
{
    if (byte == '"') {
        csv->state = QUOTE_SEEN;
    } else {
        put(csv, byte);
    }
    return false;
}

static bool step_quote_seen(struct bm_csv *csv, char byte)
{
    if (byte == '"') {
        put(csv, byte);
        csv->state = QUOTED;
        return false;
    }
    if (byte != csv->delimiter && byte != '\n' && byte != '\r') {
        problem(csv, "text after a closing quote");
    }
    csv->state = PLAIN;
    return step_field(csv, byte);
}

/* Takes one byte; true when it ended a row. */
static bool step(struct bm_csv *csv, char byte)
{
    switch ((enum state)csv->state) {
    case ROW_START:
        return step_row_start(csv, byte);
    case HASH:
        return step_hash(csv, byte);
    case FIELD_START:
    case PLAIN:
        return step_field(csv, byte);
    case QUOTED:
        return step_quoted(csv, byte);
    case QUOTE_SEEN:
        return step_quote_seen(csv, byte);
    case COMMENT:
        csv->state = byte == '\n' || byte == '\r' ? ROW_START : COMMENT;
        return false;
    }
    assert(false); /* every state has its case */
    return false;
}

/* Counts lines: CR LF is one end, of which the LF does nothing outside quotes. */
static bool take(struct bm_csv *csv, char byte)
{
    bool second_half = csv->after_cr && byte == '\n';
    csv->after_cr = byte == '\r';
    csv->end_line = csv->next_line;

    bool row = second_half && csv->state != QUOTED ? false : step(csv, byte);
    if (byte == '\r' || (byte == '\n' && !second_half)) {
        csv->next_line++;
    }
    return row;
}

/* The bytes of a mark that turned out to be none. */
static void pass_mark(struct bm_csv *csv)
{
    int seen = csv->bom_len;

    csv->bom_len = MARK_PASSED;
    for (int i = 0; i < seen; i++) {
        take(csv, mark[i]);
    }
}

static const char *push_mark(struct bm_csv *csv, const char *at)
{
    if (*at != mark[csv->bom_len]) {
        pass_mark(csv);
        return at;
    }
    csv->bom_len++;
    if (csv->bom_len == MARK_BYTES) {
        csv->bom_len = MARK_PASSED;
    }
    return at + 1;
}

const char *bm_csv_push(struct bm_csv *csv, const char *at, const char *end, bool *row)
{
    *row = false;
    while (at < end && csv->bom_len != MARK_PASSED) {
        at = push_mark(csv, at);
    }
    while (at < end && !*row) {
        *row = take(csv, *at++);
    }
    return at;
}

bool bm_csv_end(struct bm_csv *csv)
{
    if (csv->bom_len != MARK_PASSED) {
        pass_mark(csv);
    }
    csv->end_line = csv->next_line;
    if (csv->state == ROW_START || csv->state == COMMENT || csv->state == HASH) {
        return false;
    }

    bool open = csv->state == QUOTED;
    end_field(csv);
    end_row(csv);
    if (open) {
        csv->problem = NULL;
        problem(csv, "a quote opens here and is never closed: lines %lld to %lld were not read",
                (long long)csv->line, (long long)csv->end_line);
    }
    return true;
}

const char *bm_csv_field(const struct bm_csv *csv, size_t index)
{
    if (index >= csv->n_fields || csv->text.failed) {
        return "";
    }
    return csv->text.data + csv->starts[index];
}

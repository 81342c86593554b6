#include "formats/layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "base/text.h"
#include "formats/column.h"
#include "formats/csv.h"
#include "formats/item.h"
#include "formats/text.h"
#include "video/url.h"

enum { NAMES_BYTES = 120 };

/* What was seen in one cell of the first rows. */
struct cell {
    unsigned char rank; /* as the name of a column: bm_address_rank() */
    unsigned char role; /* as the name of a column: enum bm_column */
    bool is_target;
    bool has_address; /* among its words: prose, and no column's name */
    bool is_time;
};

struct sample {
    struct cell cells[BM_LAYOUT_ROWS][BM_CSV_MAX_FIELDS];
    size_t n_cells[BM_LAYOUT_ROWS];
    size_t rows;
    char first[NAMES_BYTES]; /* the first row's names, for an error */
    bool is_own;
    bool is_mixed;
};

static void first_line(const char *bytes, size_t len, const char **line, size_t *line_len)
{
    const char *end = bytes + len;

    for (const char *at = bytes;;) {
        const char *stop = at;
        while (stop < end && *stop != '\n' && *stop != '\r') {
            stop++;
        }
        if (stop == end || (stop > at && *at != '#')) {
            *line = at;
            *line_len = (size_t)(stop - at);
            return;
        }
        at = stop + 1;
    }
}

static char most_frequent(const char *line, size_t len)
{
    static const char candidates[] = {',', ';', '\t'};
    size_t counts[sizeof(candidates)] = {0};
    bool quoted = false;
    size_t best = 0;

    for (size_t i = 0; i < len; i++) {
        quoted ^= line[i] == '"';
        const char *hit = quoted ? NULL : memchr(candidates, line[i], sizeof(candidates));
        if (hit) {
            counts[hit - candidates]++;
        }
    }
    for (size_t i = 1; i < sizeof(candidates); i++) {
        best = counts[i] > counts[best] ? i : best;
    }
    return candidates[best];
}

/* An id of 11 letters could be any word of that length; most ids have more than letters in them. */
static bool word_like(const char *text)
{
    size_t rest = strspn(text + 1, "abcdefghijklmnopqrstuvwxyz_");
    return text[1 + rest] == '\0';
}

static bool is_target(const char *text)
{
    struct bm_target target;
    size_t begin = strspn(text, " \t");
    size_t len = strcspn(text + begin, " \t");

    text += begin;
    if (text[len + strspn(text + len, " \t")] != '\0') { /* words */
        return false;
    }
    if (bm_video_url_likely(text, len)) {
        return true;
    }
    return bm_target_parse(text, len, &target, NULL) == BARQ_OK && !word_like(text);
}

static void note_first(struct sample *sample, const char *name)
{
    size_t used = strlen(sample->first);
    snprintf(sample->first + used, sizeof(sample->first) - used, "%s%s", used ? ", " : "", name);
    size_t whole = bq_utf8_cut(sample->first, strlen(sample->first), sizeof(sample->first) - 1);
    sample->first[whole] = '\0';
}

static void note_row(struct sample *sample, const struct bm_csv *csv)
{
    for (size_t i = 0; i < csv->n_fields; i++) {
        const char *field = bm_csv_field(csv, i);
        sample->cells[sample->rows][i] = (struct cell){
            .rank = (unsigned char)bm_address_rank(field),
            .role = (unsigned char)bm_column_of(field),
            .is_target = is_target(field),
            .has_address = bm_text_has_address(field),
            .is_time = bm_item_time(field) != INT64_MIN,
        };
        if (sample->rows == 0) {
            note_first(sample, field);
        }
    }
    if (sample->rows == 0) {
        sample->is_own = bm_columns_are_own(csv);
        sample->is_mixed = bm_columns_are_mixed(csv);
    }
    sample->n_cells[sample->rows++] = csv->n_fields;
}

/* Rows that go on past the end of `bytes` are left out, unless nothing more will come. */
static void take_sample(const char *bytes, size_t len, bool whole, char delimiter,
                        struct sample *sample)
{
    bm_auto(csv) struct bm_csv csv;
    const char *end = bytes + len;
    bool row = false;

    bm_csv_init(&csv, delimiter);
    for (const char *at = bytes; at < end && sample->rows < BM_LAYOUT_ROWS;) {
        at = bm_csv_push(&csv, at, end, &row);
        if (row && !csv.blank && !csv.problem) {
            note_row(sample, &csv);
        }
    }
    if (!row && sample->rows < BM_LAYOUT_ROWS && whole && bm_csv_end(&csv) && !csv.problem) {
        note_row(sample, &csv);
    }
}

/* Rows behind `row` whose cell in this column is an address or an id. */
static size_t hits_behind(const struct sample *sample, size_t row, size_t column)
{
    size_t hits = 0;

    for (size_t r = row + 1; r < sample->rows; r++) {
        hits += column < sample->n_cells[r] && sample->cells[r][column].is_target;
    }
    return hits;
}

/*
 * The column of `row` whose name is the surest. But for "url" it must hold one, if there are rows;
 * and a name below the first row must say "video id".
 */
static bool named_in(const struct sample *sample, size_t row, struct bm_layout *out)
{
    int best = BM_RANKS;

    for (size_t i = 0; i < sample->n_cells[row]; i++) {
        int rank = sample->cells[row][i].rank;
        bool counts =
            rank == BM_RANK_URL || sample->rows == row + 1 || hits_behind(sample, row, i) > 0;
        if (counts && rank < best && (row == 0 || rank == BM_RANK_VIDEO_ID)) {
            best = rank;
            out->columns[BM_COLUMN_ADDRESS] = (int)i;
        }
    }
    out->has_header = best < BM_RANKS;
    out->header_row = row;
    return out->has_header;
}

/* A row further down that says "video id" beats a first one that names a playlist or a channel. */
static bool by_name(const struct sample *sample, struct bm_layout *out)
{
    for (size_t row = 1; row < sample->rows; row++) {
        if (named_in(sample, row, out)) {
            return true;
        }
    }
    return sample->rows > 0 && named_in(sample, 0, out);
}

/* The column with the most of them, and in half the rows; what stands before the first is its header. */
static bool by_content(const struct sample *sample, struct bm_layout *out)
{
    size_t best = 0;
    size_t row = 0;

    for (size_t i = 0; i < BM_CSV_MAX_FIELDS; i++) {
        size_t hits = hits_behind(sample, 0, i) + sample->cells[0][i].is_target;
        if (hits > best) {
            best = hits;
            out->columns[BM_COLUMN_ADDRESS] = (int)i;
        }
    }
    if (best == 0 || best * 2 < sample->rows) {
        return false;
    }
    int column = out->columns[BM_COLUMN_ADDRESS];
    while (!sample->cells[row][column].is_target) {
        if (sample->cells[row][column].has_address) {
            return false;
        }
        row++;
    }
    out->has_header = row > 0;
    out->header_row = row > 0 ? row - 1 : 0;
    return true;
}

/* Of two columns, of which one is the address, the other may be a time in any language. */
static void find_roles(const struct sample *sample, struct bm_layout *layout)
{
    size_t row = layout->header_row;
    int address = layout->columns[BM_COLUMN_ADDRESS];

    for (size_t i = 0; layout->has_header && i < sample->n_cells[row]; i++) {
        int role = sample->cells[row][i].role;
        if (role != BM_COLUMNS && layout->columns[role] == BM_NO_COLUMN && (int)i != address) {
            layout->columns[role] = (int)i;
        }
    }
    size_t next = row + layout->has_header;
    if (next < sample->rows && sample->n_cells[next] == 2 && address < 2 &&
        layout->columns[BM_COLUMN_ADDED] == BM_NO_COLUMN &&
        sample->cells[next][1 - address].is_time) {
        layout->columns[BM_COLUMN_ADDED] = 1 - address;
    }
}

static enum barq_status refuse(const struct sample *sample, struct barq_error *err)
{
    if (sample->rows == 0) {
        return bq_fail(err, BARQ_ERR_FORMAT,
                       "import: its first line is no row: too long, a quote that is never closed, "
                       "or a NUL byte in it");
    }
    if (sample->n_cells[0] > 1) {
        return bq_fail(
            err, BARQ_ERR_NOTFOUND,
            "import: no column holds YouTube addresses or ids (columns: %s); name it url",
            sample->first);
    }
    return bq_fail(err, BARQ_ERR_NOTFOUND,
                   "import: no YouTube address or id in the first %zu lines", sample->rows);
}

enum barq_status bm_layout_judge(const char *bytes, size_t len, bool whole, struct bm_layout *out,
                                 struct barq_error *err)
{
    const char *line;
    size_t line_len;
    struct bm_layout layout = {.has_header = false};
    first_line(bytes, len, &line, &line_len);
    layout.delimiter = most_frequent(line, line_len);
    for (size_t i = 0; i < BM_COLUMNS; i++) {
        layout.columns[i] = BM_NO_COLUMN;
    }

    bq_auto(memory) struct sample *sample = calloc(1, sizeof(*sample));
    if (!sample) {
        return bq_fail(err, BARQ_ERR_NOMEM, "import: out of memory");
    }
    take_sample(bytes, len, whole, layout.delimiter, sample);
    if (!by_name(sample, &layout) && !by_content(sample, &layout)) {
        return refuse(sample, err);
    }
    find_roles(sample, &layout);
    layout.own = sample->is_own && layout.header_row == 0;
    layout.mixed = sample->is_mixed;
    *out = layout;
    return BARQ_OK;
}

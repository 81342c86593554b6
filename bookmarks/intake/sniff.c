#include "intake/sniff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "base/text.h"
#include "formats/csv.h"
#include "video/url.h"

enum { UTF16_LOOKED_AT = 512, NAMES_BYTES = 120 };

/* Names of a column of videos, the surest first. */
static const char *const names[] = {
    "url",        "youtube_url", "youtube url", "video_url",  "video url",
    "link",       "video_link",  "video link",  "youtube_id", "youtube id",
    "youtube-id", "video_id",    "video id",    "videoid",    "id",
};
enum { N_NAMES = sizeof(names) / sizeof(names[0]) };

/* What was seen in one column. */
struct column {
    unsigned char name;  /* index into names; N_NAMES: none of them */
    unsigned char hits;  /* rows, of all but the first, with a video in it */
    bool first_is_video; /* in the first row */
};

struct sample {
    struct column columns[BM_CSV_MAX_FIELDS];
    size_t n_columns;
    int rows;
    char header[NAMES_BYTES]; /* the first row's names, for an error */
};

static bool looks_like_utf16(const char *bytes, size_t len)
{
    size_t looked_at = len < UTF16_LOOKED_AT ? len : UTF16_LOOKED_AT;
    size_t zeros = 0;

    if (len >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0)) {
        return true;
    }
    for (size_t i = 0; i < looked_at; i++) {
        zeros += bytes[i] == '\0';
    }
    return zeros * 5 > looked_at * 2;
}

static enum barq_status check_encoding(const char *bytes, size_t len, bool whole,
                                       struct barq_error *err)
{
    if (len >= 4 && memcmp(bytes, "PK\x03\x04", 4) == 0) {
        return bq_fail(err, BARQ_ERR_FORMAT,
                       "import: a ZIP or Excel file; save the table as CSV (UTF-8)");
    }
    if (looks_like_utf16(bytes, len)) {
        return bq_fail(err, BARQ_ERR_FORMAT,
                       "import: UTF-16, but UTF-8 is needed; convert it: iconv -f UTF-16 -t UTF-8");
    }
    if (!bq_utf8_valid(bytes, whole ? len : bq_utf8_cut(bytes, len, len))) {
        return bq_fail(err, BARQ_ERR_FORMAT,
                       "import: not UTF-8; it looks like Latin-1 or Windows-1252; convert it: "
                       "iconv -f WINDOWS-1252 -t UTF-8");
    }
    return BARQ_OK;
}

/* The first line that is no comment and not blank; without its end. */
static void first_line(const char *bytes, size_t len, const char **line, size_t *line_len)
{
    const char *end = bytes + len;
    const char *at = len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? bytes + 3 : bytes;

    for (;;) {
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
    size_t rest = strspn(text + 1, "abcdefghijklmnopqrstuvwxyz");
    return text[1 + rest] == '\0';
}

static bool is_video(const char *text)
{
    char id[BM_VIDEO_ID_BYTES];
    size_t len = strlen(text);

    if (bm_video_url_likely(text, len)) {
        return true;
    }
    return bm_video_url_parse(text, len, id, NULL) == BARQ_OK && !word_like(text);
}

/*
 * A list of addresses, one a line: then commas and quotes belong to the
 * address. With a comma in its first line it is one only if the address needs
 * what follows the comma.
 */
static bool is_plain_list(const char *line, size_t len)
{
    char text[BM_URL_MAX_BYTES + 1];
    char id[BM_VIDEO_ID_BYTES];

    if (len == 0 || len > BM_URL_MAX_BYTES || memchr(line, '\t', len) || memchr(line, '\0', len)) {
        return false;
    }
    memcpy(text, line, len);
    text[len] = '\0';
    char *comma = strchr(text, ',');
    if (!comma) {
        return is_video(text);
    }
    return bm_video_url_parse(text, len, id, NULL) == BARQ_OK &&
           bm_video_url_parse(text, (size_t)(comma - text), id, NULL) != BARQ_OK;
}

static unsigned char name_index(const char *field)
{
    char name[32];
    size_t blanks = strspn(field, " \t");
    int len = snprintf(name, sizeof(name), "%s", field + blanks);

    while (len > 0 && len < (int)sizeof(name) && strchr(" \t", name[len - 1])) {
        name[--len] = '\0';
    }
    for (int i = 0; i < N_NAMES; i++) {
        if (bq_equal_nocase(name, names[i])) {
            return (unsigned char)i;
        }
    }
    return N_NAMES;
}

static void note_header(struct sample *sample, const char *name)
{
    size_t used = strlen(sample->header);
    snprintf(sample->header + used, sizeof(sample->header) - used, "%s%s", used ? ", " : "", name);
    size_t whole = bq_utf8_cut(sample->header, strlen(sample->header), sizeof(sample->header) - 1);
    sample->header[whole] = '\0';
}

static void note_row(struct sample *sample, const struct bm_csv *csv)
{
    for (size_t i = 0; i < csv->n_fields; i++) {
        const char *field = bm_csv_field(csv, i);
        struct column *column = &sample->columns[i];

        if (sample->rows == 0) {
            column->name = name_index(field);
            column->first_is_video = is_video(field);
            note_header(sample, field);
        } else if (is_video(field)) {
            column->hits++;
        }
    }
    if (sample->rows == 0) {
        sample->n_columns = csv->n_fields;
    }
    sample->rows++;
}

/* Rows that go on past the end of `bytes` are left out, unless nothing more will come. */
static void take_sample(const char *bytes, size_t len, bool whole, char delimiter,
                        struct sample *sample)
{
    bm_auto(csv) struct bm_csv csv;
    const char *end = bytes + len;
    bool row = false;

    bm_csv_init(&csv, delimiter);
    for (const char *at = bytes; at < end && sample->rows < BM_SNIFF_ROWS;) {
        at = bm_csv_push(&csv, at, end, &row);
        if (row && !csv.blank && !csv.problem) {
            note_row(sample, &csv);
        }
    }
    if (!row && sample->rows < BM_SNIFF_ROWS && whole && bm_csv_end(&csv) && !csv.problem) {
        note_row(sample, &csv);
    }
}

/* The column whose name is the surest; but for "url" it must hold a video, if there are rows. */
static bool column_by_name(const struct sample *sample, size_t *out)
{
    unsigned char best = N_NAMES;

    for (size_t i = 0; i < sample->n_columns; i++) {
        const struct column *column = &sample->columns[i];
        bool counts = column->name == 0 || column->hits > 0 || sample->rows == 1;
        if (counts && column->name < best) {
            best = column->name;
            *out = i;
        }
    }
    return best < N_NAMES;
}

static bool column_by_content(const struct sample *sample, size_t *out)
{
    int best = 0;

    for (size_t i = 0; i < sample->n_columns; i++) {
        int hits = sample->columns[i].hits + sample->columns[i].first_is_video;
        if (hits > best) {
            best = hits;
            *out = i;
        }
    }
    return best > 0;
}

static enum barq_status choose(const struct sample *sample, struct bm_layout *out,
                               struct barq_error *err)
{
    size_t column = 0;

    if (column_by_name(sample, &column)) {
        out->has_header = true;
    } else if (column_by_content(sample, &column)) {
        out->has_header = !sample->columns[column].first_is_video;
    } else if (sample->rows == 0) {
        return bq_fail(err, BARQ_ERR_FORMAT,
                       "import: its first line is no row: too long, a quote that is never closed, "
                       "or a NUL byte in it");
    } else if (sample->n_columns > 1) {
        return bq_fail(
            err, BARQ_ERR_FORMAT,
            "import: no column holds YouTube addresses or ids (columns: %s); name it url",
            sample->header);
    } else {
        return bq_fail(err, BARQ_ERR_FORMAT,
                       "import: no YouTube address or id in the first %d lines", sample->rows);
    }
    out->column = column;
    return BARQ_OK;
}

enum barq_status bm_sniff(const char *bytes, size_t len, bool whole, struct bm_layout *out,
                          struct barq_error *err)
{
    enum barq_status status = check_encoding(bytes, len, whole, err);
    if (status != BARQ_OK) {
        return status;
    }

    const char *line;
    size_t line_len;
    first_line(bytes, len, &line, &line_len);
    if (line_len == 0) {
        return bq_fail(err, BARQ_ERR_ARG, "import: the file is empty");
    }
    struct bm_layout layout = {.delimiter = BM_CSV_LINES};
    if (is_plain_list(line, line_len)) {
        *out = layout;
        return BARQ_OK;
    }

    layout.delimiter = most_frequent(line, line_len);
    bq_auto(memory) struct sample *sample = calloc(1, sizeof(*sample));
    if (!sample) {
        return bq_fail(err, BARQ_ERR_NOMEM, "import: out of memory");
    }
    take_sample(bytes, len, whole, layout.delimiter, sample);
    status = choose(sample, &layout, err);
    if (status == BARQ_OK) {
        *out = layout;
    }
    return status;
}

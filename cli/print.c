/*
 * print.c - text for people: nothing of it can steer a terminal.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "base/time.h"
#include "cli.h"

enum { SENTENCE_MAX_BYTES = 16 * 1024, COLUMN_GAP = 2, MAX_COLUMNS = 16 };

/* The bytes of the character at `at`; 0 when it is no UTF-8. */
static size_t char_len(const char *at, size_t left)
{
    unsigned char lead = (unsigned char)*at;
    size_t len = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

    return len <= left && bq_utf8_valid(at, len) ? len : 0;
}

/* Of a valid character. */
static uint32_t code_point(const char *at, size_t len)
{
    static const unsigned char lead_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t point = (unsigned char)at[0] & lead_bits[len];

    for (size_t i = 1; i < len; i++) {
        point = point << 6 | ((unsigned char)at[i] & 0x3f);
    }
    return point;
}

/* C0, DEL, C1, line separators, and what turns the direction of text around. */
static bool steers(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point <= 0x9f) ||
           (point >= 0x200e && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2066 && point <= 0x2069);
}

static void put_escaped(struct bq_buf *out, uint32_t point)
{
    if (point == '\n') {
        bq_buf_puts(out, "\\n");
    } else if (point == '\t') {
        bq_buf_puts(out, "\\t");
    } else {
        bq_buf_printf(out, "\\u%04x", (unsigned)point);
    }
}

static void put_clean(struct bq_buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t step = char_len(text + i, len - i);
        if (step == 0) {
            bq_buf_printf(out, "\\x%02x", (unsigned)(unsigned char)text[i]);
            i++;
            continue;
        }
        uint32_t point = code_point(text + i, step);
        if (steers(point)) {
            put_escaped(out, point);
        } else {
            bq_buf_put(out, text + i, step);
        }
        i += step;
    }
}

const char *cli_clean(struct barq_arena *arena, const char *text)
{
    bq_auto(buf) struct bq_buf clean;
    bq_buf_init(&clean, CLI_ARENA_BYTES);
    put_clean(&clean, text, strlen(text));

    const char *copy = bq_arena_strndup(arena, clean.data ? clean.data : "", clean.len);
    return copy && !clean.failed ? copy : "<too long>";
}

/* JSON has raw control characters only in strings (DEL and C1), where an escape means the same. */
const char *cli_json(struct barq_arena *arena, const struct barq_value *value)
{
    const char *json = NULL;
    struct barq_error err;

    if (!value) {
        return "null";
    }
    if (barq_to_json(arena, value, &json, NULL, &err) != BARQ_OK) {
        const char *why = bq_arena_format(arena, "<%s>", err.text);
        return why ? cli_clean(arena, why) : "<too long>";
    }
    return cli_clean(arena, json);
}

void cli_complain(const char *sentence)
{
    bq_auto(buf) struct bq_buf clean;
    bq_buf_init(&clean, SENTENCE_MAX_BYTES);
    put_clean(&clean, sentence, strlen(sentence));

    const char *text = bq_buf_cstr(&clean);
    (void)fflush(stdout); /* so that in a terminal or a log the two come in their order */
    fprintf(stderr, "barq: %s\n", text ? text : "something is wrong, and too long to tell");
}

/* clang-format off */
static const enum cli_exit exits[] = {
    [BARQ_OK]           = CLI_OK,
    [BARQ_ERR_NOMEM]    = CLI_BROKEN,
    [BARQ_ERR_LIMIT]    = CLI_REFUSED,
    [BARQ_ERR_FORMAT]   = CLI_USAGE,
    [BARQ_ERR_TYPE]     = CLI_USAGE,
    [BARQ_ERR_ARG]      = CLI_USAGE,
    [BARQ_ERR_EXISTS]   = CLI_REFUSED,
    [BARQ_ERR_NOTFOUND] = CLI_REFUSED,
    [BARQ_ERR_CONFLICT] = CLI_REFUSED,
    [BARQ_ERR_BUSY]     = CLI_BROKEN,
    [BARQ_ERR_TIMEOUT]  = CLI_UNFINISHED,
    [BARQ_ERR_CANCELED] = CLI_REFUSED,
    [BARQ_ERR_CONN]     = CLI_BROKEN,
    [BARQ_ERR_FULL]     = CLI_BROKEN,
    [BARQ_ERR_CORRUPT]  = CLI_BROKEN,
    [BARQ_ERR_DENIED]   = CLI_BROKEN,
    [BARQ_ERR_IO]       = CLI_BROKEN,
    [BARQ_ERR_SQL]      = CLI_BROKEN,
    [BARQ_ERR_JOB]      = CLI_REFUSED,
    [BARQ_ERR_BUG]      = CLI_BROKEN,
};
/* clang-format on */

int cli_failed(enum barq_status status, const struct barq_error *err)
{
    size_t at = (size_t)status;

    cli_complain(err->text);
    return (int)(at < sizeof(exits) / sizeof(exits[0]) ? exits[at] : CLI_BROKEN);
}

int cli_not_opened(enum barq_status status, const struct barq_error *err)
{
    return cli_failed(status, err) == CLI_USAGE ? CLI_USAGE : CLI_BROKEN;
}

/* In characters; wide ones are rare enough. */
static size_t width_of(const char *cell)
{
    size_t width = 0;

    for (; *cell != '\0'; cell++) {
        width += ((unsigned char)*cell & 0xc0) != 0x80;
    }
    return width;
}

static void widen(size_t *widths, const char *const *row, size_t n_columns)
{
    for (size_t i = 0; i < n_columns; i++) {
        size_t width = width_of(row[i]);
        widths[i] = width > widths[i] ? width : widths[i];
    }
}

static void print_row(const size_t *widths, const char *const *row, size_t n_columns)
{
    for (size_t i = 0; i < n_columns; i++) {
        bool last = i + 1 == n_columns;
        size_t pad = last ? 0 : widths[i] + COLUMN_GAP - width_of(row[i]);
        printf("%s%*s", row[i], (int)pad, "");
    }
    putchar('\n');
}

void cli_table(const char *const *titles, const char *const *cells, size_t n_rows, size_t n_columns)
{
    size_t widths[MAX_COLUMNS] = {0};

    if (titles) {
        widen(widths, titles, n_columns);
    }
    for (size_t row = 0; row < n_rows; row++) {
        widen(widths, cells + row * n_columns, n_columns);
    }
    if (titles) {
        print_row(widths, titles, n_columns);
    }
    for (size_t row = 0; row < n_rows; row++) {
        print_row(widths, cells + row * n_columns, n_columns);
    }
}

const char *cli_time(struct barq_arena *arena, int64_t at_ms)
{
    char text[BQ_TIME_TEXT_BYTES];

    if (at_ms == 0) {
        return "-";
    }
    bq_time_text(at_ms, text);
    const char *copy = bq_arena_strdup(arena, text);
    return copy ? copy : "-";
}

#include "commands/terminal.h"

#include <limits.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"

enum { DEFAULT_WIDTH = 80, BAR_MAX = 40, MARKS_MAX = 8 };

int bm_terminal_width(FILE *file)
{
    struct winsize size;

    if (!isatty(fileno(file))) {
        return 0;
    }
    if (ioctl(fileno(file), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
        return DEFAULT_WIDTH;
    }
    return size.ws_col;
}

/* -- characters -- */

/* Takes one character; what is no UTF-8 is taken as one byte. */
static uint32_t take_char(const char **at)
{
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    const unsigned char *text = (const unsigned char *)*at;
    size_t len = text[0] < 0x80 ? 1 : text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;

    if (strnlen(*at, len) < len || !bq_utf8_valid(*at, len)) {
        *at += 1;
        return '?';
    }
    uint32_t code = text[0] & masks[len];
    for (size_t i = 1; i < len; i++) {
        code = code << 6 | (text[i] & 0x3f);
    }
    *at += len;
    return code;
}

/*
 * Columns of a character: the common cases of East Asian width and of what
 * combines. (wcwidth() needs a locale.)
 */
static int char_width(uint32_t code)
{
    static const struct {
        uint32_t first, last;
        int width;
    } ranges[] = {
        {0x0300, 0x036f, 0}, {0x1100, 0x115f, 2},   {0x200b, 0x200f, 0},   {0x202a, 0x202e, 0},
        {0x2060, 0x206f, 0}, {0x2e80, 0xa4cf, 2},   {0xac00, 0xd7a3, 2},   {0xf900, 0xfaff, 2},
        {0xfe00, 0xfe0f, 0}, {0xfe30, 0xfe6f, 2},   {0xfeff, 0xfeff, 0},   {0xff00, 0xff60, 2},
        {0xffe0, 0xffe6, 2}, {0x1f300, 0x1faff, 2}, {0x20000, 0x3fffd, 2}, {0xe0000, 0xe0fff, 0},
    };

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        if (code >= ranges[i].first && code <= ranges[i].last) {
            return ranges[i].width;
        }
    }
    return 1;
}

/* Controls of ASCII and Latin-1, and those which turn the direction of what follows. */
static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x202a && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069);
}

int bm_text_width(const char *text)
{
    int width = 0;

    for (const char *at = text; *at != '\0';) {
        uint32_t code = take_char(&at);
        width += is_control(code) ? 1 : char_width(code);
    }
    return width;
}

/*
 * As much as fits into `room` columns; returns how many it took. Of marks that
 * take none, no more than MARKS_MAX in a row: a column could hold any number.
 */
static int print_fitting(FILE *file, const char *text, int room)
{
    int used = 0;
    int marks = 0;

    for (const char *at = text; *at != '\0';) {
        const char *begin = at;
        uint32_t code = take_char(&at);
        int width = is_control(code) ? 1 : char_width(code);
        if (used + width > room) {
            break;
        }
        marks = width == 0 ? marks + 1 : 0;
        if (marks > MARKS_MAX) {
            continue;
        }
        if (is_control(code)) {
            fputc(' ', file);
        } else if (code == '?') {
            fputc('?', file);
        } else {
            fwrite(begin, 1, (size_t)(at - begin), file);
        }
        used += width;
    }
    return used;
}

void bm_print_text(FILE *file, const char *text)
{
    print_fitting(file, text, INT_MAX);
}

static void print_spaces(FILE *file, int count)
{
    fprintf(file, "%*s", count > 0 ? count : 0, "");
}

static void print_cell(FILE *file, const struct bm_text_column *column, const char *text, bool last)
{
    int width = bm_text_width(text);
    bool cut = width > column->width;

    if (column->right && !cut) {
        print_spaces(file, column->width - width);
    }
    int used = print_fitting(file, text, cut ? column->width - 1 : column->width);
    if (cut) {
        fputs("\xe2\x80\xa6", file); /* an ellipsis */
        used++;
    }
    if (!last) {
        print_spaces(file, (column->right ? 0 : column->width - used) + BM_COLUMN_GAP);
    }
}

void bm_print_row(FILE *file, const struct bm_text_column *columns, size_t count,
                  const char *const *cells)
{
    for (size_t i = 0; i < count; i++) {
        print_cell(file, &columns[i], cells[i] ? cells[i] : "", i + 1 == count);
    }
    fputc('\n', file);
}

void bm_print_titles(FILE *file, const struct bm_text_column *columns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        print_cell(file, &columns[i], columns[i].title, i + 1 == count);
    }
    fputc('\n', file);
    for (size_t i = 0; i < count; i++) {
        for (int n = 0; n < columns[i].width; n++) {
            fputc('-', file);
        }
        print_spaces(file, i + 1 == count ? 0 : BM_COLUMN_GAP);
    }
    fputc('\n', file);
}

void bm_length_text(int64_t duration_s, char out[BM_LENGTH_BYTES])
{
    long long s = duration_s;

    if (s < 0) {
        *out = '\0';
    } else if (s == 0) {
        snprintf(out, BM_LENGTH_BYTES, "live");
    } else if (s < 3600) {
        snprintf(out, BM_LENGTH_BYTES, "%lld:%02lld", s / 60, s % 60);
    } else {
        snprintf(out, BM_LENGTH_BYTES, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
    }
}

/* -- progress -- */

void bm_progress_begin(struct bm_progress *progress, FILE *file)
{
    *progress = (struct bm_progress){.file = file, .width = bm_terminal_width(file)};
}

static void draw_bar(struct bm_progress *progress, const struct bm_counts *counts, int64_t done)
{
    int bar = progress->width - 40 < BAR_MAX ? progress->width - 40 : BAR_MAX;
    int full = counts->total > 0 ? (int)(done * bar / counts->total) : bar;

    fputs("\r[", progress->file);
    for (int i = 0; i < bar; i++) {
        fputc(i < full ? '#' : '.', progress->file);
    }
    fprintf(progress->file, "] %lld of %lld, %lld failed\033[K", (long long)done,
            (long long)counts->total, (long long)counts->failed);
    fflush(progress->file);
    progress->drawn = true;
}

void bm_progress_show(struct bm_progress *progress, const struct bm_counts *counts)
{
    int64_t done = counts->completed + counts->failed;
    int tenths = counts->total > 0 ? (int)(done * 10 / counts->total) : 10;

    if (progress->width > 0) {
        draw_bar(progress, counts, done);
    } else if (tenths > progress->tenths) {
        progress->tenths = tenths;
        fprintf(progress->file, "%3d %%  %lld of %lld, %lld failed\n", tenths * 10, (long long)done,
                (long long)counts->total, (long long)counts->failed);
        fflush(progress->file);
    }
}

void bm_progress_end(struct bm_progress *progress)
{
    if (progress->drawn) {
        fputs("\r\033[K", progress->file);
        fflush(progress->file);
    }
}

#include "formats/cues.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { FIRST_CUES = 64 };

static const int64_t most_ms = INT64_C(366) * 86400 * 1000;

/* -- times -- */

/* Up to `most` digits, moving on; -1 when there are none. */
static int64_t read_digits(const char **at, const char *end, int most)
{
    int64_t number = 0;
    const char *from = *at;

    while (*at < end && *at - from < most && isdigit((unsigned char)**at)) {
        number = number * 10 + (*(*at)++ - '0');
    }
    return *at > from ? number : -1;
}

/* ".5", ",500": milliseconds */
static int64_t read_fraction(const char **at, const char *end)
{
    int64_t ms = 0;
    int64_t unit = 100;

    if (*at == end || (**at != '.' && **at != ',')) {
        return 0;
    }
    for (++*at; *at < end && isdigit((unsigned char)**at); ++*at) {
        ms += unit * (**at - '0');
        unit /= 10;
    }
    return ms;
}

bool bm_cue_time(const char **at, const char *end, int64_t *out_ms)
{
    const char *here = *at;
    int64_t seconds = read_digits(&here, end, 4); /* hours of a stream that never ends */
    int colons = 0;

    while (seconds >= 0 && colons < 2 && here < end && *here == ':') {
        here++;
        int64_t part = read_digits(&here, end, 2);
        if (part < 0 || part > 59) {
            return false;
        }
        seconds = seconds * 60 + part;
        colons++;
    }
    if (seconds < 0 || colons == 0) {
        return false;
    }
    *out_ms = seconds * 1000 + read_fraction(&here, end);
    *at = here;
    return true;
}

/* -- cues -- */

static bool grow(struct bm_cues *cues)
{
    size_t capacity = cues->capacity ? 2 * cues->capacity : FIRST_CUES;
    struct bm_cue *longer = NULL;

    cues->too_many |= capacity > (size_t)2 * BM_CAPTIONS_MAX_CUES;
    if (!cues->too_many) {
        longer = bq_arena_array(cues->arena, capacity, sizeof(*longer));
        cues->full |= !longer;
    }
    if (!longer) {
        return false;
    }
    if (cues->count > 0) {
        memcpy(longer, cues->cues, cues->count * sizeof(*longer));
    }
    cues->cues = longer;
    cues->capacity = capacity;
    return true;
}

/* Words with single blanks between them, in `out` (of `len` bytes and a NUL); its length. */
static size_t squeeze(const char *text, size_t len, char *out)
{
    size_t put = 0;

    for (size_t i = 0; i < len; i++) {
        /* The no-break space that YouTube writes, the mark of zero width, and controls. */
        bool wide = len - i > 1 && memcmp(text + i, "\xc2\xa0", 2) == 0;
        bool none = len - i > 2 && memcmp(text + i, "\xe2\x80\x8b", 3) == 0;
        if (wide || none || (unsigned char)text[i] <= ' ' || text[i] == 0x7f) {
            i += wide ? 1 : (none ? 2 : 0);
            if (put > 0 && out[put - 1] != ' ' && !none) {
                out[put++] = ' ';
            }
        } else {
            out[put++] = text[i];
        }
    }
    put -= put > 0 && out[put - 1] == ' ';
    out[put] = '\0';
    return put;
}

void bm_cues_add(struct bm_cues *cues, int64_t start_ms, int64_t end_ms, const char *text,
                 size_t len)
{
    char words[BM_CUE_TEXT_BYTES + 1];
    size_t taken = bq_utf8_cut(text, len, BM_CUE_TEXT_BYTES);
    size_t put = squeeze(text, taken, words);
    if (put == 0 || start_ms < 0 || start_ms > most_ms) {
        return;
    }
    cues->too_many |= cues->count >= BM_CAPTIONS_MAX_CUES;
    if (cues->too_many || cues->full || (cues->count == cues->capacity && !grow(cues))) {
        return;
    }

    const char *kept = bq_arena_strndup(cues->arena, words, put);
    cues->full |= !kept;
    if (kept) {
        cues->cues[cues->count++] = (struct bm_cue){
            .start_ms = start_ms,
            .end_ms = end_ms >= start_ms && end_ms <= most_ms ? end_ms : start_ms,
            .text = kept,
        };
    }
}

static bool in_order(const struct bm_cues *cues)
{
    for (size_t i = 1; i < cues->count; i++) {
        if (cues->cues[i - 1].start_ms > cues->cues[i].start_ms) {
            return false;
        }
    }
    return true;
}

/* Merges the runs `from` to `middle` and `middle` to `to` of one array into another. */
static void merge(const struct bm_cue *in, size_t from, size_t middle, size_t to,
                  struct bm_cue *out)
{
    size_t left = from;
    size_t right = middle;

    for (size_t i = from; i < to; i++) {
        bool takes_left = left < middle && (right >= to || in[left].start_ms <= in[right].start_ms);
        out[i] = takes_left ? in[left++] : in[right++];
    }
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Not qsort(): those of one start must keep their order. */
void bm_cues_sort(struct bm_cues *cues)
{
    size_t count = cues->count;
    if (in_order(cues)) {
        return;
    }
    struct bm_cue *in = cues->cues;
    struct bm_cue *out = bq_arena_array(cues->arena, count, sizeof(*out));
    if (!out) {
        cues->full = true;
        return;
    }

    for (size_t run = 1; run < count; run *= 2) {
        for (size_t from = 0; from < count; from += 2 * run) {
            merge(in, from, least(from + run, count), least(from + 2 * run, count), out);
        }
        struct bm_cue *sorted = out;
        out = in;
        in = sorted;
    }
    cues->cues = in;
}

/* -- rolling lines -- */

void bm_rolling_init(struct bm_rolling *rolling, struct bm_cues *cues)
{
    rolling->cues = cues;
    bq_buf_init(&rolling->last, BM_CUE_TEXT_BYTES);
}

void bm_rolling_clear(struct bm_rolling *rolling)
{
    bq_buf_clear(&rolling->last);
}

static size_t blank_len(const char *text, size_t len)
{
    size_t blank = 0;

    while (blank < len && isspace((unsigned char)text[blank])) {
        blank++;
    }
    return blank;
}

static void remember(struct bm_rolling *rolling, const char *line, size_t len)
{
    bq_buf_reset(&rolling->last);
    bq_buf_put(&rolling->last, line, bq_utf8_cut(line, len, BM_CUE_TEXT_BYTES));
}

static bool is_last(const struct bm_rolling *rolling, const char *line, size_t len)
{
    return len > 0 && rolling->last.len == len && memcmp(rolling->last.data, line, len) == 0;
}

void bm_rolling_add(struct bm_rolling *rolling, int64_t start_ms, int64_t end_ms, const char *lines,
                    size_t len)
{
    bq_auto(buf) struct bq_buf fresh;
    const char *end = lines + len;
    bq_buf_init(&fresh, BM_CAPTIONS_MAX_BYTES);

    for (const char *at = lines; at < end;) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        const char *next = line_end ? line_end + 1 : end;
        const char *stop = line_end ? line_end : end;
        at += blank_len(at, (size_t)(stop - at));
        while (stop > at && isspace((unsigned char)stop[-1])) {
            stop--;
        }
        size_t line_len = (size_t)(stop - at);
        if (line_len > 0 && !is_last(rolling, at, line_len)) {
            bq_buf_put(&fresh, at, line_len);
            bq_buf_put_u8(&fresh, '\n');
            remember(rolling, at, line_len);
        }
        at = next;
    }
    rolling->cues->full |= fresh.starved || rolling->last.starved;
    if (fresh.len > 0) {
        bm_cues_add(rolling->cues, start_ms, end_ms, fresh.data, fresh.len);
    }
}

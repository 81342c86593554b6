/* WebVTT and SubRip: blocks of lines with a time above them. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "formats/cues.h"
#include "formats/xml.h"

enum {
    FILLER_MS = 15, /* rolling captions stand still for 10 ms between two lines */
    TAG_MAX_BYTES = 200,
};

struct reader {
    struct bm_cues *cues;
    struct bm_rolling rolling;
    bool rolls;
    bool is_vtt;
    bool in_cue;
    bool in_header; /* of a VTT, up to the first empty line */
    bool skips;     /* a NOTE, a STYLE: up to the next empty line */
    int64_t start_ms;
    int64_t end_ms;
    struct bq_buf text; /* of the cue, its lines ended by '\n' */
};

/* -- one line of text -- */

/* What a tag may begin with; "<3" is a heart, unless the file is a VTT, where it is a time. */
static bool begins_tag(const struct reader *reader, const char *at, const char *end)
{
    if (end - at < 2) {
        return false;
    }
    return isalpha((unsigned char)at[1]) || at[1] == '/' ||
           (reader->is_vtt && isdigit((unsigned char)at[1]));
}

/* Where `at` goes on after a tag that begins there, or NULL. */
static const char *skip_tag(const struct reader *reader, const char *at, const char *end)
{
    size_t look = end - at < TAG_MAX_BYTES ? (size_t)(end - at) : TAG_MAX_BYTES;

    if (*at == '<' && begins_tag(reader, at, end)) {
        const char *close = memchr(at, '>', look);
        return close ? close + 1 : NULL;
    }
    if (*at == '{' && end - at > 1 && at[1] == '\\') { /* "{\an8}": where SubRip puts a line */
        const char *close = memchr(at, '}', look);
        return close ? close + 1 : NULL;
    }
    return NULL;
}

static void put_line(struct reader *reader, const char *at, const char *end)
{
    while (at < end) {
        const char *after = skip_tag(reader, at, end);
        if (after) {
            at = after;
            continue;
        }
        const char *next = at + 1;
        while (next < end && *next != '<' && *next != '{') {
            next++;
        }
        bm_put_decoded(&reader->text, at, (size_t)(next - at));
        at = next;
    }
    bq_buf_put_u8(&reader->text, '\n');
}

/* -- cues -- */

static void end_cue(struct reader *reader)
{
    const char *text = reader->text.data;
    size_t len = reader->text.len;

    if (!reader->in_cue) {
        return;
    }
    reader->in_cue = false;
    reader->cues->full |= reader->text.starved;
    if (len == 0) {
        return;
    }
    if (!reader->rolls) {
        bm_cues_add(reader->cues, reader->start_ms, reader->end_ms, text, len);
    } else if (reader->end_ms - reader->start_ms > FILLER_MS) {
        bm_rolling_add(&reader->rolling, reader->start_ms, reader->end_ms, text, len);
    }
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t')) {
        at++;
    }
    return at;
}

/* "00:01.000 --> 00:04.000 align:start" */
static bool begin_cue(struct reader *reader, const char *at, const char *end)
{
    int64_t start_ms = 0;
    int64_t end_ms = 0;

    at = skip_blanks(at, end);
    if (!bm_cue_time(&at, end, &start_ms)) {
        return false;
    }
    at = skip_blanks(at, end);
    if (end - at < 3 || memcmp(at, "-->", 3) != 0) {
        return false;
    }
    at = skip_blanks(at + 3, end);
    if (!bm_cue_time(&at, end, &end_ms)) {
        return false;
    }
    end_cue(reader);
    reader->in_cue = true;
    reader->start_ms = start_ms;
    reader->end_ms = end_ms;
    bq_buf_reset(&reader->text);
    return true;
}

static void read_header(struct reader *reader, const char *at, const char *end)
{
    static const char key[] = "Language:";
    size_t len = sizeof(key) - 1;
    if (end - at < (long)len || memcmp(at, key, len) != 0 || reader->cues->language) {
        return;
    }

    at = skip_blanks(at + len, end);
    size_t most = (size_t)(end - at) < 40 ? (size_t)(end - at) : 40;
    reader->cues->language = bq_arena_strndup(reader->cues->arena, at, most);
    reader->cues->full |= !reader->cues->language;
}

static bool begins_with(const char *at, const char *end, const char *word)
{
    size_t len = strlen(word);

    return (size_t)(end - at) >= len && memcmp(at, word, len) == 0 &&
           ((size_t)(end - at) == len || isspace((unsigned char)at[len]));
}

static void read_line(struct reader *reader, const char *at, const char *end)
{
    if (at == end) {
        end_cue(reader);
        reader->in_header = reader->skips = false;
        return;
    }
    if (reader->skips || begin_cue(reader, at, end)) {
        return;
    }
    if (reader->in_header) {
        read_header(reader, at, end);
    } else if (reader->in_cue) {
        put_line(reader, at, end);
    } else if (reader->is_vtt && (begins_with(at, end, "NOTE") || begins_with(at, end, "STYLE") ||
                                  begins_with(at, end, "REGION"))) {
        reader->skips = true;
    }
    /* Else it is a cue's name or number. */
}

static void read_all(const char *text, size_t len, struct bm_cues *cues, bool is_vtt)
{
    struct reader reader = {.cues = cues, .is_vtt = is_vtt, .in_header = is_vtt};
    const char *end = text + len;
    /* Only what was recognised by a machine rolls; people may say the same twice. */
    reader.rolls = is_vtt && memmem(text, len, "><c>", 4);

    bm_rolling_init(&reader.rolling, cues);
    bq_buf_init(&reader.text, BM_CAPTIONS_MAX_BYTES);
    for (const char *at = text; at < end && !cues->full && !cues->too_many;) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        const char *stop = line_end ? line_end : end;
        const char *next = line_end ? line_end + 1 : end;
        stop -= stop > at && stop[-1] == '\r';
        read_line(&reader, at, stop);
        at = next;
    }
    end_cue(&reader);
    bm_rolling_clear(&reader.rolling);
    bq_buf_clear(&reader.text);
}

void bm_vtt_read(const char *text, size_t len, struct bm_cues *cues)
{
    read_all(text, len, cues, true);
}

void bm_srt_read(const char *text, size_t len, struct bm_cues *cues)
{
    read_all(text, len, cues, false);
}

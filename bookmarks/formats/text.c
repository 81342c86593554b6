#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "formats/csv.h"
#include "formats/format.h"
#include "formats/text.h"

#define BLANKS " \t\r\n\v\f"
/* What stands around an address in prose, Markdown or HTML, and is never in one of YouTube's. */
#define AROUND " \t\r\n\v\f<>\"'()[]{}|`*"
/* What ends a sentence, and so no address. */
#define AFTER ".,;:!?"

struct text {
    const struct bm_sink *sink; /* borrowed */
    struct bm_csv lines;
    bool archive; /* yt-dlp's: "SITE ID" in each line */
};

static enum barq_status open_text(const struct bm_sink *sink, const struct bm_head *head,
                                  void **out, struct barq_error *err)
{
    struct text *text = calloc(1, sizeof(*text));

    (void)head;
    if (!text) {
        return bq_fail(err, BARQ_ERR_NOMEM, "import: out of memory");
    }
    text->sink = sink;
    bm_csv_init(&text->lines, BM_CSV_LINES);
    *out = text;
    return BARQ_OK;
}

static void close_text(void *self)
{
    struct text *text = self;

    if (text) {
        bm_csv_clear(&text->lines);
        free(text);
    }
}

static enum barq_status give(struct text *text, const char *address, bool mixed,
                             struct barq_error *err)
{
    struct bm_item item = {.line = text->lines.line, .added_at_ms = INT64_MIN};

    return bm_item_give(text->sink, &item, address, mixed, err);
}

static bool begins_address(const char *word)
{
    static const char *const begins[] = {"http://", "https://", "//", "www.", "youtu.be/"};

    for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
        if (strncasecmp(word, begins[i], strlen(begins[i])) == 0) {
            return true;
        }
    }
    return bm_video_url_likely(word, strlen(word));
}

bool bm_text_has_address(const char *line)
{
    for (size_t len; *(line += strspn(line, AROUND)) != '\0'; line += len) {
        char word[BM_URL_MAX_BYTES + 1];

        len = strcspn(line, AROUND);
        if (len <= BM_URL_MAX_BYTES) {
            memcpy(word, line, len);
            word[len] = '\0';
            if (begins_address(word)) {
                return true;
            }
        }
    }
    return false;
}

/* "A,B": a comma may be in an address, but not before the next one. */
static char *next_of_many(char *word)
{
    for (char *comma = strpbrk(word, ",;"); comma; comma = strpbrk(comma + 1, ",;")) {
        char after[BM_URL_MAX_BYTES + 1];
        size_t len = strcspn(comma + 1, ",;");
        if (len == 0 || len > BM_URL_MAX_BYTES) {
            continue;
        }
        memcpy(after, comma + 1, len);
        after[len] = '\0';
        if (begins_address(after) || bm_video_id_valid(after)) {
            *comma = '\0';
            return comma + 1;
        }
    }
    return NULL;
}

/* Of a line that is nothing but addresses or ids: whatever is none has failed. */
static enum barq_status take_many(struct text *text, char *word, bool mixed, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    while (word && status == BARQ_OK) {
        char *next = next_of_many(word);
        status = give(text, word, mixed, err);
        word = next;
    }
    return status;
}

/* "youtube ID", as yt-dlp notes what it has downloaded; of other sites the line means nothing. */
static bool is_archive_line(const char *line)
{
    return bq_starts_with(line, "youtube ") && bm_video_id_valid(line + strlen("youtube "));
}

/* Cuts the next word of prose out of `*at`, without what stands around it; NULL after the last one. */
static char *next_word(char **at)
{
    char *word = *at + strspn(*at, AROUND);
    size_t len = strcspn(word, AROUND);
    if (len == 0) {
        return NULL;
    }

    *at = word + len + (word[len] != '\0');
    while (len > 0 && strchr(AFTER, word[len - 1])) {
        len--;
    }
    word[len] = '\0';
    return word;
}

/* A word has capital letters at its begin only, and no digits. */
static bool is_no_word(const char *id)
{
    return strpbrk(id, "0123456789") || strpbrk(id + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

bool bm_text_is_ids(const char *line)
{
    size_t count = 0;

    for (const char *at = line + strspn(line, BLANKS ","); *at != '\0';
         at += strspn(at, BLANKS ",")) {
        char id[BM_VIDEO_ID_BYTES];
        size_t len = strcspn(at, BLANKS ",");
        if (len != BM_YOUTUBE_ID_BYTES) {
            return false;
        }
        memcpy(id, at, len);
        id[len] = '\0';
        if (!bm_video_id_valid(id) || !is_no_word(id)) {
            return false;
        }
        count++;
        at += len;
    }
    return count > 0;
}

/* Addresses within prose: the words between them are nobody's failure. */
static enum barq_status take_prose(struct text *text, char *line, struct barq_error *err)
{
    bool ids = bm_text_is_ids(line);
    enum barq_status status = BARQ_OK;

    if (bq_starts_with(line, "URL=")) { /* a shortcut of Windows */
        line += strlen("URL=");
    }
    for (char *word; status == BARQ_OK && (word = next_word(&line)) != NULL;) {
        if (begins_address(word) || ids) {
            status = take_many(text, word, true, err);
        }
    }
    return status;
}

static bool is_two_words(const char *line)
{
    const char *blank = strpbrk(line, BLANKS);

    return blank && !strpbrk(blank + 1, BLANKS);
}

static bool has_letters(const char *line)
{
    for (; *line != '\0'; line++) {
        bool letter = (*line >= 'a' && *line <= 'z') || (*line >= 'A' && *line <= 'Z');
        if (letter || (*line >= '0' && *line <= '9') || (unsigned char)*line >= 0x80) {
            return true;
        }
    }
    return false;
}

static enum barq_status skip(struct text *text, const char *line, struct barq_error *err)
{
    const struct bm_item item = {.reading = BM_READ_SKIPPED,
                                 .line = text->lines.line,
                                 .text = line,
                                 .why = "of another site",
                                 .added_at_ms = INT64_MIN};

    return text->sink->item(text->sink->context, &item, err);
}

static enum barq_status take_line(struct text *text, struct barq_error *err)
{
    if (text->lines.blank) {
        return BARQ_OK;
    }
    if (text->lines.problem) {
        return bm_item_fail(text->sink, text->lines.line, "", text->lines.problem, err);
    }

    char *line = text->lines.text.data + text->lines.starts[0];
    line += strspn(line, BLANKS);
    size_t len = strlen(line);
    while (len > 0 && strchr(BLANKS, line[len - 1])) {
        line[--len] = '\0';
    }
    if (len == 0) {
        return BARQ_OK;
    }
    if (is_archive_line(line)) {
        text->archive = true;
        return give(text, line + strlen("youtube "), false, err);
    }
    if (text->archive && is_two_words(line)) {
        return skip(text, line, err);
    }
    if (!has_letters(line)) { /* what underlines a heading */
        return BARQ_OK;
    }
    bool prose = strpbrk(line, AROUND) || bq_starts_with(line, "URL=");
    return prose ? take_prose(text, line, err) : take_many(text, line, false, err);
}

static enum barq_status push_text(void *self, const char *bytes, size_t len, struct barq_error *err)
{
    struct text *text = self;
    const char *end = bytes + len;
    enum barq_status status = BARQ_OK;

    for (const char *at = bytes; at < end && status == BARQ_OK;) {
        bool row;
        at = bm_csv_push(&text->lines, at, end, &row);
        if (row) {
            status = take_line(text, err);
        }
    }
    return status;
}

static enum barq_status end_text(void *self, struct barq_error *err)
{
    struct text *text = self;

    return bm_csv_end(&text->lines) ? take_line(text, err) : BARQ_OK;
}

const struct bm_format bm_format_text = {"text", open_text, push_text, end_text, close_text};

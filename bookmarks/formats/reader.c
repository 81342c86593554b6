#include "formats/reader.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"
#include "formats/format.h"
#include "formats/text.h"

enum { UTF16_LOOKED_AT = 512 };

struct bm_reader {
    const struct bm_sink *sink; /* borrowed */
    bool inside;
    struct bq_buf head; /* until the format is known */
    const struct bm_format *format;
    void *self; /* the format's own */
};

enum barq_status bm_reader_open(const struct bm_sink *sink, bool inside, struct bm_reader **out,
                                struct barq_error *err)
{
    struct bm_reader *reader = calloc(1, sizeof(*reader));
    if (!reader) {
        return bq_fail(err, BARQ_ERR_NOMEM, "import: out of memory");
    }

    reader->sink = sink;
    reader->inside = inside;
    bq_buf_init(&reader->head, BM_HEAD_BYTES);
    *out = reader;
    return BARQ_OK;
}

void bm_reader_close(struct bm_reader *reader)
{
    if (!reader) {
        return;
    }
    if (reader->format) {
        reader->format->close(reader->self);
    }
    bq_buf_clear(&reader->head);
    free(reader);
}

void bm_reader_drop(struct bm_reader **reader)
{
    bm_reader_close(*reader);
}

const char *bm_reader_format(const struct bm_reader *reader)
{
    return reader->format ? reader->format->name : NULL;
}

/* -- which format -- */

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

static bool is_zip(const struct bm_head *head)
{
    return head->len >= 4 &&
           (memcmp(head->bytes, "PK\x03\x04", 4) == 0 || memcmp(head->bytes, "PK\x05\x06", 4) == 0);
}

static enum barq_status check_encoding(const struct bm_head *head, struct barq_error *err)
{
    if (looks_like_utf16(head->bytes, head->len)) {
        return bq_fail(err, BARQ_ERR_FORMAT,
                       "import: UTF-16, but UTF-8 is needed; convert it: iconv -f UTF-16 -t UTF-8");
    }
    if (!bq_utf8_valid(head->bytes,
                       head->whole ? head->len : bq_utf8_cut(head->bytes, head->len, head->len))) {
        return bq_fail(err, BARQ_ERR_FORMAT,
                       "import: not UTF-8; it looks like Latin-1 or Windows-1252; convert it: "
                       "iconv -f WINDOWS-1252 -t UTF-8");
    }
    return BARQ_OK;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static size_t skip_blanks(const struct bm_head *head, size_t at)
{
    while (at < head->len && is_blank(head->bytes[at])) {
        at++;
    }
    return at;
}

/* A brace or bracket, and what can follow it in JSON; not "[a link](https://...)". */
static bool is_json(const struct bm_head *head)
{
    size_t at = skip_blanks(head, 0);
    if (at == head->len || (head->bytes[at] != '{' && head->bytes[at] != '[')) {
        return false;
    }
    bool list = head->bytes[at] == '[';
    at = skip_blanks(head, at + 1);
    return at < head->len && strchr(list ? "{[\"]" : "\"}", head->bytes[at]) &&
           head->bytes[at] != '\0';
}

static bool has(const struct bm_head *head, const char *text)
{
    return memmem(head->bytes, head->len, text, strlen(text)) != NULL;
}

static bool is_bookmarks(const struct bm_head *head)
{
    size_t at = skip_blanks(head, 0);

    return at < head->len && head->bytes[at] == '<' &&
           (has(head, "NETSCAPE-Bookmark") || has(head, "<A ") || has(head, "<a ") ||
            has(head, "<DT>") || has(head, "<dt>"));
}

/* The first line that is no comment and not blank. */
static void first_line(const struct bm_head *head, const char **line, size_t *len)
{
    const char *end = head->bytes + head->len;

    for (const char *at = head->bytes;;) {
        const char *stop = at;
        while (stop < end && *stop != '\n' && *stop != '\r') {
            stop++;
        }
        if (stop == end || (stop > at && *at != '#')) {
            *line = at;
            *len = (size_t)(stop - at);
            return;
        }
        at = stop + 1;
    }
}

static bool is_ids(const char *line, size_t len)
{
    char text[BM_URL_MAX_BYTES + 1];
    if (len > BM_URL_MAX_BYTES || memchr(line, '\0', len)) {
        return false;
    }

    memcpy(text, line, len);
    text[len] = '\0';
    return bm_text_is_ids(text);
}

/*
 * A list of addresses, one a line: then commas and quotes belong to the
 * address. With a comma in its first line it is one only if the address needs
 * what follows the comma.
 */
static bool begins_with_address(const char *line, size_t len)
{
    struct bm_target target;
    const char *comma = memchr(line, ',', len);

    if (memchr(line, '\t', len)) {
        return false;
    }
    if (is_ids(line, len)) {
        return true;
    }
    if (!comma) {
        return bm_video_url_likely(line, len);
    }
    return bm_target_parse(line, len, &target, NULL) == BARQ_OK &&
           bm_target_parse(line, (size_t)(comma - line), &target, NULL) != BARQ_OK;
}

static enum barq_status count_address(void *context, const struct bm_item *item,
                                      struct barq_error *err)
{
    size_t *count = context;

    (void)err;
    *count += item->reading == BM_READ_TARGET ||
              (item->text && bm_video_url_likely(item->text, strlen(item->text)));
    return BARQ_OK;
}

/* Does it hold any address, when it is read as text? */
static bool is_text(const struct bm_head *head)
{
    size_t count = 0;
    const struct bm_sink counter = {.context = &count, .item = count_address};
    void *text = NULL;

    if (bm_format_text.open(&counter, head, &text, NULL) != BARQ_OK) {
        return false;
    }
    bool read = bm_format_text.push(text, head->bytes, head->len, NULL) == BARQ_OK &&
                (!head->whole || bm_format_text.end(text, NULL) == BARQ_OK);
    bm_format_text.close(text);
    return read && count > 0;
}

/* Words and cells: prose is what makes no table. */
static enum barq_status choose_text(struct bm_head *head, const struct bm_format **out,
                                    struct barq_error *err)
{
    struct barq_error why;
    const char *line;
    size_t len;

    first_line(head, &line, &len);
    if (len == 0) {
        return bq_fail(err, BARQ_ERR_ARG, "import: the file is empty");
    }
    if (begins_with_address(line, len)) {
        *out = &bm_format_text;
        return BARQ_OK;
    }
    enum barq_status status =
        bm_layout_judge(head->bytes, head->len, head->whole, &head->layout, &why);
    if (status == BARQ_ERR_NOTFOUND) {
        *out = &bm_format_text;
        return is_text(head) ? BARQ_OK : bq_fail(err, BARQ_ERR_FORMAT, "%s", why.text);
    }
    *out = &bm_format_table;
    return status == BARQ_OK ? BARQ_OK : bq_fail(err, status, "%s", why.text);
}

static enum barq_status choose(struct bm_head *head, const struct bm_format **out,
                               struct barq_error *err)
{
    if (is_zip(head)) {
        *out = &bm_format_zip;
        return BARQ_OK;
    }
    enum barq_status status = check_encoding(head, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (is_json(head)) {
        *out = &bm_format_json;
        return BARQ_OK;
    }
    if (is_bookmarks(head)) {
        *out = &bm_format_bookmarks;
        return BARQ_OK;
    }
    return choose_text(head, out, err);
}

/* Judges what the file is by what has gathered of it, and takes that. */
static enum barq_status begin(struct bm_reader *reader, bool whole, struct barq_error *err)
{
    const char *bytes = reader->head.data ? reader->head.data : "";
    size_t len = reader->head.len;
    size_t mark = len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    struct bm_head head = {
        .bytes = bytes + mark, .len = len - mark, .whole = whole, .inside = reader->inside};
    const struct bm_format *format = NULL;

    enum barq_status status = choose(&head, &format, err);
    assert(status != BARQ_OK || format);
    if (status == BARQ_OK) {
        status = format->open(reader->sink, &head, &reader->self, err);
    }
    if (status == BARQ_OK) {
        reader->format = format;
        status = format->push(reader->self, head.bytes, head.len, err);
    }
    bq_buf_clear(&reader->head);
    return status;
}

enum barq_status bm_reader_push(struct bm_reader *reader, const char *bytes, size_t len,
                                struct barq_error *err)
{
    if (!reader->format) {
        size_t room = BM_HEAD_BYTES - reader->head.len;
        size_t taken = len < room ? len : room;
        bq_buf_put(&reader->head, bytes, taken);
        if (reader->head.failed) {
            return bq_fail(err, BARQ_ERR_NOMEM, "import: out of memory");
        }
        enum barq_status status =
            reader->head.len < BM_HEAD_BYTES ? BARQ_OK : begin(reader, false, err);
        if (status != BARQ_OK || taken == len) {
            return status;
        }
        bytes += taken;
        len -= taken;
    }
    return reader->format->push(reader->self, bytes, len, err);
}

enum barq_status bm_reader_end(struct bm_reader *reader, struct barq_error *err)
{
    enum barq_status status = reader->format ? BARQ_OK : begin(reader, true, err);

    return status == BARQ_OK ? reader->format->end(reader->self, err) : status;
}

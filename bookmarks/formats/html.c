#include "formats/html.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum state { IN_TEXT, IN_TAG, IN_VALUE, IN_COMMENT };

void bm_html_init(struct bm_html *html, size_t text_max_bytes)
{
    *html = (struct bm_html){.state = IN_TEXT, .line = 1};
    bq_buf_init(&html->text, text_max_bytes);
    bq_buf_init(&html->tag, BM_HTML_TAG_MAX_BYTES);
}

void bm_html_clear(struct bm_html *html)
{
    bq_buf_clear(&html->text);
    bq_buf_clear(&html->tag);
}

static void put(struct bq_buf *buf, char byte)
{
    if (buf->len < buf->limit && byte != '\0') {
        bq_buf_put_u8(buf, (uint8_t)byte);
    }
}

static void in_text(struct bm_html *html, char byte)
{
    if (byte != '<') {
        put(&html->text, byte);
        return;
    }
    bq_buf_reset(&html->tag);
    html->tag_line = html->line;
    html->state = IN_TAG;
}

/* True when the tag has ended. */
static bool in_tag(struct bm_html *html, char byte)
{
    if (byte == '>') {
        html->state = IN_TEXT;
        return true;
    }
    put(&html->tag, byte);
    bool after_equals = html->tag.len > 1 && html->tag.data[html->tag.len - 2] == '=';
    if ((byte == '"' || byte == '\'') && after_equals) {
        html->quote = byte;
        html->value_bytes = 0;
        html->state = IN_VALUE;
    } else if (html->tag.len == 3 && memcmp(html->tag.data, "!--", 3) == 0) {
        html->dashes = 0;
        html->state = IN_COMMENT;
    }
    return false;
}

static void in_value(struct bm_html *html, char byte)
{
    if (byte == html->quote) {
        put(&html->tag, byte);
        html->state = IN_TAG;
        return;
    }
    if (html->value_bytes++ < BM_HTML_VALUE_MAX_BYTES) {
        put(&html->tag, byte);
    }
}

static void in_comment(struct bm_html *html, char byte)
{
    if (byte == '>' && html->dashes >= 2) {
        html->state = IN_TEXT;
    }
    html->dashes = byte == '-' ? html->dashes + 1 : 0;
}

static bool step(struct bm_html *html, char byte)
{
    switch ((enum state)html->state) {
    case IN_TEXT:
        in_text(html, byte);
        return false;
    case IN_TAG:
        return in_tag(html, byte);
    case IN_VALUE:
        in_value(html, byte);
        return false;
    case IN_COMMENT:
        in_comment(html, byte);
        return false;
    }
    assert(false); /* every state has its case */
    return false;
}

const char *bm_html_push(struct bm_html *html, const char *at, const char *end, bool *tag)
{
    *tag = false;
    if (html->ended) {
        bq_buf_reset(&html->text);
    }
    while (at < end && !*tag) {
        *tag = step(html, *at);
        html->line += *at++ == '\n';
    }
    html->ended = *tag;
    return at;
}

#define BLANKS " \t\r\n\f"

bool bm_html_is(const struct bm_html *html, const char *name)
{
    size_t len = strlen(name);

    if (html->tag.len < len || strncasecmp(html->tag.data, name, len) != 0) {
        return false;
    }
    return html->tag.len == len || strchr(BLANKS "/", html->tag.data[len]); /* no NUL is kept */
}

/* Where a value ends: at its quote, or unquoted at the next blank. */
static size_t value_len(const char *at, const char *end, bool quoted, char quote)
{
    size_t len = 0;

    while (at + len < end && (quoted ? at[len] != quote : !strchr(BLANKS, at[len]))) {
        len++;
    }
    return len;
}

bool bm_html_attribute(const struct bm_html *html, const char *name, char *out, size_t size)
{
    const char *end = html->tag.data + html->tag.len;
    size_t name_len = strlen(name);
    const char *at = html->tag.data;

    while (at < end && !strchr(BLANKS, *at)) { /* the tag's own name */
        at++;
    }
    while (at < end) {
        while (at < end && strchr(BLANKS "/", *at)) {
            at++;
        }
        const char *key = at;
        while (at < end && *at != '=' && !strchr(BLANKS, *at)) {
            at++;
        }
        size_t key_len = (size_t)(at - key);
        if (at >= end || *at != '=') {
            at += at < end && key_len == 0;
            continue;
        }
        at++;
        char quote = '\0';
        if (at < end) {
            quote = *at;
        }
        bool quoted = quote == '"' || quote == '\'';
        at += quoted;
        size_t len = value_len(at, end, quoted, quote);
        if (key_len == name_len && strncasecmp(key, name, name_len) == 0) {
            if (len >= size || len >= BM_HTML_VALUE_MAX_BYTES) {
                return false;
            }
            memcpy(out, at, len);
            out[len] = '\0';
            bm_html_decode(out);
            return true;
        }
        at += len + quoted;
    }
    return false;
}

/* -- entities -- */

static const struct entity {
    const char *name; /* with its semicolon */
    const char *text;
} entities[] = {
    {"amp;", "&"}, {"lt;", "<"}, {"gt;", ">"}, {"quot;", "\""}, {"apos;", "'"}, {"nbsp;", " "},
};

static size_t put_utf8(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char first[] = {0, 0xc0, 0xe0, 0xf0};
    for (size_t i = more; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    out[0] = (char)(first[more] | code);
    return more + 1;
}

/* "#39;" and "#x27;": their length, and the bytes they stand for; 0 when it is none. Never longer
 * than what they stand for. */
static size_t numeric(const char *at, char *out, size_t *out_len)
{
    bool hex = at[1] == 'x' || at[1] == 'X';
    const char *digits = at + 1 + hex;
    size_t n = strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789");
    if (n == 0 || n > 7 || digits[n] != ';') {
        return 0;
    }

    unsigned long code = strtoul(digits, NULL, hex ? 16 : 10);
    if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
        return 0;
    }
    *out_len = put_utf8((uint32_t)code, out);
    return (size_t)(digits + n + 1 - at);
}

static size_t named(const char *at, char *out, size_t *out_len)
{
    for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
        if (bq_starts_with(at, entities[i].name)) {
            *out_len = 1;
            *out = *entities[i].text;
            return strlen(entities[i].name);
        }
    }
    return 0;
}

void bm_html_decode(char *text)
{
    char *out = text;

    for (const char *at = text; *at != '\0';) {
        char bytes[4];
        size_t len = 0;
        size_t taken = *at != '&'     ? 0
                       : at[1] == '#' ? numeric(at + 1, bytes, &len)
                                      : named(at + 1, bytes, &len);
        if (taken == 0) {
            *out++ = *at++;
            continue;
        }
        memcpy(out, bytes, len);
        out += len;
        at += taken + 1;
    }
    *out = '\0';
}

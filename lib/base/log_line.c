#include "base/log_line.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

void bq_line_add(struct bq_log_line *line, const char *bytes, size_t len)
{
    if (line->cut || line->len + len > sizeof(line->data) - line->spare) {
        line->cut = true;
        return;
    }
    memcpy(line->data + line->len, bytes, len);
    line->len += len;
}

void bq_line_puts(struct bq_log_line *line, const char *text)
{
    bq_line_add(line, text, strlen(text));
}

void bq_line_end(struct bq_log_line *line, const char *text)
{
    size_t len = strlen(text);

    memcpy(line->data + line->len, text, len);
    line->len += len;
}

static void add_escaped_byte(struct bq_log_line *line, const char *before, unsigned char byte)
{
    char text[16];
    char digits[3];

    bq_hex(&byte, 1, digits);
    bq_line_add(line, text, (size_t)snprintf(text, sizeof(text), "%s%s", before, digits));
}

/* The length of the character at `text`, of which `left` bytes are there; 0 when it is no UTF-8. */
static size_t char_len_of(const char *text, size_t left)
{
    if (left > 0 && *text > 0) {
        return 1;
    }
    for (size_t len = 1; len <= 4 && len <= left; len++) {
        if (bq_utf8_valid(text, len)) {
            return len;
        }
    }
    return 0;
}

static size_t char_len(const char *text)
{
    return char_len_of(text, strnlen(text, 4));
}

/* Some terminals obey U+0080 to U+009F; U+2028 and U+2029 end a line elsewhere. */
static bool is_control(const char *text, size_t len)
{
    unsigned char second = len > 1 ? (unsigned char)text[1] : 0;

    switch (len) {
    case 1:
        return (unsigned char)text[0] < ' ' || text[0] == 0x7f;
    case 2:
        return (unsigned char)text[0] == 0xc2 && second < 0xa0;
    case 3:
        return memcmp(text, "\xe2\x80\xa8", 3) == 0 || memcmp(text, "\xe2\x80\xa9", 3) == 0;
    default:
        return false;
    }
}

/* What has an escape of its own, and what that is; here and in JSON. */
static const char escaped[] = "\n\r\t\"\\";
static const char *const escapes[] = {"\\n", "\\r", "\\t", "\\\"", "\\\\"};

static const char *short_escape(char c)
{
    const char *at = strchr(escaped, c);

    return c != '\0' && at ? escapes[at - escaped] : NULL;
}

/* One character; returns its length. */
static size_t add_char(struct bq_log_line *line, const char *text, bool quoted)
{
    size_t len = char_len(text);
    const char *escape = short_escape(*text);

    if (!quoted && (*text == '"' || *text == '\\')) {
        escape = NULL;
    }
    if (escape) {
        bq_line_puts(line, escape);
        return 1;
    }
    if (len > 0 && !is_control(text, len)) {
        bq_line_add(line, text, len);
        return len;
    }
    add_escaped_byte(line, "\\x", (unsigned char)*text);
    return 1;
}

void bq_line_text(struct bq_log_line *line, const char *text, bool quoted)
{
    while (*text != '\0' && !line->cut) {
        text += add_char(line, text, quoted);
    }
}

static size_t add_json_char(struct bq_log_line *line, const char *text)
{
    size_t len = char_len(text);
    const char *escape = short_escape(*text);

    if (escape) {
        bq_line_puts(line, escape);
        return 1;
    }
    if (len == 0) {
        add_escaped_byte(line, "\\\\x", (unsigned char)*text);
        return 1;
    }
    if (!is_control(text, len)) {
        bq_line_add(line, text, len);
    } else if (len == 3) {
        bq_line_puts(line, text[2] == '\xa8' ? "\\u2028" : "\\u2029");
    } else {
        add_escaped_byte(line, "\\u00", (unsigned char)text[len - 1]);
    }
    return len;
}

void bq_line_json(struct bq_log_line *line, const char *text)
{
    while (*text != '\0' && !line->cut) {
        text += add_json_char(line, text);
    }
}

bool bq_line_is_plain(const char *text)
{
    const char *at = text;

    while (*at > ' ' && *at < 0x7f && *at != '"' && *at != '\\') {
        at++; /* most of what there is */
    }
    while (*at != '\0') {
        size_t len = char_len(at);

        if (len == 0 || *at == ' ' || short_escape(*at) || is_control(at, len)) {
            return false;
        }
        at += len;
    }
    return *text != '\0';
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* The byte that the escape at `text` means, and its length; 0 when it is none. */
static size_t read_escape(const char *text, char *byte)
{
    for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
        if (bq_starts_with(text, escapes[i])) {
            *byte = escaped[i];
            return strlen(escapes[i]);
        }
    }
    if (bq_starts_with(text, "\\x") && hex_digit(text[2]) >= 0 && hex_digit(text[3]) >= 0) {
        *byte = (char)(hex_digit(text[2]) * 16 + hex_digit(text[3]));
        return 4;
    }
    return 0;
}

void bq_line_unescape(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0';) {
        char byte = *from;
        size_t len = read_escape(from, &byte);

        *to++ = byte;
        from += len > 0 ? len : 1;
    }
    *to = '\0';
}

size_t bq_log_clean(const char *text, size_t len, char *out, size_t out_bytes)
{
    size_t done = 0;
    size_t written = 0;

    while (done < len) {
        size_t step = char_len_of(text + done, len - done);
        bool plain = step > 0 && (text[done] == '\t' || !is_control(text + done, step));
        size_t needed = plain ? step : 4;

        if (written + needed >= out_bytes) {
            break;
        }
        if (plain) {
            memcpy(out + written, text + done, step);
        } else {
            step = 1;
            memcpy(out + written, "\\x", 2);
            bq_hex(text + done, 1, out + written + 2);
        }
        written += needed;
        done += step;
    }
    out[written] = '\0';
    return done;
}

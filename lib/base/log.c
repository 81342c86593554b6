#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"

/* PIPE_BUF: what a pipe takes whole, so that lines of several processes never mix. */
enum { LINE_BYTES = 4096, NAME_BYTES = 64 };

/* What stays free in a line for its last quote, "..." and newline. */
enum { END_BYTES = 5 };

/* Set once, before there are threads. */
static enum bq_log_level max_level = BQ_LOG_INFO;
static char process_name[NAME_BYTES];

struct line {
    char data[LINE_BYTES];
    size_t len;
    bool cut; /* something did not fit: nothing is added any more */
};

void bq_log_set_level(enum bq_log_level level)
{
    max_level = level;
}

void bq_log_set_name(const char *name)
{
    size_t len = bq_utf8_cut(name, strlen(name), sizeof(process_name) - 1);

    memcpy(process_name, name, len);
    process_name[len] = '\0';
}

/* All of it or nothing, so that no escape and no character is cut. */
static void add(struct line *line, const char *bytes, size_t len)
{
    if (line->cut || len > sizeof(line->data) - END_BYTES - line->len) {
        line->cut = true;
        return;
    }
    memcpy(line->data + line->len, bytes, len);
    line->len += len;
}

static void add_text(struct line *line, const char *text)
{
    add(line, text, strlen(text));
}

static void add_escaped_byte(struct line *line, unsigned char byte)
{
    char text[] = "\\x00";

    bq_hex(&byte, 1, text + 2);
    add(line, text, 4);
}

/* The length of the character at `text`; 0 when it is no UTF-8. */
static size_t char_len(const char *text)
{
    for (size_t len = 1; len <= strnlen(text, 4); len++) {
        if (bq_utf8_valid(text, len)) {
            return len;
        }
    }
    return 0;
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

static const char *short_escape(char c)
{
    switch (c) {
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    default:
        return NULL;
    }
}

/* One character, escaped where it must be; returns its length. */
static size_t add_char(struct line *line, const char *text)
{
    size_t len = char_len(text);
    const char *escape = short_escape(*text);

    if (escape) {
        add_text(line, escape);
        return 1;
    }
    if (len > 0 && !is_control(text, len)) {
        add(line, text, len);
        return len;
    }
    add_escaped_byte(line, (unsigned char)*text);
    return 1;
}

/* Whether a value can stand as it is. */
static bool is_plain(const char *text)
{
    for (const char *at = text; *at != '\0';) {
        size_t len = char_len(at);

        if (len == 0 || *at == ' ' || short_escape(*at) || is_control(at, len)) {
            return false;
        }
        at += len;
    }
    return *text != '\0';
}

static void add_value(struct line *line, const char *text)
{
    if (is_plain(text)) {
        add_text(line, text);
        return;
    }
    add_text(line, "\"");
    if (line->cut) {
        return;
    }
    while (*text != '\0' && !line->cut) {
        text += add_char(line, text);
    }
    line->data[line->len++] = '"';
}

static void add_pair(struct line *line, const struct bq_log_pair *pair)
{
    char number[32];

    add_text(line, " ");
    add_text(line, pair->key);
    add_text(line, "=");
    if (line->cut) {
        return;
    }
    if (pair->is_number) {
        snprintf(number, sizeof(number), "%" PRId64, pair->number);
        add_text(line, number);
    } else {
        add_value(line, pair->text ? pair->text : "");
    }
}

/* Words, which may have quotes in them; it may also be the text of an error. */
static void add_event(struct line *line, const char *text)
{
    while (*text != '\0' && !line->cut) {
        if (*text == '"' || *text == '\\') {
            add(line, text++, 1);
        } else {
            text += add_char(line, text);
        }
    }
}

static void add_head(struct line *line, enum bq_log_level level)
{
    static const char *const names[] = {" error ", " warn ", " info ", " debug "};
    char now[BQ_TIME_TEXT_BYTES];

    bq_time_text(bq_wall_ms(), now);
    add_text(line, now);
    add_text(line, names[level]);
    if (process_name[0] != '\0') {
        add_text(line, process_name);
        add_text(line, ": ");
    }
}

/* A line that can't be written has nobody who could be told. */
static void write_line(const struct line *line)
{
    ssize_t written;

    do {
        written = write(STDERR_FILENO, line->data, line->len);
    } while (written < 0 && errno == EINTR);
}

void bq_log_write(enum bq_log_level level, const char *event, const struct bq_log_pair *pairs)
{
    if (level > max_level) {
        return;
    }

    int saved = errno;
    struct line line;
    line.len = 0;
    line.cut = false;

    add_head(&line, level);
    add_event(&line, event);
    for (const struct bq_log_pair *pair = pairs; pair->key && !line.cut; pair++) {
        add_pair(&line, pair);
    }

    if (line.cut) {
        memcpy(line.data + line.len, "...", 3);
        line.len += 3;
    }
    line.data[line.len++] = '\n';
    write_line(&line);
    errno = saved;
}

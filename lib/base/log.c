#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/log_line.h"
#include "base/time.h"

enum {
    KEY_BYTES = 64,
    /* A quote, "..." and a newline; and in JSON what says that the line was cut. */
    TEXT_SPARE = 5,
    JSON_SPARE = 5 + 12,
};

/* Set once, before there are threads. */
static enum bq_log_level max_level = BQ_LOG_INFO;
static enum bq_log_format line_format = BQ_LOG_TEXT;

/* Of the thread that holds its lines; others write theirs at once. */
static _Thread_local struct bq_log_held *held;

static const char *const level_names[] = {"error", "warn", "info", "debug"};

void bq_log_set_level(enum bq_log_level level)
{
    max_level = level;
}

bool bq_log_wanted(enum bq_log_level level)
{
    return level <= max_level;
}

void bq_log_set_format(enum bq_log_format format)
{
    line_format = format;
}

bool bq_log_format_of(const char *name, enum bq_log_format *out)
{
    bool json = strcmp(name, "json") == 0;

    if (!json && strcmp(name, "text") != 0) {
        return false;
    }
    *out = json ? BQ_LOG_JSON : BQ_LOG_TEXT;
    return true;
}

/* -- text -- */

static void add_value(struct bq_log_line *line, const char *text)
{
    if (bq_line_is_plain(text)) {
        bq_line_puts(line, text);
        return;
    }
    bq_line_puts(line, "\"");
    if (!line->cut) {
        bq_line_text(line, text, true);
        bq_line_end(line, "\"");
    }
}

static void add_number(struct bq_log_line *line, int64_t number)
{
    char text[32];

    (void)snprintf(text, sizeof(text), "%" PRId64, number);
    bq_line_puts(line, text);
}

static void add_pair(struct bq_log_line *line, const struct bq_log_pair *pair)
{
    bq_line_puts(line, " ");
    bq_line_puts(line, pair->key);
    bq_line_puts(line, "=");
    if (line->cut) {
        return;
    }
    if (pair->is_number) {
        add_number(line, pair->number);
    } else {
        add_value(line, pair->text ? pair->text : "");
    }
}

static void begin_text(struct bq_log_line *line, const char *name, enum bq_log_level level)
{
    char now[BQ_TIME_TEXT_BYTES];

    line->spare = TEXT_SPARE;
    bq_time_text(bq_wall_ms(), now);
    bq_line_puts(line, now);
    bq_line_puts(line, " ");
    bq_line_puts(line, level_names[level]);
    bq_line_puts(line, " ");
    if (name[0] != '\0') {
        bq_line_puts(line, name);
        bq_line_puts(line, ": ");
    }
}

static void end_text(struct bq_log_line *line)
{
    bq_line_end(line, line->cut ? "...\n" : "\n");
}

/* The event is words, which may have quotes in them; it may also be the text of an error. */
static void make_text(struct bq_log_line *line, const char *name, enum bq_log_level level,
                      const char *event, const struct bq_log_pair *pairs)
{
    begin_text(line, name, level);
    bq_line_text(line, event, false);
    for (; pairs->key && !line->cut; pairs++) {
        add_pair(line, pairs);
    }
    end_text(line);
}

/* -- JSON: an object, also when it is cut -- */

/* Once its quote is there a value is ended, whatever of it did not fit. */
static void add_json_text(struct bq_log_line *line, const char *before, const char *key,
                          const char *text)
{
    char name[KEY_BYTES];

    (void)snprintf(name, sizeof(name), "%s\"%s\":\"", before, key);
    bq_line_puts(line, name);
    if (!line->cut) {
        bq_line_json(line, text);
        bq_line_end(line, line->cut ? "...\"" : "\"");
    }
}

/* Key and number in one piece: it is there or it is not. */
static void add_json_number(struct bq_log_line *line, const char *key, int64_t number)
{
    char text[KEY_BYTES + 32];

    (void)snprintf(text, sizeof(text), ",\"%.48s\":%" PRId64, key, number);
    bq_line_puts(line, text);
}

static void make_json(struct bq_log_line *line, const char *name, enum bq_log_level level,
                      const char *event, const struct bq_log_pair *pairs)
{
    char now[BQ_TIME_TEXT_BYTES];

    line->spare = JSON_SPARE;
    bq_time_text(bq_wall_ms(), now);
    add_json_text(line, "{", "time", now);
    add_json_text(line, ",", "level", level_names[level]);
    if (name[0] != '\0') {
        add_json_text(line, ",", "process", name);
    }
    add_json_text(line, ",", "event", event);
    for (; pairs->key && !line->cut; pairs++) {
        if (pairs->is_number) {
            add_json_number(line, pairs->key, pairs->number);
        } else {
            add_json_text(line, ",", pairs->key, pairs->text ? pairs->text : "");
        }
    }
    bq_line_end(line, line->cut ? ",\"cut\":true}\n" : "}\n");
}

/* -- for another process, which writes it: a mark, the level, and fields between tabs -- */

static void make_relayed(struct bq_log_line *line, enum bq_log_level level, const char *event,
                         const struct bq_log_pair *pairs)
{
    const char head[] = {BQ_LOG_RELAY_MARK, (char)('0' + level), '\t'};

    line->spare = TEXT_SPARE;
    bq_line_add(line, head, sizeof(head));
    bq_line_text(line, event, true);
    for (; pairs->key && !line->cut; pairs++) {
        bq_line_puts(line, "\t");
        bq_line_puts(line, pairs->key);
        bq_line_puts(line, pairs->is_number ? "#" : "=");
        if (pairs->is_number) {
            add_number(line, pairs->number);
        } else {
            bq_line_text(line, pairs->text ? pairs->text : "", true);
        }
    }
    end_text(line);
}

bool bq_log_ready(void)
{
    struct pollfd log = {.fd = STDERR_FILENO, .events = POLLOUT};
    int unread = 0;

    /* A reader that has gone, or no log at all, costs no time either. */
    if (poll(&log, 1, 0) == 0) {
        return false;
    }
    int size = fcntl(STDERR_FILENO, F_GETPIPE_SZ);
    return size < 0 || ioctl(STDERR_FILENO, FIONREAD, &unread) != 0 || unread < size / 2;
}

/* What can't be written has nobody who could be told. */
static void write_bytes(const char *data, size_t len)
{
    int saved = errno;
    ssize_t written;

    do {
        written = write(STDERR_FILENO, data, len);
    } while (written < 0 && errno == EINTR);
    errno = saved;
}

static int64_t count_lines(const char *data, size_t len)
{
    int64_t lines = 0;

    for (size_t i = 0; i < len; i++) {
        lines += data[i] == '\n';
    }
    return lines;
}

/* Can as much as a pipe takes whole be written? Waits for whoever reads it; but not each time. */
static bool takes_lines(struct bq_log_held *lines)
{
    struct pollfd log = {.fd = STDERR_FILENO, .events = POLLOUT};
    int ready;

    if (lines->patience_ms < 0) {
        return true;
    }
    do {
        ready = poll(&log, 1, lines->jammed ? 0 : lines->patience_ms);
    } while (ready < 0 && errno == EINTR);
    lines->jammed = ready == 0;
    return !lines->jammed;
}

static void format_line(struct bq_log_line *line, const char *name, enum bq_log_level level,
                        const char *event, const struct bq_log_pair *pairs)
{
    line->len = 0;
    line->cut = false;
    switch (line_format) {
    case BQ_LOG_JSON:
        make_json(line, name, level, event, pairs);
        break;
    case BQ_LOG_RELAYED:
        make_relayed(line, level, event, pairs);
        break;
    case BQ_LOG_TEXT:
    default:
        make_text(line, name, level, event, pairs);
        break;
    }
}

static void tell_left_out(struct bq_log_held *lines)
{
    struct bq_log_line line;

    if (lines->left_out > 0 && takes_lines(lines)) {
        format_line(&line, "", BQ_LOG_WARN,
                    "lines are left out of this log, since it is not read fast enough",
                    BQ_LOG_PAIRS(bq_int("lines", lines->left_out)));
        write_bytes(line.data, line.len);
        lines->left_out = 0;
    }
}

void bq_log_flush(void)
{
    int saved = errno;

    if (!held || held->len == 0) {
        return;
    }
    tell_left_out(held);
    if (takes_lines(held)) {
        write_bytes(held->data, held->len);
    } else {
        held->left_out += count_lines(held->data, held->len);
    }
    held->len = 0;
    errno = saved;
}

void bq_log_hold(struct bq_log_held *lines, int patience_ms)
{
    bq_log_flush();
    held = lines;
    if (held) {
        held->len = 0;
        held->patience_ms = patience_ms;
        held->jammed = false;
        held->left_out = 0;
    }
}

static void write_line(const struct bq_log_line *line, enum bq_log_level level)
{
    if (!held) {
        write_bytes(line->data, line->len);
        return;
    }
    if (line->len > sizeof(held->data) - held->len) {
        bq_log_flush();
    }
    memcpy(held->data + held->len, line->data, line->len);
    held->len += line->len;
    if (level < BQ_LOG_INFO) {
        bq_log_flush();
    }
}

void bq_log_write_as(const char *name, enum bq_log_level level, const char *event,
                     const struct bq_log_pair *pairs)
{
    struct bq_log_line line;

    if (level > max_level) {
        return;
    }
    format_line(&line, name, level, event, pairs);
    write_line(&line, level);
}

void bq_log_write(enum bq_log_level level, const char *event, const struct bq_log_pair *pairs)
{
    bq_log_write_as("", level, event, pairs);
}

void bq_log_output(const char *name, const char *job, const char *text)
{
    struct bq_log_line line;

    if (max_level < BQ_LOG_INFO) {
        return;
    }
    if (line_format != BQ_LOG_TEXT) {
        const struct bq_log_pair *pairs = BQ_LOG_PAIRS(bq_str("job", job), bq_str("output", text));
        bq_log_write_as(name, BQ_LOG_INFO, "output", job ? pairs : pairs + 1);
        return;
    }
    line.len = 0;
    line.cut = false;
    begin_text(&line, name, BQ_LOG_INFO);
    if (job) {
        bq_line_puts(&line, "job=");
        add_value(&line, job);
        bq_line_puts(&line, " ");
    }
    bq_line_puts(&line, "| ");
    bq_line_text(&line, text, false);
    end_text(&line);
    write_line(&line, BQ_LOG_INFO);
}

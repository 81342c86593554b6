/*
 * log.h - one line per event, to stderr: the event in words, then typed pairs.
 *
 *     bq_info("job claimed", bq_str("job", id), bq_int("waited_ms", waited_ms));
 *     2026-11-23T16:13:07.042Z info job claimed job=0193... waited_ms=12
 *     {"time":"2026-11-23T16:13:07.042Z","level":"info","event":"job claimed","job":"0193...","waited_ms":12}
 *
 * Processes log, libraries return. Control characters, spaces, quotes and
 * anything that is no UTF-8 in a value are quoted and escaped, so that a line
 * stays one line. A line is one write(2), unless lines are held to be written
 * together; one that would be longer than BQ_LOG_LINE_BYTES is cut, and says
 * so. Safe from any thread.
 */
#ifndef BQ_BASE_LOG_H
#define BQ_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum bq_log_level { BQ_LOG_ERROR, BQ_LOG_WARN, BQ_LOG_INFO, BQ_LOG_DEBUG };

enum bq_log_format {
    BQ_LOG_TEXT,
    BQ_LOG_JSON,
    BQ_LOG_RELAYED, /* for a parent, which reads our stderr, and writes it with bq_log_relay() */
};

enum {
    BQ_LOG_LINE_BYTES = 4096, /* PIPE_BUF: what a pipe takes whole, so that lines never mix */
    BQ_LOG_RELAY_MARK =
        '\x1e', /* begins a relayed line; what a program prints by accident has none */
};

struct bq_log_pair {
    const char *key; /* NULL ends the pairs */
    const char *text;
    int64_t number;
    bool is_number;
};

/* Set once, at the start of a process; info at first. */
void bq_log_set_level(enum bq_log_level level);
bool bq_log_wanted(enum bq_log_level level);
/* Set once, as above; text at first. */
void bq_log_set_format(enum bq_log_format format);
/* "text" or "json"; false: another word. */
bool bq_log_format_of(const char *name, enum bq_log_format *out);

void bq_log_write(enum bq_log_level level, const char *event, const struct bq_log_pair *pairs);

/* Lines that wait to be written together. */
struct bq_log_held {
    char data[BQ_LOG_LINE_BYTES]; /* whole lines; not more of them than a pipe takes whole */
    size_t len;
    int patience_ms;
    bool jammed;      /* they had to wait for so long, and since then nobody has read */
    int64_t left_out; /* lines that were not written, and are not told of yet */
};

enum { BQ_LOG_PATIENT = -1 };

/*
 * From now on this thread's lines wait in `lines` (borrowed until the next call; NULL: no more) until it is full, or
 * bq_log_flush(); one of a warning or an error does not, and takes the others along. A crash loses what waits: flush
 * before anybody can know of what the lines tell.
 *
 * When nobody reads the log they wait for `patience_ms` (BQ_LOG_PATIENT: for as long as it takes); then they are left
 * out and counted, without another wait until somebody reads again, who is told first how many there were.
 */
void bq_log_hold(struct bq_log_held *lines, int patience_ms);
void bq_log_flush(void);

/*
 * Text that can be kept in a log: what is no UTF-8, and control characters but tabs, as \x1b. Into `out`, ended by a NUL;
 * returns how many bytes of `text` found room.
 */
size_t bq_log_clean(const char *text, size_t len, char *out, size_t out_bytes);
/* Can a line that is not ours be written without waiting for whoever reads the log? Half of a pipe is kept for our own. */
bool bq_log_ready(void);

/* -- for a parent: what a child has written, as `name`'s -- */

void bq_log_write_as(const char *name, enum bq_log_level level, const char *event,
                     const struct bq_log_pair *pairs);
/* A line (without its newline) in the relayed format, in which nothing is believed but its form. It is taken apart.
 * False: it is none. */
bool bq_log_relay(const char *name, char *line);
/* A line that it has printed; `job` NULL: of none. */
void bq_log_output(const char *name, const char *job, const char *text);

#define bq_str(key_, text_) ((struct bq_log_pair){.key = (key_), .text = (text_)})
#define bq_int(key_, number_)                                                                      \
    ((struct bq_log_pair){.key = (key_), .number = (number_), .is_number = true})

#define BQ_LOG_PAIRS(...)    ((const struct bq_log_pair[]){__VA_ARGS__ __VA_OPT__(, ){.key = NULL}})
#define bq_error(event, ...) bq_log_write(BQ_LOG_ERROR, event, BQ_LOG_PAIRS(__VA_ARGS__))
#define bq_warn(event, ...)  bq_log_write(BQ_LOG_WARN, event, BQ_LOG_PAIRS(__VA_ARGS__))
#define bq_info(event, ...)  bq_log_write(BQ_LOG_INFO, event, BQ_LOG_PAIRS(__VA_ARGS__))
#define bq_debug(event, ...) bq_log_write(BQ_LOG_DEBUG, event, BQ_LOG_PAIRS(__VA_ARGS__))

#endif

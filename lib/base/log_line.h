/*
 * log_line.h - one bounded line of a log while it is made, for log.c's formats.
 */
#ifndef BQ_BASE_LOG_LINE_H
#define BQ_BASE_LOG_LINE_H

#include "base/log.h"

struct bq_log_line {
    char data[BQ_LOG_LINE_BYTES];
    size_t len;
    size_t spare; /* what stays free for the line's end, once something did not fit */
    bool cut;     /* something did not fit: nothing is added any more */
};

/* All of it or nothing, so that no escape and no character is cut. */
void bq_line_add(struct bq_log_line *line, const char *bytes, size_t len);
void bq_line_puts(struct bq_log_line *line, const char *text);
/* Also when it is cut: within what was spared. */
void bq_line_end(struct bq_log_line *line, const char *text);

/* Control characters and what is no UTF-8 as \n or \x1b; with `quoted`, quotes and backslashes, too. */
void bq_line_text(struct bq_log_line *line, const char *text, bool quoted);
/* The inside of a JSON string; a byte that is no UTF-8 becomes the text \xff. */
void bq_line_json(struct bq_log_line *line, const char *text);
/* Could `text` be misread if it stood there without quotes? */
bool bq_line_is_plain(const char *text);
/* The other way round, in place; what is no escape stays. */
void bq_line_unescape(char *text);

#endif

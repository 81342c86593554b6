#include "broker/report.h"

#include <string.h>

/* From where on `text` can be kept, when `skip` bytes must go at least; all of it may go if something follows. */
static const char *from_line(const char *text, size_t len, size_t skip, bool followed)
{
    const char *at = text + skip;
    const char *end = text + len;

    if (skip == 0 || at[-1] == '\n') {
        return at;
    }
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    if (newline && (followed || newline + 1 < end)) {
        return newline + 1;
    }
    while (at < end && ((unsigned char)*at & 0xc0) == 0x80) {
        at++;
    }
    return at;
}

void bq_report_log(struct bq_buf *out, const char *log, const char *more, size_t more_bytes)
{
    size_t log_bytes = log ? strlen(log) : 0;
    size_t total = log_bytes + more_bytes;
    size_t skip = total > BQ_JOB_LOG_MAX_BYTES ? total - BQ_JOB_LOG_MAX_BYTES : 0;

    if (skip >= log_bytes) {
        const char *from = from_line(more, more_bytes, skip - log_bytes, false);
        bq_buf_put(out, from, (size_t)(more + more_bytes - from));
        return;
    }
    const char *from = from_line(log, log_bytes, skip, more_bytes > 0);
    bq_buf_put(out, from, (size_t)(log + log_bytes - from));
    bq_buf_put(out, more, more_bytes);
}

#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* What is kept free for the meaning of errno behind a long sentence. */
enum { ERRNO_BYTES = 80 };

static const char *const names[] = {
    [BARQ_OK] = "ok",
    [BARQ_ERR_NOMEM] = "nomem",
    [BARQ_ERR_LIMIT] = "limit",
    [BARQ_ERR_FORMAT] = "format",
    [BARQ_ERR_TYPE] = "type",
    [BARQ_ERR_ARG] = "arg",
    [BARQ_ERR_EXISTS] = "exists",
    [BARQ_ERR_NOTFOUND] = "notfound",
    [BARQ_ERR_CONFLICT] = "conflict",
    [BARQ_ERR_BUSY] = "busy",
    [BARQ_ERR_TIMEOUT] = "timeout",
    [BARQ_ERR_CANCELED] = "canceled",
    [BARQ_ERR_CONN] = "conn",
    [BARQ_ERR_FULL] = "full",
    [BARQ_ERR_CORRUPT] = "corrupt",
    [BARQ_ERR_DENIED] = "denied",
    [BARQ_ERR_IO] = "io",
    [BARQ_ERR_SQL] = "sql",
    [BARQ_ERR_JOB] = "job",
    [BARQ_ERR_BUG] = "bug",
};

const char *barq_status_name(enum barq_status status)
{
    size_t at = (size_t)status;

    return at < sizeof(names) / sizeof(names[0]) ? names[at] : "unknown";
}

/* What one errno means to a caller. */
static enum barq_status status_of(int number)
{
    switch (number) {
    case ENOSPC:
    case EFBIG:
    case EDQUOT:
        return BARQ_ERR_FULL;
    case EACCES:
    case EPERM:
    case EROFS:
        return BARQ_ERR_DENIED;
    case ENOENT:
        return BARQ_ERR_NOTFOUND;
    case ENOMEM:
        return BARQ_ERR_NOMEM;
    default:
        return BARQ_ERR_IO;
    }
}

/* Appends to `text` what fits into `size` bytes without cutting a character. */
static void append(char *text, size_t size, const char *more)
{
    size_t used = strlen(text);
    size_t room = size - used - 1;
    size_t len = bq_utf8_cut(more, strlen(more), room);

    memcpy(text + used, more, len);
    text[used + len] = '\0';
}

/* One byte more than fits is asked for, so that a cut is seen and can fall between characters. */
BARQ_PRINTF(3, 0)
static void format_cut(char *text, size_t size, const char *format, va_list values)
{
    char whole[BARQ_ERROR_MAX_BYTES + 1];

    if (vsnprintf(whole, sizeof(whole), format, values) < 0) {
        whole[0] = '\0';
    }
    text[0] = '\0';
    append(text, size, whole);
}

/* By way of a copy, since the values may point into the old text. */
static enum barq_status fill(struct barq_error *err, enum barq_status status, const char *text)
{
    err->status = status;
    memcpy(err->text, text, strlen(text) + 1);
    return status;
}

BARQ_PRINTF(3, 0)
static enum barq_status set(struct barq_error *err, enum barq_status status, const char *format,
                            va_list values)
{
    char text[BARQ_ERROR_MAX_BYTES];

    if (!err) {
        return status;
    }
    format_cut(text, sizeof(text), format, values);
    return fill(err, status, text);
}

enum barq_status barq_error_set(struct barq_error *err, enum barq_status status, const char *format,
                                ...)
{
    va_list values;

    va_start(values, format);
    set(err, status, format, values);
    va_end(values);
    return status;
}

enum barq_status bq_fail(struct barq_error *err, enum barq_status status, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    set(err, status, format, values);
    va_end(values);
    return status;
}

enum barq_status bq_fail_errno(struct barq_error *err, const char *format, ...)
{
    int number = errno;
    enum barq_status status = status_of(number);
    if (!err) {
        return status;
    }

    char text[BARQ_ERROR_MAX_BYTES];
    va_list values;
    va_start(values, format);
    format_cut(text, sizeof(text) - ERRNO_BYTES, format, values);
    va_end(values);

    /* Not strerror(): this one is the same in every locale. */
    const char *meaning = strerrordesc_np(number);
    append(text, sizeof(text), ": ");
    append(text, sizeof(text), meaning ? meaning : "unknown error");
    return fill(err, status, text);
}

enum barq_status bq_fail_add(struct barq_error *err, const char *where)
{
    char text[BARQ_ERROR_MAX_BYTES] = "";

    if (!err) {
        return BARQ_ERR_BUG;
    }
    append(text, sizeof(text), where);
    append(text, sizeof(text), ": ");
    append(text, sizeof(text), err->text);
    return fill(err, err->status, text);
}

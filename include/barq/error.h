/*
 * error.h - how everything in barq says that something failed.
 *
 * A fallible function returns an `enum barq_status`, for the program, and
 * fills a `struct barq_error` on the caller's stack, for the person: one
 * sentence that starts with where it happened ("sqlite: ...") and never holds
 * a secret. Any function takes NULL for its `err`.
 */
#ifndef BARQ_ERROR_H
#define BARQ_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define BARQ_API                          __attribute__((visibility("default")))
#define BARQ_MUST_CHECK                   __attribute__((warn_unused_result))
#define BARQ_PRINTF(format_at, values_at) __attribute__((format(printf, format_at, values_at)))
#else
#define BARQ_API
#define BARQ_MUST_CHECK
#define BARQ_PRINTF(format_at, values_at)
#endif

/* In an option of type int or int64_t: none, where zero means the default. */
#define BARQ_OFF (-1)
/* As a time to keep something: it is never thrown away. */
#define BARQ_FOREVER INT64_MAX

enum barq_status {
    BARQ_OK = 0,
    BARQ_ERR_NOMEM,    /* out of memory, or an arena is at its limit */
    BARQ_ERR_LIMIT,    /* larger, longer or deeper than allowed */
    BARQ_ERR_FORMAT,   /* bytes or text that are not what they should be */
    BARQ_ERR_TYPE,     /* a value of another kind than asked for */
    BARQ_ERR_ARG,      /* an argument or option that makes no sense */
    BARQ_ERR_EXISTS,   /* it is there already */
    BARQ_ERR_NOTFOUND, /* there is no such thing */
    BARQ_ERR_CONFLICT, /* somebody else was first; or the state does not allow it */
    BARQ_ERR_BUSY,     /* locked by someone else for longer than we wait */
    BARQ_ERR_TIMEOUT,  /* the time given was over */
    BARQ_ERR_CANCELED, /* a job was told to stop: deadline, abort or shutdown */
    BARQ_ERR_CONN,     /* the broker or database is away, or the connection broke */
    BARQ_ERR_FULL,     /* no space left where it should be written */
    BARQ_ERR_CORRUPT,  /* stored data is damaged */
    BARQ_ERR_DENIED,   /* not allowed here: permission, or a guarded statement */
    BARQ_ERR_IO,       /* the operating system refused */
    BARQ_ERR_SQL,      /* the database refused a statement */
    BARQ_ERR_JOB,      /* the job failed: what its result says */
    BARQ_ERR_BUG       /* barq was called wrongly */
};

enum { BARQ_ERROR_MAX_BYTES = 512 };

struct barq_error {
    enum barq_status status;
    char text[BARQ_ERROR_MAX_BYTES]; /* UTF-8, ends with NUL, cut when longer */
};

/* The status as one lower-case word: "ok", "nomem", "limit", ... Never NULL. */
BARQ_API const char *barq_status_name(enum barq_status status);

/*
 * Fills `err` (unless NULL) with a printf-style sentence, and returns `status`:
 * `return barq_error_set(err, BARQ_ERR_ARG, "no name");`
 */
BARQ_API enum barq_status barq_error_set(struct barq_error *err, enum barq_status status,
                                         const char *format, ...) BARQ_PRINTF(3, 4);

#ifdef __cplusplus
}
#endif

#endif

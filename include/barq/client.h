/*
 * client.h - enqueueing jobs, and asking how they are.
 */
#ifndef BARQ_CLIENT_H
#define BARQ_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <barq/error.h>
#include <barq/value.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    BARQ_JOB_ID_MAX_BYTES = 512,
    BARQ_QUEUE_MAX_BYTES = 255,
    BARQ_FUNCTION_MAX_BYTES = 255,
    BARQ_KEY_MAX_BYTES = 255,
    BARQ_PRIORITY_MAX = 4, /* from -4 to 4 */
    BARQ_PRIORITY_STEP_MS = 60000,
    BARQ_JOB_TRY_MAX = 1000000000,
    BARQ_AFTER_MAX = 10000,            /* jobs that one job waits for */
    BARQ_AFTER_MAX_BYTES = 512 * 1024, /* their ids together */
    BARQ_TRACESTATE_MAX_BYTES = 512,
};

struct
    barq_client; /* a connection to one broker; one thread at a time; two clients share nothing */

struct barq_enqueue_options {
    const char *id;    /* 1 to 512 bytes of UTF-8, borrowed for the call; NULL: a new UUIDv7 */
    const char *queue; /* borrowed for the call; NULL: the client's, or the running job's */
    int64_t defer_ms;  /* run no sooner than this from now; 0: at once */
    int64_t
        defer_until_ms; /* run no sooner than this instant; not together with defer_ms; 0: at once */
    int64_t expires_ms; /* fail as expired when not begun by then; 0: never */
    int job_try; /* its first attempt counts as this try, of max_tries; up to BARQ_JOB_TRY_MAX; 0: 1 */
    /*
     * Jobs that are due are claimed in the order in which they became due, as if that had been `priority` minutes
     * earlier (BARQ_PRIORITY_STEP_MS each): so an urgent job overtakes, and none waits for ever.
     */
    int priority;
    const char *
        key; /* what the function's key_limit counts by: a customer, a host; 1 to 255 bytes; NULL: none */
    /*
     * Waits until all these jobs are finished, whether or not they have been enqueued by this client. When one of them
     * has failed for good, this one fails, too, unless `after_failed`. An id that nothing is known of counts as
     * complete: it may have kept no result. So it must be enqueued before: in a call, or a transaction, of its own, or
     * earlier in the same one. Who is deleted unfinished has failed. Use barq_after().
     */
    const char *const *after; /* ids, borrowed for the call */
    size_t n_after;
    bool after_failed;
    /*
     * Of which trace it is, as W3C Trace Context has it: its handler sees it (function.h), and so do the jobs that this
     * one enqueues. NULL: none, or that of the job, or of the session (session.h), in which it is enqueued.
     */
    const char *traceparent;
    const char
        *tracestate; /* up to BARQ_TRACESTATE_MAX_BYTES; only with a traceparent; NULL: none */
};

/* What came from elsewhere and is none is best taken for NULL: who sends a bad header shall not be refused for it. */
BARQ_API bool barq_traceparent_valid(const char *traceparent);
BARQ_API bool barq_tracestate_valid(const char *tracestate);

/* Within the braces of options: {barq_after(id, other), .after_failed = true}. The ids live as long as the block. */
#define barq_after(...)                                                                            \
    .after = (const char *const[]){__VA_ARGS__},                                                   \
    .n_after = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)

/* A new id for a job, so that others can name it before it is enqueued. `out` has BARQ_NEW_ID_BYTES. */
enum { BARQ_NEW_ID_BYTES = 37 };
BARQ_API void barq_new_id(char *out);

struct barq_client_options {
    const char *queue; /* NULL: the broker's own, "barq"; on Redis "arq:queue" */
    /*
     * In which format jobs are written: "json", "msgpack" (MessagePack) or "pickle" (Python's). Workers read all of
     * them, and a result is written as its job was. NULL: $BARQ_SERIALIZER, else the broker's own,
     * "json"; on Redis "pickle".
     */
    const char *serializer;
    int64_t timeout_ms;       /* for each call to the broker; 0: 10 s */
    size_t payload_max_bytes; /* 0: 1 MiB; at most 3,080,192 */
};

/*
 * `url` NULL: BARQ_URL, or the default (see worker.h). `options` may be NULL. Creates the queue when it is not there.
 *
 * BARQ_ERR_ARG  there are no queues at such an address, or an option makes no sense, or there is no such serializer;
 *               the error says which there are
 */
BARQ_API enum barq_status barq_client_open(const char *url,
                                           const struct barq_client_options *options,
                                           struct barq_client **out, struct barq_error *err)
    BARQ_MUST_CHECK;
BARQ_API void barq_client_close(struct barq_client *client); /* takes NULL */
/* The queue of jobs that do not say which; borrowed, lives as long as the client. NULL without one. */
BARQ_API const char *barq_client_queue(const struct barq_client *client);

/*
 * Puts a job in its queue. `args` (a tuple or list) and `kwargs` (a map) may be
 * NULL; they are copied. `options` may be NULL. The id goes to `id_out` (of
 * BARQ_JOB_ID_MAX_BYTES + 1) unless that is NULL; also when the broker fails
 * then, so that a new one can be given again.
 *
 * BARQ_ERR_EXISTS  a job of this id is waiting, running, or has kept its result
 * BARQ_ERR_LIMIT   the encoded job is larger than payload_max_bytes; or it is to wait for more than BARQ_AFTER_MAX
 *                  jobs, or their ids are more than BARQ_AFTER_MAX_BYTES together
 * BARQ_ERR_TYPE    an argument that the client's serializer cannot hold; the error has its path
 * BARQ_ERR_CONN, BARQ_ERR_BUSY  the job may or may not be in the queue: enqueue again with the same id
 */
BARQ_API enum barq_status barq_enqueue(struct barq_client *client, const char *function,
                                       const struct barq_value *args,
                                       const struct barq_value *kwargs,
                                       const struct barq_enqueue_options *options, char *id_out,
                                       struct barq_error *err) BARQ_MUST_CHECK;

struct barq_new_job {
    const char *function;
    const struct barq_value *args;
    const struct barq_value *kwargs;
    struct barq_enqueue_options options;
    char id[BARQ_JOB_ID_MAX_BYTES + 1]; /* out */
    enum barq_status status;            /* out: BARQ_OK or BARQ_ERR_EXISTS */
};
/* Many in one transaction: all are taken (or found to exist), or none. */
BARQ_API enum barq_status barq_enqueue_many(struct barq_client *client, struct barq_new_job *jobs,
                                            size_t count, struct barq_error *err) BARQ_MUST_CHECK;

enum barq_job_status {
    BARQ_JOB_NOT_FOUND,
    BARQ_JOB_DEFERRED, /* waits for its time, or for other jobs */
    BARQ_JOB_QUEUED,
    BARQ_JOB_IN_PROGRESS,
    BARQ_JOB_COMPLETE,
    BARQ_JOB_FAILED, /* for good: it stays among the dead until deleted, retried or pruned */
};
BARQ_API const char *
barq_job_status_name(enum barq_job_status status); /* "not_found", "deferred", ... */

/* What is known of a job; strings and values live in the arena it was read into. */
struct barq_job_info {
    const char *id;
    const char *queue;
    const char *function; /* "<unknown>" when its bytes cannot be read */
    enum barq_job_status status;
    int job_try;                   /* the last try that was begun; 0 before the first */
    const struct barq_value *args; /* NULL when they cannot be read */
    const struct barq_value *kwargs;
    const struct barq_value *result; /* of a complete job; else NULL */
    /* Of a failed job, or why it was last tried again; else NULL. "<unknown>: ..." when the result
     * cannot be read. */
    const char *error;
    const struct barq_value *history; /* a list of maps {at, try, event, error}, oldest first */
    int64_t enqueued_at_ms;
    int64_t due_at_ms;      /* 0 when finished */
    int64_t started_at_ms;  /* 0: not yet */
    int64_t finished_at_ms; /* 0: not yet */
    int priority;
    const char *key;        /* NULL: none */
    int64_t waits_for;      /* so many unfinished jobs (barq_after()) */
    const char *worker;     /* that runs it, host:pid; NULL: it does not run */
    int64_t done, total;    /* its progress, as the handler said it last; 0, 0: nothing was said */
    const char *note;       /* of its progress; NULL: none */
    int64_t progress_at_ms; /* 0: nothing was said */
    const char *log; /* its last lines, of all its tries; NULL: none, or not told in a list */
};

BARQ_API enum barq_status barq_status_of(struct barq_client *client, const char *id,
                                         enum barq_job_status *out, struct barq_error *err)
    BARQ_MUST_CHECK;
/* BARQ_ERR_NOTFOUND when nothing is known of it. */
BARQ_API enum barq_status barq_info(struct barq_client *client, const char *id,
                                    struct barq_arena *arena, struct barq_job_info *out,
                                    struct barq_error *err) BARQ_MUST_CHECK;
/*
 * Waits until the job is finished, at most `timeout_ms` (0: only looks;
 * BARQ_OFF: for ever), and gives its result. Woken, not polling busily.
 *
 * BARQ_ERR_JOB       it failed; the error is its text
 * BARQ_ERR_TIMEOUT   not finished yet
 * BARQ_ERR_NOTFOUND  there is no such job, or it has finished and kept no result
 * BARQ_ERR_CORRUPT   it is finished, but its result cannot be read
 */
BARQ_API enum barq_status barq_result(struct barq_client *client, const char *id,
                                      int64_t timeout_ms, struct barq_arena *arena,
                                      const struct barq_value **out, struct barq_error *err)
    BARQ_MUST_CHECK;
/*
 * Waits until the job's status or progress is another than in `seen` (as barq_info() gave it), at most `timeout_ms`
 * (0: only looks; BARQ_OFF: for ever), and gives it anew. Woken, not polling busily. BARQ_ERR_TIMEOUT: nothing has changed; BARQ_ERR_NOTFOUND: it is gone.
 */
BARQ_API enum barq_status barq_wait_change(struct barq_client *client,
                                           const struct barq_job_info *seen, int64_t timeout_ms,
                                           struct barq_arena *arena, struct barq_job_info *out,
                                           struct barq_error *err) BARQ_MUST_CHECK;
/*
 * Wishes that a job stop. One that waits fails as aborted as soon as a worker takes it (at once, also when
 * deferred); one that runs is told to stop. A success that was committed stays one. BARQ_ERR_NOTFOUND: not
 * waiting and not running.
 */
BARQ_API enum barq_status barq_abort(struct barq_client *client, const char *id,
                                     struct barq_error *err) BARQ_MUST_CHECK;
/*
 * The same, and waits until the job has ended, at most `timeout_ms` (0: only looks; BARQ_OFF: for ever). `*aborted`
 * says whether it ended as aborted; false: it has succeeded, or failed otherwise, before the wish reached it. Of one
 * that had ended already it says how that was. Woken, not polling busily.
 *
 * BARQ_ERR_TIMEOUT   not ended yet; the wish stands
 * BARQ_ERR_NOTFOUND  nothing is known of it
 * BARQ_ERR_CORRUPT   it has failed, but its result cannot be read
 */
BARQ_API enum barq_status barq_abort_wait(struct barq_client *client, const char *id,
                                          int64_t timeout_ms, bool *aborted, struct barq_error *err)
    BARQ_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif

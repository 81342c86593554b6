/*
 * function.h - what a job runs: a handler, what it is given, how it ends.
 *
 * A handler is an ordinary C function in a module. It runs in an executor, a
 * process of its own, on a thread of its own; it may crash, hang or leak, and
 * costs its own job only. It returns BARQ_OK, or an error:
 *
 *     return BARQ_OK;                               done; what the session wrote is committed
 *     return barq_error_set(err, STATUS, "...");    tried again later, with growing delays
 *     return barq_retry(ctx, err, 5000, "...");     tried again in 5 s
 *     return barq_fail(ctx, err, "...");            failed for good
 *
 * Whatever fails leaves nothing behind of what the session wrote.
 */
#ifndef BARQ_FUNCTION_H
#define BARQ_FUNCTION_H

#include <stdbool.h>
#include <stdint.h>

#include <barq/error.h>
#include <barq/session.h>
#include <barq/value.h>

#ifdef __cplusplus
extern "C" {
#endif

struct
    barq_context; /* one attempt of one job, as its handler sees it; opaque; lives as long as the call */

/* A handler or a hook. `err` is never NULL here. */
typedef enum barq_status barq_handler(struct barq_context *ctx, struct barq_error *err);

/*
 * How many jobs may run, and how many may start, across all workers of the
 * broker. A job over its limit waits in the broker, in the order of its turn,
 * and takes no executor meanwhile. Each try is a start of its own. Of all
 * workers the last to start says what the limits of its functions are.
 */
struct barq_limit {
    const char
        *name;       /* functions with limits of one name share it; NULL: the function's own name */
    int max_running; /* at once; 0: any number */
    int max_starts;  /* in any `per_ms`; at most BARQ_LIMIT_MAX_STARTS; 0: any number */
    int64_t per_ms;  /* at most BARQ_LIMIT_MAX_PER_MS; 0: one second */
};
enum { BARQ_LIMIT_MAX_STARTS = 10000 };
#define BARQ_LIMIT_MAX_PER_MS INT64_C(31622400000) /* 366 days */

/* Zero means the settings' value everywhere (worker.h). */
struct barq_function {
    const char *name; /* NULL ends the table */
    barq_handler *run;
    int64_t job_timeout_ms; /* BARQ_OFF: none */
    int max_tries;
    int64_t keep_result_ms; /* BARQ_OFF: keep none; BARQ_FOREVER */
    int64_t retry_min_ms;
    int64_t retry_max_ms;
    int retry_on_error;       /* BARQ_OFF: an error is final, unless it comes from barq_retry() */
    int retry_on_timeout;     /* BARQ_OFF: running past the timeout is final */
    int64_t memory_max_bytes; /* resident, of its executor with all its threads: killed beyond it */
    int64_t cpu_max_ms; /* of one attempt: killed beyond it; needs an executor of one thread */
    int64_t output_max_bytes; /* log and output of one attempt; the rest is dropped, and counted */
    int recycle_after;        /* its executor is replaced after so many jobs of this function */
    enum barq_isolation isolation;      /* of its transactions, on PostgreSQL (session.h) */
    const struct barq_limit *limit;     /* of all its jobs together */
    const struct barq_limit *key_limit; /* of the jobs of each key (barq_enqueue_options.key) */
};

/* -- what the job is -- */

BARQ_API const char *
barq_job_id(const struct barq_context *ctx); /* also the key for calls to the outside */
BARQ_API const char *barq_job_queue(const struct barq_context *ctx);
BARQ_API const char *barq_job_function(const struct barq_context *ctx);
BARQ_API int barq_job_try(
    const struct barq_context *ctx); /* 1 the first time, or as it was enqueued (client.h) */
BARQ_API int64_t barq_job_enqueued_at_ms(const struct barq_context *ctx);
/*
 * The trace that it belongs to, for calls to the outside, and for jobs that are enqueued by a client
 * (barq_session_enqueue() does it by itself): this attempt's own span where spans are exported (barq-worker(1)), else
 * what it was enqueued with. NULL: none.
 */
BARQ_API const char *barq_job_traceparent(const struct barq_context *ctx);
BARQ_API const char *barq_job_tracestate(const struct barq_context *ctx);
/* Why the job failed for good, or this attempt; "" but in on_job_failure and after_job_end. Of a poison job it begins
 * with "poison: ". */
BARQ_API const char *barq_job_error(const struct barq_context *ctx);

/* Positional arguments (a tuple or list) and keyword arguments (a map); never NULL. */
BARQ_API const struct barq_value *barq_args(const struct barq_context *ctx);
BARQ_API const struct barq_value *barq_kwargs(const struct barq_context *ctx);
/* The positional argument `index`, or else the keyword argument `name` (may be NULL); NULL when neither is there. */
BARQ_API const struct barq_value *barq_arg(const struct barq_context *ctx, size_t index,
                                           const char *name);
/* The same, converted; `otherwise` when it is missing or of another kind. */
BARQ_API int64_t barq_arg_int(const struct barq_context *ctx, size_t index, const char *name,
                              int64_t otherwise);
BARQ_API double barq_arg_double(const struct barq_context *ctx, size_t index, const char *name,
                                double otherwise);
BARQ_API const char *barq_arg_string(const struct barq_context *ctx, size_t index, const char *name,
                                     const char *otherwise);

/* Memory of this attempt, for results and scratch. */
BARQ_API struct barq_arena *barq_arena_of(struct barq_context *ctx);
/* The pointer that on_startup left with barq_set_state(); one per executor, shared by all its threads. */
BARQ_API void *barq_state(const struct barq_context *ctx);
BARQ_API void barq_set_state(struct barq_context *ctx, void *state);

/* -- how it goes, for whoever looks meanwhile -- */

enum { BARQ_NOTE_MAX_BYTES = 255, BARQ_LOG_LINE_MAX_BYTES = 4096 };

/*
 * Says how far it is: `done` of `total` (0: not known), and a note (NULL: none; cut to BARQ_NOTE_MAX_BYTES).
 * Cheap: what is said in quick succession is told to the broker about once a second, the last of it. Clients read
 * it with barq_info() and wait for it with barq_wait_change().
 */
BARQ_API void barq_progress(struct barq_context *ctx, int64_t done, int64_t total,
                            const char *note);

enum barq_log_level { BARQ_LOG_DEBUG, BARQ_LOG_INFO, BARQ_LOG_WARN, BARQ_LOG_ERROR };
/*
 * A line for the worker's log, and for the job's own, which `barq info` shows (the last 16 KiB of it; so is what the
 * job prints on stdout and stderr, which may come before what it logged a moment earlier). Cut to
 * BARQ_LOG_LINE_MAX_BYTES.
 */
BARQ_API void barq_log(struct barq_context *ctx, enum barq_log_level level, const char *format, ...)
    BARQ_PRINTF(3, 4);

/* -- how it ends -- */

/* The result; the last call counts; a null value without one. */
BARQ_API void barq_return(struct barq_context *ctx, struct barq_value *result);
/* Asks for another try in `defer_ms` (0: at once); uses up one of max_tries. */
BARQ_API enum barq_status barq_retry(struct barq_context *ctx, struct barq_error *err,
                                     int64_t defer_ms, const char *format, ...) BARQ_PRINTF(4, 5);
/* Fails the job for good. */
BARQ_API enum barq_status barq_fail(struct barq_context *ctx, struct barq_error *err,
                                    const char *format, ...) BARQ_PRINTF(3, 4);

/* -- being told to stop: deadline, abort, shutdown -- */

/* True from then on; a handler that loops should look, clean up and return BARQ_ERR_CANCELED. Any thread. */
BARQ_API bool barq_canceled(const struct barq_context *ctx);
/* Readable from then on; for poll(). Borrowed. */
BARQ_API int barq_cancel_fd(const struct barq_context *ctx);
/* Waits `ms`, or until told to stop: then BARQ_ERR_CANCELED. */
BARQ_API enum barq_status barq_sleep(struct barq_context *ctx, int64_t ms, struct barq_error *err)
    BARQ_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif

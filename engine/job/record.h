/*
 * record.h - a job's bytes, and its result's: maps with arq's keys.
 *
 *     job     t (try or null)  f (function)  a (tuple of arguments)  k (map)  et (enqueue time, ms)
 *             and barq's own: n (nonce, a string), tp, ts (its trace, job/trace.h); arq ignores them
 *     result  t f a k et  s (success)  r (result, or the error's text)  st ft (start, finish, ms)
 *             q (queue)  id
 *             and barq's own: n, and c (which exception a failure is) where r is but a text
 *
 * In JSON, MessagePack or pickle, told apart by the first bytes; a result is written as its job
 * was. docs/formats/job.md has it in full.
 */
#ifndef BQ_JOB_RECORD_H
#define BQ_JOB_RECORD_H

#include "base/buf.h"
#include "codec/codec.h"
#include "job/job.h"

enum { BQ_NONCE_TEXT_BYTES = 17 }; /* 16 hex digits and a NUL */

struct bq_job_record {
    const char *function;
    const struct barq_value *args;   /* tuple or list; NULL is written as an empty one */
    const struct barq_value *kwargs; /* map; NULL likewise */
    int64_t enqueued_at_ms;
    const char *nonce;
    int first_try; /* t: the first attempt counts as this one, of max_tries; 0 (null): as 1 */
    const char *traceparent; /* NULL: none */
    const char *tracestate;  /* NULL: none; only with a traceparent */
};

/* Appends the bytes of a job to `out`, whose limit is the payload limit. */
enum barq_status bq_job_encode(const struct bq_codec *codec, const struct bq_job_record *record,
                               struct bq_buf *out, struct barq_error *err) BARQ_MUST_CHECK;

enum bq_readable {
    BQ_READ_NOTHING,  /* the identity (et, n) cannot be read: such bytes have never run */
    BQ_READ_IDENTITY, /* et and n are there; function or arguments cannot be read: `err` says why */
    BQ_READ_ALL,
};
/*
 * Reads a job's bytes. Decides only by what it could read; what was read is in `out` (function
 * "<unknown>", args and kwargs empty where unreadable), all in `arena`.
 */
enum bq_readable bq_job_decode(struct barq_arena *arena, const void *bytes, size_t len,
                               struct bq_job_record *out, struct barq_error *err);

/* What a failure is for an arq client, which raises it as an exception. */
enum bq_failure {
    BQ_FAILURE_ERROR,   /* the function's own: builtins.RuntimeError */
    BQ_FAILURE_REFUSED, /* barq's: arq.worker.JobExecutionFailed */
    BQ_FAILURE_ABORTED, /* asyncio.exceptions.CancelledError */
    BQ_FAILURE_TIMEOUT, /* builtins.TimeoutError */
};

struct bq_result_record {
    struct bq_job_record job;
    const char *queue;
    const char *id;
    int job_try;
    bool success;
    const struct barq_value *result; /* when success; NULL is written as null */
    const char *error;       /* when not: becomes r, as an exception where the codec has such */
    enum bq_failure failure; /* which one; read as BQ_FAILURE_ERROR where it is none of them */
    int64_t started_at_ms;
    int64_t finished_at_ms;
};

/* BARQ_ERR_TYPE, BARQ_ERR_LIMIT: the result cannot be written; try again as a failure that says so. */
enum barq_status bq_result_encode(const struct bq_codec *codec,
                                  const struct bq_result_record *record, struct bq_buf *out,
                                  struct barq_error *err) BARQ_MUST_CHECK;
enum barq_status bq_result_decode(struct barq_arena *arena, const void *bytes, size_t len,
                                  struct bq_result_record *out, struct barq_error *err)
    BARQ_MUST_CHECK;

/* A new nonce for a job or a retried dead one. */
void bq_nonce(char out[BQ_NONCE_TEXT_BYTES]);

/*
 * Checks a client's request and makes the whole job of it in `arena` (ids, times, bytes). The one
 * place where jobs are made: client and outbox call it.
 */
struct bq_job_request {
    const char *function;
    const struct barq_value *args;
    const struct barq_value *kwargs;
    const struct barq_enqueue_options *options; /* may be NULL */
    const struct bq_codec *codec;               /* that its bytes are written in; NULL: JSON */
    const char *default_queue; /* "": it is left open, for whoever relays the job */
    size_t payload_max_bytes;
    int64_t now_ms;
};
enum barq_status bq_job_make(struct barq_arena *arena, const struct bq_job_request *request,
                             struct bq_job *out, struct barq_error *err) BARQ_MUST_CHECK;

#endif

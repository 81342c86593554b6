/*
 * context.h - one attempt of one job, in a module executor: the inside of
 * struct barq_context.
 */
#ifndef BQ_ATTEMPT_CONTEXT_H
#define BQ_ATTEMPT_CONTEXT_H

#include <stdatomic.h>

#include <barq/worker.h>

#include "attempt/desk.h"
#include "base/arena.h"
#include "job/message.h"
#include "job/record.h"
#include "job/trace.h"
#include "session/session.h"

/* What a handler asked for, beside the status it returned. */
enum bq_wish { BQ_WISH_NONE, BQ_WISH_RETRY, BQ_WISH_FAIL };

/* A handler thread and what it keeps from job to job. */
struct bq_workplace {
    const struct barq_settings *settings;
    const char *database_url;     /* borrowed */
    struct barq_session *session; /* owned; NULL until first used */
    struct bq_desk *desk;         /* borrowed: the way to the dispatcher */
    struct bq_seat *seat;         /* borrowed: this thread's part of it */
    size_t payload_max_bytes;
    bool traced;         /* spans are exported: each attempt is one */
    int64_t bad_row_seq; /* up to here, rows of the outbox that are no jobs have been told of */
};

struct barq_context {
    struct bq_workplace *place;
    struct barq_arena *arena;
    struct bq_run run;
    struct bq_job_record record;
    struct bq_identity identity;
    bool span; /* it is one of its own, which is exported */
    /* Its own span, or what the job came with; "" none. */
    char traceparent[BQ_TRACEPARENT_BYTES];
    const struct barq_function *function; /* NULL until it is known */
    const struct barq_value *result;      /* NULL although `returned`: it could not be made */
    bool returned;
    int64_t started_at_ms; /* wall clock */
    int64_t begun_ms;      /* bq_mono_ms() */
    /* By when its receipt must be found before it is started; 0: at any time. */
    int64_t look_until_ms;
    bool called;          /* on_job_start or the handler: after_job_end follows */
    bool bound;           /* the session is this attempt's */
    bool database_away;   /* the session could not be had */
    bool committed;       /* the job's outcome is final, whatever fails now */
    bool ended;           /* its outcome is on the way: nothing more is heard of it */
    int64_t logged_bytes; /* by barq_log() */
    int64_t log_dropped;  /* bytes beyond its limit that the dispatcher does not know of */
    enum bq_wish wish;
    int64_t retry_defer_ms;
    const char *failure; /* why the job failed for good, or at its end this attempt; NULL before */
    char text[BQ_ERROR_TEXT_MAX_BYTES + 1]; /* of the failure, or of the outcome's error */
    struct bq_buf encoded;                  /* the result, as the receipt and the broker get it */
};

/* Opens its session, as the settings have it; `until_ms` as of bq_session_until(). */
enum barq_status bq_workplace_open(struct bq_workplace *place, int64_t until_ms,
                                   struct barq_error *err) BARQ_MUST_CHECK;
/* Does this status say that the database could not be had, rather than that a statement was wrong? */
bool bq_database_away(enum barq_status status);
/* Opens and binds the session at its first use in the attempt. Notes in `database_away` when it cannot be had. */
enum barq_status bq_context_bind(struct barq_context *ctx, struct barq_error *err) BARQ_MUST_CHECK;
/* Rolls back and frees the session for the next job. */
void bq_context_unbind(struct barq_context *ctx);
/* Forgets what the handler did in the session, and that it was told to stop: what follows is the engine's own. */
void bq_context_refresh(struct barq_context *ctx);

#endif

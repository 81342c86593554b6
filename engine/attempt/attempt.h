/*
 * attempt.h - one run of one job, from its bytes to its outcome.
 *
 *     run.c      the steps, in their order
 *     policy.c   what holds for its function
 *     refuse.c   what is not run at all
 *     settle.c   receipts: how an outcome becomes final
 *     hooks.c    on_startup, on_shutdown, on_job_failure, after_job_end
 *     span.c     its place in its job's trace
 *     relay.c    what was enqueued in the session goes to the dispatcher
 *     outcome.c  results as bytes, outcomes as messages
 *     say.c      progress and log, while it runs
 *     house.c    what the house executor does instead
 */
#ifndef BQ_ATTEMPT_ATTEMPT_H
#define BQ_ATTEMPT_ATTEMPT_H

#include "attempt/context.h"
#include "job/cron.h"
#include "session/outbox.h"

/* Runs what BQ_MSG_RUN says, and posts its outcome. */
void bq_attempt_run(struct bq_workplace *place, struct barq_arena *arena,
                    const struct bq_buf *body);

/* -- run.c's helpers, in the order in which it needs them -- */

/* Its limits hold for all that follows, also for a session that is opened to look for the receipt. */
void bq_find_function(struct barq_context *ctx);
/* Whether it is a span, and of which trace what it does is. */
void bq_span_choose(struct barq_context *ctx);
/* The span, if it is one, begins. */
void bq_span_say(struct barq_context *ctx);
/* Why the job is not run: in ctx->arena; NULL: it is. `unread` is why its bytes could not be read. `*leave`: it is not
 * refused for that, but left to others. */
const char *bq_refusal(struct barq_context *ctx, enum bq_readable readable, const char *unread,
                       bool *leave);

/* Looks whether the job has its outcome already. BARQ_OK and `*found`: `*out` is it, and its outbox has been relayed. */
enum barq_status bq_answer_from_receipt(struct barq_context *ctx, struct bq_outcome *out,
                                        bool *found, struct barq_error *err) BARQ_MUST_CHECK;
/* The job is as good as another worker's: what commits now may come too late. */
bool bq_too_late(const struct barq_context *ctx);
/* After the handler has succeeded: receipt, COMMIT, relay. BARQ_OK: `*out` is final (it may be another attempt's). */
enum barq_status bq_settle_success(struct barq_context *ctx, struct bq_outcome *out,
                                   struct barq_error *err) BARQ_MUST_CHECK;
/* Makes the job fail for good, with its receipt and on_job_failure. */
struct bq_outcome bq_settle_failure(struct barq_context *ctx, const char *why);
/* The same for bytes without an identity: they have never run, and need no receipt. */
struct bq_outcome bq_settle_unreadable(struct barq_context *ctx, const char *why);

/* Runs the settings' on_job_failure; its error is logged by the caller. */
enum barq_status bq_run_failure_hook(struct barq_context *ctx, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Waits until the dispatcher says that the outcome is in the broker; runs after_job_end then; says that it has left. */
void bq_run_after_hook(struct barq_context *ctx);
/* on_startup with a session of its own, committed when it succeeds. */
enum barq_status bq_run_startup(struct bq_workplace *place, struct barq_error *err) BARQ_MUST_CHECK;
void bq_run_shutdown(struct bq_workplace *place);

/* Sends the job's outbox rows to the dispatcher, waits until they are enqueued, deletes them. */
enum barq_status bq_relay(struct barq_context *ctx, struct barq_error *err) BARQ_MUST_CHECK;

/* Puts the rows that are jobs in front, and says how many; of each other it is said once that it is none. */
size_t bq_relay_sort(struct bq_workplace *place, struct bq_outbox_row *rows, size_t count);
/* To the dispatcher, which answers with BQ_MSG_RELAYED. */
void bq_relay_post(struct barq_context *ctx, const struct bq_outbox_row *rows, size_t count);

/* Encodes the result of a success, or of a failure (`error` not NULL), into ctx->encoded. */
enum barq_status bq_encode_success(struct barq_context *ctx, struct barq_error *err)
    BARQ_MUST_CHECK;
enum barq_status bq_encode_failure(struct barq_context *ctx, const char *error,
                                   struct barq_error *err) BARQ_MUST_CHECK;
/* Keeps a text for an outcome, cut to its limit; the last one only, but without asking for memory. */
const char *bq_short_text(struct barq_context *ctx, const char *error);
struct bq_outcome bq_outcome_final(struct barq_context *ctx, bool success);
struct bq_outcome bq_outcome_give_back(struct barq_context *ctx, const char *error,
                                       bool database_away);
/* Given back, to be left alone for a minute or so. */
struct bq_outcome bq_outcome_leave(struct barq_context *ctx, const char *error);
struct bq_outcome bq_outcome_retry(struct barq_context *ctx, const char *error, int64_t defer_ms);
/* Before the outcome: what of progress, log and output is not told yet. True: it has marked where its output ends. */
bool bq_say_end(struct barq_context *ctx);
void bq_outcome_post(struct barq_context *ctx, const struct bq_outcome *outcome);

/* -- the house -- */

/* `try_writing`: the database was away; see whether it is back. */
void bq_house_sweep(struct bq_workplace *place, struct barq_arena *arena, int64_t attempt,
                    bool try_writing);
void bq_house_prune(struct bq_workplace *place, struct barq_arena *arena, int64_t attempt);

/* -- the process -- */

/*
 * The whole of an executor's life, on descriptor 3. `settings` NULL: loads them from `module`. Returns the
 * process's exit code.
 */
struct bq_executor_plan {
    const struct barq_settings *settings;
    const char *module;
    const char *database_url;
    int threads;          /* 0: the settings' */
    bool shared_with_arq; /* also if the settings do not say so; */
    bool leave_unknown;   /* likewise */
    bool house;
};
int bq_executor_main(const struct bq_executor_plan *plan);

/* BARQ_ERR_NOTFOUND, BARQ_ERR_FORMAT: no module of ours; the error says what to do. */
enum barq_status bq_module_load(const char *path, const struct barq_settings **out,
                                struct barq_error *err) BARQ_MUST_CHECK;
/* crons.c: their cron jobs; borrows their strings. BARQ_ERR_ARG: one of them makes no sense. */
enum barq_status bq_settings_crons(struct barq_arena *arena, const struct barq_settings *settings,
                                   struct bq_cron_job **out, size_t *count, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Are the settings complete and sensible? */
enum barq_status bq_settings_check(const struct barq_settings *settings, struct barq_error *err)
    BARQ_MUST_CHECK;
/* rules.c: do queues and limits make sense? */
enum barq_status bq_rules_check(const struct barq_settings *settings, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Tells them, in `arena`; false when that is full. */
bool bq_rules_tell(const struct barq_settings *settings, struct barq_arena *arena,
                   struct bq_ready *ready);

#endif

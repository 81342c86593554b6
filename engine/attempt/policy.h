/*
 * policy.h - what holds for a job: its function's own value, else the
 * settings', else the default.
 */
#ifndef BQ_ATTEMPT_POLICY_H
#define BQ_ATTEMPT_POLICY_H

#include "attempt/context.h"
#include "job/retry.h"

/* BARQ_OFF: none. */
int64_t bq_function_timeout_ms(const struct barq_settings *settings,
                               const struct barq_function *function);
/* On a queue shared with arq, the longest of them; 0: it is not. */
int64_t bq_shared_timeout_ms(const struct barq_settings *settings);

int bq_max_tries(const struct barq_context *ctx);
int64_t bq_job_timeout_ms(const struct barq_context *ctx);   /* BARQ_OFF: none */
int64_t bq_keep_result_ms(const struct barq_context *ctx);   /* BARQ_OFF: none; BARQ_FOREVER */
int64_t bq_output_max_bytes(const struct barq_context *ctx); /* 0: any */
/* On PostgreSQL: so many sessions are kept, and so many more are opened at most. */
int bq_pool_size(const struct barq_settings *settings);
int bq_max_overflow(const struct barq_settings *settings);
enum bq_db_isolation bq_isolation(const struct barq_context *ctx);
bool bq_retry_on_error(const struct barq_context *ctx);
bool bq_retry_on_timeout(const struct barq_context *ctx);
struct bq_retry_policy bq_retry_policy(const struct barq_context *ctx);

/* What the dispatcher is told of it when the handler is about to be called. */
struct bq_started bq_started_of(const struct barq_context *ctx);
/* Must it know before the handler can take the executor down, rather than soon? */
bool bq_started_urgent(const struct barq_context *ctx);

#endif

#include "attempt/policy.h"

/* Longer than a process lives; can be added to any clock. */
static const int64_t LONGEST_MS = INT64_C(1) << 53;

/* What a job has whose function is not known. */
static const struct barq_function unknown = {.name = NULL};

static const struct barq_function *own(const struct barq_context *ctx)
{
    return ctx->function ? ctx->function : &unknown;
}

static int64_t or_default(int64_t value, int64_t settings, int64_t otherwise)
{
    if (value != 0) {
        return value;
    }
    return settings != 0 ? settings : otherwise;
}

int bq_max_tries(const struct barq_context *ctx)
{
    return (int)or_default(own(ctx)->max_tries, ctx->place->settings->max_tries,
                           BARQ_DEFAULT_MAX_TRIES);
}

int64_t bq_function_timeout_ms(const struct barq_settings *settings,
                               const struct barq_function *function)
{
    int64_t timeout_ms =
        or_default(function->job_timeout_ms, settings->job_timeout_ms, BARQ_DEFAULT_JOB_TIMEOUT_MS);

    return timeout_ms < LONGEST_MS ? timeout_ms : BARQ_OFF;
}

int64_t bq_shared_timeout_ms(const struct barq_settings *settings)
{
    int64_t longest_ms = 0;

    for (const struct barq_function *at = settings->functions; at->name; at++) {
        int64_t timeout_ms = bq_function_timeout_ms(settings, at);
        longest_ms = timeout_ms > longest_ms ? timeout_ms : longest_ms;
    }
    return settings->shared_with_arq ? longest_ms : 0;
}

int64_t bq_job_timeout_ms(const struct barq_context *ctx)
{
    return bq_function_timeout_ms(ctx->place->settings, own(ctx));
}

int64_t bq_keep_result_ms(const struct barq_context *ctx)
{
    return or_default(own(ctx)->keep_result_ms, ctx->place->settings->keep_result_ms,
                      BARQ_DEFAULT_KEEP_RESULT_MS);
}

int bq_pool_size(const struct barq_settings *settings)
{
    return settings->pool_size > 0 ? settings->pool_size : BARQ_DEFAULT_POOL_SIZE;
}

int bq_max_overflow(const struct barq_settings *settings)
{
    int overflow = (int)or_default(settings->max_overflow, 0, BARQ_DEFAULT_MAX_OVERFLOW);

    return overflow > 0 ? overflow : 0;
}

enum bq_db_isolation bq_isolation(const struct barq_context *ctx)
{
    enum barq_isolation chosen = own(ctx)->isolation != BARQ_ISOLATION_DEFAULT
                                     ? own(ctx)->isolation
                                     : ctx->place->settings->isolation;
    switch (chosen) {
    case BARQ_REPEATABLE_READ:
        return BQ_DB_REPEATABLE_READ;
    case BARQ_SERIALIZABLE:
        return BQ_DB_SERIALIZABLE;
    case BARQ_ISOLATION_DEFAULT:
    default:
        return BQ_DB_ISOLATION_DEFAULT;
    }
}

bool bq_retry_on_error(const struct barq_context *ctx)
{
    const struct barq_settings *settings = ctx->place->settings;
    int unsaid =
        settings->shared_with_arq ? BARQ_OFF : 1; /* arq's own workers try no error again */

    return or_default(own(ctx)->retry_on_error, settings->retry_on_error, unsaid) > 0;
}

bool bq_retry_on_timeout(const struct barq_context *ctx)
{
    return or_default(own(ctx)->retry_on_timeout, ctx->place->settings->retry_on_timeout, 1) > 0;
}

struct bq_retry_policy bq_retry_policy(const struct barq_context *ctx)
{
    const struct barq_settings *settings = ctx->place->settings;
    struct bq_retry_policy theirs =
        bq_retry_policy_of(settings->max_tries, settings->retry_min_ms, settings->retry_max_ms);
    int64_t min_ms = own(ctx)->retry_min_ms != 0 ? own(ctx)->retry_min_ms : theirs.min_ms;
    int64_t max_ms = own(ctx)->retry_max_ms;

    /* A function that begins where the settings end does not end before it. */
    if (max_ms == 0) {
        max_ms = own(ctx)->retry_min_ms > theirs.max_ms ? own(ctx)->retry_min_ms : theirs.max_ms;
    }
    return (struct bq_retry_policy){
        .max_tries = bq_max_tries(ctx),
        .min_ms = min_ms,
        .max_ms = max_ms,
    };
}

/* As a message has it: 0 is none. */
static int64_t limit(int64_t value, int64_t settings, int64_t otherwise)
{
    int64_t chosen = or_default(value, settings, otherwise);

    return chosen > 0 ? chosen : 0;
}

int64_t bq_output_max_bytes(const struct barq_context *ctx)
{
    return limit(own(ctx)->output_max_bytes, ctx->place->settings->output_max_bytes,
                 BARQ_DEFAULT_OUTPUT_MAX_BYTES);
}

struct bq_started bq_started_of(const struct barq_context *ctx)
{
    const struct barq_settings *settings = ctx->place->settings;
    struct bq_retry_policy retry = bq_retry_policy(ctx);

    return (struct bq_started){
        .attempt = ctx->run.attempt,
        .job_try = barq_job_try(ctx),
        .function = ctx->record.function,
        .job_timeout_ms = bq_job_timeout_ms(ctx),
        .max_tries = retry.max_tries,
        .retry_min_ms = retry.min_ms,
        .retry_max_ms = retry.max_ms,
        .retry_on_timeout = bq_retry_on_timeout(ctx),
        .memory_max_bytes = limit(own(ctx)->memory_max_bytes, settings->memory_max_bytes, 0),
        .cpu_max_ms = limit(own(ctx)->cpu_max_ms, settings->cpu_max_ms, 0),
        .output_max_bytes = bq_output_max_bytes(ctx),
        .recycle_after = limit(own(ctx)->recycle_after, settings->recycle_after, 0),
    };
}

/* All but a function's own is known: tries and delays by READY, and what it may print is not told anywhere else. */
bool bq_started_urgent(const struct barq_context *ctx)
{
    const struct barq_function *function = own(ctx);
    bool own_retries =
        function->max_tries != 0 || function->retry_min_ms != 0 || function->retry_max_ms != 0;

    bool own_output = bq_output_max_bytes(ctx) != BARQ_DEFAULT_OUTPUT_MAX_BYTES;

    bool own_try = barq_job_try(ctx) != ctx->run.claimed.tries + 1;

    return own_retries || own_output || own_try || ctx->run.claimed.crashes > 0;
}

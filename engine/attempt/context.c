#include "attempt/context.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>

#include "attempt/attempt.h"
#include "attempt/policy.h"
#include "base/time.h"

/* Longer than a process lives; can be added to any clock. */
static const int64_t LONGEST_MS = INT64_C(1) << 53;

/* An attempt that is older than this must not commit: receipts are pruned by then; or its lease may be over. */
static int64_t commit_until_ms(const struct barq_context *ctx)
{
    int64_t timeout_ms = bq_job_timeout_ms(ctx);
    int64_t lease_ms = ctx->run.commit_until_ms;
    int64_t own_ms =
        timeout_ms == BARQ_OFF ? 0 : ctx->begun_ms + timeout_ms + BARQ_HARD_GRACE_MS + 60000;

    return lease_ms != 0 && (own_ms == 0 || lease_ms < own_ms) ? lease_ms : own_ms;
}

bool bq_too_late(const struct barq_context *ctx)
{
    return ctx->run.commit_until_ms != 0 && bq_mono_ms() > ctx->run.commit_until_ms;
}

bool bq_database_away(enum barq_status status)
{
    return status == BARQ_ERR_CONN || status == BARQ_ERR_BUSY || status == BARQ_ERR_FULL ||
           status == BARQ_ERR_IO;
}

enum barq_status bq_workplace_open(struct bq_workplace *place, int64_t until_ms,
                                   struct barq_error *err)
{
    struct bq_session_options options = {
        .recycle_ms = place->settings->pool_recycle_ms,
        .no_ping = place->settings->pool_pre_ping == BARQ_OFF,
        .until_ms = until_ms,
    };

    return bq_session_open_as(place->database_url, &options, &place->session, err);
}

static enum barq_status open_and_bind(struct barq_context *ctx, struct barq_error *err)
{
    struct bq_workplace *place = ctx->place;

    if (!place->session) {
        enum barq_status status = bq_workplace_open(place, ctx->look_until_ms, err);
        if (status != BARQ_OK) {
            return status;
        }
    }
    const struct bq_job *claimed = &ctx->run.claimed.job;
    struct bq_session_job job = {
        .identity = ctx->identity.id ? &ctx->identity : NULL,
        .function = ctx->record.function,
        .isolation = bq_isolation(ctx),
        .codec = ctx->identity.id ? bq_codec_of(claimed->payload, claimed->payload_bytes) : NULL,
        .queue = claimed->queue,
        .commit_until_ms = ctx->identity.id ? commit_until_ms(ctx) : 0,
        .until_ms = ctx->look_until_ms,
        .payload_max_bytes = place->payload_max_bytes,
        .traceparent = barq_job_traceparent(ctx),
        .tracestate = barq_job_tracestate(ctx),
    };
    return bq_session_bind(place->session, &job, err);
}

enum barq_status bq_context_bind(struct barq_context *ctx, struct barq_error *err)
{
    if (ctx->bound) {
        return BARQ_OK;
    }
    enum barq_status status = open_and_bind(ctx, err);
    if (status != BARQ_OK) {
        ctx->database_away = true;
        return status;
    }
    ctx->bound = true;
    return BARQ_OK;
}

void bq_context_unbind(struct barq_context *ctx)
{
    if (!ctx->bound) {
        return;
    }
    bq_desk_session(ctx->place->seat, NULL);
    bq_session_unbind(ctx->place->session);
    ctx->bound = false;
}

void bq_context_refresh(struct barq_context *ctx)
{
    bq_context_unbind(ctx);
    bq_desk_uncancel(ctx->place->seat);
}

static enum barq_status use(struct barq_context *ctx, enum bq_db_mode mode,
                            struct barq_session **out, struct barq_error *err)
{
    if (barq_canceled(ctx)) {
        return bq_fail(err, BARQ_ERR_CANCELED, "session: the job was told to stop");
    }
    enum barq_status status = bq_context_bind(ctx, err);
    if (status != BARQ_OK) {
        return status;
    }
    /* From here on: what the engine itself does in the session is not to be cut off. */
    bq_desk_session(ctx->place->seat, ctx->place->session);
    status = bq_session_use(ctx->place->session, mode, err);
    if (status == BARQ_OK) {
        *out = ctx->place->session;
    } else if (bq_database_away(status)) {
        ctx->database_away = true;
    }
    return status;
}

enum barq_status barq_session_read(struct barq_context *ctx, struct barq_session **out,
                                   struct barq_error *err)
{
    return use(ctx, BQ_DB_READ, out, err);
}

enum barq_status barq_session_write(struct barq_context *ctx, struct barq_session **out,
                                    struct barq_error *err)
{
    return use(ctx, BQ_DB_WRITE, out, err);
}

const char *barq_job_id(const struct barq_context *ctx)
{
    return ctx->run.claimed.job.id;
}

const char *barq_job_queue(const struct barq_context *ctx)
{
    return ctx->run.claimed.job.queue;
}

const char *barq_job_function(const struct barq_context *ctx)
{
    return ctx->record.function;
}

int barq_job_try(const struct barq_context *ctx)
{
    int first = ctx->record.first_try < BARQ_JOB_TRY_MAX ? ctx->record.first_try : BARQ_JOB_TRY_MAX;
    int next = ctx->run.claimed.tries + 1;

    return next > first ? next : first;
}

int64_t barq_job_enqueued_at_ms(const struct barq_context *ctx)
{
    return ctx->record.enqueued_at_ms;
}

const char *barq_job_traceparent(const struct barq_context *ctx)
{
    return ctx->traceparent[0] != '\0' ? ctx->traceparent : NULL;
}

const char *barq_job_tracestate(const struct barq_context *ctx)
{
    return ctx->record.tracestate;
}

const char *barq_job_error(const struct barq_context *ctx)
{
    return ctx->failure ? ctx->failure : "";
}

const struct barq_value *barq_args(const struct barq_context *ctx)
{
    return ctx->record.args;
}

const struct barq_value *barq_kwargs(const struct barq_context *ctx)
{
    return ctx->record.kwargs;
}

const struct barq_value *barq_arg(const struct barq_context *ctx, size_t index, const char *name)
{
    const struct barq_value *value = barq_at(ctx->record.args, index);

    if (!value && name) {
        value = barq_get(ctx->record.kwargs, name);
    }
    return value;
}

int64_t barq_arg_int(const struct barq_context *ctx, size_t index, const char *name,
                     int64_t otherwise)
{
    return barq_as_int(barq_arg(ctx, index, name), otherwise);
}

double barq_arg_double(const struct barq_context *ctx, size_t index, const char *name,
                       double otherwise)
{
    return barq_as_double(barq_arg(ctx, index, name), otherwise);
}

const char *barq_arg_string(const struct barq_context *ctx, size_t index, const char *name,
                            const char *otherwise)
{
    const struct barq_value *value = barq_arg(ctx, index, name);

    return barq_kind(value) == BARQ_STRING ? barq_as_string(value, otherwise) : otherwise;
}

struct barq_arena *barq_arena_of(struct barq_context *ctx)
{
    return ctx->arena;
}

void *barq_state(const struct barq_context *ctx)
{
    return atomic_load(&ctx->place->desk->state);
}

void barq_set_state(struct barq_context *ctx, void *state)
{
    atomic_store(&ctx->place->desk->state, state);
}

void barq_return(struct barq_context *ctx, struct barq_value *result)
{
    ctx->result = result;
    ctx->returned = true;
}

/* The wish, and its text into `err`. */
BARQ_PRINTF(4, 0)
static enum barq_status wish(struct barq_context *ctx, enum bq_wish what, struct barq_error *err,
                             const char *format, va_list values)
{
    char text[BARQ_ERROR_MAX_BYTES];

    (void)vsnprintf(text, sizeof(text), format, values);
    ctx->wish = what;
    return bq_fail(err, BARQ_ERR_JOB, "%s", text);
}

enum barq_status barq_retry(struct barq_context *ctx, struct barq_error *err, int64_t defer_ms,
                            const char *format, ...)
{
    va_list values;

    ctx->retry_defer_ms = defer_ms > 0 ? defer_ms : 0;
    va_start(values, format);
    enum barq_status status = wish(ctx, BQ_WISH_RETRY, err, format, values);
    va_end(values);
    return status;
}

enum barq_status barq_fail(struct barq_context *ctx, struct barq_error *err, const char *format,
                           ...)
{
    va_list values;

    va_start(values, format);
    enum barq_status status = wish(ctx, BQ_WISH_FAIL, err, format, values);
    va_end(values);
    return status;
}

bool barq_canceled(const struct barq_context *ctx)
{
    return atomic_load(&ctx->place->seat->cancel) != BQ_CANCEL_NONE;
}

int barq_cancel_fd(const struct barq_context *ctx)
{
    return ctx->place->seat->cancel_fd;
}

enum barq_status barq_sleep(struct barq_context *ctx, int64_t ms, struct barq_error *err)
{
    struct pollfd canceled = {.fd = barq_cancel_fd(ctx), .events = POLLIN};
    int64_t until_ms = bq_mono_ms() + (ms < LONGEST_MS ? ms : LONGEST_MS);

    for (int64_t left_ms = ms; left_ms > 0; left_ms = until_ms - bq_mono_ms()) {
        int wait_ms = left_ms < INT32_MAX ? (int)left_ms : INT32_MAX;
        int ready = poll(&canceled, 1, wait_ms);
        if (ready > 0) {
            return bq_fail(err, BARQ_ERR_CANCELED, "the job was told to stop");
        }
    }
    return barq_canceled(ctx) ? bq_fail(err, BARQ_ERR_CANCELED, "the job was told to stop")
                              : BARQ_OK;
}

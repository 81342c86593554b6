#include "attempt/attempt.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/time.h"
#include "session/outbox.h"

/* The dispatcher must know before the hook runs: should it take the executor down, it is left out the next time. */
static void say_hook(struct barq_context *ctx)
{
    bq_auto(buf) struct bq_buf body;

    bq_buf_init(&body, BQ_FRAME_SLACK_BYTES);
    bq_buf_put_i64(&body, ctx->run.attempt);
    bq_buf_put_str(&body, ctx->failure);
    bq_desk_post(ctx->place->desk, BQ_MSG_HOOK, &body, true);
}

enum barq_status bq_run_failure_hook(struct barq_context *ctx, struct barq_error *err)
{
    say_hook(ctx);
    enum barq_status status = ctx->place->settings->on_job_failure(ctx, err);
    bq_fault("attempt.hook_returned");
    if (status == BARQ_OK && bq_session_broken(ctx->place->session, err)) {
        status = err->status;
    }
    return status;
}

static void begin_jobless(struct barq_context *ctx, struct bq_workplace *place,
                          struct barq_arena *arena)
{
    *ctx = (struct barq_context){
        .place = place,
        .arena = arena,
        .run = {.claimed = {.job = {.id = "", .queue = ""}}},
        .record = {.function = "", .args = barq_tuple(arena), .kwargs = barq_map(arena)},
        .started_at_ms = bq_wall_ms(),
        .begun_ms = bq_mono_ms(),
    };
}

/* Ends a hook that has a transaction of its own: what it wrote is committed if it has succeeded. */
static enum barq_status end_hook(struct barq_context *ctx, enum barq_status status,
                                 struct barq_error *err)
{
    struct barq_session *session = ctx->place->session;

    if (status == BARQ_OK && ctx->bound && bq_session_broken(session, err)) {
        status = err->status;
    }
    if (status == BARQ_OK && ctx->bound && bq_session_wrote(session)) {
        bool put = bq_outbox_has(session);
        status = bq_session_commit(session, err);
        if (status == BARQ_OK && put) {
            bq_session_wake(session);
        }
    }
    bq_context_unbind(ctx);
    return status;
}

enum barq_status bq_run_startup(struct bq_workplace *place, struct barq_error *err)
{
    if (!place->settings->on_startup) {
        return BARQ_OK;
    }
    bq_auto(arena) struct barq_arena arena;
    struct barq_context ctx;

    bq_arena_init(&arena, place->payload_max_bytes);
    begin_jobless(&ctx, place, &arena);
    return end_hook(&ctx, place->settings->on_startup(&ctx, err), err);
}

void bq_run_shutdown(struct bq_workplace *place)
{
    if (!place->settings->on_shutdown) {
        return;
    }
    bq_auto(arena) struct barq_arena arena;
    struct barq_context ctx;
    struct barq_error err = {.status = BARQ_OK};

    bq_arena_init(&arena, place->payload_max_bytes);
    begin_jobless(&ctx, place, &arena);
    if (end_hook(&ctx, place->settings->on_shutdown(&ctx, &err), &err) != BARQ_OK) {
        bq_warn("on_shutdown failed", bq_str("error", err.text));
    }
}

static void say_left(struct barq_context *ctx)
{
    bq_auto(buf) struct bq_buf body;

    bq_buf_init(&body, BQ_FRAME_SLACK_BYTES);
    bq_buf_put_i64(&body, ctx->run.attempt);
    bq_desk_post(ctx->place->desk, BQ_MSG_LEFT, &body, true);
}

static void after_job_end(struct barq_context *ctx)
{
    struct barq_error err = {.status = BARQ_OK};

    bq_context_refresh(ctx);
    /* The job is over: what it enqueues now is nobody's child. */
    ctx->identity = (struct bq_identity){0};
    enum barq_status status = ctx->place->settings->after_job_end(ctx, &err);
    if (end_hook(ctx, status, &err) != BARQ_OK) {
        bq_warn("after_job_end failed", bq_str("job", barq_job_id(ctx)), bq_str("error", err.text));
    }
    bq_fault("attempt.after_job_end");
}

void bq_run_after_hook(struct barq_context *ctx)
{
    bool acked = bq_desk_await(ctx->place->seat, BQ_MSG_ACKED) != 0;

    bq_fault("attempt.acked");
    if (acked) {
        after_job_end(ctx);
    }
    say_left(ctx);
}

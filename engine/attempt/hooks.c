#include "attempt/attempt.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/time.h"

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

enum barq_status bq_run_startup(struct bq_workplace *place, struct barq_error *err)
{
    if (!place->settings->on_startup) {
        return BARQ_OK;
    }
    bq_auto(arena) struct barq_arena arena;
    struct barq_context ctx;

    bq_arena_init(&arena, place->payload_max_bytes);
    begin_jobless(&ctx, place, &arena);
    enum barq_status status = place->settings->on_startup(&ctx, err);
    if (status == BARQ_OK && ctx.bound && bq_session_wrote(place->session)) {
        status = bq_session_commit(place->session, err);
    }
    bq_context_unbind(&ctx);
    return status;
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
    enum barq_status status = place->settings->on_shutdown(&ctx, &err);
    if (status == BARQ_OK && ctx.bound && bq_session_wrote(place->session)) {
        status = bq_session_commit(place->session, &err);
    }
    if (status != BARQ_OK) {
        bq_warn("on_shutdown failed", bq_str("error", err.text));
    }
    bq_context_unbind(&ctx);
}

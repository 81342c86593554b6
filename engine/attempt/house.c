#include <string.h>

#include "attempt/attempt.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/time.h"
#include "session/outbox.h"
#include "session/receipt.h"

/* A context without a job, for the session and the desk. */
static struct barq_context context_of(struct bq_workplace *place, struct barq_arena *arena,
                                      int64_t attempt)
{
    return (struct barq_context){
        .place = place,
        .arena = arena,
        .run = {.attempt = attempt},
        .begun_ms = bq_mono_ms(),
    };
}

static void post_jobs(struct barq_context *ctx, const struct bq_outbox_row *rows, size_t count)
{
    bq_auto(buf) struct bq_buf body;

    bq_buf_init(&body,
                BQ_OUTBOX_CHUNK_BYTES + ctx->place->payload_max_bytes + BQ_FRAME_SLACK_BYTES);
    bq_buf_put_i64(&body, ctx->run.attempt);
    bq_buf_put_u32(&body, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        bq_job_put(&body, &rows[i].job);
    }
    bq_desk_post(ctx->place->desk, BQ_MSG_OUTBOX, &body, true);
}

/* One chunk of the application's rows: to the broker, then away. `*count` is 0 when none is left. */
static enum barq_status sweep_chunk(struct barq_context *ctx, size_t *count, struct barq_error *err)
{
    struct bq_outbox_row *rows;

    bq_arena_reset(ctx->arena);
    enum barq_status status = bq_outbox_sweep(ctx->place->session, 0, BQ_OUTBOX_CHUNK_ROWS,
                                              BQ_OUTBOX_CHUNK_BYTES, ctx->arena, &rows, count, err);
    if (status != BARQ_OK || *count == 0) {
        return status;
    }
    post_jobs(ctx, rows, *count);
    (void)bq_desk_await(ctx->place->desk, BQ_MSG_RELAYED);
    bq_fault("house.relayed");
    return bq_outbox_swept(ctx->place->session, rows, *count, err);
}

static void post_done(struct barq_context *ctx, bool reachable)
{
    bq_auto(buf) struct bq_buf body;

    bq_buf_init(&body, BQ_FRAME_SLACK_BYTES);
    bq_buf_put_i64(&body, ctx->run.attempt);
    bq_buf_put_u8(&body, reachable);
    bq_desk_post(ctx->place->desk, BQ_MSG_DONE, &body, true);
}

/* Ends internal work: says whether the database could be used. */
static void finish(struct barq_context *ctx, const char *what, enum barq_status status,
                   const struct barq_error *err)
{
    if (status != BARQ_OK) {
        bq_warn(what, bq_str("error", err->text));
    }
    bq_context_unbind(ctx);
    post_done(ctx, status == BARQ_OK);
}

static enum barq_status see_whether_writable(struct barq_session *session, struct barq_error *err)
{
    enum barq_status status = bq_session_begin_own(session, err);

    bq_session_rollback(session);
    return status;
}

void bq_house_sweep(struct bq_workplace *place, struct barq_arena *arena, int64_t attempt,
                    bool try_writing)
{
    struct barq_context ctx = context_of(place, arena, attempt);
    struct barq_error err;
    size_t count;

    enum barq_status status = bq_context_bind(&ctx, &err);
    if (status == BARQ_OK && try_writing) {
        status = see_whether_writable(place->session, &err);
    }
    do {
        count = 0;
        if (status == BARQ_OK) {
            status = sweep_chunk(&ctx, &count, &err);
        }
    } while (status == BARQ_OK && count > 0);
    finish(&ctx, "cannot sweep the outbox", status, &err);
}

static int64_t ask_held(struct barq_context *ctx, const struct bq_identity *identities,
                        size_t count)
{
    bq_auto(buf) struct bq_buf body;

    bq_buf_init(&body, BQ_PROBE_MAX * (size_t)2048);
    bq_buf_put_i64(&body, ctx->run.attempt);
    bq_buf_put_u32(&body, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        bq_identity_put(&body, &identities[i]);
    }
    bq_desk_post(ctx->place->desk, BQ_MSG_PROBE, &body, true);
    return bq_desk_await(ctx->place->desk, BQ_MSG_HELD);
}

/* The oldest receipts, up to the first whose job the broker still holds. `*more`: it is worth going on. */
static enum barq_status prune_chunk(struct barq_context *ctx, bool *more, struct barq_error *err)
{
    struct bq_identity *identities;
    size_t count;

    bq_arena_reset(ctx->arena);
    enum barq_status status =
        bq_receipt_oldest(ctx->place->session, bq_wall_ms() - BQ_RECEIPT_KEEP_MS, BQ_PROBE_MAX,
                          ctx->arena, &identities, &count, err);
    *more = false;
    if (status != BARQ_OK || count == 0) {
        return status;
    }
    int64_t free_to_go = ask_held(ctx, identities, count);
    size_t n = free_to_go > 0 && (uint64_t)free_to_go <= count ? (size_t)free_to_go : 0;
    *more = n == BQ_PROBE_MAX;
    return n == 0 ? BARQ_OK : bq_receipt_delete(ctx->place->session, identities, n, err);
}

void bq_house_prune(struct bq_workplace *place, struct barq_arena *arena, int64_t attempt)
{
    struct barq_context ctx = context_of(place, arena, attempt);
    struct barq_error err;
    bool more = true;

    enum barq_status status = bq_context_bind(&ctx, &err);
    while (status == BARQ_OK && more) {
        status = prune_chunk(&ctx, &more, &err);
    }
    finish(&ctx, "cannot prune receipts", status, &err);
}

#include <string.h>

#include "attempt/attempt.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/time.h"
#include "session/outbox.h"
#include "session/receipt.h"

/* Of a sweep; the dispatcher asks for the next at once when one has moved something. */
enum { SWEEP_CHUNKS = 10 };

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

/* The application's rows behind `*after_seq`, one chunk: to the broker, then away. */
static enum barq_status sweep_chunk(struct barq_context *ctx, int64_t *after_seq, bool *more,
                                    size_t *moved, struct barq_error *err)
{
    struct bq_outbox_row *rows;
    size_t count;

    bq_arena_reset(ctx->arena);
    enum barq_status status =
        bq_outbox_sweep(ctx->place->session, *after_seq, BQ_OUTBOX_CHUNK_ROWS,
                        BQ_OUTBOX_CHUNK_BYTES, ctx->arena, &rows, &count, err);
    *more = status == BARQ_OK && count > 0;
    if (!*more) {
        return status;
    }
    *after_seq = rows[count - 1].seq;
    *moved = bq_relay_sort(ctx->place, rows, count);
    if (*moved == 0) {
        return BARQ_OK;
    }
    bq_relay_post(ctx, rows, *moved);
    (void)bq_desk_await(ctx->place->seat, BQ_MSG_RELAYED);
    bq_fault("house.relayed");
    return bq_outbox_swept(ctx->place->session, rows, *moved, err);
}

static void post_done(struct barq_context *ctx, enum barq_status status)
{
    bq_auto(buf) struct bq_buf body;

    bq_buf_init(&body, BQ_FRAME_SLACK_BYTES);
    bq_buf_put_i64(&body, ctx->run.attempt);
    bq_buf_put_u8(&body, !bq_database_away(status));
    bq_buf_put_u8(&body, status == BARQ_OK);
    bq_desk_post(ctx->place->desk, BQ_MSG_DONE, &body, true);
}

/* Ends internal work: says whether the database could be used, and whether the work is done. */
static void finish(struct barq_context *ctx, const char *what, enum barq_status status,
                   const struct barq_error *err)
{
    if (status != BARQ_OK) {
        bq_warn(what, bq_str("error", err->text));
    }
    bq_context_unbind(ctx);
    post_done(ctx, status);
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
    int64_t after_seq = 0;
    bool more = true;

    enum barq_status status = bq_context_bind(&ctx, &err);
    if (status == BARQ_OK && try_writing) {
        status = see_whether_writable(place->session, &err);
    }
    /* An application that never stops writing must not keep us from settling. */
    for (int chunks = 0; status == BARQ_OK && more && chunks < SWEEP_CHUNKS;) {
        size_t moved = 0;
        status = sweep_chunk(&ctx, &after_seq, &more, &moved, &err);
        chunks += moved > 0;
    }
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
    return bq_desk_await(ctx->place->seat, BQ_MSG_HELD);
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

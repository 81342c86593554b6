#include "attempt/attempt.h"
#include "base/fault.h"
#include "base/log.h"
#include "session/outbox.h"

/* Anybody can write into the table. */
static bool makes_sense(const struct bq_job *job)
{
    return bq_job_valid(job) && job->payload_bytes <= BQ_JOB_MAX_BYTES;
}

size_t bq_relay_sort(struct bq_workplace *place, struct bq_outbox_row *rows, size_t count)
{
    size_t good = 0;

    for (size_t i = 0; i < count; i++) {
        if (makes_sense(&rows[i].job)) {
            rows[good++] = rows[i];
        } else if (rows[i].seq > place->bad_row_seq) {
            place->bad_row_seq = rows[i].seq;
            bq_error("a row of the outbox is no job", bq_int("seq", rows[i].seq));
        }
    }
    return good;
}

void bq_relay_post(struct barq_context *ctx, const struct bq_outbox_row *rows, size_t count)
{
    bq_auto(buf) struct bq_buf body;

    bq_buf_init(&body, BQ_FRAME_MAX_BYTES);
    bq_buf_put_i64(&body, ctx->run.attempt);
    bq_buf_put_u32(&body, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        bq_job_put(&body, &rows[i].job);
    }
    bq_desk_post(ctx->place->desk, BQ_MSG_OUTBOX, &body, true);
}

/* One chunk after `*seq`, which moves on; `*count` is 0 when there was nothing left. */
static enum barq_status relay_chunk(struct barq_context *ctx, int64_t *seq, size_t *count,
                                    struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_outbox_row *rows;

    bq_arena_init(&arena, (size_t)2 * BQ_FRAME_MAX_BYTES);
    enum barq_status status =
        bq_outbox_read(ctx->place->session, &ctx->identity, *seq, BQ_OUTBOX_CHUNK_ROWS,
                       BQ_OUTBOX_CHUNK_BYTES, &arena, &rows, count, err);
    if (status != BARQ_OK || *count == 0) {
        return status;
    }
    *seq = rows[*count - 1].seq;
    size_t jobs = bq_relay_sort(ctx->place, rows, *count);
    if (jobs > 0) {
        bq_relay_post(ctx, rows, jobs);
        (void)bq_desk_await(ctx->place->seat, BQ_MSG_RELAYED);
    }
    return BARQ_OK;
}

enum barq_status bq_relay(struct barq_context *ctx, struct barq_error *err)
{
    int64_t seq = 0;
    size_t count;

    bq_context_refresh(ctx);
    enum barq_status status = bq_context_bind(ctx, err);
    do {
        if (status == BARQ_OK) {
            status = relay_chunk(ctx, &seq, &count, err);
        }
        bq_fault("attempt.relayed");
    } while (status == BARQ_OK && count > 0);
    if (status != BARQ_OK || seq == 0) {
        return status;
    }

    /* Rows that stay behind do no harm: they go with their receipt. */
    struct barq_error ignored;
    if (bq_outbox_delete(ctx->place->session, &ctx->identity, seq, &ignored) != BARQ_OK) {
        return BARQ_OK;
    }
    bq_fault("attempt.outbox_deleted");
    return BARQ_OK;
}

#include "broker/reply.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Until restore(), the arena takes whatever the heap gives. */
static size_t lift(struct barq_arena *arena)
{
    size_t limit = arena->limit_bytes;

    arena->limit_bytes = SIZE_MAX;
    return limit;
}

static void restore(struct barq_arena *arena, size_t limit)
{
    arena->limit_bytes = limit > arena->used_bytes ? limit : arena->used_bytes;
}

bool bq_reply_job(struct barq_arena *arena, const struct bq_job *from, struct bq_job *out)
{
    struct bq_job job = *from;

    job.id = bq_arena_strdup(arena, from->id);
    job.queue = bq_arena_strdup(arena, from->queue);
    job.function = bq_arena_strdup(arena, from->function ? from->function : "");
    job.key = from->key ? bq_arena_strdup(arena, from->key) : NULL;
    job.after = NULL;
    job.n_after = 0;
    if (from->payload) {
        job.payload = bq_arena_memdup(arena, from->payload, from->payload_bytes);
    }
    if (!job.id || !job.queue || !job.function || (from->key && !job.key) ||
        (from->payload && !job.payload)) {
        return false;
    }
    *out = job;
    return true;
}

bool bq_reply_first_job(struct barq_arena *arena, const struct bq_job *from, struct bq_job *out)
{
    size_t limit = lift(arena);
    bool done = bq_reply_job(arena, from, out);

    restore(arena, limit);
    return done;
}

void bq_reply_lost_first(struct bq_exchange *exchange)
{
    size_t lost = 0;

    for (size_t i = 0; i < exchange->n_claimed; i++) {
        struct bq_claimed at = exchange->claimed[i];

        if (at.losses > 0 || at.alone) {
            memmove(&exchange->claimed[lost + 1], &exchange->claimed[lost],
                    (i - lost) * sizeof(at));
            exchange->claimed[lost++] = at;
        }
    }
}

void *bq_reply_array(struct barq_arena *arena, size_t count, size_t bytes)
{
    size_t limit = lift(arena);
    void *items = bq_arena_array(arena, count, bytes);

    restore(arena, limit);
    return items;
}

char *bq_reply_text(struct barq_arena *arena, const char *text)
{
    size_t limit = lift(arena);
    char *copy = bq_arena_strdup(arena, text);

    restore(arena, limit);
    return copy;
}

char *bq_reply_cursor(struct barq_arena *arena, int64_t seq)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%" PRId64, seq);
    return bq_reply_text(arena, text);
}

const char *bq_reply_refusal(char out[BQ_REFUSAL_BYTES], const char *id, bool deleted)
{
    (void)snprintf(out, BQ_REFUSAL_BYTES, "a job that it was to wait for %s: %s",
                   deleted ? "was deleted" : "has failed", id);
    return out;
}

static void forget_answers(struct bq_exchange *exchange)
{
    exchange->claimed = NULL;
    exchange->n_claimed = 0;
    exchange->lease_lost = false;
    exchange->aborts = NULL;
    exchange->n_aborts = 0;
    exchange->next_due_in_ms = -1;
    exchange->unfinished = 0;
    for (size_t i = 0; i < exchange->n_settles; i++) {
        exchange->settles[i].stale = false;
    }
    for (size_t i = 0; i < exchange->n_ticks; i++) {
        exchange->ticks[i].since_ms = 0;
        exchange->ticks[i].taken = false;
    }
    for (size_t i = 0; i < exchange->n_enqueues; i++) {
        exchange->enqueues[i].exists = false;
    }
    for (size_t i = 0; i < exchange->n_probes; i++) {
        exchange->probes[i].held = false;
    }
}

void bq_reply_begin(struct bq_exchange *exchange)
{
    forget_answers(exchange);
    exchange->status = BARQ_OK;
    exchange->err.status = BARQ_OK;
    exchange->err.text[0] = '\0';
}

void bq_reply_failed(struct bq_exchange *exchange)
{
    forget_answers(exchange);
    exchange->status = exchange->err.status;
}

int64_t bq_result_until_ms(int64_t now_ms, int64_t keep_result_ms)
{
    if (keep_result_ms <= 0) {
        return 0;
    }
    return keep_result_ms < INT64_MAX - now_ms ? now_ms + keep_result_ms : BARQ_FOREVER;
}

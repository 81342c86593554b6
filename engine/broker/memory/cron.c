#include <stdlib.h>
#include <string.h>

#include "broker/memory/store.h"

/* Copies `text` to `*at`, and moves that behind it. */
static const char *keep(char **at, const char *text)
{
    size_t bytes = strlen(text) + 1;
    const char *kept = memcpy(*at, text, bytes);

    *at += bytes;
    return kept;
}

struct memory_cron *bq_memory_cron_new(struct memory_store *store, const struct bq_tick *tick)
{
    size_t bytes = strlen(tick->name) + strlen(tick->function) + strlen(tick->schedule) +
                   strlen(tick->time_zone) + 4;
    const struct memory_queue *queue = bq_memory_queue(store, tick->queue);
    struct memory_cron *cron = calloc(1, sizeof(*cron) + bytes);
    if (!cron || !queue) {
        free(cron);
        return NULL;
    }

    char *at = (char *)(cron + 1);
    bq_list_init(&cron->link);
    cron->info.queue = queue->name;
    cron->info.name = keep(&at, tick->name);
    cron->info.function = keep(&at, tick->function);
    cron->info.schedule = keep(&at, tick->schedule);
    cron->info.time_zone = keep(&at, tick->time_zone);
    cron->info.next_at_ms = tick->next_at_ms;
    return cron;
}

static int order_of(const struct memory_cron *a, const struct memory_cron *b)
{
    int queues = strcmp(a->info.queue, b->info.queue);

    return queues != 0 ? queues : strcmp(a->info.name, b->info.name);
}

/* The one of this queue and name, or NULL. */
static struct memory_cron *find(struct memory_store *store, const struct memory_cron *like)
{
    bq_list_each (at, &store->crons) {
        struct memory_cron *cron = bq_list_owner(at, struct memory_cron, link);
        if (order_of(cron, like) == 0) {
            return cron;
        }
    }
    return NULL;
}

static void forget(struct memory_cron *cron)
{
    bq_list_remove(&cron->link);
    free(cron);
}

static void forget_old(struct memory_store *store, int64_t now_ms)
{
    bq_list_each (at, &store->crons) {
        struct memory_cron *cron = bq_list_owner(at, struct memory_cron, link);
        if (cron->info.next_at_ms < now_ms - BQ_CRON_KEEP_MS) {
            forget(cron);
        }
    }
}

/* What is known of it from before. */
static void remember(const struct memory_cron *old, struct memory_cron *cron, int64_t now_ms)
{
    cron->since_ms = now_ms;
    if (!old) {
        return;
    }
    bool wrong = old->info.last_at_ms > now_ms + BQ_CRON_AHEAD_MS;
    bool same = strcmp(old->info.schedule, cron->info.schedule) == 0 &&
                strcmp(old->info.time_zone, cron->info.time_zone) == 0;

    cron->info.last_at_ms = wrong ? 0 : old->info.last_at_ms;
    cron->since_ms = same && old->since_ms < now_ms ? old->since_ms : now_ms;
}

/* In the place of the old one, or where its name says. */
static void put_in_place(struct memory_store *store, struct memory_cron *old,
                         struct memory_cron *cron)
{
    struct bq_list *before = &store->crons;

    if (old) {
        forget(old);
    }
    bq_list_each (at, &store->crons) {
        if (order_of(bq_list_owner(at, struct memory_cron, link), cron) > 0) {
            before = at;
            break;
        }
    }
    bq_list_add(before, &cron->link);
}

void bq_memory_tick(struct memory_store *store, struct bq_tick *tick, struct memory_cron **told,
                    struct memory_job **job, int64_t now_ms)
{
    struct memory_cron *cron = *told;
    bool asks = tick->at_ms == 0;

    if (asks) {
        forget_old(store, now_ms);
    }
    struct memory_cron *old = find(store, cron);
    remember(old, cron, now_ms);
    int64_t last_at_ms = cron->info.last_at_ms;
    tick->since_ms = last_at_ms > cron->since_ms ? last_at_ms : cron->since_ms;
    if (!asks && last_at_ms != 0 && tick->at_ms <= last_at_ms + tick->apart_ms) {
        return;
    }
    cron->info.last_at_ms = asks ? last_at_ms : tick->at_ms;
    put_in_place(store, old, bq_take(*told));
    tick->taken = !asks && bq_memory_insert(store, *job, now_ms);
    *job = tick->taken ? NULL : *job;
}

/* False when the arena is full. */
static bool show(const struct memory_cron *cron, struct barq_arena *arena,
                 struct barq_cron_info *out)
{
    *out = cron->info;
    out->queue = bq_arena_strdup(arena, cron->info.queue);
    out->name = bq_arena_strdup(arena, cron->info.name);
    out->function = bq_arena_strdup(arena, cron->info.function);
    out->schedule = bq_arena_strdup(arena, cron->info.schedule);
    out->time_zone = bq_arena_strdup(arena, cron->info.time_zone);
    return out->queue && out->name && out->function && out->schedule && out->time_zone;
}

enum barq_status bq_memory_crons(struct bq_broker *broker, struct barq_arena *arena,
                                 struct barq_cron_info **out, size_t *count, int64_t timeout_ms,
                                 struct barq_error *err)
{
    struct memory_store *store = ((struct memory_broker *)broker)->store;
    size_t most = 0;
    size_t filled = 0;
    (void)timeout_ms;

    bq_list_each (at, &store->crons) {
        most++;
    }
    struct barq_cron_info *crons = bq_arena_array(arena, most, sizeof(*crons));
    bq_list_each (at, &store->crons) {
        if (!crons || !show(bq_list_owner(at, struct memory_cron, link), arena, &crons[filled++])) {
            return bq_fail(err, BARQ_ERR_NOMEM, "memory: no room for the list of cron jobs");
        }
    }
    *out = crons;
    *count = filled;
    return BARQ_OK;
}

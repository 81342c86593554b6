/*
 * rows.c - what there is beside jobs, for whoever looks: queues, workers, cron
 * jobs and limits, each a row of the answer.
 */
#include "broker/redis/broker.h"
#include "broker/redis/look.h"

/* Rows of a list of arrays, each put into an array of `bytes` by `read`; false: no room. */
typedef bool read_row(const struct bq_redis_reply *row, struct barq_arena *arena, void *out);

static enum barq_status ask_for_rows(struct bq_broker *broker, struct bq_buf *request,
                                     const char *what, size_t bytes, read_row *read,
                                     struct barq_arena *arena, void **out, size_t *count,
                                     int64_t timeout_ms, struct barq_error *err)
{
    const struct bq_redis_reply *reply = NULL;

    enum barq_status status =
        bq_redis_look_ask(broker, request, what, bq_redis_until(timeout_ms), &reply, err);
    if (status != BARQ_OK) {
        return status;
    }
    size_t rows = reply->kind == BQ_REDIS_ARRAY ? reply->len : 0;
    char *all = bq_arena_array(arena, rows, bytes);
    bool fits = all || rows == 0;
    for (size_t i = 0; fits && i < rows; i++) {
        fits = read(&reply->items[i], arena, all + i * bytes);
    }
    if (!fits) {
        return bq_fail(err, BARQ_ERR_NOMEM, "redis: no room for the %s", what);
    }
    *out = all;
    *count = rows;
    return BARQ_OK;
}

static enum barq_status ask_rows(struct bq_broker *broker, const char *what, size_t bytes,
                                 read_row *read, struct barq_arena *arena, void **out,
                                 size_t *count, int64_t timeout_ms, struct barq_error *err)
{
    bq_auto(buf) struct bq_buf request;

    bq_redis_look_begin(&request, broker, what, 0);
    return ask_for_rows(broker, &request, what, bytes, read, arena, out, count, timeout_ms, err);
}

static const char *copy_words(const struct bq_redis_reply *row, size_t i, struct barq_arena *arena)
{
    const char *words = bq_reply_words(row, i);

    return bq_arena_strdup(arena, words ? words : "");
}

static bool read_stats(const struct bq_redis_reply *row, struct barq_arena *arena, void *out)
{
    struct barq_queue_stats *stats = out;

    *stats = (struct barq_queue_stats){
        .queue = copy_words(row, 0, arena),
        .queued = bq_reply_number(row, 1),
        .deferred = bq_reply_number(row, 2),
        .in_progress = bq_reply_number(row, 3),
        .complete = bq_reply_number(row, 4),
        .failed = bq_reply_number(row, 5),
        .held = bq_reply_number(row, 6),
        .paused = bq_reply_number(row, 7) != 0,
    };
    return stats->queue != NULL;
}

enum barq_status bq_redis_stats(struct bq_broker *broker, struct barq_arena *arena,
                                struct barq_queue_stats **out, size_t *count, int64_t timeout_ms,
                                struct barq_error *err)
{
    void *rows = NULL;

    enum barq_status status =
        ask_rows(broker, "stats", sizeof(**out), read_stats, arena, &rows, count, timeout_ms, err);
    if (status == BARQ_OK) {
        *out = rows;
    }
    return status;
}

static bool read_worker(const struct bq_redis_reply *row, struct barq_arena *arena, void *out)
{
    struct bq_worker_seen *worker = out;
    const struct bq_redis_reply *told = bq_reply_item(row, 1);
    const char *tally = bq_reply_words(told, 10);

    worker->tally = tally ? bq_arena_strdup(arena, tally) : NULL;
    worker->info = (struct barq_worker_info){
        .name = copy_words(told, 0, arena),
        .queues = copy_words(told, 1, arena),
        .started_at_ms = bq_reply_number(told, 2),
        .seen_at_ms = bq_reply_number(told, 3),
        .lease_until_ms = bq_reply_number(row, 0),
        .executors = bq_reply_number(told, 4),
        .threads = bq_reply_number(told, 5),
        .running = bq_reply_number(told, 6),
        .complete = bq_reply_number(told, 7),
        .failed = bq_reply_number(told, 8),
        .retried = bq_reply_number(told, 9),
    };
    return worker->info.name && worker->info.queues && (worker->tally || !tally);
}

enum barq_status bq_redis_workers(struct bq_broker *broker, struct barq_arena *arena,
                                  struct bq_worker_seen **out, size_t *count, int64_t timeout_ms,
                                  struct barq_error *err)
{
    void *rows = NULL;

    enum barq_status status = ask_rows(broker, "workers", sizeof(**out), read_worker, arena, &rows,
                                       count, timeout_ms, err);
    if (status == BARQ_OK) {
        *out = rows;
    }
    return status;
}

static bool read_cron(const struct bq_redis_reply *row, struct barq_arena *arena, void *out)
{
    struct barq_cron_info *cron = out;
    const struct bq_redis_reply *told = bq_reply_item(row, 2);

    *cron = (struct barq_cron_info){
        .queue = copy_words(row, 0, arena),
        .name = copy_words(row, 1, arena),
        .function = copy_words(told, 0, arena),
        .schedule = copy_words(told, 1, arena),
        .time_zone = copy_words(told, 2, arena),
        .last_at_ms = bq_reply_number(told, 3),
        .next_at_ms = bq_reply_number(told, 4),
    };
    return cron->queue && cron->name && cron->function && cron->schedule && cron->time_zone;
}

enum barq_status bq_redis_crons(struct bq_broker *broker, struct barq_arena *arena,
                                struct barq_cron_info **out, size_t *count, int64_t timeout_ms,
                                struct barq_error *err)
{
    void *rows = NULL;

    enum barq_status status =
        ask_rows(broker, "crons", sizeof(**out), read_cron, arena, &rows, count, timeout_ms, err);
    if (status == BARQ_OK) {
        *out = rows;
    }
    return status;
}

static bool read_limit(const struct bq_redis_reply *row, struct barq_arena *arena, void *out)
{
    struct barq_limit_info *limit = out;
    const char *key = bq_reply_words(row, 4);

    *limit = (struct barq_limit_info){
        .queue = copy_words(row, 0, arena),
        .function = copy_words(row, 1, arena),
        .name = copy_words(row, 2, arena),
        .each_key = bq_reply_number(row, 3) != 0,
        .key = key ? bq_arena_strdup(arena, key) : NULL,
        .max_running = bq_reply_number(row, 5),
        .max_starts = bq_reply_number(row, 6),
        .per_ms = bq_reply_number(row, 7),
        .running = bq_reply_number(row, 8),
        .held = bq_reply_number(row, 9),
    };
    return limit->queue && limit->function && limit->name && (limit->key || !key);
}

enum barq_status bq_redis_limits(struct bq_broker *broker, const char *queue,
                                 struct barq_arena *arena, struct barq_limit_info **out,
                                 size_t *count, int64_t timeout_ms, struct barq_error *err)
{
    bq_auto(buf) struct bq_buf request;
    void *rows = NULL;

    bq_redis_look_begin(&request, broker, "limits", 3);
    bq_pack_text(&request, "queue");
    if (queue) {
        bq_pack_text(&request, queue);
    } else {
        bq_pack_bool(&request, false);
    }
    bq_pack_text(&request, "limit");
    bq_pack_int(&request, BARQ_LIST_MAX);
    bq_pack_text(&request, "keys_max");
    bq_pack_int(&request, BARQ_LIMIT_KEYS_MAX);
    enum barq_status status = ask_for_rows(broker, &request, "limits", sizeof(**out), read_limit,
                                           arena, &rows, count, timeout_ms, err);
    if (status == BARQ_OK) {
        *out = rows;
    }
    return status;
}

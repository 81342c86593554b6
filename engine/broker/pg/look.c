#include <limits.h>

#include "base/text.h"
#include "broker/pg/broker.h"
#include "broker/reply.h"
#include "job/message.h"

_Static_assert(BARQ_JOB_DEFERRED == 1 && BARQ_JOB_QUEUED == 2 && BARQ_JOB_IN_PROGRESS == 3 &&
                   BARQ_JOB_COMPLETE == 4 && BARQ_JOB_FAILED == 5,
               "statuses are numbers in sql/look.sql");

/* The columns of sql/look.sql's find() and list(). */
enum {
    SEQ,
    STATUS,
    ID,
    QUEUE,
    PAYLOAD,
    ENQUEUED_AT,
    DUE_AT,
    EXPIRES_AT,
    UNCERTAIN,
    TRIES,
    LOSSES,
    CRASHES,
    CLAIMED_AT,
    FINISHED_AT,
    RESULT,
    HISTORY,
    FUNCTION,
    KEY,
    PRIORITY,
    DONE,
    TOTAL,
    NOTE,
    PROGRESS_AT,
    LOG,
    WAITS_FOR,
    WORKER
};

static enum barq_status no_room(struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_NOMEM, "postgresql: no room for what is told");
}

static enum barq_status ask(struct bq_broker *broker, enum pg_statement statement,
                            const char *doing, const struct pg_request *request, int64_t timeout_ms,
                            PGresult **rows, struct barq_error *err)
{
    struct pg_ask what = {.statement = statement,
                          .doing = doing,
                          .until_ms = bq_pg_until(timeout_ms),
                          .only_asks = true};

    return bq_pg_ask(bq_pg_broker_of(broker)->link, &what, request, rows, err);
}

static const char *text_of(const PGresult *rows, int row, int column, const char *otherwise)
{
    const char *text = bq_pg_words(rows, row, column);

    return text ? text : otherwise;
}

/* False: the arena has no room. */
static bool copy_text(struct barq_arena *arena, const char *text, const char **out)
{
    *out = text ? bq_arena_strdup(arena, text) : NULL;
    return !text || *out;
}

static struct bq_job read_job(const PGresult *rows, int row)
{
    struct bq_job job = {.id = text_of(rows, row, ID, ""),
                         .queue = text_of(rows, row, QUEUE, ""),
                         .enqueued_at_ms = bq_pg_number(rows, row, ENQUEUED_AT),
                         .due_at_ms = bq_pg_number(rows, row, DUE_AT),
                         .expires_at_ms = bq_pg_number(rows, row, EXPIRES_AT),
                         .uncertain = bq_pg_number(rows, row, UNCERTAIN) != 0,
                         .function = text_of(rows, row, FUNCTION, ""),
                         .key = bq_pg_words(rows, row, KEY),
                         .priority = (int)bq_pg_number(rows, row, PRIORITY)};

    job.payload = bq_pg_bytes(rows, row, PAYLOAD, &job.payload_bytes);
    return job;
}

/* Copies a row; false when the arena is full. */
static bool show(const PGresult *rows, int row, struct barq_arena *arena, struct bq_found *out)
{
    struct bq_job job = read_job(rows, row);
    struct bq_found found = {.status = (enum barq_job_status)bq_pg_number(rows, row, STATUS),
                             .tries = (int)bq_pg_number(rows, row, TRIES),
                             .losses = (int)bq_pg_number(rows, row, LOSSES),
                             .crashes = (int)bq_pg_number(rows, row, CRASHES),
                             .claimed_at_ms = bq_pg_number(rows, row, CLAIMED_AT),
                             .finished_at_ms = bq_pg_number(rows, row, FINISHED_AT),
                             .done = bq_pg_number(rows, row, DONE),
                             .total = bq_pg_number(rows, row, TOTAL),
                             .progress_at_ms = bq_pg_number(rows, row, PROGRESS_AT),
                             .waits_for = bq_pg_number(rows, row, WAITS_FOR)};
    const void *result = bq_pg_bytes(rows, row, RESULT, &found.result_bytes);

    if (result) {
        found.result = bq_arena_memdup(arena, result, found.result_bytes);
        if (!found.result) {
            return false;
        }
    }
    if (!copy_text(arena, text_of(rows, row, HISTORY, "[]"), &found.history) ||
        !copy_text(arena, bq_pg_words(rows, row, NOTE), &found.note) ||
        !copy_text(arena, bq_pg_words(rows, row, LOG), &found.log) ||
        !copy_text(arena, bq_pg_words(rows, row, WORKER), &found.worker) ||
        !bq_reply_job(arena, &job, &found.job)) {
        return false;
    }
    *out = found;
    return true;
}

enum barq_status bq_pg_find(struct bq_broker *broker, const char *id, struct barq_arena *arena,
                            struct bq_found *out, int64_t timeout_ms, struct barq_error *err)
{
    bq_auto(pg_request) struct pg_request request;
    bq_auto(pg_result) PGresult *rows = NULL;

    bq_pg_request_init(&request, PG_REQUEST_MAX_BYTES);
    bq_pg_put_text(&request, id);
    bq_pg_put_int4(&request, BQ_JOB_MAX_BYTES);
    enum barq_status status = ask(broker, PG_FIND, "find", &request, timeout_ms, &rows, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (bq_libpq.PQntuples(rows) == 0) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "postgresql: there is no such job");
    }
    return show(rows, 0, arena, out) ? BARQ_OK : no_room(err);
}

/* One more than asked for: is there another page? */
static enum barq_status ask_page(struct bq_broker *broker, const struct barq_list_filter *filter,
                                 int64_t after, size_t limit, int64_t timeout_ms, PGresult **rows,
                                 struct barq_error *err)
{
    bq_auto(pg_request) struct pg_request request;

    bq_pg_request_init(&request, PG_REQUEST_MAX_BYTES);
    bq_pg_put_text(&request, filter->queue);
    bq_pg_put_int4(&request, filter->status);
    bq_pg_put_int8(&request, after);
    bq_pg_put_int4(&request, limit < INT_MAX ? (int32_t)limit + 1 : INT_MAX);
    bq_pg_put_int4(&request, BQ_JOB_MAX_BYTES);
    return ask(broker, PG_LIST, "list", &request, timeout_ms, rows, err);
}

enum barq_status bq_pg_list(struct bq_broker *broker, const struct barq_list_filter *filter,
                            const char *cursor, size_t limit, struct barq_arena *arena,
                            struct bq_found **out, size_t *count, const char **next,
                            int64_t timeout_ms, struct barq_error *err)
{
    bq_auto(pg_result) PGresult *rows = NULL;
    struct bq_found *found = bq_arena_array(arena, limit, sizeof(*found));
    const char *after = NULL;
    int64_t last = 0;
    size_t filled = 0;

    if (cursor && *cursor && !bq_parse_int(cursor, &last)) {
        return bq_fail(err, BARQ_ERR_ARG, "postgresql: this is no cursor of a list of jobs");
    }
    if (!found) {
        return no_room(err);
    }
    enum barq_status status = ask_page(broker, filter, last, limit, timeout_ms, &rows, err);
    if (status != BARQ_OK) {
        return status;
    }
    size_t there = (size_t)bq_libpq.PQntuples(rows);
    while (filled < there && filled < limit && show(rows, (int)filled, arena, &found[filled])) {
        last = bq_pg_number(rows, (int)filled++, SEQ);
    }
    if (filled < there) {
        after = filled > 0 ? bq_reply_cursor(arena, last) : NULL;
        if (!after) {
            return no_room(err);
        }
    }
    *out = found;
    *count = filled;
    *next = after;
    return BARQ_OK;
}

/* Rows of a function, each copied by `take`; false: the arena is full. */
typedef bool take_row(const PGresult *rows, int row, struct barq_arena *arena, void *out);

static enum barq_status ask_rows(struct bq_broker *broker, enum pg_statement statement,
                                 const char *doing, const struct pg_request *request,
                                 take_row *take, size_t item_bytes, struct barq_arena *arena,
                                 void **out, size_t *count, int64_t timeout_ms,
                                 struct barq_error *err)
{
    bq_auto(pg_result) PGresult *rows = NULL;

    enum barq_status status = ask(broker, statement, doing, request, timeout_ms, &rows, err);
    if (status != BARQ_OK) {
        return status;
    }
    int there = bq_libpq.PQntuples(rows);
    char *items = bq_arena_array(arena, (size_t)there, item_bytes);
    for (int i = 0; i < there; i++) {
        if (!items || !take(rows, i, arena, items + (size_t)i * item_bytes)) {
            return no_room(err);
        }
    }
    *out = items;
    *count = (size_t)there;
    return BARQ_OK;
}

/* Of a function without parameters. */
static enum barq_status ask_all(struct bq_broker *broker, enum pg_statement statement,
                                const char *doing, take_row *take, size_t item_bytes,
                                struct barq_arena *arena, void **out, size_t *count,
                                int64_t timeout_ms, struct barq_error *err)
{
    bq_auto(pg_request) struct pg_request request;

    bq_pg_request_init(&request, PG_REQUEST_MAX_BYTES);
    return ask_rows(broker, statement, doing, &request, take, item_bytes, arena, out, count,
                    timeout_ms, err);
}

static bool take_stats(const PGresult *rows, int row, struct barq_arena *arena, void *out)
{
    struct barq_queue_stats *stats = out;

    *stats = (struct barq_queue_stats){
        .queue = bq_arena_strdup(arena, text_of(rows, row, 0, "")),
        .queued = bq_pg_number(rows, row, 1),
        .deferred = bq_pg_number(rows, row, 2),
        .in_progress = bq_pg_number(rows, row, 3),
        .complete = bq_pg_number(rows, row, 4),
        .failed = bq_pg_number(rows, row, 5),
        .held = bq_pg_number(rows, row, 6),
        .paused = bq_pg_number(rows, row, 7) != 0,
    };
    return stats->queue != NULL;
}

enum barq_status bq_pg_stats(struct bq_broker *broker, struct barq_arena *arena,
                             struct barq_queue_stats **out, size_t *count, int64_t timeout_ms,
                             struct barq_error *err)
{
    void *items = NULL;

    enum barq_status status = ask_all(broker, PG_STATS, "stats", take_stats, sizeof(**out), arena,
                                      &items, count, timeout_ms, err);
    if (status == BARQ_OK) {
        *out = items;
    }
    return status;
}

static bool take_worker(const PGresult *rows, int row, struct barq_arena *arena, void *out)
{
    struct bq_worker_seen *worker = out;

    worker->info = (struct barq_worker_info){
        .name = bq_arena_strdup(arena, text_of(rows, row, 0, "")),
        .queues = bq_arena_strdup(arena, text_of(rows, row, 1, "")),
        .started_at_ms = bq_pg_number(rows, row, 2),
        .seen_at_ms = bq_pg_number(rows, row, 3),
        .lease_until_ms = bq_pg_number(rows, row, 4),
        .executors = bq_pg_number(rows, row, 5),
        .threads = bq_pg_number(rows, row, 6),
        .running = bq_pg_number(rows, row, 7),
        .complete = bq_pg_number(rows, row, 8),
        .failed = bq_pg_number(rows, row, 9),
        .retried = bq_pg_number(rows, row, 10),
    };
    return worker->info.name && worker->info.queues &&
           copy_text(arena, bq_pg_words(rows, row, 11), &worker->tally);
}

enum barq_status bq_pg_workers(struct bq_broker *broker, struct barq_arena *arena,
                               struct bq_worker_seen **out, size_t *count, int64_t timeout_ms,
                               struct barq_error *err)
{
    void *items = NULL;

    enum barq_status status = ask_all(broker, PG_WORKERS, "workers", take_worker, sizeof(**out),
                                      arena, &items, count, timeout_ms, err);
    if (status == BARQ_OK) {
        *out = items;
    }
    return status;
}

static bool take_cron(const PGresult *rows, int row, struct barq_arena *arena, void *out)
{
    struct barq_cron_info *cron = out;

    *cron = (struct barq_cron_info){
        .queue = bq_arena_strdup(arena, text_of(rows, row, 0, "")),
        .name = bq_arena_strdup(arena, text_of(rows, row, 1, "")),
        .function = bq_arena_strdup(arena, text_of(rows, row, 2, "")),
        .schedule = bq_arena_strdup(arena, text_of(rows, row, 3, "")),
        .time_zone = bq_arena_strdup(arena, text_of(rows, row, 4, "")),
        .last_at_ms = bq_pg_number(rows, row, 5),
        .next_at_ms = bq_pg_number(rows, row, 6),
    };
    return cron->queue && cron->name && cron->function && cron->schedule && cron->time_zone;
}

enum barq_status bq_pg_crons(struct bq_broker *broker, struct barq_arena *arena,
                             struct barq_cron_info **out, size_t *count, int64_t timeout_ms,
                             struct barq_error *err)
{
    void *items = NULL;

    enum barq_status status = ask_all(broker, PG_CRONS, "crons", take_cron, sizeof(**out), arena,
                                      &items, count, timeout_ms, err);
    if (status == BARQ_OK) {
        *out = items;
    }
    return status;
}

static bool take_limit(const PGresult *rows, int row, struct barq_arena *arena, void *out)
{
    struct barq_limit_info *limit = out;

    *limit = (struct barq_limit_info){
        .queue = bq_arena_strdup(arena, text_of(rows, row, 0, "")),
        .function = bq_arena_strdup(arena, text_of(rows, row, 1, "")),
        .name = bq_arena_strdup(arena, text_of(rows, row, 2, "")),
        .each_key = bq_pg_number(rows, row, 3) != 0,
        .max_running = bq_pg_number(rows, row, 5),
        .max_starts = bq_pg_number(rows, row, 6),
        .per_ms = bq_pg_number(rows, row, 7),
        .running = bq_pg_number(rows, row, 8),
        .held = bq_pg_number(rows, row, 9),
    };
    return limit->queue && limit->function && limit->name &&
           copy_text(arena, bq_pg_words(rows, row, 4), &limit->key);
}

enum barq_status bq_pg_limits(struct bq_broker *broker, const char *queue, struct barq_arena *arena,
                              struct barq_limit_info **out, size_t *count, int64_t timeout_ms,
                              struct barq_error *err)
{
    bq_auto(pg_request) struct pg_request request;
    void *items = NULL;

    bq_pg_request_init(&request, PG_REQUEST_MAX_BYTES);
    bq_pg_put_text(&request, queue);
    bq_pg_put_int4(&request, BARQ_LIMIT_KEYS_MAX);
    bq_pg_put_int4(&request, BARQ_LIST_MAX);
    enum barq_status status = ask_rows(broker, PG_LIMITS, "limits", &request, take_limit,
                                       sizeof(**out), arena, &items, count, timeout_ms, err);
    if (status == BARQ_OK) {
        *out = items;
    }
    return status;
}

static bool take_sentence(const PGresult *rows, int row, struct barq_arena *arena, void *out)
{
    const char **sentence = out;

    *sentence = bq_arena_strdup(arena, text_of(rows, row, 0, ""));
    return *sentence != NULL;
}

enum barq_status bq_pg_weaknesses(struct bq_broker *broker, struct barq_arena *arena,
                                  const char *const **out, size_t *count, int64_t timeout_ms,
                                  struct barq_error *err)
{
    void *items = NULL;

    enum barq_status status = ask_all(broker, PG_WEAK, "weaknesses", take_sentence, sizeof(char *),
                                      arena, &items, count, timeout_ms, err);
    if (status == BARQ_OK) {
        *out = items;
    }
    return status;
}

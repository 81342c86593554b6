#include "base/text.h"
#include "broker/reply.h"
#include "broker/sqlite/broker.h"
#include "broker/sqlite/tables.h"
#include "job/message.h"

_Static_assert(BARQ_JOB_DEFERRED == 1 && BARQ_JOB_QUEUED == 2 && BARQ_JOB_IN_PROGRESS == 3 &&
                   BARQ_JOB_COMPLETE == 4 && BARQ_JOB_FAILED == 5,
               "statuses are numbers in the statements below");
_Static_assert(BARQ_PRIORITY_MAX == 4, "and so are priorities");

/* ?1 is the time, ?2 BQ_JOB_MAX_BYTES: what is larger is no job, and nobody's memory is meant for it. */
#define STATUS                                                                                     \
    "CASE WHEN j.state = 2 THEN 5 WHEN j.state = 1 THEN 4 WHEN r.seq IS NOT NULL THEN 3"           \
    " WHEN EXISTS (SELECT 1 FROM barq_after a WHERE a.waiter = j.seq) THEN 1"                      \
    " WHEN j.due_at <= ?1 THEN 2 ELSE 1 END"
#define COLUMNS(log)                                                                               \
    "SELECT j.seq, " STATUS                                                                        \
    ", j.id, q.name, CASE WHEN length(j.payload) <= ?2 THEN j.payload END,"                        \
    " j.enqueued_at, j.due_at, j.expires_at,"                                                      \
    " j.claimed_before, j.tries, j.losses, j.crashes, r.claimed_at, j.finished_at,"                \
    " CASE WHEN j.result_until > ?1 THEN j.result END, j.history, j.function, j.key, j.priority,"  \
    " p.done, p.total, p.note, p.at, " log                                                         \
    ", (SELECT count(*) FROM barq_after a WHERE a.waiter = j.seq)"                                 \
    ", (SELECT w.name FROM barq_workers w WHERE w.worker = r.worker)"                              \
    " FROM barq_jobs j JOIN barq_queues q ON q.queue = j.queue"                                    \
    " LEFT JOIN barq_running r ON r.seq = j.seq"                                                   \
    " LEFT JOIN barq_reports p ON p.seq = j.seq"                                                   \
    " WHERE (j.gone_at IS NULL OR j.gone_at > ?1)"

/* What follows a seq; those that run, and those that have failed, by their index, since they are few among many. */
#define PAGE                                                                                       \
    " AND j.seq > ?3 AND (?4 IS NULL OR q.name = ?4) AND (?5 = -1 OR ?5 = " STATUS ")"             \
    " ORDER BY j.seq LIMIT ?6"
static const char any_page[] = COLUMNS("NULL") PAGE;
static const char failed_page[] = COLUMNS("NULL") " AND j.state = 2" PAGE;
static const char running_page[] =
    COLUMNS("NULL") " AND j.seq IN (SELECT seq FROM barq_running WHERE seq > ?3)" PAGE;

static const char *page_of(int status)
{
    if (status == BARQ_JOB_FAILED) {
        return failed_page;
    }
    return status == BARQ_JOB_IN_PROGRESS ? running_page : any_page;
}

static const char *text_of(const struct bq_rows *rows, int column, const char *otherwise)
{
    const char *text = bq_rows_text(rows, column);

    return text ? text : otherwise;
}

/* False: the arena has no room. */
static bool copy_text(struct barq_arena *arena, const char *text, const char **out)
{
    *out = text ? bq_arena_strdup(arena, text) : NULL;
    return !text || *out;
}

/* Copies a row of COLUMNS; false when the arena is full. */
static bool show(const struct bq_rows *row, struct barq_arena *arena, struct bq_found *out)
{
    struct barq_scalar payload = bq_rows_column(row, 4);
    struct barq_scalar result = bq_rows_column(row, 14);
    struct bq_job job = {.id = text_of(row, 2, ""),
                         .queue = text_of(row, 3, ""),
                         .payload = payload.data,
                         .payload_bytes = payload.len,
                         .enqueued_at_ms = bq_rows_int(row, 5),
                         .due_at_ms = bq_rows_int(row, 6),
                         .expires_at_ms = bq_rows_int(row, 7),
                         .uncertain = bq_rows_int(row, 8) == BEFORE_UNCERTAIN,
                         .function = text_of(row, 16, ""),
                         .key = bq_rows_text(row, 17),
                         .priority = (int)bq_rows_int(row, 18)};
    struct bq_found found = {.status = (enum barq_job_status)bq_rows_int(row, 1),
                             .tries = (int)bq_rows_int(row, 9),
                             .losses = (int)bq_rows_int(row, 10),
                             .crashes = (int)bq_rows_int(row, 11),
                             .claimed_at_ms = bq_rows_int(row, 12),
                             .finished_at_ms = bq_rows_int(row, 13),
                             .done = bq_rows_int(row, 19),
                             .total = bq_rows_int(row, 20),
                             .progress_at_ms = bq_rows_int(row, 22),
                             .result_bytes = result.len,
                             .waits_for = bq_rows_int(row, 24)};

    if (result.kind != BARQ_NULL) {
        found.result = bq_arena_memdup(arena, result.data ? result.data : "", result.len);
        if (!found.result) {
            return false;
        }
    }
    found.history = bq_arena_strdup(arena, text_of(row, 15, "[]"));
    if (!copy_text(arena, bq_rows_text(row, 21), &found.note) ||
        !copy_text(arena, bq_rows_text(row, 23), &found.log) ||
        !copy_text(arena, bq_rows_text(row, 25), &found.worker)) {
        return false;
    }
    if (!found.history || !bq_reply_job(arena, &job, &found.job)) {
        return false;
    }
    *out = found;
    return true;
}

static enum barq_status find(struct queue_tx *tx, const char *id, struct barq_arena *arena,
                             struct bq_found *out)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool more = false;

    enum barq_status status =
        bq_tx_query(tx, &rows, COLUMNS("p.log") " AND j.id = ?3", barq_sql_int(tx->now_ms),
                    barq_sql_int(BQ_JOB_MAX_BYTES), barq_sql_text(id));
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, tx->err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    if (!more) {
        return bq_fail(tx->err, BARQ_ERR_NOTFOUND, "sqlite: there is no such job");
    }
    if (!show(rows, arena, out)) {
        return bq_fail(tx->err, BARQ_ERR_NOMEM, "sqlite: no room for a job's bytes");
    }
    return BARQ_OK;
}

enum barq_status bq_queue_find(struct bq_broker *broker, const char *id, struct barq_arena *arena,
                               struct bq_found *out, int64_t timeout_ms, struct barq_error *err)
{
    struct sqlite_broker *self = bq_sqlite_broker_of(broker);
    struct queue_tx tx;

    enum barq_status status = bq_client_begin(self, &tx, BQ_DB_READ, timeout_ms, err);
    if (status != BARQ_OK) {
        return status;
    }
    return bq_client_end(self, &tx, find(&tx, id, arena, out));
}

/* A page of a list while it is filled. */
struct page {
    struct barq_arena *arena;
    struct bq_found *found;
    size_t limit;
    size_t count;
    int64_t last;  /* the seq of the last one on it */
    bool followed; /* there is at least one more */
};

static enum barq_status fill_page(struct queue_tx *tx, const struct barq_list_filter *filter,
                                  struct page *page)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool more = false;

    enum barq_status status = bq_tx_query(
        tx, &rows, page_of(filter->status), barq_sql_int(tx->now_ms),
        barq_sql_int(BQ_JOB_MAX_BYTES), barq_sql_int(page->last), barq_sql_text(filter->queue),
        barq_sql_int(filter->status), barq_sql_int((int64_t)page->limit + 1));
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, tx->err);
    }
    while (status == BARQ_OK && more) {
        if (page->count == page->limit || !show(rows, page->arena, &page->found[page->count])) {
            page->followed = true;
            break;
        }
        page->count++;
        page->last = bq_rows_int(rows, 0);
        status = bq_rows_next(rows, &more, tx->err);
    }
    if (status == BARQ_OK && page->followed && page->count == 0) {
        return bq_fail(tx->err, BARQ_ERR_NOMEM, "sqlite: no room for a list of jobs");
    }
    return status;
}

enum barq_status bq_queue_list(struct bq_broker *broker, const struct barq_list_filter *filter,
                               const char *cursor, size_t limit, struct barq_arena *arena,
                               struct bq_found **out, size_t *count, const char **next,
                               int64_t timeout_ms, struct barq_error *err)
{
    struct sqlite_broker *self = bq_sqlite_broker_of(broker);
    struct page page = {.arena = arena, .limit = limit};
    struct queue_tx tx;

    if (cursor && *cursor && !bq_parse_int(cursor, &page.last)) {
        return bq_fail(err, BARQ_ERR_ARG, "sqlite: this is no cursor of a list of jobs");
    }
    page.found = bq_arena_array(arena, limit, sizeof(*page.found));
    if (!page.found) {
        return bq_fail(err, BARQ_ERR_NOMEM, "sqlite: no room for a list of jobs");
    }
    enum barq_status status = bq_client_begin(self, &tx, BQ_DB_READ, timeout_ms, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bq_client_end(self, &tx, fill_page(&tx, filter, &page));
    if (status != BARQ_OK) {
        return status;
    }
    const char *after = page.followed ? bq_reply_cursor(arena, page.last) : NULL;
    if (page.followed && !after) {
        return bq_fail(err, BARQ_ERR_NOMEM, "sqlite: no room for a list of jobs");
    }
    *out = page.found;
    *count = page.count;
    *next = after;
    return BARQ_OK;
}

/* The row of one queue; false when the arena is full. */
static bool take_counts(const struct bq_rows *row, struct barq_arena *arena,
                        struct barq_queue_stats *out)
{
    int64_t deferred = bq_rows_int(row, 5);

    *out = (struct barq_queue_stats){.queue = bq_arena_strdup(arena, text_of(row, 0, "")),
                                     .queued = bq_rows_int(row, 1) - deferred,
                                     .deferred = deferred,
                                     .in_progress = bq_rows_int(row, 2),
                                     .complete = bq_rows_int(row, 3) - bq_rows_int(row, 6),
                                     .failed = bq_rows_int(row, 4) - bq_rows_int(row, 7),
                                     .held = bq_rows_int(row, 9),
                                     .paused = bq_rows_int(row, 8) != 0};
    return out->queue != NULL;
}

static enum barq_status count_queues(struct queue_tx *tx, struct barq_arena *arena,
                                     struct barq_queue_stats **out, size_t *count)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    int64_t queues = 0;
    size_t filled = 0;
    bool more = false;

    enum barq_status status =
        bq_db_query_int(tx->db, "SELECT count(*) FROM barq_queues", NULL, 0, 0, &queues, tx->err);
    if (status == BARQ_OK) {
        status = bq_tx_query(
            tx, &rows,
            "SELECT q.name, q.waiting, q.running, q.complete, q.failed,"
            /* By each level's part of the primary key, since all that waits may be very many. */
            " (SELECT count(*) FROM barq_waiting w WHERE w.queue = q.queue AND w.lost IN (0, 1)"
            "  AND w.priority IN (-4, -3, -2, -1, 0, 1, 2, 3, 4) AND w.due_at > ?1) + q.blocked,"
            " (SELECT count(*) FROM barq_jobs j WHERE j.gone_at <= ?1 AND j.queue = q.queue"
            "  AND j.state = 1),"
            /* The plus keeps the index of all failed jobs out: few are past their time. */
            " (SELECT count(*) FROM barq_jobs j WHERE j.gone_at <= ?1 AND j.queue = q.queue"
            "  AND +j.state = 2), q.paused, q.held FROM barq_queues q ORDER BY q.queue",
            barq_sql_int(tx->now_ms));
    }
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, tx->err);
    }
    struct barq_queue_stats *stats = bq_arena_array(arena, (size_t)queues, sizeof(*stats));
    for (; status == BARQ_OK && more && filled < (size_t)queues; filled++) {
        if (!stats || !take_counts(rows, arena, &stats[filled])) {
            return bq_fail(tx->err, BARQ_ERR_NOMEM, "sqlite: no room for the queues' counts");
        }
        status = bq_rows_next(rows, &more, tx->err);
    }
    *out = stats;
    *count = filled;
    return status;
}

enum barq_status bq_queue_stats(struct bq_broker *broker, struct barq_arena *arena,
                                struct barq_queue_stats **out, size_t *count, int64_t timeout_ms,
                                struct barq_error *err)
{
    struct sqlite_broker *self = bq_sqlite_broker_of(broker);
    struct barq_queue_stats *stats = NULL;
    size_t filled = 0;
    struct queue_tx tx;

    enum barq_status status = bq_client_begin(self, &tx, BQ_DB_READ, timeout_ms, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bq_client_end(self, &tx, count_queues(&tx, arena, &stats, &filled));
    if (status != BARQ_OK) {
        return status;
    }
    *out = stats;
    *count = filled;
    return BARQ_OK;
}

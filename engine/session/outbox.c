#include "session/outbox.h"

#include <string.h>

#include "job/message.h"
#include "session/inside.h"

/* ?1 is BQ_JOB_MAX_BYTES. Of what is no job, as anybody may write it, so much is read as shows that. */
#define COLUMNS                                                                                    \
    "seq, CASE WHEN length(payload) <= ?1 THEN substr(job_id, 1, 513) ELSE '' END,"                \
    " substr(queue, 1, 256), enqueued_at_ms, due_at_ms, expires_at_ms,"                            \
    " CASE WHEN length(payload) <= ?1 THEN payload ELSE substr(payload, 1, 0) END,"                \
    " substr(function, 1, 256), substr(key, 1, 256), priority, substr(after, 1, 1048577),"         \
    " after_failed"
/*
 * The rows of a page. PostgreSQL sends all that it is asked for, so there the page is cut before: a row
 * is in it when those before have not filled it.
 */
#define PAGE_OF(where) "SELECT " COLUMNS " FROM main.barq_outbox" where " ORDER BY seq"
#define CUT_PAGE_OF(where, rows, bytes)                                                            \
    "SELECT " COLUMNS " FROM (SELECT *, sum(length(payload)) OVER (ORDER BY seq)"                  \
    " - length(payload) AS before FROM main.barq_outbox" where " ORDER BY seq LIMIT " rows         \
    ") AS page WHERE before < " bytes " ORDER BY seq"
_Static_assert(BQ_AFTER_TEXT_MAX_BYTES == 1048576, "it is a number in COLUMNS");

enum barq_status bq_outbox_put(struct barq_session *session, const struct bq_job *job,
                               struct barq_error *err)
{
    static const struct bq_identity nobody = {0};
    enum barq_status status = bq_session_writable(session, err);
    if (status != BARQ_OK) {
        return status;
    }

    bq_auto(buf) struct bq_buf after;
    bq_buf_init(&after, BQ_AFTER_TEXT_MAX_BYTES + 1);
    if (job->n_after > 0) {
        status = bq_after_write(job, &after, err);
        if (status != BARQ_OK) {
            return status;
        }
    }

    bool child = session->job.identity != NULL;
    const struct bq_identity *parent = child ? session->job.identity : &nobody;
    status = bq_session_exec_own(
        session,
        "INSERT INTO main.barq_outbox (parent_id, parent_queue, parent_enqueued_at_ms,"
        " parent_nonce, job_id, queue, enqueued_at_ms, due_at_ms, expires_at_ms, payload, function,"
        " key, priority, after, after_failed)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        BARQ_PARAMS(barq_sql_text(parent->id), barq_sql_text(parent->queue),
                    child ? barq_sql_int(parent->enqueued_at_ms) : barq_sql_null(),
                    barq_sql_text(parent->nonce), barq_sql_text(job->id), barq_sql_text(job->queue),
                    barq_sql_int(job->enqueued_at_ms), barq_sql_int(job->due_at_ms),
                    barq_sql_int(job->expires_at_ms),
                    barq_sql_bytes(job->payload, job->payload_bytes),
                    barq_sql_text(job->function ? job->function : ""), barq_sql_text(job->key),
                    barq_sql_int(job->priority),
                    job->n_after > 0 ? barq_sql_text_of(after.data, after.len) : barq_sql_null(),
                    barq_sql_int(job->after_failed)),
        err);
    session->put = session->put || status == BARQ_OK;
    return status;
}

bool bq_outbox_has(const struct barq_session *session)
{
    return session->put;
}

/* A page of rows while it is read. */
struct page {
    struct barq_arena *arena;
    size_t max_rows;
    size_t max_bytes;
    struct bq_outbox_row *rows;
    size_t count;
    size_t bytes;
};

static char *text_of(const struct bq_rows *rows, int column, struct barq_arena *arena)
{
    const char *text = bq_rows_text(rows, column);

    return bq_arena_strdup(arena, text ? text : "");
}

/* What brokers are told beside the payload. Of what can be no job's, the id is "" then. False when the arena is full. */
static bool take_turn(const struct bq_rows *rows, struct barq_arena *arena, struct bq_job *job)
{
    int64_t priority = bq_rows_int(rows, 9);
    const char *after = bq_rows_text(rows, 10);
    enum barq_status status = BARQ_OK;

    job->function = text_of(rows, 7, arena);
    job->key = bq_rows_column(rows, 8).kind == BARQ_NULL ? NULL : text_of(rows, 8, arena);
    job->priority = (int)priority;
    job->after_failed = bq_rows_int(rows, 11) != 0;
    if (bq_rows_column(rows, 10).kind != BARQ_NULL) {
        status = after ? bq_after_read(after, arena, job, NULL) : BARQ_ERR_FORMAT;
    }
    if (priority != job->priority || status != BARQ_OK) {
        job->id = "";
    }
    return job->function && status != BARQ_ERR_NOMEM;
}

/* False when the arena is full. */
static bool take_row(const struct bq_rows *rows, struct barq_arena *arena,
                     struct bq_outbox_row *out)
{
    struct barq_scalar payload = bq_rows_column(rows, 6);

    *out = (struct bq_outbox_row){
        .seq = bq_rows_int(rows, 0),
        .job =
            {
                .id = text_of(rows, 1, arena),
                .queue = text_of(rows, 2, arena),
                .enqueued_at_ms = bq_rows_int(rows, 3),
                .due_at_ms = bq_rows_int(rows, 4),
                .expires_at_ms = bq_rows_int(rows, 5),
                .payload = bq_arena_memdup(arena, payload.data, payload.len),
                .payload_bytes = payload.len,
                .uncertain = true,
            },
    };
    return out->job.id && out->job.queue && out->job.payload && take_turn(rows, arena, &out->job);
}

/* What it takes of a frame, about. */
static size_t bytes_of(const struct bq_job *job)
{
    size_t bytes = job->payload_bytes + strlen(job->id) + strlen(job->queue) +
                   strlen(job->function) + (job->key ? strlen(job->key) : 0);

    for (size_t i = 0; i < job->n_after; i++) {
        bytes += sizeof(uint32_t) + strlen(job->after[i]);
    }
    return bytes;
}

/* What does not fit is left for the next page, but one row must. */
static enum barq_status fill(struct page *page, struct bq_rows *rows, struct barq_error *err)
{
    bool more = true;

    while (page->count < page->max_rows && page->bytes < page->max_bytes) {
        enum barq_status status = bq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            return status;
        }
        struct bq_outbox_row *row = &page->rows[page->count];
        if (!take_row(rows, page->arena, row)) {
            return page->count > 0 ? BARQ_OK
                                   : bq_fail(err, BARQ_ERR_NOMEM, "outbox: arena is full");
        }
        page->count++;
        page->bytes += bytes_of(&row->job);
    }
    return BARQ_OK;
}

/* The arena's answer for the page's rows comes first, so that a page is one array. */
static enum barq_status read_page(struct barq_session *session, const char *sql,
                                  const struct barq_scalar *params, size_t n_params,
                                  struct page *page, struct barq_error *err)
{
    bq_auto(rows) struct bq_rows *rows = NULL;

    page->rows = bq_arena_array(page->arena, page->max_rows, sizeof(*page->rows));
    if (!page->rows) {
        return bq_fail(err, BARQ_ERR_NOMEM, "outbox: arena is full");
    }
    enum barq_status status = bq_session_query_own(session, sql, params, n_params, &rows, err);
    return status == BARQ_OK ? fill(page, rows, err) : status;
}

#define OF_PARENT                                                                                  \
    " WHERE parent_id = ?2 AND parent_queue = ?3 AND parent_enqueued_at_ms = ?4"                   \
    " AND parent_nonce = ?5 AND seq > ?6"
#define OF_NOBODY " WHERE parent_id IS NULL AND seq > ?2"

enum barq_status bq_outbox_read(struct barq_session *session, const struct bq_identity *parent,
                                int64_t after_seq, size_t max_rows, size_t max_bytes,
                                struct barq_arena *arena, struct bq_outbox_row **out, size_t *count,
                                struct barq_error *err)
{
    struct page page = {.arena = arena, .max_rows = max_rows, .max_bytes = max_bytes};
    const struct barq_scalar params[] = {
        barq_sql_int(BQ_JOB_MAX_BYTES),       barq_sql_text(parent->id),
        barq_sql_text(parent->queue),         barq_sql_int(parent->enqueued_at_ms),
        barq_sql_text(parent->nonce),         barq_sql_int(after_seq),
        barq_sql_int((int64_t)page.max_rows), barq_sql_int((int64_t)page.max_bytes),
    };

    enum barq_status status =
        session->postgres
            ? read_page(session, CUT_PAGE_OF(OF_PARENT, "?7", "?8"), params, 8, &page, err)
            : read_page(session, PAGE_OF(OF_PARENT), params, 6, &page, err);
    if (status == BARQ_OK) {
        *out = page.rows;
        *count = page.count;
    }
    return status;
}

enum barq_status bq_outbox_delete(struct barq_session *session, const struct bq_identity *parent,
                                  int64_t upto_seq, struct barq_error *err)
{
    enum barq_status status = bq_session_start(session, BQ_DB_WRITE, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bq_session_exec_own(
        session,
        "DELETE FROM main.barq_outbox WHERE parent_id = ?1 AND parent_queue = ?2"
        " AND parent_enqueued_at_ms = ?3 AND parent_nonce = ?4 AND seq <= ?5",
        BARQ_PARAMS(barq_sql_text(parent->id), barq_sql_text(parent->queue),
                    barq_sql_int(parent->enqueued_at_ms), barq_sql_text(parent->nonce),
                    barq_sql_int(upto_seq)),
        err);
    return bq_session_finish_as(session, status, err);
}

/* Runs `sql`, whose one param is a seq, for each of the rows. */
static enum barq_status for_each(struct barq_session *session, const char *sql,
                                 const struct bq_outbox_row *rows, size_t count,
                                 struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        status = bq_session_exec_own(session, sql, BARQ_PARAMS(barq_sql_int(rows[i].seq)), err);
    }
    return status;
}

enum barq_status bq_outbox_sweep(struct barq_session *session, int64_t after_seq, size_t max_rows,
                                 size_t max_bytes, struct barq_arena *arena,
                                 struct bq_outbox_row **out, size_t *count, struct barq_error *err)
{
    struct page page = {.arena = arena, .max_rows = max_rows, .max_bytes = max_bytes};
    const struct barq_scalar params[] = {
        barq_sql_int(BQ_JOB_MAX_BYTES),
        barq_sql_int(after_seq),
        barq_sql_int((int64_t)page.max_rows),
        barq_sql_int((int64_t)page.max_bytes),
    };

    enum barq_status status =
        session->postgres
            ? read_page(session, CUT_PAGE_OF(OF_NOBODY, "?3", "?4"), params, 4, &page, err)
            : read_page(session, PAGE_OF(OF_NOBODY), params, 2, &page, err);
    if (status == BARQ_OK) {
        *out = page.rows;
        *count = page.count;
    }
    return status;
}

enum barq_status bq_outbox_swept(struct barq_session *session, const struct bq_outbox_row *rows,
                                 size_t count, struct barq_error *err)
{
    enum barq_status status = bq_session_start(session, BQ_DB_WRITE, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = for_each(session, "DELETE FROM main.barq_outbox WHERE seq = ?1", rows, count, err);
    return bq_session_finish_as(session, status, err);
}

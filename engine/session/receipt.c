#include "session/receipt.h"

#include <string.h>

#include "base/fault.h"
#include "job/message.h"
#include "session/inside.h"

/* "main": what a handler makes in its temporary schema must not stand in front of it. */
#define OF_IDENTITY " WHERE job_id = ?1 AND queue = ?2 AND enqueued_at_ms = ?3 AND nonce = ?4"
/* SQLite: anybody can write a row that is none: it would not be found again by what is read of it. */
#define IS_IDENTITY                                                                                \
    " AND typeof(job_id) = 'text' AND typeof(queue) = 'text' AND typeof(nonce) = 'text'"           \
    " AND typeof(enqueued_at_ms) = 'integer' AND instr(job_id || queue || nonce, char(0)) = 0"     \
    " AND length(CAST(job_id || queue || nonce AS BLOB)) <= 1024"
#define OF_PARENT                                                                                  \
    " WHERE parent_id = ?1 AND parent_queue = ?2 AND parent_enqueued_at_ms = ?3"                   \
    " AND parent_nonce = ?4"

/* What a message to the dispatcher holds; barq's own results are never larger. */
enum { RESULT_MAX_BYTES = BQ_FRAME_MAX_BYTES - BQ_FRAME_SLACK_BYTES };

#define IDENTITY_PARAMS(identity)                                                                  \
    barq_sql_text((identity)->id), barq_sql_text((identity)->queue),                               \
        barq_sql_int((identity)->enqueued_at_ms), barq_sql_text((identity)->nonce)

/* The row stepped to. */
static enum barq_status take_receipt(const struct bq_rows *rows, struct barq_arena *arena,
                                     struct bq_receipt *out, struct barq_error *err)
{
    const char *outcome = bq_rows_text(rows, 0);
    struct barq_scalar result = bq_rows_column(rows, 1);
    if (!outcome || !result.data) {
        return bq_fail(err, BARQ_ERR_CORRUPT, "receipt: a row in barq_receipts makes no sense");
    }

    void *copy = bq_arena_memdup(arena, result.data, result.len);
    if (!copy) {
        return bq_fail(err, BARQ_ERR_NOMEM, "receipt: arena is full");
    }
    *out = (struct bq_receipt){
        .success = strcmp(outcome, "complete") == 0,
        .result = copy,
        .result_bytes = result.len,
        .keep_result_ms = bq_rows_int(rows, 2),
    };
    return BARQ_OK;
}

static const char find_on_sqlite[] =
    "SELECT outcome, CASE WHEN length(result) <= CASE typeof(result) WHEN 'blob' THEN ?5"
    /* Of text the characters are counted. */
    " WHEN 'text' THEN ?5 / 4 ELSE -1 END THEN result ELSE x'' END, keep_result_ms"
    " FROM main.barq_receipts" OF_IDENTITY;
static const char find_on_postgres[] =
    "SELECT outcome, CASE WHEN length(result) <= ?5 THEN result ELSE substr(result, 1, 0) END,"
    " keep_result_ms FROM main.barq_receipts" OF_IDENTITY;

static enum barq_status find(struct barq_session *session, const struct bq_identity *identity,
                             struct barq_arena *arena, struct bq_receipt *out, bool *found,
                             struct barq_error *err)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool more = false;

    enum barq_status status = bq_session_query_own(
        session, session->postgres ? find_on_postgres : find_on_sqlite,
        BARQ_PARAMS(IDENTITY_PARAMS(identity), barq_sql_int(RESULT_MAX_BYTES)), &rows, err);
    if (status == BARQ_OK) {
        status = bq_rows_next(rows, &more, err);
    }
    if (status == BARQ_OK && more) {
        status = take_receipt(rows, arena, out, err);
    }
    if (status == BARQ_OK) {
        *found = more;
    }
    return status;
}

enum barq_status bq_receipt_find(struct barq_session *session, const struct bq_identity *identity,
                                 struct barq_arena *arena, struct bq_receipt *out, bool *found,
                                 struct barq_error *err)
{
    struct barq_error why;
    struct barq_error *told = err ? err : &why;

    return bq_session_after(session, find(session, identity, arena, out, found, told), told);
}

static const char insert[] =
    "INSERT INTO main.barq_receipts (job_id, queue, enqueued_at_ms, nonce, outcome, result,"
    " keep_result_ms, written_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
#define INSERT_PARAMS(identity, receipt, now_ms)                                                   \
    BARQ_PARAMS(IDENTITY_PARAMS(identity),                                                         \
                barq_sql_text((receipt)->success ? "complete" : "failed"),                         \
                barq_sql_bytes((receipt)->result, (receipt)->result_bytes),                        \
                barq_sql_int((receipt)->keep_result_ms), barq_sql_int(now_ms))

enum barq_status bq_receipt_insert(struct barq_session *session, const struct bq_identity *identity,
                                   const struct bq_receipt *receipt, int64_t now_ms,
                                   struct barq_error *err)
{
    enum barq_status status = bq_session_writable(session, err);
    if (status != BARQ_OK) {
        return status;
    }

    status = bq_session_exec_own(session, insert, INSERT_PARAMS(identity, receipt, now_ms), err);
    if (status == BARQ_OK) {
        bq_fault("receipt.inserted");
    }
    return status;
}

enum barq_status bq_receipt_commit(struct barq_session *session, const struct bq_identity *identity,
                                   const struct bq_receipt *receipt, int64_t now_ms,
                                   struct barq_error *err)
{
    /* A fault test has something to try between the two. */
    bool together = session->postgres && !bq_faults_wanted();

    enum barq_status status = together ? bq_session_writable(session, err)
                                       : bq_receipt_insert(session, identity, receipt, now_ms, err);
    if (status != BARQ_OK) {
        bq_session_rollback(session);
        return status;
    }
    if (together) {
        return bq_session_commit_with(session, insert, INSERT_PARAMS(identity, receipt, now_ms),
                                      err);
    }
    bq_fault("attempt.receipt_inserted");
    return bq_session_commit(session, err);
}

/* The row stepped to; a column that is no text reads as "". */
static bool take_identity(const struct bq_rows *rows, struct barq_arena *arena,
                          struct bq_identity *out)
{
    const char *id = bq_rows_text(rows, 0);
    const char *queue = bq_rows_text(rows, 1);
    const char *nonce = bq_rows_text(rows, 3);

    *out = (struct bq_identity){
        .id = bq_arena_strdup(arena, id ? id : ""),
        .queue = bq_arena_strdup(arena, queue ? queue : ""),
        .enqueued_at_ms = bq_rows_int(rows, 2),
        .nonce = bq_arena_strdup(arena, nonce ? nonce : ""),
    };
    return out->id && out->queue && out->nonce;
}

static enum barq_status take_identities(struct bq_rows *rows, struct barq_arena *arena,
                                        struct bq_identity *list, size_t *count,
                                        struct barq_error *err)
{
    bool more = false;
    enum barq_status status;

    while ((status = bq_rows_next(rows, &more, err)) == BARQ_OK && more) {
        if (!take_identity(rows, arena, &list[*count])) {
            return bq_fail(err, BARQ_ERR_NOMEM, "receipt: arena is full");
        }
        ++*count;
    }
    return status;
}

#define OLDEST(which)                                                                              \
    "SELECT job_id, queue, enqueued_at_ms, nonce FROM main.barq_receipts WHERE written_at_ms < "   \
    "?1" which " ORDER BY written_at_ms LIMIT ?2"
static const char oldest_on_sqlite[] = OLDEST(IS_IDENTITY);
static const char oldest_on_postgres[] =
    OLDEST(" AND octet_length(job_id || queue || nonce) <= 1024");

enum barq_status bq_receipt_oldest(struct barq_session *session, int64_t before_ms, size_t max,
                                   struct barq_arena *arena, struct bq_identity **out,
                                   size_t *count, struct barq_error *err)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    struct bq_identity *list = bq_arena_array(arena, max, sizeof(*list));
    size_t n = 0;
    if (!list) {
        return bq_fail(err, BARQ_ERR_NOMEM, "receipt: arena is full");
    }

    enum barq_status status = bq_session_query_own(
        session, session->postgres ? oldest_on_postgres : oldest_on_sqlite,
        BARQ_PARAMS(barq_sql_int(before_ms), barq_sql_int((int64_t)max)), &rows, err);
    if (status == BARQ_OK) {
        status = take_identities(rows, arena, list, &n, err);
    }
    if (status == BARQ_OK) {
        *out = list;
        *count = n;
    }
    return status;
}

static enum barq_status delete_one(struct barq_session *session, const struct bq_identity *identity,
                                   struct barq_error *err)
{
    enum barq_status status =
        bq_session_exec_own(session, "DELETE FROM main.barq_receipts" OF_IDENTITY,
                            BARQ_PARAMS(IDENTITY_PARAMS(identity)), err);
    if (status != BARQ_OK) {
        return status;
    }
    return bq_session_exec_own(session, "DELETE FROM main.barq_outbox" OF_PARENT,
                               BARQ_PARAMS(IDENTITY_PARAMS(identity)), err);
}

enum barq_status bq_receipt_delete(struct barq_session *session,
                                   const struct bq_identity *identities, size_t count,
                                   struct barq_error *err)
{
    enum barq_status status = bq_session_start(session, BQ_DB_WRITE, err);
    if (status != BARQ_OK) {
        return status;
    }
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        status = delete_one(session, &identities[i], err);
    }
    return bq_session_finish_as(session, status, err);
}

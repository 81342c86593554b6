#include "store/subscriptions.h"

#include <stdio.h>

#include <barq/client.h>

#include "auto.h"
#include "base/error.h"
#include "store/rows.h"

enum { ARENA_BYTES = 256 * 1024 };

enum barq_status bm_subscription_get(struct barq_session *session, const char *id,
                                     struct barq_arena *arena, struct bm_subscription *out,
                                     struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool more = false;
    bool full = false;

    enum barq_status status =
        barq_query(session,
                   "SELECT id, list_id, kind, target, every_ms, last_at_ms FROM subscriptions"
                   " WHERE id = ?1 AND is_active = 1",
                   BARQ_PARAMS(barq_sql_text(id)), &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    if (!more) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "subscriptions: there is none of this id");
    }
    *out = (struct bm_subscription){.id = bm_row_text(rows, 0, arena, &full),
                                    .list_id = bm_row_text(rows, 1, arena, &full),
                                    .kind = bm_row_text(rows, 2, arena, &full),
                                    .target = bm_row_text(rows, 3, arena, &full),
                                    .every_ms = barq_column_int(rows, 4),
                                    .last_at_ms = barq_column_int(rows, 5)};
    return full ? bq_fail(err, BARQ_ERR_NOMEM, "subscriptions: arena is full") : BARQ_OK;
}

static enum barq_status enqueue_poll(struct barq_session *session, const char *id,
                                     struct barq_arena *arena, int64_t now_ms,
                                     struct barq_error *err)
{
    const struct barq_enqueue_options options = {.priority = -1};
    struct barq_value *args = barq_list(arena);

    barq_add(args, barq_string(arena, id));
    enum barq_status status =
        barq_exec(session, "UPDATE subscriptions SET next_at_ms = ?2 + every_ms WHERE id = ?1",
                  BARQ_PARAMS(barq_sql_text(id), barq_sql_int(now_ms)), err);
    return status == BARQ_OK
               ? barq_session_enqueue(session, "poll_subscription", args, NULL, &options, NULL, err)
               : status;
}

static enum barq_status list_due(struct barq_session *session, int64_t now_ms, size_t limit,
                                 struct barq_arena *arena, const char **ids, size_t *count,
                                 struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool full = false;

    enum barq_status status =
        barq_query(session,
                   "SELECT id FROM subscriptions WHERE is_active = 1 AND next_at_ms <= ?1"
                   " ORDER BY next_at_ms, id LIMIT ?2",
                   BARQ_PARAMS(barq_sql_int(now_ms), barq_sql_int((int64_t)limit)), &rows, err);
    for (bool more = true; status == BARQ_OK && *count < limit;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        ids[(*count)++] = bm_row_text(rows, 0, arena, &full);
    }
    return status == BARQ_OK && full ? bq_fail(err, BARQ_ERR_NOMEM, "subscriptions: arena is full")
                                     : status;
}

enum barq_status bm_subscriptions_enqueue_due(struct barq_session *session, int64_t now_ms,
                                              size_t limit, int64_t *enqueued,
                                              struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, ARENA_BYTES);
    const char **ids = bq_arena_array(&arena, limit, sizeof(*ids));
    size_t count = 0;
    if (!ids) {
        return bq_fail(err, BARQ_ERR_NOMEM, "subscriptions: arena is full");
    }

    enum barq_status status = list_due(session, now_ms, limit, &arena, ids, &count, err);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        status = enqueue_poll(session, ids[i], &arena, now_ms, err);
    }
    *enqueued = (int64_t)count;
    return status;
}

enum barq_status bm_subscription_match(struct barq_session *session, const char *id,
                                       const char *youtube_id, int64_t now_ms, bool *new,
                                       struct barq_error *err)
{
    enum barq_status status = barq_exec(
        session,
        "INSERT INTO subscription_matches (subscription_id, youtube_id, matched_at_ms)"
        " VALUES (?1, ?2, ?3) ON CONFLICT (subscription_id, youtube_id) DO NOTHING",
        BARQ_PARAMS(barq_sql_text(id), barq_sql_text(youtube_id), barq_sql_int(now_ms)), err);
    *new = barq_changes(session) == 1;
    return status;
}

enum barq_status bm_subscription_polled(struct barq_session *session, const char *id,
                                        const char *error, int64_t now_ms, struct barq_error *err)
{
    return barq_exec(session,
                     "UPDATE subscriptions SET last_at_ms = ?2, error = ?3, updated_at_ms = ?2"
                     " WHERE id = ?1",
                     BARQ_PARAMS(barq_sql_text(id), barq_sql_int(now_ms), barq_sql_text(error)),
                     err);
}

#include "store/subscriptions.h"

#include <string.h>

#include <barq/client.h>

#include "auto.h"
#include "base/error.h"
#include "base/time.h"
#include "store/rows.h"

#define ID_BYTES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

enum { ARENA_BYTES = 256 * 1024 };

#define SELECT_SUBSCRIPTIONS                                                                       \
    "SELECT id, list_id, kind, target, name, error, every_ms, last_at_ms, next_at_ms, is_active,"  \
    " (SELECT count(*) FROM subscription_matches m WHERE m.subscription_id = subscriptions.id)"    \
    " FROM subscriptions"

static struct bm_subscription read_row(const struct barq_rows *rows, struct barq_arena *arena,
                                       bool *full)
{
    return (struct bm_subscription){.id = bm_row_text(rows, 0, arena, full),
                                    .list_id = bm_row_text(rows, 1, arena, full),
                                    .kind = bm_row_text(rows, 2, arena, full),
                                    .target = bm_row_text(rows, 3, arena, full),
                                    .name = bm_row_text(rows, 4, arena, full),
                                    .error = bm_row_text(rows, 5, arena, full),
                                    .every_ms = barq_column_int(rows, 6),
                                    .last_at_ms = barq_column_int(rows, 7),
                                    .next_at_ms = barq_column_int(rows, 8),
                                    .is_active = barq_column_int(rows, 9) == 1,
                                    .matches = barq_column_int(rows, 10)};
}

/* At most `limit` rows of a query with one parameter. */
static enum barq_status query(struct barq_session *session, const char *sql, const char *key,
                              size_t limit, struct barq_arena *arena, struct bm_subscription *out,
                              size_t *count, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool full = false;

    *count = 0;
    enum barq_status status = barq_query(session, sql, BARQ_PARAMS(barq_sql_text(key)), &rows, err);
    for (bool more = true; status == BARQ_OK && *count < limit;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        out[(*count)++] = read_row(rows, arena, &full);
    }
    return status == BARQ_OK && full ? bq_fail(err, BARQ_ERR_NOMEM, "subscriptions: arena is full")
                                     : status;
}

static enum barq_status none(struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_NOTFOUND, "subscriptions: there is none of this id");
}

enum barq_status bm_subscription_get(struct barq_session *session, const char *id,
                                     struct barq_arena *arena, struct bm_subscription *out,
                                     struct barq_error *err)
{
    struct bm_subscription found;
    size_t count = 0;

    enum barq_status status =
        query(session, SELECT_SUBSCRIPTIONS " WHERE id = ?1 AND is_active = 1", id, 1, arena,
              &found, &count, err);
    if (status == BARQ_OK && count == 0) {
        return none(err);
    }
    if (status == BARQ_OK) {
        *out = found;
    }
    return status;
}

enum barq_status bm_subscriptions(struct barq_session *session, const char *list_id,
                                  struct barq_arena *arena, const struct bm_subscription **out,
                                  size_t *count, struct barq_error *err)
{
    struct bm_subscription *all = bq_arena_array(arena, BM_SUBSCRIPTIONS_MAX, sizeof(*all));
    if (!all) {
        return bq_fail(err, BARQ_ERR_NOMEM, "subscriptions: arena is full");
    }

    *out = all;
    return query(
        session,
        SELECT_SUBSCRIPTIONS
        " WHERE CAST(?1 AS TEXT) IS NULL OR list_id = CAST(?1 AS TEXT) ORDER BY created_at_ms, id",
        list_id, BM_SUBSCRIPTIONS_MAX, arena, all, count, err);
}

/* -- changing -- */

static enum barq_status check(const struct bm_subscription *new, struct barq_error *err)
{
    bool is_channel = strcmp(new->kind, "channel") == 0;
    bool is_playlist = strcmp(new->kind, "playlist") == 0;
    size_t len = strlen(new->target);

    if (!is_channel && !is_playlist && strcmp(new->kind, "keyword") != 0) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "subscriptions: kind must be channel, playlist or keyword");
    }
    if (len == 0 || len > BM_TARGET_MAX_BYTES) {
        return bq_fail(err, BARQ_ERR_ARG, "subscriptions: target must have 1 to %d bytes",
                       BM_TARGET_MAX_BYTES);
    }
    if (is_channel && (len != 24 || strncmp(new->target, "UC", 2) != 0)) {
        return bq_fail(err, BARQ_ERR_ARG, "subscriptions: target must be a channel's id: UC...");
    }
    if (is_playlist && strspn(new->target, ID_BYTES) != len) {
        return bq_fail(err, BARQ_ERR_ARG, "subscriptions: target must be a playlist's id");
    }
    return BARQ_OK;
}

enum barq_status bm_subscription_add(struct barq_session *session,
                                     const struct bm_subscription *new, int64_t now_ms,
                                     char id[BM_ID_BYTES], struct barq_error *err)
{
    enum barq_status status = check(new, err);
    if (status != BARQ_OK) {
        return status;
    }
    bq_uuid7(now_ms, id);
    status = barq_exec(session,
                       "INSERT INTO subscriptions (id, list_id, kind, target, name, every_ms,"
                       " next_at_ms, created_at_ms, updated_at_ms)"
                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?7)"
                       " ON CONFLICT (list_id, kind, target) DO NOTHING",
                       BARQ_PARAMS(barq_sql_text(id), barq_sql_text(new->list_id),
                                   barq_sql_text(new->kind), barq_sql_text(new->target),
                                   barq_sql_text(new->name), barq_sql_int(new->every_ms),
                                   barq_sql_int(now_ms)),
                       err);
    if (status == BARQ_OK && barq_changes(session) == 0) {
        return bq_fail(err, BARQ_ERR_EXISTS, "subscriptions: the list has it already");
    }
    return status;
}

enum barq_status bm_subscription_delete(struct barq_session *session, const char *id,
                                        struct barq_error *err)
{
    enum barq_status status = barq_exec(session, "DELETE FROM subscriptions WHERE id = ?1",
                                        BARQ_PARAMS(barq_sql_text(id)), err);
    return status == BARQ_OK && barq_changes(session) == 0 ? none(err) : status;
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

enum barq_status bm_subscription_poll_now(struct barq_session *session, const char *id,
                                          int64_t now_ms, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct bm_subscription found;
    bq_arena_init(&arena, ARENA_BYTES);

    enum barq_status status = bm_subscription_get(session, id, &arena, &found, err);
    return status == BARQ_OK ? enqueue_poll(session, id, &arena, now_ms, err) : status;
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

#include "store/holds.h"

#include <stdio.h>

#include <barq/client.h>

#include "auto.h"
#include "base/error.h"
#include "base/time.h"
#include "store/events.h"

static enum barq_status add_event(struct barq_session *session, const char *kind,
                                  const char *service, int64_t until_at_ms, const char *reason,
                                  int64_t now_ms, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, BM_EVENT_DATA_MAX_BYTES);
    struct bm_event event = {.at_ms = now_ms, .kind = kind};
    struct barq_value *data = barq_map(&arena);

    barq_set_key(data, "service", barq_string(&arena, service));
    if (reason) {
        char until[BQ_TIME_TEXT_BYTES];
        bq_time_text(until_at_ms, until);
        barq_set_key(data, "until", barq_string(&arena, until));
        barq_set_key(data, "reason", barq_string(&arena, reason));
    }
    return bm_event_add_value(session, &event, data, &arena, err);
}

enum barq_status bm_hold_enqueue_end(struct barq_session *session, const char *service,
                                     int64_t until_at_ms, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, BM_EVENT_DATA_MAX_BYTES);
    struct barq_value *args = barq_list(&arena);
    const struct barq_enqueue_options options = {.defer_until_ms = until_at_ms,
                                                 .priority = BARQ_PRIORITY_MAX};

    barq_add(args, barq_string(&arena, service));
    return barq_session_enqueue(session, "end_hold", args, NULL, &options, NULL, err);
}

enum barq_status bm_hold_put(struct barq_session *session, const char *service, int64_t until_at_ms,
                             const char *reason, int64_t now_ms, struct barq_error *err)
{
    enum barq_status status =
        barq_exec(session,
                  "INSERT INTO holds (service, until_at_ms, reason, since_at_ms)"
                  " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (service) DO UPDATE SET"
                  " until_at_ms = excluded.until_at_ms, reason = excluded.reason"
                  " WHERE holds.until_at_ms < excluded.until_at_ms",
                  BARQ_PARAMS(barq_sql_text(service), barq_sql_int(until_at_ms),
                              barq_sql_text(reason), barq_sql_int(now_ms)),
                  err);
    if (status != BARQ_OK || barq_changes(session) == 0) { /* it is held for longer already */
        return status;
    }
    status = bm_hold_enqueue_end(session, service, until_at_ms, err);
    return status != BARQ_OK
               ? status
               : add_event(session, "hold.began", service, until_at_ms, reason, now_ms, err);
}

/* -- reading -- */

static enum barq_status read_holds(struct barq_session *session, const char *service,
                                   int64_t now_ms, struct barq_arena *arena, struct bm_held *out,
                                   size_t *count, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;

    *count = 0;
    enum barq_status status = barq_query(
        session,
        "SELECT service, since_at_ms, until_at_ms, reason FROM holds"
        " WHERE until_at_ms > ?1 AND (CAST(?2 AS TEXT) IS NULL OR service = ?2) ORDER BY service "
        "LIMIT ?3",
        BARQ_PARAMS(barq_sql_int(now_ms), barq_sql_text(service), barq_sql_int(BM_HOLDS_MAX)),
        &rows, err);
    for (bool more = true; status == BARQ_OK;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        struct bm_held held = {.service = bq_arena_strdup(arena, barq_column_text(rows, 0)),
                               .since_at_ms = barq_column_int(rows, 1),
                               .until_at_ms = barq_column_int(rows, 2),
                               .reason = bq_arena_strdup(arena, barq_column_text(rows, 3))};
        if (!held.service || !held.reason) {
            return bq_fail(err, BARQ_ERR_NOMEM, "holds: arena is full");
        }
        out[(*count)++] = held;
    }
    return status;
}

enum barq_status bm_hold_get(struct barq_session *session, const char *service, int64_t now_ms,
                             struct barq_arena *arena, struct bm_held *out, struct barq_error *err)
{
    struct bm_held held[BM_HOLDS_MAX] = {{.service = NULL}};
    size_t count = 0;

    enum barq_status status = read_holds(session, service, now_ms, arena, held, &count, err);
    if (status == BARQ_OK) {
        *out = held[0];
    }
    return status;
}

enum barq_status bm_holds(struct barq_session *session, int64_t now_ms, struct barq_arena *arena,
                          const struct bm_held **out, size_t *count, struct barq_error *err)
{
    struct bm_held *held = bq_arena_array(arena, BM_HOLDS_MAX, sizeof(*held));
    if (!held) {
        return bq_fail(err, BARQ_ERR_NOMEM, "holds: arena is full");
    }

    *out = held;
    return read_holds(session, NULL, now_ms, arena, held, count, err);
}

enum barq_status bm_hold_end(struct barq_session *session, const char *service, int64_t now_ms,
                             bool *ended, struct barq_error *err)
{
    enum barq_status status =
        barq_exec(session, "DELETE FROM holds WHERE service = ?1 AND until_at_ms <= ?2",
                  BARQ_PARAMS(barq_sql_text(service), barq_sql_int(now_ms)), err);
    if (status != BARQ_OK) {
        return status;
    }
    *ended = barq_changes(session) > 0;
    return *ended ? add_event(session, "hold.ended", service, 0, NULL, bq_wall_ms(), err) : BARQ_OK;
}

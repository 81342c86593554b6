#include "store/events.h"

#include <string.h>

#include "auto.h"
#include "base/error.h"

enum barq_status bm_event_add(struct barq_session *session, const struct bm_event *event,
                              struct barq_error *err)
{
    const char *data = event->data ? event->data : "{}";
    if (strlen(data) > BM_EVENT_DATA_MAX_BYTES) {
        return bq_fail(err, BARQ_ERR_LIMIT, "events: %s has more than %d bytes", event->kind,
                       BM_EVENT_DATA_MAX_BYTES);
    }

    enum barq_status status =
        barq_exec(session, "UPDATE counters SET value = value + 1 WHERE name = 'events'",
                  BARQ_NO_PARAMS, err);
    if (status != BARQ_OK) {
        return status;
    }
    return barq_exec(session,
                     "INSERT INTO events (seq, at_ms, kind, list_id, run_id, video_id, data)"
                     " VALUES ((SELECT value FROM counters WHERE name = 'events'),"
                     " ?1, ?2, coalesce(?3, (SELECT list_id FROM videos WHERE id = ?5),"
                     " (SELECT list_id FROM runs WHERE id = ?4)), ?4, ?5, ?6)",
                     BARQ_PARAMS(barq_sql_int(event->at_ms), barq_sql_text(event->kind),
                                 barq_sql_text(event->list_id), barq_sql_text(event->run_id),
                                 barq_sql_text(event->video_id), barq_sql_text(data)),
                     err);
}

enum barq_status bm_event_add_value(struct barq_session *session, const struct bm_event *event,
                                    const struct barq_value *data, struct barq_arena *arena,
                                    struct barq_error *err)
{
    struct bm_event whole = *event;

    enum barq_status status = data ? barq_to_json(arena, data, &whole.data, NULL, err) : BARQ_OK;
    return status == BARQ_OK ? bm_event_add(session, &whole, err) : status;
}

/* -- reading -- */

static const char *copy(const struct barq_rows *rows, int column, struct barq_arena *arena,
                        bool *full)
{
    const char *text = barq_column_text(rows, column);
    char *made = text ? bq_arena_strdup(arena, text) : NULL;

    *full |= text && !made;
    return made;
}

static enum barq_status read_event(const struct barq_rows *rows, struct barq_arena *arena,
                                   struct bm_event *out, struct barq_error *err)
{
    bool full = false;

    *out = (struct bm_event){
        .seq = barq_column_int(rows, 0),
        .at_ms = barq_column_int(rows, 1),
        .kind = copy(rows, 2, arena, &full),
        .list_id = copy(rows, 3, arena, &full),
        .run_id = copy(rows, 4, arena, &full),
        .video_id = copy(rows, 5, arena, &full),
        .data = copy(rows, 6, arena, &full),
    };
    return full ? bq_fail(err, BARQ_ERR_NOMEM, "events: arena is full") : BARQ_OK;
}

#define SELECT_EVENTS "SELECT seq, at_ms, kind, list_id, run_id, video_id, data FROM events"

/* Each filter has its own index, which one statement for all could not use. */
static const char *sql_of(const struct bm_event_filter *filter)
{
    if (filter->run_id) {
        return SELECT_EVENTS
            " WHERE run_id = ?3 AND seq > ?1 AND (CAST(?4 AS TEXT) IS NULL OR list_id = ?4)"
            " ORDER BY seq LIMIT ?2";
    }
    if (filter->list_id) {
        return SELECT_EVENTS
            " WHERE list_id = ?4 AND seq > ?1 AND (CAST(?3 AS TEXT) IS NULL OR run_id = ?3)"
            " ORDER BY seq LIMIT ?2";
    }
    return SELECT_EVENTS " WHERE seq > ?1 ORDER BY seq LIMIT ?2";
}

enum barq_status bm_events(struct barq_session *session, const struct bm_event_filter *filter,
                           size_t limit, struct barq_arena *arena, const struct bm_event **out,
                           size_t *count, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    size_t n = 0;
    if (limit < 1 || limit > BM_EVENTS_PAGE_MAX) {
        return bq_fail(err, BARQ_ERR_ARG, "events: a page has 1 to %d", BM_EVENTS_PAGE_MAX);
    }
    struct bm_event *events = bq_arena_array(arena, limit, sizeof(*events));
    if (!events) {
        return bq_fail(err, BARQ_ERR_NOMEM, "events: arena is full");
    }

    const struct barq_scalar params[] = {barq_sql_int(filter->after), barq_sql_int((int64_t)limit),
                                         barq_sql_text(filter->run_id),
                                         barq_sql_text(filter->list_id)};
    bool all = !filter->run_id && !filter->list_id;
    enum barq_status status = barq_query(session, sql_of(filter), params, all ? 2 : 4, &rows, err);
    for (bool more = true; status == BARQ_OK;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        status = read_event(rows, arena, &events[n++], err);
    }
    if (status == BARQ_OK) {
        *out = events;
        *count = n;
    }
    return status;
}

enum barq_status bm_events_newest(struct barq_session *session, int64_t *out,
                                  struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool more = false;

    enum barq_status status = barq_query(
        session, "SELECT value FROM counters WHERE name = 'events'", BARQ_NO_PARAMS, &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    if (status == BARQ_OK) {
        *out = more ? barq_column_int(rows, 0) : 0;
    }
    return status;
}

enum barq_status bm_events_prune(struct barq_session *session, int64_t before_ms, int64_t limit,
                                 int64_t *pruned, struct barq_error *err)
{
    enum barq_status status =
        barq_exec(session,
                  "DELETE FROM events WHERE seq IN"
                  " (SELECT seq FROM events WHERE at_ms < ?1 ORDER BY at_ms, seq LIMIT ?2)",
                  BARQ_PARAMS(barq_sql_int(before_ms), barq_sql_int(limit)), err);
    if (status == BARQ_OK) {
        *pruned = barq_changes(session);
    }
    return status;
}

#include "store/statistics.h"

#include <string.h>

#include "base/error.h"
#include "base/time.h"
#include "store/rows.h"

struct taking {
    struct barq_arena *arena;
    struct bm_statistics *out;
    bool full;
};

/* -- of the videos -- */

static void take_totals(void *owner, const struct barq_rows *rows)
{
    struct bm_statistics *out = ((struct taking *)owner)->out;

    out->n_timed = barq_column_int(rows, 0);
    out->total_seconds = barq_column_int(rows, 1);
    out->n_watched = barq_column_int(rows, 2);
}

static void take_unavailable(void *owner, const struct barq_rows *rows)
{
    struct bm_statistics *out = ((struct taking *)owner)->out;
    const char *what = barq_column_text(rows, 0);

    *(what && strcmp(what, "gone") == 0 ? &out->n_gone : &out->n_private) =
        barq_column_int(rows, 1);
}

static void take_counted(struct taking *taking, const struct barq_rows *rows,
                         struct bm_counted *into, size_t *count)
{
    if (*count < BM_STATISTICS_TOP) {
        into[(*count)++] = (struct bm_counted){
            .id = bm_row_text(rows, 0, taking->arena, &taking->full),
            .name = bm_row_text(rows, 1, taking->arena, &taking->full),
            .color = bm_row_text(rows, 2, taking->arena, &taking->full),
            .count = barq_column_int(rows, 3),
        };
    }
}

static void take_channel(void *owner, const struct barq_rows *rows)
{
    struct taking *taking = owner;

    take_counted(taking, rows, taking->out->channels, &taking->out->n_channels);
}

static void take_tag(void *owner, const struct barq_rows *rows)
{
    struct taking *taking = owner;

    take_counted(taking, rows, taking->out->tags, &taking->out->n_tags);
}

/* -- day by day -- */

static struct bm_day_counts *day_of(void *owner, const struct barq_rows *rows)
{
    struct bm_statistics *out = ((struct taking *)owner)->out;
    int64_t at = barq_column_int(rows, 0) - out->days[0].day;

    return at >= 0 && at < BM_STATISTICS_DAYS ? &out->days[at] : NULL;
}

static void take_added(void *owner, const struct barq_rows *rows)
{
    struct bm_day_counts *day = day_of(owner, rows);

    if (day) {
        day->added = barq_column_int(rows, 1);
    }
}

static void take_completed(void *owner, const struct barq_rows *rows)
{
    struct bm_day_counts *day = day_of(owner, rows);

    if (day) {
        day->completed = barq_column_int(rows, 1);
    }
}

/* -- the statements -- */

/* ?1 is the list's id, ?2 the first day, ?3 the last one. */
static const struct {
    const char *sql;
    bm_take_row *take;
    size_t n_params;
} statements[] = {
    {"SELECT count(*), CAST(coalesce(sum(duration_seconds), 0) AS BIGINT),"
     " (SELECT count(*) FROM videos WHERE list_id = ?1 AND watched_at_ms IS NOT NULL)"
     " FROM videos WHERE list_id = ?1 AND duration_seconds IS NOT NULL",
     take_totals, 1},
    {"SELECT availability, count(*) FROM videos WHERE list_id = ?1"
     " AND availability IN ('private', 'gone') GROUP BY availability",
     take_unavailable, 1},
    {"SELECT t.channel_id, coalesce(c.name, t.channel_id), NULL, t.n FROM"
     " (SELECT channel_id, count(*) AS n FROM videos WHERE list_id = ?1"
     " AND channel_id IS NOT NULL GROUP BY channel_id ORDER BY n DESC, channel_id LIMIT 10) t"
     " LEFT JOIN channels c ON c.id = t.channel_id ORDER BY t.n DESC, t.channel_id",
     take_channel, 1},
    /* The statuses are named for their index, which has the ids in order: so tags are found one behind
     * the other. */
    {"SELECT t.tag_id, g.name, g.color, t.n FROM (SELECT l.tag_id, count(*) AS n FROM videos v"
     " JOIN video_tags l ON l.video_id = v.id WHERE v.list_id = ?1"
     " AND v.status IN ('pending', 'completed', 'failed')"
     " GROUP BY l.tag_id ORDER BY n DESC, l.tag_id LIMIT 10) t"
     " JOIN tags g ON g.id = t.tag_id ORDER BY t.n DESC, t.tag_id",
     take_tag, 1},
    /* Each day's own piece of the index: nothing has to be sorted. */
    {"WITH RECURSIVE days(day) AS (SELECT CAST(?2 AS BIGINT)"
     " UNION ALL SELECT day + 1 FROM days WHERE day < ?3)"
     " SELECT day, (SELECT count(*) FROM videos WHERE list_id = ?1"
     " AND coalesce(added_at_ms, created_at_ms) >= day * 86400000"
     " AND coalesce(added_at_ms, created_at_ms) < (day + 1) * 86400000) FROM days",
     take_added, 3},
    {"SELECT p.updated_at_ms / 86400000 AS day, count(*) FROM runs r"
     " JOIN run_videos p ON p.run_id = r.id AND p.state = 'completed'"
     " WHERE r.list_id = ?1 AND p.updated_at_ms >= CAST(?2 AS BIGINT) * 86400000 GROUP BY day",
     take_completed, 2},
};

enum barq_status bm_statistics_of(struct barq_session *session, const char *list_id, int64_t now_ms,
                                  struct barq_arena *arena, struct bm_statistics *out,
                                  struct barq_error *err)
{
    struct taking taking = {.arena = arena, .out = out};
    int64_t first = now_ms / BQ_DAY_MS - (BM_STATISTICS_DAYS - 1);
    const struct barq_scalar params[] = {barq_sql_text(list_id), barq_sql_int(first),
                                         barq_sql_int(first + BM_STATISTICS_DAYS - 1)};
    size_t n = sizeof(statements) / sizeof(statements[0]);
    enum barq_status status = BARQ_OK;
    *out = (struct bm_statistics){.n_fields = 0};

    for (int i = 0; i < BM_STATISTICS_DAYS; i++) {
        out->days[i].day = first + i;
    }
    for (size_t i = 0; status == BARQ_OK && i < n; i++) {
        status = bm_each_row(session, statements[i].sql, params, statements[i].n_params,
                             statements[i].take, &taking, err);
    }
    if (status == BARQ_OK && taking.full) {
        return bq_fail(err, BARQ_ERR_NOMEM, "statistics: arena is full");
    }
    return status == BARQ_OK
               ? bm_field_statistics_of(session, list_id, arena, &out->fields, &out->n_fields, err)
               : status;
}

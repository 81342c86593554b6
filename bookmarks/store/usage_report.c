#include "store/usage_report.h"

#include "base/error.h"
#include "base/time.h"
#include "store/rows.h"

#define SUMS(prefix)                                                                               \
    "CAST(sum(" prefix "calls) AS BIGINT), CAST(sum(" prefix "units) AS BIGINT),"                  \
    " CAST(sum(" prefix "tokens_in) AS BIGINT), CAST(sum(" prefix "tokens_out) AS BIGINT),"        \
    " CAST(sum(" prefix "cost_millionths) AS BIGINT)"

/* From the column on. */
static struct bm_used used_of(const struct barq_rows *rows, int column)
{
    return (struct bm_used){.calls = barq_column_int(rows, column),
                            .units = barq_column_int(rows, column + 1),
                            .tokens_in = barq_column_int(rows, column + 2),
                            .tokens_out = barq_column_int(rows, column + 3),
                            .cost_millionths = barq_column_int(rows, column + 4)};
}

struct reporting {
    struct barq_arena *arena;
    struct bm_spent *spent;
    size_t count;
    bool full;
};

static void take_spent(void *owner, const struct barq_rows *rows)
{
    struct reporting *reporting = owner;
    struct bm_spent *one = &reporting->spent[reporting->count++];

    *one = (struct bm_spent){
        .service = bm_row_text(rows, 0, reporting->arena, &reporting->full),
        .list_id = bm_row_text(rows, 2, reporting->arena, &reporting->full),
        .list_name = bm_row_text(rows, 3, reporting->arena, &reporting->full),
        .used = used_of(rows, 4),
    };
    one->used.model = bm_row_text(rows, 1, reporting->arena, &reporting->full);
}

enum barq_status bm_usage_report(struct barq_session *session, const char *service, bool others,
                                 int64_t first, int64_t last, struct barq_arena *arena,
                                 const struct bm_spent **out, size_t *count, struct barq_error *err)
{
    struct reporting reporting = {
        .arena = arena, .spent = bq_arena_array(arena, BM_USAGE_ROWS, sizeof(*reporting.spent))};
    char from[BM_DAY_BYTES];
    char to[BM_DAY_BYTES];
    bm_day_text(first, from);
    bm_day_text(last, to);
    if (!reporting.spent) {
        return bq_fail(err, BARQ_ERR_NOMEM, "usage: arena is full");
    }

    enum barq_status status =
        bm_each_row(session,
                    "SELECT u.service, nullif(u.model, ''), nullif(u.list_id, ''), l.name, " SUMS(
                        "u.") " FROM usage u LEFT JOIN lists l ON l.id = u.list_id"
                              " WHERE u.day >= ?1 AND u.day <= ?2 AND (u.service <> ?3) = (?4 = 1)"
                              " GROUP BY u.service, u.model, u.list_id, l.name"
                              " ORDER BY sum(u.cost_millionths) DESC, sum(u.calls) DESC, "
                              "u.service, u.model, u.list_id"
                              " LIMIT ?5",
                    BARQ_PARAMS(barq_sql_text(from), barq_sql_text(to), barq_sql_text(service),
                                barq_sql_int(others), barq_sql_int(BM_USAGE_ROWS)),
                    take_spent, &reporting, err);
    if (status == BARQ_OK && reporting.full) {
        return bq_fail(err, BARQ_ERR_NOMEM, "usage: arena is full");
    }
    *out = reporting.spent;
    *count = reporting.count;
    return status;
}

struct days {
    int64_t first;
    struct bm_used *used;
};

static void take_day(void *owner, const struct barq_rows *rows)
{
    struct days *days = owner;
    const char *text = barq_column_text(rows, 0);
    int64_t at_ms = 0;

    if (text && bq_time_parse(text, &at_ms) && at_ms / BQ_DAY_MS - days->first < BM_USAGE_DAYS) {
        days->used[at_ms / BQ_DAY_MS - days->first] = used_of(rows, 1);
    }
}

enum barq_status bm_usage_by_day(struct barq_session *session, int64_t last,
                                 struct bm_used out[BM_USAGE_DAYS], struct barq_error *err)
{
    struct days days = {.first = last - (BM_USAGE_DAYS - 1), .used = out};
    char from[BM_DAY_BYTES];
    bm_day_text(days.first, from);

    for (int i = 0; i < BM_USAGE_DAYS; i++) {
        out[i] = (struct bm_used){.calls = 0};
    }
    return bm_each_row(session, "SELECT day, " SUMS("") " FROM usage WHERE day >= ?1 GROUP BY day",
                       BARQ_PARAMS(barq_sql_text(from)), take_day, &days, err);
}

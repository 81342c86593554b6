#include <stdio.h>

#include "auto.h"
#include "base/error.h"
#include "base/time.h"
#include "store/holds.h"

void bm_day_text(int64_t days, char out[BM_DAY_BYTES])
{
    struct bq_date date = bq_days_date(days);

    (void)snprintf(out, BM_DAY_BYTES, "%04d-%02d-%02d", date.year % 10000, date.month % 100,
                   date.day % 100);
}

enum barq_status bm_usage_add(struct barq_session *session, const char *service, const char *day,
                              const char *list_id, const struct bm_used *more,
                              struct barq_error *err)
{
    return barq_exec(
        session,
        "INSERT INTO usage (service, day, list_id, model, calls, units, tokens_in, tokens_out,"
        " cost_millionths) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
        " ON CONFLICT (service, day, list_id, model) DO UPDATE SET calls = usage.calls + "
        "excluded.calls,"
        " units = usage.units + excluded.units, tokens_in = usage.tokens_in + excluded.tokens_in,"
        " tokens_out = usage.tokens_out + excluded.tokens_out,"
        " cost_millionths = usage.cost_millionths + excluded.cost_millionths",
        BARQ_PARAMS(barq_sql_text(service), barq_sql_text(day),
                    barq_sql_text(list_id ? list_id : ""),
                    barq_sql_text(more->model ? more->model : ""), barq_sql_int(more->calls),
                    barq_sql_int(more->units), barq_sql_int(more->tokens_in),
                    barq_sql_int(more->tokens_out), barq_sql_int(more->cost_millionths)),
        err);
}

enum barq_status bm_usage_of(struct barq_session *session, const char *service, const char *day,
                             const char *list_id, struct bm_used *out, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool more = false;

    enum barq_status status =
        barq_query(session,
                   "SELECT CAST(coalesce(sum(calls), 0) AS BIGINT),"
                   " CAST(coalesce(sum(units), 0) AS BIGINT),"
                   " CAST(coalesce(sum(tokens_in), 0) AS BIGINT),"
                   " CAST(coalesce(sum(tokens_out), 0) AS BIGINT),"
                   " CAST(coalesce(sum(cost_millionths), 0) AS BIGINT) FROM usage"
                   " WHERE day = ?1 AND (CAST(?2 AS TEXT) IS NULL OR service = ?2)"
                   " AND (CAST(?3 AS TEXT) IS NULL OR list_id = ?3)",
                   BARQ_PARAMS(barq_sql_text(day), barq_sql_text(service), barq_sql_text(list_id)),
                   &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    if (status == BARQ_OK) {
        *out = (struct bm_used){.calls = barq_column_int(rows, 0),
                                .units = barq_column_int(rows, 1),
                                .tokens_in = barq_column_int(rows, 2),
                                .tokens_out = barq_column_int(rows, 3),
                                .cost_millionths = barq_column_int(rows, 4)};
    }
    return status;
}

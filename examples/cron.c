/*
 * cron.c - jobs that are enqueued by the clock.
 *
 *     barq worker cron.so &
 *     barq cron
 *
 * Start as many workers as you like: each run is enqueued once. `beat` writes
 * down each second that it was run for; and `report`, at half past four on
 * working days, how many there have been.
 */
#include <barq/worker.h>

static enum barq_status beat(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;
    enum barq_status status = barq_session_write(ctx, &session, err);

    if (status != BARQ_OK) {
        return status;
    }
    /* When a run was due is when it was enqueued, however late it is now. */
    return barq_exec(session, "INSERT INTO beats (at) VALUES (?1)",
                     BARQ_PARAMS(barq_sql_int(barq_job_enqueued_at_ms(ctx))), err);
}

static enum barq_status report(struct barq_context *ctx, struct barq_error *err)
{
    const char *of = barq_arg_string(ctx, 0, "of", "beats");
    struct barq_session *session;
    struct barq_rows *rows = NULL;
    bool more = false;

    enum barq_status status = barq_session_read(ctx, &session, err);
    if (status == BARQ_OK) {
        status = barq_query(session, "SELECT count(*) FROM beats", BARQ_NO_PARAMS, &rows, err);
    }
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    if (status == BARQ_OK && more) {
        barq_return(ctx, barq_format(barq_arena_of(ctx), "%lld %s",
                                     (long long)barq_column_int(rows, 0), of));
    }
    barq_rows_close(rows);
    return status;
}

static enum barq_status make_table(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;
    enum barq_status status = barq_session_write(ctx, &session, err);

    if (status != BARQ_OK) {
        return status;
    }
    return barq_exec(session, "CREATE TABLE IF NOT EXISTS beats (at BIGINT)", BARQ_NO_PARAMS, err);
}

static const struct barq_function functions[] = {
    {.name = "beat", .run = beat},
    {.name = "report", .run = report},
    {.name = NULL},
};

static const struct barq_cron cron_jobs[] = {
    {.function = "beat", .expression = "* * * * * *"},
    {.function = "report",
     .expression = "30 4 * * mon-fri",
     .time_zone = "Europe/Berlin",
     .arguments = "{\"of\": \"heart beats\"}",
     .run_at_startup = true,
     .missed = BARQ_MISSED_ONCE},
    {.function = NULL},
};

BARQ_MODULE = {
    .abi = BARQ_ABI,
    .functions = functions,
    .on_startup = make_table,
    .cron_jobs = cron_jobs,
};

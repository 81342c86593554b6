/* noop.c - jobs that do nothing, or write one row, so that what is measured is the engine. */
#include <time.h>

#include <barq/worker.h>

static enum barq_status noop(struct barq_context *ctx, struct barq_error *err)
{
    (void)ctx;
    (void)err;
    return BARQ_OK;
}

/* The instant at which the handler begins, in nanoseconds of the wall clock. */
static enum barq_status now(struct barq_context *ctx, struct barq_error *err)
{
    struct timespec begun;

    (void)err;
    clock_gettime(CLOCK_REALTIME, &begun);
    barq_return(ctx, barq_int(barq_arena_of(ctx), begun.tv_sec * 1000000000LL + begun.tv_nsec));
    return BARQ_OK;
}

static enum barq_status row(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session = NULL;

    enum barq_status status = barq_session_write(ctx, &session, err);
    return status != BARQ_OK ? status
                             : barq_exec(session, "INSERT INTO bench_rows (job) VALUES (?1)",
                                         BARQ_PARAMS(barq_sql_text(barq_job_id(ctx))), err);
}

static const struct barq_function functions[] = {
    {.name = "noop", .run = noop},
    {.name = "now", .run = now},
    {.name = "row", .run = row},
    {.name = NULL},
};

BARQ_MODULE = {.abi = BARQ_ABI, .functions = functions};

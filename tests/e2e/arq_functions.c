/*
 * arq_functions.c - what tests of arq's ways ask for and the playground has
 * not: functions with settings of their own, one that waits for the test, and
 * one whose runs are counted.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include <barq/worker.h>

/* Makes an empty file. */
static enum barq_status touch(const char *path, struct barq_error *err)
{
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

    if (fd == -1) {
        return barq_error_set(err, BARQ_ERR_JOB, "%s cannot be made", path);
    }
    (void)close(fd);
    return BARQ_OK;
}

/* hold(path): until there is such a file, then its try; a file path.held is there from its beginning */
static enum barq_status hold(struct barq_context *ctx, struct barq_error *err)
{
    const char *path = barq_arg_string(ctx, 0, "path", "");
    char held[PATH_MAX];

    (void)snprintf(held, sizeof(held), "%s.held", path);
    enum barq_status status = touch(held, err);
    if (status != BARQ_OK) {
        return status;
    }
    while (access(path, F_OK) != 0) {
        status = barq_sleep(ctx, 5, err);
        if (status != BARQ_OK) {
            return status;
        }
    }
    barq_return(ctx, barq_int(barq_arena_of(ctx), barq_job_try(ctx)));
    return BARQ_OK;
}

/* slow(): longer than it may */
static enum barq_status slow(struct barq_context *ctx, struct barq_error *err)
{
    return barq_sleep(ctx, INT64_C(3600) * 1000, err);
}

/* wrong(): an error, which is final here as it is in arq */
static enum barq_status wrong(struct barq_context *ctx, struct barq_error *err)
{
    (void)ctx;
    return barq_error_set(err, BARQ_ERR_JOB, "something is wrong");
}

/* hold_and_fail(path): the same, but then it fails */
static enum barq_status hold_and_fail(struct barq_context *ctx, struct barq_error *err)
{
    enum barq_status status = hold(ctx, err);

    return status == BARQ_OK ? barq_fail(ctx, err, "failed as asked") : status;
}

/* effect(name, nap_ms): after a nap writes down that it ran; how often it has by now */
static enum barq_status effect(struct barq_context *ctx, struct barq_error *err)
{
    const char *name = barq_arg_string(ctx, 0, "name", "");
    int64_t nap_ms = barq_as_int(barq_arg(ctx, 1, "nap_ms"), 0);
    struct barq_session *session = NULL;
    struct barq_rows *rows = NULL;
    bool more = false;
    enum barq_status status = nap_ms > 0 ? barq_sleep(ctx, nap_ms, err) : BARQ_OK;
    if (status == BARQ_OK) {
        status = barq_session_write(ctx, &session, err);
    }
    if (status == BARQ_OK) {
        status = barq_query(session,
                            "INSERT INTO effects (name, runs) VALUES (?1, 1)"
                            " ON CONFLICT (name) DO UPDATE SET runs = runs + 1 RETURNING runs",
                            BARQ_PARAMS(barq_sql_text(name)), &rows, err);
    }
    if (status != BARQ_OK) {
        return status;
    }

    status = barq_rows_next(rows, &more, err);
    if (status == BARQ_OK) {
        barq_return(ctx, barq_int(barq_arena_of(ctx), barq_column_int(rows, 0)));
    }
    barq_rows_close(rows);
    return status;
}

static enum barq_status create_table(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session = NULL;
    enum barq_status status = barq_session_write(ctx, &session, err);

    return status == BARQ_OK ? barq_exec(session,
                                         "CREATE TABLE IF NOT EXISTS effects"
                                         " (name TEXT PRIMARY KEY, runs INTEGER NOT NULL)",
                                         BARQ_NO_PARAMS, err)
                             : status;
}

/* add(a, b): their sum */
static enum barq_status add(struct barq_context *ctx, struct barq_error *err)
{
    (void)err;
    barq_return(ctx, barq_int(barq_arena_of(ctx), barq_as_int(barq_arg(ctx, 0, "a"), 0) +
                                                      barq_as_int(barq_arg(ctx, 1, "b"), 0)));
    return BARQ_OK;
}

/* a_set(): what neither JSON nor MessagePack can hold */
static enum barq_status a_set(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_value *set = barq_set(barq_arena_of(ctx));

    (void)err;
    barq_add(set, barq_int(barq_arena_of(ctx), 1));
    barq_return(ctx, set);
    return BARQ_OK;
}

static const struct barq_limit one_at_a_time = {.max_running = 1};

static const struct barq_function functions[] = {
    {.name = "add", .run = add},
    {.name = "effect", .run = effect},
    {.name = "a_set", .run = a_set},
    {.name = "hold", .run = hold},
    {.name = "hold_unkept", .run = hold, .keep_result_ms = BARQ_OFF},
    {.name = "hold_forever", .run = hold, .keep_result_ms = BARQ_FOREVER},
    {.name = "hold_briefly", .run = hold, .keep_result_ms = 1500},
    {.name = "hold_one", .run = hold, .limit = &one_at_a_time},
    {.name = "hold_and_fail", .run = hold_and_fail},
    {.name = "fail_unkept", .run = hold_and_fail, .keep_result_ms = BARQ_OFF},
    {.name = "fail_forever", .run = hold_and_fail, .keep_result_ms = BARQ_FOREVER},
    {.name = "fail_briefly", .run = hold_and_fail, .keep_result_ms = 1500},
    {.name = "slow", .run = slow, .job_timeout_ms = 200, .retry_on_timeout = BARQ_OFF},
    {.name = "wrong", .run = wrong, .retry_on_error = BARQ_OFF},
    {.name = NULL},
};

BARQ_MODULE = {.abi = BARQ_ABI, .functions = functions, .on_startup = create_table};

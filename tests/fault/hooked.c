/*
 * hooked.c - a module whose hooks write down that they were called, and then
 * behave badly as their job tells them: {"on_job_end": "crash", "tries": 1}.
 *
 * hooks(job, hook, try, error) is theirs; effects is the tests'.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <barq/client.h>
#include <barq/worker.h>

static const char *word_of(const struct barq_context *ctx, const char *name)
{
    return barq_as_string(barq_get(barq_kwargs(ctx), name), "");
}

static enum barq_status make_table(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;
    enum barq_status status = barq_session_write(ctx, &session, err);

    return status == BARQ_OK ? barq_exec_script(session,
                                                "CREATE TABLE IF NOT EXISTS hooks"
                                                " (job TEXT, hook TEXT, try INTEGER, error TEXT)",
                                                err)
                             : status;
}

static enum barq_status write_down(struct barq_context *ctx, const char *hook,
                                   struct barq_session **session, struct barq_error *err)
{
    enum barq_status status = barq_session_write(ctx, session, err);

    return status == BARQ_OK
               ? barq_exec(*session, "INSERT INTO hooks VALUES (?1, ?2, ?3, ?4)",
                           BARQ_PARAMS(barq_sql_text(barq_job_id(ctx)), barq_sql_text(hook),
                                       barq_sql_int(barq_job_try(ctx)),
                                       barq_sql_text(barq_job_error(ctx))),
                           err)
               : status;
}

static void hang(void)
{
    for (;;) {
        pause();
    }
}

static int *volatile nowhere;

static enum barq_status misbehave(struct barq_context *ctx, struct barq_session *session,
                                  const char *how, struct barq_error *err)
{
    if (strcmp(how, "crash") == 0) {
        *nowhere = 1;
    }
    if (strcmp(how, "hang") == 0) {
        hang();
    }
    if (strcmp(how, "refuse") == 0) {
        return barq_fail(ctx, err, "the hook says no");
    }
    if (strcmp(how, "say COMMIT") == 0) {
        return barq_exec(session, "COMMIT", BARQ_NO_PARAMS, err);
    }
    if (strcmp(how, "roll back") == 0) {
        barq_session_rollback(session); /* not its to call */
    }
    if (strcmp(how, "enqueue") == 0) {
        return barq_session_enqueue(session, "work", NULL, NULL, NULL, NULL, err);
    }
    return strcmp(how, "fail") == 0 ? barq_error_set(err, BARQ_ERR_JOB, "not now") : BARQ_OK;
}

static enum barq_status behave(struct barq_context *ctx, const char *hook, struct barq_error *err)
{
    struct barq_session *session;
    int64_t tries = barq_as_int(barq_get(barq_kwargs(ctx), "tries"), 100);
    const char *how = barq_job_try(ctx) <= tries ? word_of(ctx, hook) : "";

    enum barq_status status = write_down(ctx, hook, &session, err);
    return status == BARQ_OK ? misbehave(ctx, session, how, err) : status;
}

static enum barq_status on_job_start(struct barq_context *ctx, struct barq_error *err)
{
    return behave(ctx, "on_job_start", err);
}

static enum barq_status on_job_end(struct barq_context *ctx, struct barq_error *err)
{
    return behave(ctx, "on_job_end", err);
}

static enum barq_status after_job_end(struct barq_context *ctx, struct barq_error *err)
{
    return behave(ctx, "after_job_end", err);
}

static enum barq_status work(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;
    enum barq_status status = barq_session_write(ctx, &session, err);

    if (status == BARQ_OK) {
        status = barq_exec(
            session, "INSERT INTO effects (job, function, try, pid) VALUES (?1, ?2, ?3, ?4)",
            BARQ_PARAMS(barq_sql_text(barq_job_id(ctx)), barq_sql_text(barq_job_function(ctx)),
                        barq_sql_int(barq_job_try(ctx)), barq_sql_int(getpid())),
            err);
    }
    return status == BARQ_OK ? behave(ctx, "handler", err) : status;
}

static const struct barq_function functions[] = {
    {.name = "work", .run = work},
    {.name = "work_briefly", .run = work, .job_timeout_ms = 100, .max_tries = 1},
    {.name = NULL},
};

BARQ_MODULE = {
    .abi = BARQ_ABI,
    .functions = functions,
    .retry_min_ms = 1,
    .retry_max_ms = 20,
    .on_startup = make_table,
    .on_job_start = on_job_start,
    .on_job_end = on_job_end,
    .after_job_end = after_job_end,
};

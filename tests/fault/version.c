/*
 * version.c - a module, or with -DPROGRAM a program, in two versions that are put in each other's
 * place while a worker runs. What a job writes says which version has run it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <barq/worker.h>

#define TEXT_OF(x) #x
#define TEXT(x)    TEXT_OF(x)

static const char version[] = "v" TEXT(VERSION);

static enum barq_status write_effect(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;
    enum barq_status status = barq_session_write(ctx, &session, err);

    return status == BARQ_OK
               ? barq_exec(session,
                           "INSERT INTO effects (job, function, try, pid) VALUES (?1, ?2, ?3, ?4)",
                           BARQ_PARAMS(barq_sql_text(barq_job_id(ctx)), barq_sql_text(version),
                                       barq_sql_int(barq_job_try(ctx)), barq_sql_int(getpid())),
                           err)
               : status;
}

/* hold(path): tells that it has begun by the file PATH.begun, and waits for PATH; then an effect */
static enum barq_status hold(struct barq_context *ctx, struct barq_error *err)
{
    const char *path = barq_arg_string(ctx, 0, "path", "");
    char begun[4096];

    (void)snprintf(begun, sizeof(begun), "%s.begun", path);
    FILE *file = fopen(begun, "ae");
    if (file) {
        (void)fprintf(file, "%d\n", (int)getpid());
        (void)fclose(file);
    }
    while (access(path, F_OK) != 0) {
        enum barq_status status = barq_sleep(ctx, 5, err);
        if (status != BARQ_OK) {
            return status;
        }
    }
    return write_effect(ctx, err);
}

/* Leaves a line in the file of BARQ_TEST_SHUTDOWN; with BARQ_TEST_HANG it does not end. */
static enum barq_status on_shutdown(struct barq_context *ctx, struct barq_error *err)
{
    const char *path = getenv("BARQ_TEST_SHUTDOWN");
    FILE *file = path ? fopen(path, "ae") : NULL;

    (void)ctx;
    (void)err;
    if (file) {
        (void)fprintf(file, "%s\n", version);
        (void)fclose(file);
    }
    while (getenv("BARQ_TEST_HANG")) {
        pause();
    }
    return BARQ_OK;
}

static enum barq_status crash(struct barq_context *ctx, struct barq_error *err)
{
    (void)ctx;
    (void)err;
    abort();
}

/* With -DTICKING it has a cron job, and the function that it calls. */
#ifdef TICKING
static const struct barq_cron cron_jobs[] = {
    {.function = "tick", .expression = "* * * * * *"},
    {.function = NULL},
};
#define CRON_JOBS cron_jobs
#define TICK      {.name = "tick", .run = write_effect},
#else
#define CRON_JOBS NULL
#define TICK
#endif

static const struct barq_function functions[] = {
    TICK{.name = "crash", .run = crash, .max_tries = 1},
    {.name = "work", .run = write_effect},
    {.name = "hold", .run = hold},
    {.name = "worn", .run = write_effect, .recycle_after = 3},
    {.name = NULL},
};

#ifdef PROGRAM
#define SETTINGS static const struct barq_settings settings
#else
#define SETTINGS BARQ_MODULE
#endif

SETTINGS = {
    .abi = BARQ_ABI,
    .functions = functions,
    .cron_jobs = CRON_JOBS,
    .max_jobs = VERSION,
    .recycle_after = RECYCLE_AFTER,
    .health_check_interval_ms = 50,
    .retry_min_ms = 1,
    .retry_max_ms = 20,
    .on_shutdown = on_shutdown,
};

#ifdef PROGRAM
int main(int argc, char **argv)
{
    return barq_worker_main(&settings, argc, argv);
}
#endif

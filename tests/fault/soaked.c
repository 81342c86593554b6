/*
 * soaked.c - the functions of the soak: most of the work is good, and some of
 * it crashes, hangs or hogs, each time that it is tried.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <barq/worker.h>

enum { BITE_BYTES = 4 * 1024 * 1024, HOG_MAX_BYTES = 64 * 1024 * 1024, HOUR_MS = 3600 * 1000 };

/* work(): one effect, with its own id. */
static enum barq_status work(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;

    enum barq_status status = barq_session_write(ctx, &session, err);
    if (status != BARQ_OK) {
        return status;
    }
    return barq_exec(session, "INSERT INTO effects (job) VALUES (?1)",
                     BARQ_PARAMS(barq_sql_text(barq_job_id(ctx))), err);
}

/* quick(): nothing at all. */
static enum barq_status quick(struct barq_context *ctx, struct barq_error *err)
{
    (void)ctx;
    (void)err;
    return BARQ_OK;
}

/* Writes, too, so that there is something to be left behind. */
static void write_what_must_not_stay(struct barq_context *ctx)
{
    struct barq_error ignored;

    (void)(work(ctx, &ignored) == BARQ_OK);
}

/* Always NULL, which compilers cannot know. */
static int *volatile nowhere;

static enum barq_status crash(struct barq_context *ctx, struct barq_error *err)
{
    (void)err;
    write_what_must_not_stay(ctx);
    *nowhere = 1;
    return BARQ_OK;
}

/* hang(): sleeps past its time, and heeds that it is told to stop. */
static enum barq_status hang(struct barq_context *ctx, struct barq_error *err)
{
    return barq_sleep(ctx, HOUR_MS, err);
}

/* deaf(): the same, but hears nothing. */
static enum barq_status deaf(struct barq_context *ctx, struct barq_error *err)
{
    (void)ctx;
    (void)err;
    while (nowhere == NULL) {
        pause();
    }
    return BARQ_OK;
}

/* hog(): takes memory until it is killed. */
static enum barq_status hog(struct barq_context *ctx, struct barq_error *err)
{
    write_what_must_not_stay(ctx);
    for (;;) {
        char *bite = malloc(BITE_BYTES);
        if (!bite) {
            return barq_fail(ctx, err, "nobody stopped it");
        }
        memset(bite, 1, BITE_BYTES);
    }
}

static const struct barq_function functions[] = {
    {.name = "work", .run = work},
    {.name = "quick", .run = quick},
    {.name = "crash", .run = crash, .max_tries = 2},
    {.name = "hang", .run = hang, .max_tries = 1, .job_timeout_ms = 100},
    {.name = "deaf", .run = deaf, .max_tries = 1, .job_timeout_ms = 100},
    {.name = "hog", .run = hog, .max_tries = 2, .memory_max_bytes = HOG_MAX_BYTES},
    {.name = NULL},
};

BARQ_MODULE = {.abi = BARQ_ABI, .functions = functions, .retry_min_ms = 1, .retry_max_ms = 20};

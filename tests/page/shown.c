/*
 * shown.c - a module with something for each view of the dashboard.
 */
#include <stdlib.h>

#include <barq/worker.h>

/* steps(seconds): a line in its log, then 3 of 4 steps, and it stays there so long */
static enum barq_status steps(struct barq_context *ctx, struct barq_error *err)
{
    barq_log(ctx, BARQ_LOG_INFO, "the first three are easy");
    barq_progress(ctx, 3, 4, "step 3");
    return barq_sleep(ctx, barq_arg_int(ctx, 0, "seconds", 0) * 1000, err);
}

/* broken(what): logs, and fails for good */
static enum barq_status broken(struct barq_context *ctx, struct barq_error *err)
{
    barq_log(ctx, BARQ_LOG_WARN, "the valve is stuck");
    return barq_fail(ctx, err, "no pressure in %s", barq_arg_string(ctx, 0, "what", "it"));
}

static enum barq_status crash(struct barq_context *ctx, struct barq_error *err)
{
    (void)ctx;
    (void)err;
    abort();
}

static const struct barq_limit one = {.max_running = 1};

static const struct barq_function functions[] = {
    {.name = "steps", .run = steps},
    {.name = "broken", .run = broken},
    {.name = "crash", .run = crash, .max_tries = 1},
    {.name = "narrow", .run = steps, .limit = &one},
    {.name = NULL},
};

static const struct barq_cron cron_jobs[] = {
    {.function = "steps", .name = "nightly", .expression = "30 4 * * *"},
    {.function = NULL},
};

BARQ_MODULE = {.abi = BARQ_ABI, .functions = functions, .cron_jobs = cron_jobs};

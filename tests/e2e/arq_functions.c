/*
 * arq_functions.c - what test_arq_client.py asks for and the playground has
 * not: functions with settings of their own, and one that waits for the test.
 */
#include <unistd.h>

#include <barq/worker.h>

/* hold(path): until there is such a file, then its try */
static enum barq_status hold(struct barq_context *ctx, struct barq_error *err)
{
    while (access(barq_arg_string(ctx, 0, "path", ""), F_OK) != 0) {
        enum barq_status status = barq_sleep(ctx, 5, err);
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

static const struct barq_function functions[] = {
    {.name = "hold", .run = hold},
    {.name = "hold_unkept", .run = hold, .keep_result_ms = BARQ_OFF},
    {.name = "hold_forever", .run = hold, .keep_result_ms = BARQ_FOREVER},
    {.name = "hold_briefly", .run = hold, .keep_result_ms = 1500},
    {.name = "slow", .run = slow, .job_timeout_ms = 200, .retry_on_timeout = BARQ_OFF},
    {.name = "wrong", .run = wrong, .retry_on_error = BARQ_OFF},
    {.name = NULL},
};

BARQ_MODULE = {.abi = BARQ_ABI, .functions = functions};

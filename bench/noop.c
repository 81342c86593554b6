/* noop.c - jobs that do nothing, so that what is measured is the engine. */
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

static const struct barq_function functions[] = {
    {.name = "noop", .run = noop}, {.name = "now", .run = now}, {.name = NULL}};

BARQ_MODULE = {.abi = BARQ_ABI, .functions = functions};

/* hello.c - the smallest worker: it greets. */
#include <barq/worker.h>

static enum barq_status greet(struct barq_context *ctx, struct barq_error *err)
{
    const char *name = barq_arg_string(ctx, 0, "name", NULL);

    if (!name) {
        return barq_fail(ctx, err, "greet: whom?");
    }
    barq_return(ctx, barq_format(barq_arena_of(ctx), "Hello, %s!", name));
    return BARQ_OK;
}

static const struct barq_function functions[] = {{.name = "greet", .run = greet}, {.name = NULL}};

BARQ_MODULE = {.abi = BARQ_ABI, .functions = functions};

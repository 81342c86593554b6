/*
 * program.c - a program that is its own worker: the functions are compiled in.
 *
 *     cc program.c $(pkg-config --cflags --libs barq) -o program
 *     ./program --executors 2 &
 *     barq enqueue add 1 2 --wait
 *
 * It is executed afresh for each executor, so main() does nothing else.
 */
#include <barq/worker.h>

static enum barq_status add(struct barq_context *ctx, struct barq_error *err)
{
    int64_t sum = 0;

    (void)err;
    for (size_t i = 0; i < barq_count(barq_args(ctx)); i++) {
        sum += barq_arg_int(ctx, i, NULL, 0);
    }
    barq_return(ctx, barq_int(barq_arena_of(ctx), sum));
    return BARQ_OK;
}

static const struct barq_function functions[] = {{.name = "add", .run = add}, {.name = NULL}};

int main(int argc, char **argv)
{
    static const struct barq_settings settings = {.abi = BARQ_ABI, .functions = functions};

    return barq_worker_main(&settings, argc, argv);
}

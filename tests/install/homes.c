/*
 * homes.c - a module that says whose functions it got: a map of each public function to the file that
 * it was found in. The test makes headers.h, which includes all that are installed, and names.h of
 * what the library shows: NAME(barq_abort) ...
 */
#include <dlfcn.h>

#include "headers.h"

static const struct {
    const char *name;
    const void *at;
} functions_of_barq[] = {
#define NAME(name) {#name, (const void *)name},
#include "names.h"
#undef NAME
};
enum { N_FUNCTIONS = sizeof(functions_of_barq) / sizeof(functions_of_barq[0]) };

static enum barq_status homes(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_arena *arena = barq_arena_of(ctx);
    struct barq_value *result = barq_map(arena);

    for (size_t i = 0; i < N_FUNCTIONS; i++) {
        Dl_info info;
        if (dladdr(functions_of_barq[i].at, &info) == 0) {
            return barq_fail(ctx, err, "%s is nowhere", functions_of_barq[i].name);
        }
        barq_set_key(result, functions_of_barq[i].name, barq_string(arena, info.dli_fname));
    }
    barq_return(ctx, result);
    return BARQ_OK;
}

static const struct barq_function functions[] = {{.name = "homes", .run = homes}, {.name = NULL}};

BARQ_MODULE = {.abi = BARQ_ABI, .functions = functions};

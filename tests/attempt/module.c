/*
 * module.c - what test_module.c loads: a module, or with BAD_ABI one of
 * another barq, or with NO_SETTINGS none at all.
 */
#include <barq/worker.h>

#ifdef BAD_ABI
enum { ABI = BARQ_ABI + 1 };
#else
enum { ABI = BARQ_ABI };
#endif

#ifdef NO_SETTINGS
__attribute__((visibility("default"))) int something_else(void);

int something_else(void)
{
    return ABI;
}
#else
static enum barq_status nothing(struct barq_context *ctx, struct barq_error *err)
{
    (void)ctx;
    (void)err;
    return BARQ_OK;
}

static const struct barq_function functions[] = {{.name = "nothing", .run = nothing},
                                                 {.name = NULL}};

BARQ_MODULE = {.abi = ABI, .functions = functions, .queue_name = "of the module"};
#endif

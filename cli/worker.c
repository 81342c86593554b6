/*
 * worker.c - barq worker: all of it is in the library, for any program.
 */
#include <stddef.h>

#include <barq/worker.h>

#include "cli.h"

static int run(int argc, char **argv)
{
    return barq_worker_main(NULL, argc, argv);
}

const struct cli_command cli_worker = {
    .name = "worker",
    .summary = "run jobs with the functions of a module",
    .run = run,
};

/*
 * delete.c - barq delete: removes jobs that do not run.
 */
#include <barq/admin.h>

#include "cli.h"

static int run(int argc, char **argv)
{
    return cli_each(&cli_delete, argc, argv, barq_delete);
}

const struct cli_command cli_delete = {
    .name = "delete",
    .words = "[options] ID...",
    .summary = "remove jobs that wait, are finished or have failed",
    .help = "Removes jobs that wait, are finished or have failed, with their results. One\n"
            "that runs is refused: abort it. Prints the ids of those that are gone.\n"
            "\n"
            "example:\n"
            "  barq delete 0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b\n",
    .run = run,
};

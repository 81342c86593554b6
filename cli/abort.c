/*
 * abort.c - barq abort: wishes that jobs stop.
 */
#include "cli.h"

static int run(int argc, char **argv)
{
    return cli_each(&cli_abort, argc, argv, barq_abort);
}

const struct cli_command cli_abort = {
    .name = "abort",
    .words = "[options] ID...",
    .summary = "wish that jobs stop",
    .help = "Wishes that jobs stop. One that waits fails as aborted; one that runs is told\n"
            "to stop. What was committed stays. Prints the ids it was told to workers for.\n"
            "\n"
            "example:\n"
            "  barq abort 0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b\n",
    .run = run,
};

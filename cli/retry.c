/*
 * retry.c - barq retry: gives dead jobs another life.
 */
#include <barq/admin.h>

#include "cli.h"

static int run(int argc, char **argv)
{
    return cli_each(&cli_retry, argc, argv, barq_retry_dead);
}

const struct cli_command cli_retry = {
    .name = "retry",
    .words = "[options] ID...",
    .summary = "put failed jobs back into their queue",
    .help = "Puts jobs that failed for good back into their queue, with all their tries.\n"
            "Prints the ids of those that are in it again.\n"
            "\n"
            "example:\n"
            "  barq list --status failed\n"
            "  barq retry 0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b\n",
    .run = run,
};

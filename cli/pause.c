/*
 * pause.c - barq pause: workers claim nothing more from a queue.
 */
#include <barq/admin.h>

#include "cli.h"

static int run(int argc, char **argv)
{
    return cli_each_queue(&cli_pause, argc, argv, barq_pause);
}

const struct cli_command cli_pause = {
    .name = "pause",
    .words = "[options] QUEUE...",
    .summary = "let no worker claim from a queue",
    .help =
        "Lets no worker claim from the queues; what runs goes on. A queue that is not there is\n"
        "made. Prints their names.\n"
        "\n"
        "example:\n"
        "  barq pause barq\n",
    .run = run,
};

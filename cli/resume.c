/*
 * resume.c - barq resume: workers claim from a queue again.
 */
#include <barq/admin.h>

#include "cli.h"

static int run(int argc, char **argv)
{
    return cli_each_queue(&cli_resume, argc, argv, barq_resume);
}

const struct cli_command cli_resume = {
    .name = "resume",
    .words = "[options] QUEUE...",
    .summary = "let workers claim from a paused queue again",
    .help = "Lets workers claim from the queues again. Prints their names.\n"
            "\n"
            "example:\n"
            "  barq resume barq\n",
    .run = run,
};

/*
 * status.c - barq status: where a job is, in a word.
 */
#include <stdio.h>

#include "cli.h"

static int print_status(struct barq_client *client, const char *id, bool json)
{
    struct barq_error err;
    enum barq_job_status found = BARQ_JOB_NOT_FOUND;
    enum barq_status status = barq_status_of(client, id, &found, &err);
    if (status != BARQ_OK) {
        return cli_failed(status, &err);
    }

    int code = CLI_OK;
    if (json) {
        code = cli_print_job_now(client, id);
    } else {
        puts(barq_job_status_name(found));
    }
    return code == CLI_OK && found == BARQ_JOB_NOT_FOUND ? CLI_REFUSED : code;
}

static int run(int argc, char **argv)
{
    struct cli_args args = {.url = NULL};
    int code = CLI_OK;
    if (!cli_read(&cli_status, argc, argv, NULL, 1, 1, &args, &code)) {
        return code;
    }

    bq_auto(cli_client) struct barq_client *client = NULL;
    code = cli_open(&args, NULL, &client);
    return client ? print_status(client, args.words[0], args.json) : code;
}

const struct cli_command cli_status = {
    .name = "status",
    .words = "[options] ID",
    .summary = "print where a job is, in a word",
    .help = "Prints one of: deferred, queued, in_progress, complete, failed; or not_found,\n"
            "and then the exit code is 1.\n"
            "\n"
            "example:\n"
            "  barq status 0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b\n",
    .run = run,
};

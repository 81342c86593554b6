/*
 * result.c - barq result: what came of a job.
 */
#include <stdio.h>

#include "base/arena.h"
#include "cli.h"

/* The error is the job's own words; whose they are is said before. */
static void complain_of_job(struct barq_arena *arena, const char *id, const char *error)
{
    const char *sentence = bq_arena_format(arena, "job %s failed: %s", id, error);

    cli_complain(sentence ? sentence : error);
}

int cli_print_result(struct barq_client *client, const char *id, int64_t timeout_ms, bool json)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, CLI_ARENA_BYTES);
    const struct barq_value *result = NULL;
    struct barq_error err;
    enum barq_status status = barq_result(client, id, timeout_ms, &arena, &result, &err);

    if (json) {
        int code = cli_print_job_now(client, id);
        if (code != CLI_OK) {
            return code;
        }
    } else if (status == BARQ_OK) {
        puts(cli_json(&arena, result));
    }
    if (status == BARQ_ERR_JOB) {
        complain_of_job(&arena, id, err.text);
        return CLI_REFUSED;
    }
    return status == BARQ_OK ? CLI_OK : cli_failed(status, &err);
}

static int run(int argc, char **argv)
{
    int64_t timeout_ms = 0;
    bool progress = false;
    const struct cli_option options[] = {
        {"timeout", CLI_SECONDS, &timeout_ms}, {"progress", CLI_FLAG, &progress}, {.name = NULL}};
    struct cli_args args = {.url = NULL};
    int code = CLI_OK;
    if (!cli_read(&cli_result, argc, argv, options, 1, 1, &args, &code)) {
        return code;
    }

    if (progress && timeout_ms == 0) {
        return cli_misused(&cli_result, "--progress wants --timeout");
    }

    bq_auto(cli_client) struct barq_client *client = NULL;
    code = cli_open(&args, NULL, &client);
    if (client && progress) {
        timeout_ms = cli_follow(client, args.words[0], timeout_ms);
    }
    return client ? cli_print_result(client, args.words[0], timeout_ms, args.json) : code;
}

const struct cli_command cli_result = {
    .name = "result",
    .words = "[options] ID",
    .summary = "print what a job returned",
    .help = "Prints what a job returned, as JSON; or says why it failed (exit code 1), or\n"
            "that it has not finished yet (3).\n"
            "\n"
            "  --timeout SECONDS    wait so long for it; without it, only look\n"
            "  --progress           show meanwhile how it goes, if stderr is a terminal\n"
            "\n"
            "example:\n"
            "  barq result 0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b --timeout 30\n",
    .run = run,
};

/*
 * abort.c - barq abort: wishes that jobs stop, and may wait until they have.
 */
#include <limits.h>
#include <stdio.h>

#include "base/arena.h"
#include "cli.h"

enum { NO_WAIT = -2 }; /* BARQ_OFF: for ever */

struct request {
    struct cli_args args;
    int64_t wait_ms;
};

static int complain_of(const char *id)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, CLI_ARENA_BYTES);
    const char *sentence = bq_arena_format(&arena, "job %s had ended otherwise", id);

    cli_complain(sentence ? sentence : "it had ended otherwise");
    return CLI_REFUSED;
}

static int stop(struct barq_client *client, const struct request *request, const char *id)
{
    bool waits = request->wait_ms != NO_WAIT;
    bool aborted = true;
    struct barq_error err;
    enum barq_status status = waits ? barq_abort_wait(client, id, request->wait_ms, &aborted, &err)
                                    : barq_abort(client, id, &err);
    if (status != BARQ_OK) {
        return cli_failed(status, &err);
    }
    if (!aborted) {
        return complain_of(id);
    }
    if (request->args.json) {
        return cli_print_job_now(client, id);
    }
    puts(id); /* has no control characters: it would have been refused */
    return CLI_OK;
}

static int run(int argc, char **argv)
{
    struct request request = {.wait_ms = NO_WAIT};
    const struct cli_option options[] = {{"wait", CLI_MAYBE_SECONDS, &request.wait_ms},
                                         {.name = NULL}};
    int code = CLI_OK;
    if (!cli_read(&cli_abort, argc, argv, options, 1, INT_MAX, &request.args, &code)) {
        return code;
    }

    bq_auto(cli_client) struct barq_client *client = NULL;
    code = cli_open(&request.args, NULL, &client);
    for (int i = 0; code != CLI_BROKEN && client && i < request.args.n_words; i++) {
        int here = stop(client, &request, request.args.words[i]);
        code = code == CLI_OK || here == CLI_BROKEN ? here : code;
    }
    return code;
}

const struct cli_command cli_abort = {
    .name = "abort",
    .words = "[options] ID...",
    .summary = "wish that jobs stop",
    .help = "Wishes that jobs stop. One that waits fails as aborted; one that runs is told\n"
            "to stop. What was committed stays. Prints the ids it was told to workers for.\n"
            "\n"
            "  --wait[=SECONDS]     wait until each has ended, and print only those that ended\n"
            "                       as aborted\n"
            "\n"
            "example:\n"
            "  barq abort 0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b --wait=10\n",
    .run = run,
};

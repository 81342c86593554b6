/*
 * enqueue.c - barq enqueue: puts a job in its queue, and may wait for it.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "cli.h"

enum { NO_WAIT = -2 }; /* BARQ_OFF: for ever */

#define WORDS "[options] FUNCTION [ARG...]"

struct request {
    struct cli_args args;
    struct barq_client_options client_options;
    struct barq_enqueue_options options;
    const char *kwargs;
    const char *many;  /* a file of jobs */
    const char *after; /* ids, with commas between them */
    int64_t priority;
    int64_t job_try;
    int64_t wait_ms;
    bool progress;
};

/* JSON, if it is that; else the text itself. NULL: no UTF-8. */
static struct barq_value *read_word(struct barq_arena *arena, const char *word)
{
    struct barq_value *value = NULL;

    if (barq_from_json(arena, word, strlen(word), &value, NULL) == BARQ_OK) {
        return value;
    }
    return barq_string(arena, word);
}

static int read_args(struct barq_arena *arena, const struct request *request,
                     struct barq_value **out)
{
    struct barq_value *args = barq_tuple(arena);

    for (int i = 1; i < request->args.n_words; i++) {
        struct barq_value *value = read_word(arena, request->args.words[i]);
        if (!value) {
            return cli_misused(&cli_enqueue, "argument %d is no UTF-8, or too long", i);
        }
        barq_add(args, value);
    }
    *out = args;
    return CLI_OK;
}

static int read_kwargs(struct barq_arena *arena, const struct request *request,
                       struct barq_value **out)
{
    struct barq_error err;

    if (!request->kwargs) {
        return CLI_OK;
    }
    if (barq_from_json(arena, request->kwargs, strlen(request->kwargs), out, &err) != BARQ_OK) {
        return cli_misused(&cli_enqueue, "--kwargs: %s", err.text);
    }
    if (barq_kind(*out) != BARQ_MAP) {
        return cli_misused(&cli_enqueue, "--kwargs takes a JSON object");
    }
    return CLI_OK;
}

/* What --after names, in `arena`. */
static int read_after(struct barq_arena *arena, struct request *request)
{
    char *ids = request->after ? bq_arena_strdup(arena, request->after) : NULL;
    const char **after = bq_arena_array(arena, BARQ_AFTER_MAX + 1, sizeof(char *));
    size_t count = 0;

    if (!request->after) {
        return CLI_OK;
    }
    while (ids && after && count <= BARQ_AFTER_MAX) {
        after[count++] = strsep(&ids, ",");
    }
    if (!after || count == 0) {
        return cli_misused(&cli_enqueue, "--after: that is too much");
    }
    request->options.after = after;
    request->options.n_after = count;
    return CLI_OK;
}

/* What the environment says is for whoever it concerns, and may be anything; what is said to us is meant. */
static int read_trace(struct request *request)
{
    struct barq_enqueue_options *options = &request->options;

    if (options->traceparent) {
        return barq_traceparent_valid(options->traceparent)
                   ? CLI_OK
                   : cli_misused(&cli_enqueue, "--traceparent is as in W3C Trace Context: "
                                               "00-TRACE-SPAN-FLAGS, in lower-case hexadecimal");
    }
    const char *traceparent = getenv("TRACEPARENT");
    const char *tracestate = getenv("TRACESTATE");
    if (barq_traceparent_valid(traceparent)) {
        options->traceparent = traceparent;
        options->tracestate = barq_tracestate_valid(tracestate) ? tracestate : NULL;
    }
    return CLI_OK;
}

static int enqueue(struct barq_client *client, struct request *request, char *id)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, CLI_ARENA_BYTES);
    struct barq_value *args = NULL;
    struct barq_value *kwargs = NULL;
    int code = read_args(&arena, request, &args);
    if (code == CLI_OK) {
        code = read_kwargs(&arena, request, &kwargs);
    }
    if (code == CLI_OK) {
        code = read_after(&arena, request);
    }
    if (code != CLI_OK) {
        return code;
    }

    struct barq_error err;
    enum barq_status status =
        barq_enqueue(client, request->args.words[0], args, kwargs, &request->options, id, &err);
    return status == BARQ_OK ? CLI_OK : cli_failed(status, &err);
}

static int tell(struct barq_client *client, const struct request *request, const char *id)
{
    if (request->wait_ms != NO_WAIT) {
        int64_t wait_ms =
            request->progress ? cli_follow(client, id, request->wait_ms) : request->wait_ms;
        return cli_print_result(client, id, wait_ms, request->args.json);
    }
    if (request->args.json) {
        return cli_print_job_now(client, id);
    }
    puts(id); /* ids have no control characters */
    return CLI_OK;
}

/* What belongs to one job cannot be said for many. */
static bool fits_many(const struct request *request)
{
    return request->args.n_words == 0 && !request->kwargs && !request->options.id &&
           !request->after && request->wait_ms == NO_WAIT;
}

static int run(int argc, char **argv)
{
    struct request request = {.wait_ms = NO_WAIT};
    const struct cli_option options[] = {
        {"kwargs", CLI_TEXT, &request.kwargs},
        {"job-id", CLI_TEXT, &request.options.id},
        {"queue", CLI_TEXT, &request.options.queue},
        {"defer-by", CLI_SECONDS, &request.options.defer_ms},
        {"expires", CLI_SECONDS, &request.options.expires_ms},
        {"job-try", CLI_COUNT, &request.job_try},
        {"priority", CLI_NUMBER, &request.priority},
        {"after", CLI_TEXT, &request.after},
        {"after-failed", CLI_FLAG, &request.options.after_failed},
        {"key", CLI_TEXT, &request.options.key},
        {"serializer", CLI_TEXT, &request.client_options.serializer},
        {"traceparent", CLI_TEXT, &request.options.traceparent},
        {"many", CLI_TEXT, &request.many},
        {"wait", CLI_MAYBE_SECONDS, &request.wait_ms},
        {"progress", CLI_FLAG, &request.progress},
        {.name = NULL},
    };
    int code = CLI_OK;
    if (!cli_read(&cli_enqueue, argc, argv, options, 0, INT_MAX, &request.args, &code)) {
        return code;
    }
    if (request.priority < -BARQ_PRIORITY_MAX || request.priority > BARQ_PRIORITY_MAX) {
        return cli_misused(&cli_enqueue, "--priority is a number from %d to %d", -BARQ_PRIORITY_MAX,
                           BARQ_PRIORITY_MAX);
    }
    request.options.priority = (int)request.priority;
    if (request.job_try > BARQ_JOB_TRY_MAX) {
        return cli_misused(&cli_enqueue, "--job-try is at most %d", BARQ_JOB_TRY_MAX);
    }
    request.options.job_try = (int)request.job_try;
    if (request.options.after_failed && !request.after) {
        return cli_misused(&cli_enqueue, "--after-failed wants --after");
    }
    if (request.progress && request.wait_ms == NO_WAIT) {
        return cli_misused(&cli_enqueue, "--progress wants --wait");
    }

    code = read_trace(&request);
    if (code != CLI_OK) {
        return code;
    }

    if (request.many ? !fits_many(&request) : request.args.n_words == 0) {
        return cli_misused(&cli_enqueue, request.many ? "--many takes its jobs from the file only"
                                                      : "it takes " WORDS);
    }

    bq_auto(cli_client) struct barq_client *client = NULL;
    char id[BARQ_JOB_ID_MAX_BYTES + 1] = "";
    code = cli_open(&request.args, &request.client_options, &client);
    if (code == CLI_OK && request.many) {
        return cli_enqueue_many(client, request.many, &request.options, request.args.json);
    }
    if (code == CLI_OK) {
        code = enqueue(client, &request, id);
    }
    return code == CLI_OK ? tell(client, &request, id) : code;
}

const struct cli_command cli_enqueue = {
    .name = "enqueue",
    .words = WORDS,
    .summary = "put a job in its queue",
    .help =
        "Puts a job in its queue and prints its id. An ARG is JSON if it can be read as\n"
        "JSON, else a string.\n"
        "\n"
        "  --kwargs OBJECT      keyword arguments, a JSON object\n"
        "  --job-id ID          its id; without it, a new one\n"
        "  --queue NAME         its queue; without it, 'barq', and in Redis 'arq:queue'\n"
        "  --defer-by SECONDS   run it no sooner\n"
        "  --expires SECONDS    fail it when it was not begun by then\n"
        "  --job-try N          its first attempt counts as try N\n"
        "  --priority N         its turn comes as if it had been due N minutes earlier;\n"
        "                       -4 to 4\n"
        "  --key KEY            what its function's limit counts by: a customer, a host\n"
        "  --serializer NAME    write it as json, msgpack or pickle; else BARQ_SERIALIZER,\n"
        "                       else json, and in Redis pickle\n"
        "  --after ID[,ID...]   run it when these jobs are done; fail it when one fails\n"
        "  --after-failed       run it also when one of them has failed\n"
        "  --traceparent TEXT   of which trace it is (W3C Trace Context); else TRACEPARENT and\n"
        "                       TRACESTATE, if they are set\n"
        "  --many FILE          instead of one, the jobs of a file (- is standard input), each\n"
        "                       a line of JSON: {\"function\": NAME, ...} with any of args,\n"
        "                       kwargs, id, queue, defer_by, expires, priority, key, after,\n"
        "                       after_failed, job_try, traceparent\n"
        "  --wait[=SECONDS]     wait for it, and print its result in place of its id\n"
        "  --progress           show meanwhile how it goes, if stderr is a terminal\n"
        "\n"
        "examples:\n"
        "  barq enqueue greet World --wait\n"
        "  barq enqueue add 1 -2.5 --wait=30\n"
        "  barq enqueue send '{\"to\": \"a@example.org\"}' --defer-by 60 --job-id welcome-17\n",
    .run = run,
};

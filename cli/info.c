/*
 * info.c - barq info: all that is known of a job.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "cli.h"

static void print_history(struct barq_arena *arena, const struct barq_value *history)
{
    for (size_t i = 0; i < barq_count(history); i++) {
        const struct barq_value *entry = barq_at(history, i);
        printf("%-10s%s  try %lld  %s  %s\n", i == 0 ? "history" : "",
               cli_time(arena, barq_as_int(barq_get(entry, "at"), 0)),
               (long long)barq_as_int(barq_get(entry, "try"), 0),
               cli_clean(arena, barq_as_string(barq_get(entry, "event"), "-")),
               cli_clean(arena, barq_as_string(barq_get(entry, "error"), "")));
    }
}

static void print_line(struct barq_arena *arena, const char *title, const char *text)
{
    if (text) {
        printf("%-10s%s\n", title, cli_clean(arena, text));
    }
}

static void print_at(struct barq_arena *arena, const char *title, int64_t at_ms)
{
    if (at_ms != 0) {
        printf("%-10s%s\n", title, cli_time(arena, at_ms));
    }
}

static void print_progress(struct barq_arena *arena, const struct barq_job_info *job)
{
    if (job->progress_at_ms != 0) {
        printf("%-10s%s, at %s\n", "progress", cli_progress(arena, job),
               cli_time(arena, job->progress_at_ms));
    }
}

/* Line by line, since a newline is a control character, too; it comes last, as it is long. */
static void print_log(struct barq_arena *arena, const char *log)
{
    for (const char *at = log; at && *at != '\0';) {
        size_t len = strcspn(at, "\n");
        const char *line = bq_arena_strndup(arena, at, len);
        printf("%-10s%s\n", at == log ? "log" : "", line ? cli_clean(arena, line) : "<too long>");
        at += len + (at[len] == '\n');
    }
}

static void print_info(struct barq_arena *arena, const struct barq_job_info *job)
{
    print_line(arena, "id", job->id);
    print_line(arena, "queue", job->queue);
    print_line(arena, "function", job->function);
    printf("%-10s%s\n", "args", job->args ? cli_json(arena, job->args) : "<unknown>");
    printf("%-10s%s\n", "kwargs", job->kwargs ? cli_json(arena, job->kwargs) : "<unknown>");
    print_line(arena, "status", barq_job_status_name(job->status));
    printf("%-10s%d\n", "try", job->job_try);
    printf("%-10s%d\n", "priority", job->priority);
    print_line(arena, "key", job->key);
    if (job->waits_for > 0) {
        printf("%-10s%lld %s\n", "waits for", (long long)job->waits_for,
               job->waits_for == 1 ? "job" : "jobs");
    }
    if (job->result) {
        printf("%-10s%s\n", "result", cli_json(arena, job->result));
    }
    print_line(arena, "error", job->error);
    print_at(arena, "enqueued", job->enqueued_at_ms);
    print_at(arena, "due", job->due_at_ms);
    print_at(arena, "started", job->started_at_ms);
    print_at(arena, "finished", job->finished_at_ms);
    print_line(arena, "worker", job->worker);
    print_progress(arena, job);
    print_history(arena, job->history);
    print_log(arena, job->log);
}

static int look(struct barq_client *client, const char *id, bool json)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, CLI_ARENA_BYTES);
    struct barq_job_info job = {.id = id, .status = BARQ_JOB_NOT_FOUND};
    struct barq_error err;
    enum barq_status status = barq_info(client, id, &arena, &job, &err);

    if (json && (status == BARQ_OK || status == BARQ_ERR_NOTFOUND)) {
        int code = cli_print_job(&arena, &job);
        if (code != CLI_OK) {
            return code;
        }
    } else if (status == BARQ_OK) {
        print_info(&arena, &job);
    }
    return status == BARQ_OK ? CLI_OK : cli_failed(status, &err);
}

static int run(int argc, char **argv)
{
    struct cli_args args = {.url = NULL};
    int code = CLI_OK;
    if (!cli_read(&cli_info, argc, argv, NULL, 1, 1, &args, &code)) {
        return code;
    }

    bq_auto(cli_client) struct barq_client *client = NULL;
    code = cli_open(&args, NULL, &client);
    return client ? look(client, args.words[0], args.json) : code;
}

const struct cli_command cli_info = {
    .name = "info",
    .words = "[options] ID",
    .summary = "print all that is known of a job",
    .help =
        "Prints a job's arguments, times, result or error, progress, the history of its tries,\n"
        "and its log: the last of what it logged and printed.\n"
        "\n"
        "example:\n"
        "  barq info 0193a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b\n",
    .run = run,
};

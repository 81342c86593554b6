/*
 * workers.c - barq workers: who works, and how it goes.
 */
#include <stdio.h>

#include <barq/admin.h>

#include "base/arena.h"
#include "cli.h"

enum { COLUMNS = 9 };

static const char *number(struct barq_arena *arena, int64_t count)
{
    const char *text = bq_arena_format(arena, "%lld", (long long)count);

    return text ? text : "";
}

static int print_table(struct barq_arena *arena, const struct barq_worker_info *workers,
                       size_t count)
{
    static const char *const titles[COLUMNS] = {"WORKER",    "QUEUES",  "STARTED",
                                                "EXECUTORS", "THREADS", "RUNNING",
                                                "COMPLETE",  "FAILED",  "RETRIED"};
    const char **cells = bq_arena_array(arena, (count + 1) * COLUMNS, sizeof(*cells));
    if (!cells) {
        cli_complain("out of memory");
        return CLI_BROKEN;
    }

    for (size_t i = 0; i < count; i++) {
        const char **row = cells + i * COLUMNS;
        row[0] = cli_clean(arena, workers[i].name);
        row[1] = cli_clean(arena, workers[i].queues);
        row[2] = cli_time(arena, workers[i].started_at_ms);
        row[3] = number(arena, workers[i].executors);
        row[4] = number(arena, workers[i].threads);
        row[5] = number(arena, workers[i].running);
        row[6] = number(arena, workers[i].complete);
        row[7] = number(arena, workers[i].failed);
        row[8] = number(arena, workers[i].retried);
    }
    cli_table(titles, cells, count, COLUMNS);
    return CLI_OK;
}

static void print_object(struct barq_arena *arena, const struct barq_worker_info *worker)
{
    struct barq_value *object = barq_map(arena);

    barq_set_key(object, "name", barq_string(arena, cli_clean(arena, worker->name)));
    barq_set_key(object, "queues", barq_string(arena, cli_clean(arena, worker->queues)));
    barq_set_key(object, "started_at_ms", barq_int(arena, worker->started_at_ms));
    barq_set_key(object, "seen_at_ms", barq_int(arena, worker->seen_at_ms));
    barq_set_key(object, "lease_until_ms", barq_int(arena, worker->lease_until_ms));
    barq_set_key(object, "executors", barq_int(arena, worker->executors));
    barq_set_key(object, "threads", barq_int(arena, worker->threads));
    barq_set_key(object, "running", barq_int(arena, worker->running));
    barq_set_key(object, "complete", barq_int(arena, worker->complete));
    barq_set_key(object, "failed", barq_int(arena, worker->failed));
    barq_set_key(object, "retried", barq_int(arena, worker->retried));
    puts(cli_json(arena, object));
}

static int print_workers(struct barq_client *client, bool json)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, CLI_ARENA_BYTES);
    struct barq_worker_info *workers = NULL;
    size_t count = 0;
    struct barq_error err;
    enum barq_status status = barq_workers(client, &arena, &workers, &count, &err);
    if (status != BARQ_OK) {
        return cli_failed(status, &err);
    }

    if (!json) {
        return print_table(&arena, workers, count);
    }
    for (size_t i = 0; i < count; i++) {
        print_object(&arena, &workers[i]);
    }
    return CLI_OK;
}

static int run(int argc, char **argv)
{
    struct cli_args args = {.url = NULL};
    int code = CLI_OK;
    if (!cli_read(&cli_workers, argc, argv, NULL, 0, 0, &args, &code)) {
        return code;
    }

    bq_auto(cli_client) struct barq_client *client = NULL;
    code = cli_open(&args, NULL, &client);
    return client ? print_workers(client, args.json) : code;
}

const struct cli_command cli_workers = {
    .name = "workers",
    .words = "[options]",
    .summary = "print who works, and how it goes",
    .help = "Prints a line for each worker that is there, the longest there first. Its counts\n"
            "are since its start, as it has last told: about every ten seconds. With --json,\n"
            "an object a worker: name queues started_at_ms seen_at_ms lease_until_ms executors\n"
            "threads running complete failed retried.\n"
            "\n"
            "example:\n"
            "  barq workers\n",
    .run = run,
};

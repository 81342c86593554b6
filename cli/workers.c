/*
 * workers.c - barq workers: who works, and how it goes.
 */
#include <barq/admin.h>

#include "cli.h"

static const struct cli_column columns[] = {
    {"WORKER", "name"},           {"QUEUES", "queues"},
    {"STARTED", "started_at_ms"}, {"EXECUTORS", "executors"},
    {"THREADS", "threads"},       {"RUNNING", "running"},
    {"COMPLETE", "complete"},     {"FAILED", "failed"},
    {"RETRIED", "retried"},       {NULL, NULL},
};

static struct barq_value *object_of(struct barq_arena *arena, const struct barq_worker_info *worker)
{
    struct barq_value *object = barq_map(arena);

    barq_set_key(object, "name", cli_text(arena, worker->name));
    barq_set_key(object, "queues", cli_text(arena, worker->queues));
    barq_set_key(object, "started_at_ms", barq_int(arena, worker->started_at_ms));
    barq_set_key(object, "seen_at_ms", barq_int(arena, worker->seen_at_ms));
    barq_set_key(object, "lease_until_ms", barq_int(arena, worker->lease_until_ms));
    barq_set_key(object, "executors", barq_int(arena, worker->executors));
    barq_set_key(object, "threads", barq_int(arena, worker->threads));
    barq_set_key(object, "running", barq_int(arena, worker->running));
    barq_set_key(object, "complete", barq_int(arena, worker->complete));
    barq_set_key(object, "failed", barq_int(arena, worker->failed));
    barq_set_key(object, "retried", barq_int(arena, worker->retried));
    return object;
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

    struct barq_value *objects = barq_list(&arena);
    for (size_t i = 0; i < count; i++) {
        barq_add(objects, object_of(&arena, &workers[i]));
    }
    return cli_print_objects(&arena, objects, columns, json);
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
            "are since its start, as it has last told: about each second while they change.\n"
            "With --json, an object a worker: name queues started_at_ms seen_at_ms\n"
            "lease_until_ms executors threads running complete failed retried.\n"
            "\n"
            "example:\n"
            "  barq workers\n",
    .run = run,
};

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

static struct barq_value *place_of(struct barq_arena *arena,
                                   const struct barq_executor_info *executor)
{
    struct barq_value *object = barq_map(arena);
    struct barq_value *running = barq_list(arena);

    for (size_t i = 0; i < executor->n_running; i++) {
        barq_add(running, cli_text(arena, executor->running[i]));
    }
    barq_set_key(object, "number", barq_int(arena, executor->number));
    barq_set_key(object, "pid", barq_int(arena, executor->pid));
    barq_set_key(object, "state", barq_string(arena, barq_executor_state_name(executor->state)));
    barq_set_key(object, "started_at_ms", barq_int(arena, executor->started_at_ms));
    barq_set_key(object, "memory_bytes", barq_int(arena, executor->memory_bytes));
    barq_set_key(object, "jobs", barq_int(arena, executor->jobs));
    barq_set_key(object, "restarts", barq_int(arena, executor->restarts));
    barq_set_key(object, "crashes", barq_int(arena, executor->crashes));
    barq_set_key(object, "running", running);
    return object;
}

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
    barq_set_key(object, "memory_bytes", barq_int(arena, worker->memory_bytes));
    struct barq_value *places = barq_list(arena);
    for (size_t i = 0; i < worker->n_places; i++) {
        barq_add(places, place_of(arena, &worker->places[i]));
    }
    barq_set_key(object, "places", places);
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
            "lease_until_ms executors threads running complete failed retried memory_bytes\n"
            "places: of each executor, the house being 0, number pid state started_at_ms\n"
            "memory_bytes jobs restarts crashes running.\n"
            "\n"
            "example:\n"
            "  barq workers\n",
    .run = run,
};

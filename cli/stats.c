/*
 * stats.c - barq stats: how many jobs are where.
 */
#include <barq/admin.h>

#include "cli.h"

static const struct cli_column columns[] = {
    {"QUEUE", "queue"},       {"QUEUED", "queued"},           {"HELD", "held"},
    {"DEFERRED", "deferred"}, {"IN_PROGRESS", "in_progress"}, {"COMPLETE", "complete"},
    {"FAILED", "failed"},     {"PAUSED", "paused"},           {NULL, NULL},
};

static struct barq_value *object_of(struct barq_arena *arena, const struct barq_queue_stats *stats)
{
    struct barq_value *object = barq_map(arena);

    barq_set_key(object, "queue", cli_text(arena, stats->queue));
    barq_set_key(object, "queued", barq_int(arena, stats->queued));
    barq_set_key(object, "held", barq_int(arena, stats->held));
    barq_set_key(object, "deferred", barq_int(arena, stats->deferred));
    barq_set_key(object, "in_progress", barq_int(arena, stats->in_progress));
    barq_set_key(object, "complete", barq_int(arena, stats->complete));
    barq_set_key(object, "failed", barq_int(arena, stats->failed));
    barq_set_key(object, "paused", barq_bool(arena, stats->paused));
    return object;
}

static int print_stats(struct barq_client *client, bool json)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, CLI_ARENA_BYTES);
    struct barq_queue_stats *stats = NULL;
    size_t count = 0;
    struct barq_error err;
    enum barq_status status = barq_stats(client, &arena, &stats, &count, &err);
    if (status != BARQ_OK) {
        return cli_failed(status, &err);
    }

    struct barq_value *objects = barq_list(&arena);
    for (size_t i = 0; i < count; i++) {
        barq_add(objects, object_of(&arena, &stats[i]));
    }
    return cli_print_objects(&arena, objects, columns, json);
}

static int run(int argc, char **argv)
{
    struct cli_args args = {.url = NULL};
    int code = CLI_OK;
    if (!cli_read(&cli_stats, argc, argv, NULL, 0, 0, &args, &code)) {
        return code;
    }

    bq_auto(cli_client) struct barq_client *client = NULL;
    code = cli_open(&args, NULL, &client);
    return client ? print_stats(client, args.json) : code;
}

const struct cli_command cli_stats = {
    .name = "stats",
    .words = "[options]",
    .summary = "print how many jobs are where",
    .help = "Prints a line for each queue: its jobs by status, of the queued ones those that\n"
            "are held by a limit, and whether it is paused. With --json, an object a queue:\n"
            "queue queued held deferred in_progress complete failed paused.\n"
            "\n"
            "example:\n"
            "  barq stats\n",
    .run = run,
};

/*
 * stats.c - barq stats: how many jobs are where.
 */
#include <stdio.h>

#include <barq/admin.h>

#include "base/arena.h"
#include "cli.h"

enum { COLUMNS = 8 };

static const char *number(struct barq_arena *arena, int64_t count)
{
    const char *text = bq_arena_format(arena, "%lld", (long long)count);

    return text ? text : "";
}

static int print_table(struct barq_arena *arena, const struct barq_queue_stats *stats, size_t count)
{
    static const char *const titles[COLUMNS] = {"QUEUE",       "QUEUED",   "HELD",   "DEFERRED",
                                                "IN_PROGRESS", "COMPLETE", "FAILED", "PAUSED"};
    const char **cells = bq_arena_array(arena, (count + 1) * COLUMNS, sizeof(*cells));
    if (!cells) {
        cli_complain("out of memory");
        return CLI_BROKEN;
    }

    for (size_t i = 0; i < count; i++) {
        const char **row = cells + i * COLUMNS;
        row[0] = cli_clean(arena, stats[i].queue);
        row[1] = number(arena, stats[i].queued);
        row[2] = number(arena, stats[i].held);
        row[3] = number(arena, stats[i].deferred);
        row[4] = number(arena, stats[i].in_progress);
        row[5] = number(arena, stats[i].complete);
        row[6] = number(arena, stats[i].failed);
        row[7] = stats[i].paused ? "yes" : "no";
    }
    cli_table(titles, cells, count, COLUMNS);
    return CLI_OK;
}

static void print_object(struct barq_arena *arena, const struct barq_queue_stats *stats)
{
    struct barq_value *object = barq_map(arena);

    barq_set_key(object, "queue", barq_string(arena, stats->queue));
    barq_set_key(object, "queued", barq_int(arena, stats->queued));
    barq_set_key(object, "held", barq_int(arena, stats->held));
    barq_set_key(object, "deferred", barq_int(arena, stats->deferred));
    barq_set_key(object, "in_progress", barq_int(arena, stats->in_progress));
    barq_set_key(object, "complete", barq_int(arena, stats->complete));
    barq_set_key(object, "failed", barq_int(arena, stats->failed));
    barq_set_key(object, "paused", barq_bool(arena, stats->paused));
    puts(cli_json(arena, object));
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

    if (!json) {
        return print_table(&arena, stats, count);
    }
    for (size_t i = 0; i < count; i++) {
        print_object(&arena, &stats[i]);
    }
    return CLI_OK;
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

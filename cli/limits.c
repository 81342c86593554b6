/*
 * limits.c - barq limits: how full the limits of functions are.
 */
#include <barq/admin.h>

#include "cli.h"

static const struct cli_column columns[] = {
    {"QUEUE", "queue"},
    {"FUNCTION", "function"},
    {"LIMIT", "name"},
    {"KEY", "key"},
    {"RUNNING", "running"},
    {"MAX_RUNNING", "max_running"},
    {"MAX_STARTS", "max_starts"},
    {"PER_MS", "per_ms"},
    {"HELD", "held"},
    {NULL, NULL},
};

/* For people: what is of all jobs has no key, and what is of all keys has any. */
static struct barq_value *key_of(struct barq_arena *arena, const struct barq_limit_info *limit,
                                 bool json)
{
    if (limit->key) {
        return cli_text(arena, limit->key);
    }
    return json ? barq_null(arena) : barq_string(arena, limit->each_key ? "(each)" : "-");
}

static struct barq_value *object_of(struct barq_arena *arena, const struct barq_limit_info *limit,
                                    bool json)
{
    struct barq_value *object = barq_map(arena);

    barq_set_key(object, "queue", cli_text(arena, limit->queue));
    barq_set_key(object, "function", cli_text(arena, limit->function));
    barq_set_key(object, "name", cli_text(arena, limit->name));
    barq_set_key(object, "each_key", barq_bool(arena, limit->each_key));
    barq_set_key(object, "key", key_of(arena, limit, json));
    barq_set_key(object, "max_running", barq_int(arena, limit->max_running));
    barq_set_key(object, "max_starts", barq_int(arena, limit->max_starts));
    barq_set_key(object, "per_ms", barq_int(arena, limit->per_ms));
    barq_set_key(object, "running", barq_int(arena, limit->running));
    barq_set_key(object, "held", barq_int(arena, limit->held));
    return object;
}

static int print_limits(struct barq_client *client, const char *queue, bool json)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, CLI_ARENA_BYTES);
    struct barq_limit_info *limits = NULL;
    size_t count = 0;
    struct barq_error err;
    enum barq_status status = barq_limits(client, queue, &arena, &limits, &count, &err);
    if (status != BARQ_OK) {
        return cli_failed(status, &err);
    }

    struct barq_value *objects = barq_list(&arena);
    for (size_t i = 0; i < count; i++) {
        barq_add(objects, object_of(&arena, &limits[i], json));
    }
    return cli_print_objects(&arena, objects, columns, json);
}

static int run(int argc, char **argv)
{
    const char *queue = NULL;
    const struct cli_option options[] = {{"queue", CLI_TEXT, &queue}, {.name = NULL}};
    struct cli_args args = {.url = NULL};
    int code = CLI_OK;
    if (!cli_read(&cli_limits, argc, argv, options, 0, 0, &args, &code)) {
        return code;
    }

    bq_auto(cli_client) struct barq_client *client = NULL;
    code = cli_open(&args, NULL, &client);
    return client ? print_limits(client, queue, args.json) : code;
}

const struct cli_command cli_limits = {
    .name = "limits",
    .words = "[options]",
    .summary = "print how full the limits of functions are",
    .help = "Prints a line for each limit of a function in a queue: how many jobs run under it,\n"
            "and how many are held until there is room. Behind a limit of each key come the keys\n"
            "that have such jobs, those with the most held ones first.\n"
            "\n"
            "  --queue NAME  those of this queue only\n"
            "\n"
            "With --json, an object a line: queue function name each_key key max_running\n"
            "max_starts per_ms running held.\n"
            "\n"
            "example:\n"
            "  barq limits --queue mail\n",
    .run = run,
};

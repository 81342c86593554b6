/*
 * migrate.c - barq migrate: brings barq's tables up to this version.
 */
#include <stdio.h>

#include <barq/admin.h>

#include "base/arena.h"
#include "cli.h"

typedef enum barq_status migrate_one(const char *url, int *from, int *to, struct barq_error *err);

static void print_object(const char *what, int from, int to)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, CLI_ARENA_BYTES);
    struct barq_value *object = barq_map(&arena);

    barq_set_key(object, "tables", barq_string(&arena, what));
    barq_set_key(object, "from", barq_int(&arena, from));
    barq_set_key(object, "to", barq_int(&arena, to));
    puts(cli_json(&arena, object));
}

static int migrate(const char *what, migrate_one *run_one, const char *url, bool json)
{
    int from = 0;
    int to = 0;
    struct barq_error err;
    enum barq_status status = run_one(url, &from, &to, &err);
    if (status != BARQ_OK) {
        return cli_not_opened(status, &err);
    }

    if (json) {
        print_object(what, from, to);
    } else if (from == to) {
        printf("%s: at version %d already\n", what, to);
    } else {
        printf("%s: from version %d to %d\n", what, from, to);
    }
    return CLI_OK;
}

static int run(int argc, char **argv)
{
    const char *database = NULL;
    const struct cli_option options[] = {{"database", CLI_TEXT, &database}, {.name = NULL}};
    struct cli_args args = {.url = NULL};
    int code = CLI_OK;
    if (!cli_read(&cli_migrate, argc, argv, options, 0, 0, &args, &code)) {
        return code;
    }

    code = migrate("queue", barq_migrate_queue, args.url, args.json);
    return code == CLI_OK ? migrate("database", barq_migrate_database, database, args.json) : code;
}

const struct cli_command cli_migrate = {
    .name = "migrate",
    .words = "[options]",
    .summary = "bring barq's tables up to this version",
    .help = "Brings barq's tables in the queue and in the sessions' database up to this\n"
            "version. Workers and clients do the same when they start. With --json, an\n"
            "object for each of the two: tables from to.\n"
            "\n"
            "  --database URL       the sessions' database; else DATABASE_URL, else a file\n"
            "                       in ~/.local/share/barq\n"
            "\n"
            "example:\n"
            "  barq migrate --url sqlite:queue.db --database sqlite:data.db\n",
    .run = run,
};

/*
 * cron.c - barq cron: what is enqueued by the clock, and when.
 */
#include "base/cron.h"

#include <stdio.h>

#include <barq/admin.h>

#include "base/time.h"
#include "cli.h"

enum { NEXT_MAX = 10000 };

static const struct cli_column columns[] = {
    {"QUEUE", "queue"},       {"NAME", "name"},      {"FUNCTION", "function"},
    {"SCHEDULE", "schedule"}, {"ZONE", "time_zone"}, {"LAST", "last_at_ms"},
    {"NEXT", "next_at_ms"},   {NULL, NULL},
};

static struct barq_value *object_of(struct barq_arena *arena, const struct barq_cron_info *cron)
{
    struct barq_value *object = barq_map(arena);

    barq_set_key(object, "queue", cli_text(arena, cron->queue));
    barq_set_key(object, "name", cli_text(arena, cron->name));
    barq_set_key(object, "function", cli_text(arena, cron->function));
    barq_set_key(object, "schedule", cli_text(arena, cron->schedule));
    barq_set_key(object, "time_zone", cli_text(arena, cron->time_zone));
    barq_set_key(object, "last_at_ms", barq_int(arena, cron->last_at_ms));
    barq_set_key(object, "next_at_ms", barq_int(arena, cron->next_at_ms));
    return object;
}

static int print_crons(const struct cli_args *args)
{
    bq_auto(cli_client) struct barq_client *client = NULL;
    bq_auto(arena) struct barq_arena arena;
    struct barq_cron_info *crons = NULL;
    size_t count = 0;
    struct barq_error err;

    int code = cli_open(args, NULL, &client);
    if (!client) {
        return code;
    }
    bq_arena_init(&arena, CLI_ARENA_BYTES);
    enum barq_status status = barq_crons(client, &arena, &crons, &count, &err);
    if (status != BARQ_OK) {
        return cli_failed(status, &err);
    }
    struct barq_value *objects = barq_list(&arena);
    for (size_t i = 0; i < count; i++) {
        barq_add(objects, object_of(&arena, &crons[i]));
    }
    return cli_print_objects(&arena, objects, columns, args->json);
}

/* "2026-11-24T04:30:00+01:00": what the clocks there show. */
static const char *clock_time(struct barq_arena *arena, const struct bq_zone *zone, int64_t at_ms)
{
    char text[BQ_TIME_TEXT_BYTES];
    struct bq_zone_span span;

    bq_zone_at(zone, at_ms / 1000, &span);
    bq_time_text(at_ms + span.offset_s * INT64_C(1000), text);
    int minutes = (span.offset_s < 0 ? -span.offset_s : span.offset_s) / 60;
    const char *shown = bq_arena_format(arena, "%.19s%c%02d:%02d", text,
                                        span.offset_s < 0 ? '-' : '+', minutes / 60, minutes % 60);
    return shown ? shown : "";
}

static void print_run(const struct bq_zone *zone, int64_t at_ms, bool json)
{
    bq_auto(arena) struct barq_arena arena;

    bq_arena_init(&arena, CLI_ARENA_BYTES);
    const char *shown = clock_time(&arena, zone, at_ms);
    if (!json) {
        printf("%s  %s\n", cli_time(&arena, at_ms), shown);
        return;
    }
    struct barq_value *object = barq_map(&arena);
    barq_set_key(object, "at_ms", barq_int(&arena, at_ms));
    barq_set_key(object, "clock", barq_string(&arena, shown));
    puts(cli_json(&arena, object));
}

static int print_next(const char *expression, const char *zone_name, int64_t count, bool json)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_cron cron;
    struct bq_zone *zone = NULL;
    struct barq_error err;

    bq_arena_init(&arena, BQ_ZONE_ARENA_BYTES);
    if (bq_cron_parse(expression, &cron, &err) != BARQ_OK ||
        bq_zone_open(&arena, zone_name, &zone, &err) != BARQ_OK) {
        cli_complain(err.text);
        return CLI_USAGE;
    }
    int64_t at_ms = bq_cron_next(&cron, zone, bq_wall_ms());
    for (int64_t i = 0; i < count && at_ms != INT64_MAX; i++) {
        print_run(zone, at_ms, json);
        at_ms = bq_cron_next(&cron, zone, at_ms);
    }
    return CLI_OK;
}

static int run(int argc, char **argv)
{
    struct cli_args args = {.url = NULL};
    const char *zone = NULL;
    int64_t next = 0;
    int code = CLI_OK;
    const struct cli_option options[] = {
        {"next", CLI_COUNT, &next},
        {"zone", CLI_TEXT, &zone},
        {.name = NULL},
    };
    if (!cli_read(&cli_cron, argc, argv, options, 0, 1, &args, &code)) {
        return code;
    }
    if (next > NEXT_MAX) {
        return cli_misused(&cli_cron, "--next takes %d at most", NEXT_MAX);
    }
    if (args.n_words == 0 && (next > 0 || zone)) {
        return cli_misused(&cli_cron, "--next and --zone want an expression, in quotes");
    }
    if (args.n_words == 0) {
        return print_crons(&args);
    }
    return print_next(args.words[0], zone, next > 0 ? next : 1, args.json);
}

const struct cli_command cli_cron = {
    .name = "cron",
    .words = "[options] [EXPRESSION]",
    .summary = "print what is enqueued by the clock, and when",
    .help = "Prints a line for each cron job that workers have told of: its schedule, the due\n"
            "time of its last run, and the next one, in UTC. With --json, an object each: queue\n"
            "name function schedule time_zone last_at_ms next_at_ms (0: none).\n"
            "\n"
            "With an expression it asks no queue, but prints when that would run next: in UTC,\n"
            "and by the clocks of its zone. With --json, an object each: at_ms clock.\n"
            "\n"
            "  --next N             so many runs; 1\n"
            "  --zone ZONE          as Europe/Berlin; else TZ, else the system's\n"
            "\n"
            "example:\n"
            "  barq cron --next 5 --zone Europe/Berlin '30 4 * * mon-fri'\n",
    .run = run,
};

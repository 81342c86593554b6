/* usage.c - what was asked and spent. */
#include <getopt.h>
#include <stdio.h>

#include "api/usage_json.h"
#include "base/time.h"
#include "commands/run.h"
#include "commands/step.h"
#include "commands/terminal.h"

static const char usage[] =
    "usage: bookmarks usage [--json]\n"
    "\n"
    "Shows what is left of YouTube's quota and of the budget of the day, and what was\n"
    "spent in the last 30 days, by service, model and list.\n";

enum { N_COLUMNS = 7 };

static const struct bm_text_column columns[N_COLUMNS] = {
    {"service", 8, false},   {"model", 24, false},     {"list", 24, false},      {"calls", 8, true},
    {"tokens in", 12, true}, {"tokens out", 12, true}, {"US dollars", 12, true},
};

static const char *number(const struct barq_value *map, const char *key, struct barq_arena *arena)
{
    return bq_arena_format(arena, "%lld", (long long)barq_as_int(barq_get(map, key), 0));
}

static const char *dollars(const struct barq_value *map, const char *key, struct barq_arena *arena)
{
    return bq_arena_format(arena, "%.6f", (double)barq_as_int(barq_get(map, key), 0) / 1e6);
}

static void print(const struct barq_value *all, struct barq_arena *arena)
{
    const struct barq_value *youtube = barq_get(all, "youtube");
    const struct barq_value *budget = barq_get(all, "budget");
    const struct barq_value *spent = barq_get(all, "last_30_days");
    const struct barq_value *holds = barq_get(all, "holds");
    bool limited = !barq_is_null(barq_get(budget, "daily_millionths"));

    printf("YouTube: %s of %s units, until %s\n", number(youtube, "units", arena),
           number(youtube, "daily_units", arena),
           barq_as_string(barq_get(youtube, "resets_at"), ""));
    printf("today: %s%s%s US dollars\n", dollars(budget, "spent_millionths", arena),
           limited ? " of " : "", limited ? dollars(budget, "daily_millionths", arena) : "");
    for (size_t i = 0; i < barq_count(holds); i++) {
        bm_print_text(stdout, barq_as_string(barq_get(barq_at(holds, i), "reason"), ""));
        printf("\n");
    }
    if (barq_count(spent) > 0) {
        bm_print_titles(stdout, columns, N_COLUMNS);
    }
    for (size_t i = 0; i < barq_count(spent); i++) {
        const struct barq_value *one = barq_at(spent, i);
        const char *cells[N_COLUMNS] = {barq_as_string(barq_get(one, "service"), ""),
                                        barq_as_string(barq_get(one, "model"), ""),
                                        barq_as_string(barq_get(one, "list_name"), ""),
                                        number(one, "calls", arena),
                                        number(one, "tokens_in", arena),
                                        number(one, "tokens_out", arena),
                                        dollars(one, "cost_millionths", arena)};
        bm_print_row(stdout, columns, N_COLUMNS, cells);
    }
}

static enum barq_status run(struct bm_step *step, struct barq_error *err)
{
    struct barq_value *all = NULL;

    enum barq_status status =
        bm_api_usage_json(step->session, bq_wall_ms(), step->arena, &all, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (step->json) {
        return bm_print_json(all, step->arena, err);
    }
    print(all, step->arena);
    return BARQ_OK;
}

int bm_cmd_usage(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    struct bm_step step = {.json = false};

    int option = getopt_long(argc, argv, "h", options, NULL);
    if ((option != -1 && option != 'j') || optind != argc) {
        return bm_show_usage(usage, option == 'h');
    }
    step.json = option == 'j';
    return bm_step(&step, false, run);
}

/* statistics.c - a list as numbers. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "api/statistics_json.h"
#include "base/error.h"
#include "base/time.h"
#include "commands/run.h"
#include "commands/step.h"
#include "commands/terminal.h"
#include "store/holds.h"

static const char usage[] =
    "usage: bookmarks statistics [--json] LIST\n"
    "\n"
    "Shows how many videos of a list are complete, watched, gone; what its fields have\n"
    "in them and who said so; and of whom most of its videos are.\n";

enum { N_COLUMNS = 5, MOST_BYTES = 512 };

static const struct bm_text_column columns[N_COLUMNS] = {{"field", 20, false},
                                                         {"filled", 8, true},
                                                         {"empty", 8, true},
                                                         {"by model", 8, true},
                                                         {"", 80, false}};

struct looking {
    struct bm_step step; /* first */
    const char *list;
    struct bm_list found;
    struct bm_statistics statistics;
};

/* -- a field in a line -- */

static const char *options_text(const struct bm_field_statistics *field, struct barq_arena *arena)
{
    const char *text = "";

    if (field->field.type == BM_BOOLEAN) {
        return bq_arena_format(arena, "yes %lld, no %lld", (long long)field->n_true,
                               (long long)(field->n_filled - field->n_true));
    }
    for (size_t i = 0; text && i < field->n_options && strlen(text) < MOST_BYTES; i++) {
        if (field->options[i].count > 0) {
            text = bq_arena_format(arena, "%s%s%s %lld", text, *text == '\0' ? "" : ", ",
                                   field->options[i].option, (long long)field->options[i].count);
        }
    }
    return text;
}

static const char *edge_text(const struct bm_field_statistics *field, double edge,
                             struct barq_arena *arena)
{
    char day[BM_DAY_BYTES];

    if (field->field.type != BM_DATE) {
        return bq_arena_format(arena, "%g", edge);
    }
    bm_day_text((int64_t)edge, day);
    return bq_arena_strdup(arena, day);
}

static const char *values_text(const struct bm_field_statistics *field, struct barq_arena *arena)
{
    const struct bm_distribution *all = &field->distribution;
    if (field->n_options > 0 || field->field.type == BM_BOOLEAN) {
        return options_text(field, arena);
    }
    if (all->count == 0) {
        return "";
    }

    const char *least = edge_text(field, all->min, arena);
    const char *most = edge_text(field, all->max, arena);
    const char *middle = edge_text(field, all->median, arena);
    return least && most && middle
               ? bq_arena_format(arena, "%s to %s, half below %s", least, most, middle)
               : NULL;
}

/* -- all of it -- */

static void print_counted(const char *title, const struct bm_counted *all, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        printf("%s%lld ", i == 0 ? title : ", ", (long long)all[i].count);
        bm_print_text(stdout, all[i].name);
    }
    if (count > 0) {
        printf("\n");
    }
}

static void print(const struct looking *looking)
{
    const struct bm_statistics *all = &looking->statistics;
    const struct bm_counts *counts = &looking->found.counts;

    printf("%lld videos: %lld completed, %lld pending, %lld failed; %lld watched, %lld private,"
           " %lld gone; %lld h %lld min\n",
           (long long)counts->total, (long long)counts->completed, (long long)counts->pending,
           (long long)counts->failed, (long long)all->n_watched, (long long)all->n_private,
           (long long)all->n_gone, (long long)(all->total_seconds / 3600),
           (long long)(all->total_seconds / 60 % 60));
    print_counted("channels: ", all->channels, all->n_channels);
    print_counted("tags: ", all->tags, all->n_tags);
    if (all->n_fields > 0) {
        bm_print_titles(stdout, columns, N_COLUMNS);
    }
    for (size_t i = 0; i < all->n_fields; i++) {
        const struct bm_field_statistics *field = &all->fields[i];
        struct barq_arena *arena = looking->step.arena;
        const char *cells[N_COLUMNS] = {
            field->field.name, bq_arena_format(arena, "%lld", (long long)field->n_filled),
            bq_arena_format(arena, "%lld", (long long)(counts->total - field->n_filled)),
            bq_arena_format(arena, "%lld", (long long)field->by_source[BM_BY_MODEL]),
            values_text(field, arena)};
        bm_print_row(stdout, columns, N_COLUMNS, cells);
    }
}

static enum barq_status run(struct bm_step *step, struct barq_error *err)
{
    struct looking *looking = (struct looking *)step;

    enum barq_status status =
        bm_list_find(step->session, looking->list, step->arena, &looking->found, err);
    if (status == BARQ_OK) {
        status = bm_statistics_of(step->session, looking->found.id, bq_wall_ms(), step->arena,
                                  &looking->statistics, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    if (step->json) {
        return bm_print_json(
            bm_api_statistics_json(&looking->found, &looking->statistics, step->arena), step->arena,
            err);
    }
    print(looking);
    return BARQ_OK;
}

int bm_cmd_statistics(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    struct looking looking = {.list = NULL};

    int option = getopt_long(argc, argv, "h", options, NULL);
    if ((option != -1 && option != 'j') || argc - optind != 1) {
        return bm_show_usage(usage, option == 'h');
    }
    looking.step.json = option == 'j';
    looking.list = argv[optind];
    return bm_step(&looking.step, false, run);
}

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "api/list_json.h"
#include "base/time.h"
#include "commands/run.h"
#include "commands/step.h"
#include "commands/terminal.h"

enum { NUMBER_BYTES = 24, NAME_WIDTH = 30 };

static const char usage[] =
    "usage: bookmarks lists [--json]\n"
    "       bookmarks lists [--json] [--template NAME] [--description TEXT] add NAME\n"
    "       bookmarks lists [--json] [--name NAME] [--description TEXT] change LIST\n"
    "       bookmarks lists delete LIST\n"
    "\n"
    "Shows all lists and how many videos they have; makes, renames, describes and, with\n"
    "all that is in it, deletes one.\n"
    "\n"
    "  --template NAME  the fields of a new list: talks (unless said), quality,\n"
    "                   tutorials, recipes, reviews, technical, or none\n";

static const struct bm_text_column columns[] = {
    {"list", NAME_WIDTH, false}, {"videos", 8, true}, {"pending", 8, true},
    {"completed", 9, true},      {"failed", 8, true}, {"id", 36, false},
};
enum { N_COLUMNS = sizeof(columns) / sizeof(columns[0]), WIDTH_WITH_ID = 109 };

/* The id is left out where it would break every line: a name will do. */
static size_t columns_that_fit(void)
{
    int width = bm_terminal_width(stdout);
    return width == 0 || width >= WIDTH_WITH_ID ? N_COLUMNS : N_COLUMNS - 1;
}

static void print_list(const struct bm_list *list, size_t n_columns)
{
    const int64_t counts[] = {list->counts.total, list->counts.pending, list->counts.completed,
                              list->counts.failed};
    char texts[4][NUMBER_BYTES];
    const char *cells[N_COLUMNS] = {list->name, texts[0], texts[1], texts[2], texts[3], list->id};

    for (int i = 0; i < 4; i++) {
        snprintf(texts[i], NUMBER_BYTES, "%lld", (long long)counts[i]);
    }
    bm_print_row(stdout, columns, n_columns, cells);
}

static enum barq_status show(const struct bm_step *step, struct barq_error *err)
{
    struct barq_value *json = barq_list(step->arena);
    const struct bm_list *lists = NULL;
    size_t n_columns = columns_that_fit();
    size_t count = 0;

    enum barq_status status = bm_lists(step->session, step->arena, &lists, &count, err);
    if (status == BARQ_OK && !step->json && count == 0) {
        printf("no lists yet; bookmarks import FILE makes one\n");
        return BARQ_OK;
    }
    if (status == BARQ_OK && !step->json) {
        bm_print_titles(stdout, columns, n_columns);
    }
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        if (step->json) {
            barq_add(json, bm_api_list_json(&lists[i], step->arena));
        } else {
            print_list(&lists[i], n_columns);
        }
    }
    return status == BARQ_OK && step->json ? bm_print_json(json, step->arena, err) : status;
}

/* -- changing -- */

struct listing {
    struct bm_step step; /* first */
    const char *what;    /* NULL: show */
    const char *list;
    const char *template;
    struct bm_list_change change;
};

static enum barq_status tell(const struct bm_step *step, const char *id, struct barq_error *err)
{
    struct bm_list list;

    enum barq_status status = bm_list_find(step->session, id, step->arena, &list, err);
    return status == BARQ_OK
               ? bm_step_tell(step, bm_api_list_json(&list, step->arena), list.name, err)
               : status;
}

static enum barq_status add(const struct listing *listing, struct barq_error *err)
{
    const struct bm_step *step = &listing->step;
    int64_t now_ms = bq_wall_ms();
    char id[BM_ID_BYTES];

    enum barq_status status =
        bm_list_add(step->session, listing->list, listing->template, now_ms, id, err);
    if (status == BARQ_OK) {
        status = bm_list_change(step->session, id, &listing->change, now_ms, err);
    }
    return status == BARQ_OK ? tell(step, id, err) : status;
}

static enum barq_status run(struct bm_step *step, struct barq_error *err)
{
    const struct listing *listing = (const struct listing *)step;
    struct bm_list list;

    if (!listing->what) {
        return show(step, err);
    }
    if (strcmp(listing->what, "add") == 0) {
        return add(listing, err);
    }
    enum barq_status status = bm_list_find(step->session, listing->list, step->arena, &list, err);
    if (status == BARQ_OK && strcmp(listing->what, "delete") == 0) {
        status = bm_list_delete(step->session, list.id, err);
        return status == BARQ_OK ? bm_step_tell(step, barq_null(step->arena), "deleted", err)
                                 : status;
    }
    if (status == BARQ_OK) {
        status = bm_list_change(step->session, list.id, &listing->change, bq_wall_ms(), err);
    }
    return status == BARQ_OK ? tell(step, list.id, err) : status;
}

/* False for what makes no sense. */
static bool read_arguments(struct listing *listing, char **arguments, int count)
{
    static const char *const words[] = {"add", "change", "delete"};

    listing->what = count > 0 ? arguments[0] : NULL;
    listing->list = count > 1 ? arguments[1] : NULL;
    for (size_t i = 0; listing->what && i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i], listing->what) == 0) {
            return count == 2;
        }
    }
    return count == 0;
}

int bm_cmd_lists(int argc, char **argv)
{
    static const struct option options[] = {{"template", required_argument, NULL, 't'},
                                            {"name", required_argument, NULL, 'n'},
                                            {"description", required_argument, NULL, 'd'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    struct listing listing = {.template = "talks"};

    for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (option == 'h' || option == '?') {
            return bm_show_usage(usage, option == 'h');
        }
        listing.step.json |= option == 'j';
        listing.template = option == 't' ? optarg : listing.template;
        listing.change.name = option == 'n' ? optarg : listing.change.name;
        listing.change.description = option == 'd' ? optarg : listing.change.description;
    }
    if (!read_arguments(&listing, argv + optind, argc - optind)) {
        return bm_show_usage(usage, false);
    }
    return bm_step(&listing.step, listing.what != NULL, run);
}

/* views.c - saved ways to look at a list, or over all of them. */
#include "store/views.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "api/view_json.h"
#include "base/time.h"
#include "commands/run.h"
#include "commands/step.h"
#include "commands/terminal.h"

static const char usage[] =
    "usage: bookmarks views [--json] [LIST]\n"
    "       bookmarks views [--json] [OPTION...] add NAME [LIST]\n"
    "       bookmarks views [--json] [OPTION...] change VIEW\n"
    "       bookmarks views delete VIEW\n"
    "\n"
    "Shows and saves ways to look at a list, or, without one, over all lists. VIEW is\n"
    "an id.\n"
    "\n"
    "  --name NAME        what it is called\n"
    "  --query QUERY      which videos\n"
    "  --sort SORT        in what order\n"
    "  --columns A,B,...  what is shown of them\n"
    "  --layout LAYOUT    table or cards\n";

struct viewing {
    struct bm_step step; /* first */
    const char *what;    /* NULL: show */
    char **names;
    int n_names;
    const char *name; /* this and the next are NULL when they were not said */
    const char *query;
    const char *sort;
    const char *columns;
    const char *layout;
};

static const struct bm_text_column columns[] = {
    {"view", 30, false}, {"query", 40, false}, {"sort", 16, false}, {"id", 36, false}};
enum { N_COLUMNS = sizeof(columns) / sizeof(columns[0]) };

/* The id of a list by its name, NULL for none. */
static enum barq_status find_list(const struct bm_step *step, const char *name, const char **id,
                                  struct barq_error *err)
{
    struct bm_list list = {.id = NULL};

    enum barq_status status =
        name ? bm_list_find(step->session, name, step->arena, &list, err) : BARQ_OK;
    *id = list.id;
    return status;
}

static enum barq_status show(const struct viewing *viewing, struct barq_error *err)
{
    const struct bm_step *step = &viewing->step;
    struct barq_value *json = barq_list(step->arena);
    const struct bm_view *views = NULL;
    const char *list_id = NULL;
    size_t count = 0;

    enum barq_status status = find_list(step, viewing->what, &list_id, err);
    if (status == BARQ_OK) {
        status = bm_views(step->session, list_id, step->arena, &views, &count, err);
    }
    if (status == BARQ_OK && !step->json) {
        bm_print_titles(stdout, columns, N_COLUMNS);
    }
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        const char *cells[N_COLUMNS] = {views[i].name, views[i].query, views[i].sort, views[i].id};
        if (step->json) {
            barq_add(json, bm_api_view_json(&views[i], step->arena));
        } else {
            bm_print_row(stdout, columns, N_COLUMNS, cells);
        }
    }
    return status == BARQ_OK && step->json ? bm_print_json(json, step->arena, err) : status;
}

static enum barq_status tell(const struct bm_step *step, const char *id, struct barq_error *err)
{
    struct bm_view view;

    enum barq_status status = bm_view_get(step->session, id, step->arena, &view, err);
    return status == BARQ_OK
               ? bm_step_tell(step, bm_api_view_json(&view, step->arena), view.id, err)
               : status;
}

/* "title,level" */
static const struct barq_value *split(const char *names, struct barq_arena *arena)
{
    struct barq_value *list = barq_list(arena);

    while (*names != '\0') {
        size_t len = strcspn(names, ",");
        if (len > 0) {
            barq_add(list, barq_string_of(arena, names, len));
        }
        names += len + (names[len] == ',');
    }
    return list;
}

static void take_options(const struct viewing *viewing, struct bm_view *view)
{
    view->name = viewing->name ? viewing->name : view->name;
    view->query = viewing->query ? viewing->query : view->query;
    view->sort = viewing->sort ? viewing->sort : view->sort;
    view->layout = viewing->layout ? viewing->layout : view->layout;
    if (viewing->columns) {
        view->columns = split(viewing->columns, viewing->step.arena);
    }
}

static enum barq_status add(const struct viewing *viewing, struct barq_error *err)
{
    const struct bm_step *step = &viewing->step;
    struct bm_view view = {.query = "", .sort = "", .layout = "table"};
    char id[BM_ID_BYTES];

    take_options(viewing, &view);
    view.name = viewing->names[0];
    enum barq_status status =
        find_list(step, viewing->n_names > 1 ? viewing->names[1] : NULL, &view.list_id, err);
    if (status == BARQ_OK) {
        status = bm_view_add(step->session, &view, bq_wall_ms(), id, err);
    }
    return status == BARQ_OK ? tell(step, id, err) : status;
}

static enum barq_status change(const struct viewing *viewing, struct barq_error *err)
{
    const struct bm_step *step = &viewing->step;
    struct bm_view view;

    enum barq_status status =
        bm_view_get(step->session, viewing->names[0], step->arena, &view, err);
    if (status == BARQ_OK) {
        take_options(viewing, &view);
        status = bm_view_change(step->session, &view, bq_wall_ms(), err);
    }
    return status == BARQ_OK ? tell(step, view.id, err) : status;
}

static enum barq_status take_away(const struct viewing *viewing, struct barq_error *err)
{
    const struct bm_step *step = &viewing->step;

    enum barq_status status = bm_view_delete(step->session, viewing->names[0], err);
    return status == BARQ_OK ? bm_step_tell(step, barq_null(step->arena), "deleted", err) : status;
}

static const struct action {
    const char *name;
    int most; /* names after it; at least one */
    enum barq_status (*run)(const struct viewing *viewing, struct barq_error *err);
} actions[] = {{"add", 2, add}, {"change", 1, change}, {"delete", 1, take_away}};

/* NULL: show. */
static const struct action *find(const struct viewing *viewing)
{
    for (size_t i = 0; viewing->what && i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (strcmp(actions[i].name, viewing->what) == 0 && viewing->n_names >= 1 &&
            viewing->n_names <= actions[i].most) {
            return &actions[i];
        }
    }
    return NULL;
}

static enum barq_status run(struct bm_step *step, struct barq_error *err)
{
    const struct viewing *viewing = (const struct viewing *)step;
    const struct action *action = find(viewing);

    return action ? action->run(viewing, err) : show(viewing, err);
}

int bm_cmd_views(int argc, char **argv)
{
    static const struct option options[] = {
        {"name", required_argument, NULL, 'n'},   {"query", required_argument, NULL, 'q'},
        {"sort", required_argument, NULL, 's'},   {"columns", required_argument, NULL, 'c'},
        {"layout", required_argument, NULL, 'l'}, {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0}};
    struct viewing viewing = {.what = NULL};

    for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (option == 'h' || option == '?') {
            return bm_show_usage(usage, option == 'h');
        }
        viewing.step.json |= option == 'j';
        viewing.name = option == 'n' ? optarg : viewing.name;
        viewing.query = option == 'q' ? optarg : viewing.query;
        viewing.sort = option == 's' ? optarg : viewing.sort;
        viewing.columns = option == 'c' ? optarg : viewing.columns;
        viewing.layout = option == 'l' ? optarg : viewing.layout;
    }
    viewing.what = optind < argc ? argv[optind] : NULL;
    viewing.names = argv + optind + 1;
    viewing.n_names = argc - optind - 1;
    const struct action *action = find(&viewing);
    if (!action && viewing.n_names > 0) {
        return bm_show_usage(usage, false);
    }
    return bm_step(&viewing.step, action != NULL, run);
}

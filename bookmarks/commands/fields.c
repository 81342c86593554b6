/* fields.c - the schema of a list. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/time.h"
#include "commands/fields_propose.h"
#include "commands/fields_show.h"
#include "fields/definition.h"
#include "fields/templates.h"

static const char usage[] =
    "usage: bookmarks fields [--json] LIST\n"
    "       bookmarks fields [--json] --add DEFINITION LIST\n"
    "       bookmarks fields [--json] [--set-aside] [--rename OLD=NEW]... --change DEFINITION\n"
    "                        LIST FIELD\n"
    "       bookmarks fields --copy TEMPLATE-OR-LIST LIST\n"
    "       bookmarks fields --order LIST FIELD...\n"
    "       bookmarks fields --delete LIST FIELD\n"
    "       bookmarks fields [--json] --propose SENTENCE [--accept] LIST\n"
    "       bookmarks fields [--json] --templates\n"
    "\n"
    "Shows and changes the fields of a list. A definition is JSON:\n"
    "\n"
    "  {\"label\": \"How hard?\", \"type\": \"select\", \"options\": [\"easy\", \"hard\"],\n"
    "   \"instruction\": \"What one must know before\"}\n"
    "\n"
    "Types are text, select, multi-select, number, rating, duration, boolean, date and\n"
    "link. A field that is changed keeps its values; those that it allows no more stop\n"
    "the change, or are put aside (--set-aside) until it allows them again. An option\n"
    "that the definition calls otherwise takes its values along with --rename. --propose has the\n"
    "model that is set propose fields for what the sentence says; --accept adds them.\n";

enum { RENAMES_MAX = 100 };

struct schema {
    struct bm_step step; /* first */
    int what;            /* the option's letter; 0: show */
    const char *argument;
    bool set_aside;
    bool accept;
    const char *renames[RENAMES_MAX]; /* "OLD=NEW", of options */
    size_t n_renames;
    const char *list;
    char **fields;
    int n_fields;
};

/* -- changing -- */

static enum barq_status read_definition(const struct schema *schema, struct bm_field *field,
                                        struct barq_error *err)
{
    struct barq_value *map = NULL;

    enum barq_status status =
        barq_from_json(schema->step.arena, schema->argument, strlen(schema->argument), &map, err);
    return status == BARQ_OK ? bm_field_read(map, schema->step.arena, field, err) : status;
}

static enum barq_status add(const struct schema *schema, const char *list_id,
                            struct barq_error *err)
{
    struct bm_field field = {.id = NULL};
    char id[BM_ID_BYTES];

    enum barq_status status = read_definition(schema, &field, err);
    if (status == BARQ_OK) {
        status = bm_field_add(schema->step.session, list_id, &field, bq_wall_ms(), id, err);
    }
    field.id = id;
    return status == BARQ_OK
               ? bm_step_tell(&schema->step, bm_field_json(&field, schema->step.arena), field.name,
                              err)
               : status;
}

/* {OLD: NEW} */
static enum barq_status read_renames(const struct schema *schema, const struct barq_value **out,
                                     struct barq_error *err)
{
    struct barq_arena *arena = schema->step.arena;
    struct barq_value *map = barq_map(arena);

    for (size_t i = 0; i < schema->n_renames; i++) {
        const char *equals = strchr(schema->renames[i], '=');
        if (!equals) {
            return bq_fail(err, BARQ_ERR_ARG, "fields: --rename %.64s is not OLD=NEW",
                           schema->renames[i]);
        }
        const char *old =
            bq_arena_strndup(arena, schema->renames[i], (size_t)(equals - schema->renames[i]));
        barq_set_key(map, old ? old : "", barq_string(arena, equals + 1));
    }
    *out = schema->n_renames > 0 ? map : NULL;
    return BARQ_OK;
}

static enum barq_status change(const struct schema *schema, const char *list_id,
                               struct barq_error *err)
{
    const struct bm_step *step = &schema->step;
    struct bm_field_change how = {.set_aside = schema->set_aside};
    struct bm_field_changed changed = {0};
    struct bm_field field;

    enum barq_status status =
        bm_field_find(step->session, list_id, schema->fields[0], step->arena, &field, err);
    if (status == BARQ_OK) {
        status = read_definition(schema, &field, err);
    }
    if (status == BARQ_OK) {
        status = read_renames(schema, &how.renamed, err);
    }
    if (status == BARQ_OK) {
        status = bm_field_update(step->session, list_id, &field, &how, bq_wall_ms(), &changed, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    const char *told = bq_arena_format(
        step->arena, "%s: %lld values converted, %lld put aside, %lld brought back", field.name,
        (long long)changed.converted, (long long)changed.aside, (long long)changed.restored);
    return bm_step_tell(step, bm_field_json(&field, step->arena), told, err);
}

static enum barq_status copy(const struct schema *schema, const char *list_id,
                             struct barq_error *err)
{
    const struct bm_step *step = &schema->step;
    const struct bm_field *fields = NULL;
    struct bm_list from;
    size_t count = 0;
    size_t added = 0;

    enum barq_status status =
        bm_template_fields(schema->argument, step->arena, &fields, &count, err);
    if (status == BARQ_ERR_ARG) {
        status = bm_list_find(step->session, schema->argument, step->arena, &from, err);
        if (status == BARQ_OK) {
            status = bm_fields(step->session, from.id, step->arena, &fields, &count, err);
        }
    }
    if (status == BARQ_OK) {
        status = bm_fields_add(step->session, list_id, fields, count, bq_wall_ms(), &added, err);
    }
    return status == BARQ_OK ? bm_show_fields(step, list_id, err) : status;
}

static enum barq_status order(const struct schema *schema, const char *list_id,
                              struct barq_error *err)
{
    const struct bm_step *step = &schema->step;
    const char *ids[BM_FIELDS_MAX];
    enum barq_status status = BARQ_OK;

    if (schema->n_fields > BM_FIELDS_MAX) {
        return bq_fail(err, BARQ_ERR_ARG, "fields: a list has at most %d", BM_FIELDS_MAX);
    }
    for (int i = 0; status == BARQ_OK && i < schema->n_fields; i++) {
        struct bm_field field = {.id = NULL};
        status = bm_field_find(step->session, list_id, schema->fields[i], step->arena, &field, err);
        ids[i] = field.id;
    }
    if (status == BARQ_OK) {
        status = bm_fields_reorder(step->session, list_id, ids, (size_t)schema->n_fields,
                                   bq_wall_ms(), err);
    }
    return status == BARQ_OK ? bm_show_fields(step, list_id, err) : status;
}

static enum barq_status take_away(const struct schema *schema, const char *list_id,
                                  struct barq_error *err)
{
    const struct bm_step *step = &schema->step;
    struct bm_field field;

    enum barq_status status =
        bm_field_find(step->session, list_id, schema->fields[0], step->arena, &field, err);
    if (status == BARQ_OK) {
        status = bm_field_delete(step->session, list_id, field.id, err);
    }
    return status == BARQ_OK ? bm_show_fields(step, list_id, err) : status;
}

/* -- the command -- */

static enum barq_status run(struct bm_step *step, struct barq_error *err)
{
    const struct schema *schema = (const struct schema *)step;
    struct bm_list list;

    if (schema->what == 't') {
        return bm_show_templates(step, err);
    }
    enum barq_status status = bm_list_find(step->session, schema->list, step->arena, &list, err);
    if (status != BARQ_OK) {
        return status;
    }
    switch (schema->what) {
    case 'a':
        return add(schema, list.id, err);
    case 'c':
        return change(schema, list.id, err);
    case 'y':
        return copy(schema, list.id, err);
    case 'o':
        return order(schema, list.id, err);
    case 'd':
        return take_away(schema, list.id, err);
    default:
        return bm_show_fields(step, list.id, err);
    }
}

/* Are there as many fields as the option wants? */
static bool is_whole(const struct schema *schema)
{
    bool one = schema->what == 'c' || schema->what == 'd';

    if (schema->what == 't') {
        return !schema->list;
    }
    return schema->list && (schema->what == 'o' || schema->n_fields == (one ? 1 : 0));
}

int bm_cmd_fields(int argc, char **argv)
{
    static const struct option options[] = {{"add", required_argument, NULL, 'a'},
                                            {"change", required_argument, NULL, 'c'},
                                            {"copy", required_argument, NULL, 'y'},
                                            {"order", no_argument, NULL, 'o'},
                                            {"delete", no_argument, NULL, 'd'},
                                            {"templates", no_argument, NULL, 't'},
                                            {"propose", required_argument, NULL, 'p'},
                                            {"accept", no_argument, NULL, 'A'},
                                            {"set-aside", no_argument, NULL, 's'},
                                            {"rename", required_argument, NULL, 'r'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    struct schema schema = {.list = NULL};

    for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        schema.step.json |= option == 'j';
        schema.set_aside |= option == 's';
        schema.accept |= option == 'A';
        if (option == 'r' && schema.n_renames < RENAMES_MAX) {
            schema.renames[schema.n_renames++] = optarg;
            continue;
        }
        if (option == 'j' || option == 's' || option == 'A') {
            continue;
        }
        if (option == '?' || option == 'h' || option == 'r' || schema.what != 0) {
            return bm_show_usage(usage, option == 'h');
        }
        schema.what = option;
        schema.argument = optarg;
    }
    schema.list = optind < argc ? argv[optind] : NULL;
    schema.fields = argv + optind + 1;
    schema.n_fields = argc - optind - 1;
    if (!is_whole(&schema) || (schema.n_renames > 0 && schema.what != 'c') ||
        (schema.accept && schema.what != 'p')) {
        return bm_show_usage(usage, false);
    }
    if (schema.what == 'p') {
        return bm_propose_fields(schema.list, schema.argument, schema.accept, schema.step.json);
    }
    return bm_step(&schema.step, schema.what != 0 && schema.what != 't', run);
}

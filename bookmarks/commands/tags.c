/* tags.c - labels and categories, and which videos have them. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "api/tag_json.h"
#include "base/error.h"
#include "base/time.h"
#include "commands/run.h"
#include "commands/step.h"
#include "commands/terminal.h"

static const char usage[] =
    "usage: bookmarks tags [--json]\n"
    "       bookmarks tags [--json] add [--color COLOR] [--category] NAME\n"
    "       bookmarks tags [--json] change [--color COLOR] [--category | --label] TAG [NAME]\n"
    "       bookmarks tags merge FROM INTO\n"
    "       bookmarks tags delete TAG\n"
    "       bookmarks tags [--json] give LIST VIDEO TAG...\n"
    "       bookmarks tags [--json] take LIST VIDEO TAG...\n"
    "\n"
    "Shows and changes tags. Of each name there is one, whatever its case. A video has\n"
    "many labels and one category. VIDEO is an address or an id; giving a tag that is\n"
    "not there makes a label.\n"
    "\n"
    "  --color COLOR  like #00aaff; \"\": none\n";

struct tagging {
    struct bm_step step; /* first */
    const char *what;    /* NULL: show */
    const char *color;   /* NULL: not said */
    int category;        /* -1: not said */
    char **names;
    int n_names;
};

static const struct bm_text_column columns[] = {
    {"tag", 40, false}, {"kind", 8, false}, {"color", 7, false}, {"videos", 8, true}};
enum { N_COLUMNS = sizeof(columns) / sizeof(columns[0]), NUMBER_BYTES = 24 };

/* -- showing -- */

static void print_tag(const struct bm_tag *tag)
{
    char videos[NUMBER_BYTES];
    const char *cells[N_COLUMNS] = {tag->name, tag->is_category ? "category" : "label", tag->color,
                                    videos};

    snprintf(videos, sizeof(videos), "%lld", (long long)tag->n_videos);
    bm_print_row(stdout, columns, N_COLUMNS, cells);
}

static enum barq_status show(const struct bm_step *step, struct barq_error *err)
{
    struct barq_value *json = barq_list(step->arena);
    const struct bm_tag *tags = NULL;
    size_t count = 0;

    enum barq_status status = bm_tags(step->session, NULL, step->arena, &tags, &count, err);
    if (status == BARQ_OK && !step->json) {
        bm_print_titles(stdout, columns, N_COLUMNS);
    }
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        if (step->json) {
            barq_add(json, bm_api_tag_json(&tags[i], true, step->arena));
        } else {
            print_tag(&tags[i]);
        }
    }
    return status == BARQ_OK && step->json ? bm_print_json(json, step->arena, err) : status;
}

static enum barq_status tell(const struct bm_step *step, const char *id, struct barq_error *err)
{
    struct bm_tag tag;

    enum barq_status status = bm_tag_find(step->session, id, step->arena, &tag, err);
    return status == BARQ_OK
               ? bm_step_tell(step, bm_api_tag_json(&tag, true, step->arena), tag.name, err)
               : status;
}

/* -- changing -- */

static void take_options(const struct tagging *tagging, struct bm_tag *tag)
{
    if (tagging->color) {
        tag->color = *tagging->color == '\0' ? NULL : tagging->color;
    }
    if (tagging->category >= 0) {
        tag->is_category = tagging->category == 1;
    }
}

static enum barq_status add(const struct tagging *tagging, struct barq_error *err)
{
    struct bm_tag tag = {.name = tagging->names[0]};
    char id[BM_ID_BYTES];

    take_options(tagging, &tag);
    enum barq_status status = bm_tag_add(tagging->step.session, &tag, bq_wall_ms(), id, err);
    return status == BARQ_OK ? tell(&tagging->step, id, err) : status;
}

static enum barq_status change(const struct tagging *tagging, struct barq_error *err)
{
    const struct bm_step *step = &tagging->step;
    struct bm_tag tag;

    enum barq_status status = bm_tag_find(step->session, tagging->names[0], step->arena, &tag, err);
    if (status != BARQ_OK) {
        return status;
    }
    tag.name = tagging->n_names > 1 ? tagging->names[1] : tag.name;
    take_options(tagging, &tag);
    status = bm_tag_change(step->session, &tag, bq_wall_ms(), err);
    return status == BARQ_OK ? tell(step, tag.id, err) : status;
}

static enum barq_status merge(const struct tagging *tagging, struct barq_error *err)
{
    const struct bm_step *step = &tagging->step;
    struct bm_tag from;
    struct bm_tag into;

    enum barq_status status =
        bm_tag_find(step->session, tagging->names[0], step->arena, &from, err);
    if (status == BARQ_OK) {
        status = bm_tag_find(step->session, tagging->names[1], step->arena, &into, err);
    }
    if (status == BARQ_OK) {
        status = bm_tag_merge(step->session, from.id, into.id, err);
    }
    return status == BARQ_OK ? tell(step, into.id, err) : status;
}

static enum barq_status take_away(const struct tagging *tagging, struct barq_error *err)
{
    const struct bm_step *step = &tagging->step;
    struct bm_tag tag;

    enum barq_status status = bm_tag_find(step->session, tagging->names[0], step->arena, &tag, err);
    if (status == BARQ_OK) {
        status = bm_tag_delete(step->session, tag.id, err);
    }
    return status == BARQ_OK ? bm_step_tell(step, barq_null(step->arena), "deleted", err) : status;
}

/* -- of a video -- */

static enum barq_status give(const struct bm_step *step, const char *video_id, const char *name,
                             struct barq_error *err)
{
    struct bm_tag tag = {.name = name};
    char id[BM_ID_BYTES];

    enum barq_status status = bm_tag_find(step->session, name, step->arena, &tag, err);
    if (status == BARQ_ERR_NOTFOUND) {
        tag = (struct bm_tag){.name = name};
        status = bm_tag_add(step->session, &tag, bq_wall_ms(), id, err);
        tag.id = id;
    }
    return status == BARQ_OK ? bm_video_tag(step->session, video_id, tag.id, bq_wall_ms(), err)
                             : status;
}

static enum barq_status take(const struct bm_step *step, const char *video_id, const char *name,
                             struct barq_error *err)
{
    struct bm_tag tag;

    enum barq_status status = bm_tag_find(step->session, name, step->arena, &tag, err);
    return status == BARQ_OK ? bm_video_untag(step->session, video_id, tag.id, err) : status;
}

static const char *names_of(const struct barq_value *tags, struct barq_arena *arena)
{
    const char *names = "";

    for (size_t i = 0; names && i < barq_count(tags); i++) {
        names = bq_arena_format(arena, "%s%s%s", names, i > 0 ? ", " : "",
                                barq_as_string(barq_get(barq_at(tags, i), "name"), ""));
    }
    return names;
}

static enum barq_status of_video(const struct tagging *tagging, struct barq_error *err)
{
    const struct bm_step *step = &tagging->step;
    bool giving = strcmp(tagging->what, "give") == 0;
    struct barq_value *tags = NULL;
    struct bm_video video;

    enum barq_status status =
        bm_step_video(step, tagging->names[0], tagging->names[1], &video, err);
    for (int i = 2; status == BARQ_OK && i < tagging->n_names; i++) {
        status = giving ? give(step, video.id, tagging->names[i], err)
                        : take(step, video.id, tagging->names[i], err);
    }
    if (status == BARQ_OK) {
        status = bm_video_touch(step->session, video.id, bq_wall_ms(), err);
    }
    if (status == BARQ_OK) {
        status = bm_api_tags_json(step->session, video.id, step->arena, &tags, err);
    }
    return status == BARQ_OK ? bm_step_tell(step, tags, names_of(tags, step->arena), err) : status;
}

/* -- the command -- */

static const struct action {
    const char *name;
    int least; /* names after it */
    int most;
    enum barq_status (*run)(const struct tagging *tagging, struct barq_error *err);
} actions[] = {
    {"add", 1, 1, add},          {"change", 1, 2, change},   {"merge", 2, 2, merge},
    {"delete", 1, 1, take_away}, {"give", 3, 100, of_video}, {"take", 3, 100, of_video},
};

static const struct action *find(const struct tagging *tagging)
{
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (strcmp(actions[i].name, tagging->what) == 0 && tagging->n_names >= actions[i].least &&
            tagging->n_names <= actions[i].most) {
            return &actions[i];
        }
    }
    return NULL;
}

static enum barq_status run(struct bm_step *step, struct barq_error *err)
{
    const struct tagging *tagging = (const struct tagging *)step;

    return tagging->what ? find(tagging)->run(tagging, err) : show(step, err);
}

int bm_cmd_tags(int argc, char **argv)
{
    static const struct option options[] = {
        {"color", required_argument, NULL, 'c'}, {"category", no_argument, NULL, 'y'},
        {"label", no_argument, NULL, 'l'},       {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},        {NULL, 0, NULL, 0}};
    struct tagging tagging = {.category = -1};

    for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (option == 'h' || option == '?') {
            return bm_show_usage(usage, option == 'h');
        }
        tagging.step.json |= option == 'j';
        tagging.color = option == 'c' ? optarg : tagging.color;
        tagging.category = option == 'y' || option == 'l' ? option == 'y' : tagging.category;
    }
    tagging.what = optind < argc ? argv[optind] : NULL;
    tagging.names = argv + optind + 1;
    tagging.n_names = argc - optind - 1;
    if (tagging.what && !find(&tagging)) {
        return bm_show_usage(usage, false);
    }
    return bm_step(&tagging.step, tagging.what != NULL, run);
}

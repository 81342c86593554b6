/* edit.c - what a person says of a video: title, how far it was watched, values of fields. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "api/video_json.h"
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "commands/step.h"
#include "fields/value_text.h"

static const char usage[] =
    "usage: bookmarks edit [OPTION...] LIST VIDEO [FIELD=VALUE...]\n"
    "\n"
    "Changes what a person says of a video: all of it, or nothing when a part is not\n"
    "allowed. VIDEO is an address, or an id. A field without a value is cleared, and\n"
    "the machine's again; several options have | between them.\n"
    "\n"
    "  --title TITLE     your own; \"\": YouTube's again\n"
    "  --position TIME   how far it was watched, in seconds\n"
    "  --watched         it was watched; or --unwatched\n"
    "  --move-to LIST    to another list; or --copy-to LIST\n"
    "  --delete          with all that belongs to it\n"
    "  --json            print the video as the API would\n"
    "\n"
    "Example: bookmarks edit talks https://youtu.be/dwILgDsbmto level=advanced\n";

struct edit {
    struct bm_step step; /* first */
    const char *list;
    const char *video;
    struct bm_video_change change;
    const char *move_to;
    const char *copy_to;
    bool is_deleted;
    char **values;
    int n_values;
};

static enum barq_status set_value(const struct edit *edit, const struct bm_video *video,
                                  const char *assignment, struct barq_error *err)
{
    const struct bm_step *step = &edit->step;
    struct bm_field_value given = {.source = BM_BY_PERSON};
    struct barq_value *value = NULL;
    int64_t now_ms = bq_wall_ms();
    struct bm_field field;
    size_t len = strcspn(assignment, "=");
    const char *name = bq_arena_strndup(step->arena, assignment, len);

    if (assignment[len] == '\0' || !name) {
        return bq_fail(err, BARQ_ERR_ARG, "edit: %.64s is not FIELD=VALUE", assignment);
    }
    enum barq_status status =
        bm_field_find(step->session, video->list_id, name, step->arena, &field, err);
    if (status == BARQ_OK) {
        status = bm_value_parse(&field, assignment + len + 1, step->arena, &value, err);
    }
    if (status == BARQ_OK && !value) {
        return bm_field_value_clear(step->session, video->id, &field, now_ms, err);
    }
    given.value = value;
    return status == BARQ_OK
               ? bm_field_value_set(step->session, video->id, &field, &given, now_ms, NULL, err)
               : status;
}

/* To another list: what is told afterwards is where it is then. */
static enum barq_status carry(const struct edit *edit, const struct bm_video *video, char *id,
                              struct barq_error *err)
{
    const struct bm_step *step = &edit->step;
    const char *to = edit->move_to ? edit->move_to : edit->copy_to;
    struct bm_list list;
    size_t left = 0;

    enum barq_status status = bm_list_find(step->session, to, step->arena, &list, err);
    if (status != BARQ_OK) {
        return status;
    }
    return edit->move_to
               ? bm_video_move(step->session, video->id, list.id, bq_wall_ms(), &left, err)
               : bm_video_copy(step->session, video->id, list.id, bq_wall_ms(), id, &left, err);
}

static enum barq_status tell(const struct edit *edit, const char *id, struct barq_error *err)
{
    struct barq_value *json = NULL;
    enum barq_status status =
        bm_api_whole_video(edit->step.session, id, edit->step.arena, &json, err);

    return status == BARQ_OK ? bm_step_tell(&edit->step, json, "done", err) : status;
}

static enum barq_status run(struct bm_step *step, struct barq_error *err)
{
    struct edit *edit = (struct edit *)step;
    struct bm_video video;
    char id[BM_ID_BYTES];

    enum barq_status status = bm_step_video(step, edit->list, edit->video, &video, err);
    if (status == BARQ_OK && edit->is_deleted) {
        status = bm_video_delete(step->session, video.id, err);
        return status == BARQ_OK ? bm_step_tell(step, barq_null(step->arena), "deleted", err)
                                 : status;
    }
    if (status == BARQ_OK) {
        snprintf(id, sizeof(id), "%s", video.id);
        status = bm_video_change(step->session, video.id, &edit->change, bq_wall_ms(), err);
    }
    for (int i = 0; status == BARQ_OK && i < edit->n_values; i++) {
        status = set_value(edit, &video, edit->values[i], err);
    }
    if (status == BARQ_OK && (edit->move_to || edit->copy_to)) {
        status = carry(edit, &video, id, err);
    }
    return status == BARQ_OK ? tell(edit, id, err) : status;
}

/* False for what makes no sense. */
static bool take(struct edit *edit, int option, const char *argument)
{
    switch (option) {
    case 't':
        edit->change.own_title = argument;
        return true;
    case 'p':
        edit->change.has_watch_position = true;
        return bq_parse_int(argument, &edit->change.watch_position_s) &&
               edit->change.watch_position_s >= 0;
    case 'w':
    case 'u':
        edit->change.has_watched = true;
        edit->change.watched = option == 'w';
        return true;
    case 'm':
        edit->move_to = argument;
        return !edit->copy_to;
    case 'c':
        edit->copy_to = argument;
        return !edit->move_to;
    case 'd':
        edit->is_deleted = true;
        return true;
    case 'j':
        edit->step.json = true;
        return true;
    default:
        return false;
    }
}

int bm_cmd_edit(int argc, char **argv)
{
    static const struct option options[] = {
        {"title", required_argument, NULL, 't'},   {"position", required_argument, NULL, 'p'},
        {"watched", no_argument, NULL, 'w'},       {"unwatched", no_argument, NULL, 'u'},
        {"move-to", required_argument, NULL, 'm'}, {"copy-to", required_argument, NULL, 'c'},
        {"delete", no_argument, NULL, 'd'},        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0}};
    struct edit edit = {.list = NULL};

    for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (!take(&edit, option, optarg)) {
            return bm_show_usage(usage, option == 'h');
        }
    }
    if (argc - optind < 2) {
        return bm_show_usage(usage, false);
    }
    edit.list = argv[optind];
    edit.video = argv[optind + 1];
    edit.values = argv + optind + 2;
    edit.n_values = argc - optind - 2;
    return bm_step(&edit.step, true, run);
}

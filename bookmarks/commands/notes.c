/* notes.c - what a person writes down about a video. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "api/note_json.h"
#include "base/text.h"
#include "base/time.h"
#include "commands/run.h"
#include "commands/step.h"
#include "commands/terminal.h"

static const char usage[] =
    "usage: bookmarks notes [--json] LIST VIDEO\n"
    "       bookmarks notes [--json] [--at SECONDS] --add TEXT LIST VIDEO\n"
    "       bookmarks notes [--json] [--at SECONDS] --change TEXT NOTE\n"
    "       bookmarks notes --delete NOTE\n"
    "\n"
    "Shows the notes of a video, with their ids, and changes them. VIDEO is an\n"
    "address or an id.\n"
    "\n"
    "  --at SECONDS  where in the video; without it, of the whole, or as it was\n";

struct noting {
    struct bm_step step; /* first */
    int what;            /* the option's letter; 0: show */
    struct bm_note note;
    char **names;
};

static const struct bm_text_column columns[] = {
    {"at", 8, true}, {"note", 80, false}, {"id", 36, false}};
enum { N_COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static void print_note(const struct bm_note *note)
{
    char at[BM_LENGTH_BYTES] = "";
    const char *cells[N_COLUMNS] = {at, note->text, note->id};

    if (note->has_time && note->at_seconds == 0) {
        snprintf(at, sizeof(at), "0:00");
    } else if (note->has_time) {
        bm_length_text(note->at_seconds, at);
    }
    bm_print_row(stdout, columns, N_COLUMNS, cells);
}

static enum barq_status show(const struct noting *noting, struct barq_error *err)
{
    const struct bm_step *step = &noting->step;
    struct barq_value *json = barq_list(step->arena);
    const struct bm_note *notes = NULL;
    struct bm_video video;
    size_t count = 0;

    enum barq_status status = bm_step_video(step, noting->names[0], noting->names[1], &video, err);
    if (status == BARQ_OK) {
        status = bm_notes(step->session, video.id, step->arena, &notes, &count, err);
    }
    if (status == BARQ_OK && !step->json) {
        bm_print_titles(stdout, columns, N_COLUMNS);
    }
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        if (step->json) {
            barq_add(json, bm_api_note_json(&notes[i], step->arena));
        } else {
            print_note(&notes[i]);
        }
    }
    return status == BARQ_OK && step->json ? bm_print_json(json, step->arena, err) : status;
}

static enum barq_status tell(const struct bm_step *step, const char *id, struct barq_error *err)
{
    struct bm_note note;

    enum barq_status status = bm_note_get(step->session, id, step->arena, &note, err);
    return status == BARQ_OK
               ? bm_step_tell(step, bm_api_note_json(&note, step->arena), note.id, err)
               : status;
}

static enum barq_status add(struct noting *noting, struct barq_error *err)
{
    const struct bm_step *step = &noting->step;
    char id[BM_ID_BYTES];
    struct bm_video video;

    enum barq_status status = bm_step_video(step, noting->names[0], noting->names[1], &video, err);
    if (status == BARQ_OK) {
        noting->note.video_id = video.id;
        status = bm_note_add(step->session, &noting->note, bq_wall_ms(), id, err);
    }
    if (status == BARQ_OK) {
        status = bm_video_touch(step->session, video.id, bq_wall_ms(), err);
    }
    return status == BARQ_OK ? tell(step, id, err) : status;
}

static enum barq_status change(const struct noting *noting, struct barq_error *err)
{
    const struct bm_step *step = &noting->step;

    struct bm_note note;

    enum barq_status status = bm_note_get(step->session, noting->names[0], step->arena, &note, err);
    if (status != BARQ_OK) {
        return status;
    }
    note.text = noting->note.text;
    if (noting->note.has_time) {
        note.has_time = true;
        note.at_seconds = noting->note.at_seconds;
    }
    status = bm_note_change(step->session, &note, bq_wall_ms(), err);
    return status == BARQ_OK ? tell(step, note.id, err) : status;
}

static enum barq_status take_away(const struct noting *noting, struct barq_error *err)
{
    const struct bm_step *step = &noting->step;

    enum barq_status status = bm_note_delete(step->session, noting->names[0], err);
    return status == BARQ_OK ? bm_step_tell(step, barq_null(step->arena), "deleted", err) : status;
}

static enum barq_status run(struct bm_step *step, struct barq_error *err)
{
    struct noting *noting = (struct noting *)step;

    switch (noting->what) {
    case 'a':
        return add(noting, err);
    case 'c':
        return change(noting, err);
    case 'd':
        return take_away(noting, err);
    default:
        return show(noting, err);
    }
}

/* False for what makes no sense. */
static bool take(struct noting *noting, int option, const char *argument)
{
    if (option == 'j') {
        noting->step.json = true;
        return true;
    }
    if (option == 't') {
        noting->note.has_time = true;
        return bq_parse_int(argument, &noting->note.at_seconds);
    }
    bool first = noting->what == 0;
    noting->what = option;
    noting->note.text = argument ? argument : "";
    return first && option != '?' && option != 'h';
}

int bm_cmd_notes(int argc, char **argv)
{
    static const struct option options[] = {{"add", required_argument, NULL, 'a'},
                                            {"change", required_argument, NULL, 'c'},
                                            {"delete", no_argument, NULL, 'd'},
                                            {"at", required_argument, NULL, 't'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    struct noting noting = {.what = 0};

    for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (!take(&noting, option, optarg)) {
            return bm_show_usage(usage, option == 'h');
        }
    }
    bool by_id = noting.what == 'c' || noting.what == 'd';
    if (argc - optind != (by_id ? 1 : 2)) {
        return bm_show_usage(usage, false);
    }
    noting.names = argv + optind;
    return bm_step(&noting.step, noting.what != 0, run);
}

/* transcript.c - what is said in a video, and its chapters. */
#include <getopt.h>
#include <stdio.h>

#include "api/transcript_json.h"
#include "commands/run.h"
#include "commands/step.h"
#include "commands/terminal.h"

static const char usage[] =
    "usage: bookmarks transcript [--json] LIST VIDEO\n"
    "\n"
    "Shows what is said in a video and when, with its chapters between. The video is\n"
    "named by an address or an id.\n";

struct reading {
    struct bm_step step; /* first */
    const char *list;
    const char *video;
};

static void print_line(int64_t at_ms, const char *before, const char *text)
{
    char at[BM_LENGTH_BYTES] = "0:00";

    if (at_ms >= 1000) {
        bm_length_text(at_ms / 1000, at);
    }
    printf("%8s  %s", at, before);
    bm_print_text(stdout, text);
    printf("\n");
}

/* Each chapter before what is said in it. */
static void print(const struct barq_value *all)
{
    const struct barq_value *chapters = barq_get(all, "chapters");
    const struct barq_value *cues = barq_get(all, "cues");
    size_t chapter = 0;

    for (size_t i = 0; i <= barq_count(cues); i++) {
        const struct barq_value *cue = i < barq_count(cues) ? barq_at(cues, i) : NULL;
        int64_t at_ms = cue ? barq_as_int(barq_get(cue, "start_ms"), 0) : INT64_MAX;
        for (; chapter < barq_count(chapters); chapter++) {
            const struct barq_value *next = barq_at(chapters, chapter);
            int64_t from_ms = barq_as_int(barq_get(next, "start_seconds"), 0) * 1000;
            if (from_ms > at_ms) {
                break;
            }
            print_line(from_ms, "# ", barq_as_string(barq_get(next, "title"), ""));
        }
        if (cue) {
            print_line(at_ms, "", barq_as_string(barq_get(cue, "text"), ""));
        }
    }
}

static enum barq_status run(struct bm_step *step, struct barq_error *err)
{
    const struct reading *reading = (const struct reading *)step;
    struct barq_value *all = NULL;
    struct bm_video video;

    enum barq_status status = bm_step_video(step, reading->list, reading->video, &video, err);
    if (status == BARQ_OK) {
        status = bm_api_transcript_json(step->session, video.id, NULL, step->arena, &all, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    if (step->json) {
        return bm_print_json(all, step->arena, err);
    }
    print(all);
    return BARQ_OK;
}

int bm_cmd_transcript(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    struct reading reading = {.list = NULL};

    int option = getopt_long(argc, argv, "h", options, NULL);
    if ((option != -1 && option != 'j') || argc - optind != 2) {
        return bm_show_usage(usage, option == 'h');
    }
    reading.step.json = option == 'j';
    reading.list = argv[optind];
    reading.video = argv[optind + 1];
    return bm_step(&reading.step, false, run);
}

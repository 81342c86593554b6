/* duplicates.c - videos that are in several lists. */
#include <getopt.h>
#include <stdio.h>

#include "api/duplicates_json.h"
#include "commands/run.h"
#include "commands/step.h"
#include "commands/terminal.h"

static const char usage[] =
    "usage: bookmarks duplicates [--json]\n"
    "\n"
    "Shows the videos that are in several lists, and in which; the first 2000.\n"
    "In one list a video is once at most.\n";

static const struct bm_text_column columns[] = {
    {"video", 11, false}, {"title", 50, false}, {"list", 30, false}, {"id", 36, false}};
enum { N_COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static const char *text_of(const struct barq_value *map, const char *key)
{
    return barq_as_string(barq_get(map, key), "");
}

static void print_group(const struct barq_value *group)
{
    const struct barq_value *places = barq_get(group, "videos");

    for (size_t i = 0; i < barq_count(places); i++) {
        const struct barq_value *place = barq_at(places, i);
        const char *cells[N_COLUMNS] = {text_of(group, "youtube_id"), text_of(group, "title"),
                                        text_of(place, "list_name"), text_of(place, "video_id")};
        bm_print_row(stdout, columns, N_COLUMNS, cells);
    }
}

static enum barq_status run(struct bm_step *step, struct barq_error *err)
{
    struct barq_value *groups = NULL;

    enum barq_status status = bm_api_duplicates_json(step->session, step->arena, &groups, err);
    if (status != BARQ_OK || step->json) {
        return status == BARQ_OK ? bm_print_json(groups, step->arena, err) : status;
    }
    bm_print_titles(stdout, columns, N_COLUMNS);
    for (size_t i = 0; i < barq_count(groups); i++) {
        print_group(barq_at(groups, i));
    }
    return BARQ_OK;
}

int bm_cmd_duplicates(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    struct bm_step step = {.json = false};

    for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (option != 'j') {
            return bm_show_usage(usage, option == 'h');
        }
        step.json = true;
    }
    return optind == argc ? bm_step(&step, false, run) : bm_show_usage(usage, false);
}

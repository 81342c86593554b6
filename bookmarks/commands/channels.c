/* channels.c - whose videos they are. */
#include "store/channels.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "api/channel_json.h"
#include "base/time.h"
#include "commands/run.h"
#include "commands/step.h"
#include "commands/terminal.h"

static const char usage[] =
    "usage: bookmarks channels [--json] [--hidden]\n"
    "       bookmarks channels [--json] hide | unhide CHANNEL\n"
    "\n"
    "Shows the channels of all videos, by name. One that is hidden is left out, unless\n"
    "--hidden wants those, too; its videos stay. CHANNEL is an id (UC...).\n";

struct channels {
    struct bm_step step; /* first */
    bool hidden_too;
    const char *what; /* NULL: show */
    const char *id;
};

static const struct bm_text_column columns[] = {
    {"channel", 40, false}, {"videos", 8, true}, {"hidden", 6, false}, {"id", 24, false}};
enum { N_COLUMNS = sizeof(columns) / sizeof(columns[0]), NUMBER_BYTES = 24 };

static void print_channel(const struct bm_channel *channel)
{
    char videos[NUMBER_BYTES];
    const char *cells[N_COLUMNS] = {channel->name, videos, channel->is_hidden ? "hidden" : "",
                                    channel->id};

    snprintf(videos, sizeof(videos), "%lld", (long long)channel->n_videos);
    bm_print_row(stdout, columns, N_COLUMNS, cells);
}

static enum barq_status show(const struct channels *channels, struct barq_error *err)
{
    const struct bm_step *step = &channels->step;
    struct barq_value *json = barq_list(step->arena);
    const struct bm_channel *found = NULL;
    size_t count = 0;

    enum barq_status status =
        bm_channels(step->session, NULL, channels->hidden_too, step->arena, &found, &count, err);
    if (status == BARQ_OK && !step->json) {
        bm_print_titles(stdout, columns, N_COLUMNS);
    }
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        if (step->json) {
            barq_add(json, bm_api_channel_json(&found[i], step->arena));
        } else {
            print_channel(&found[i]);
        }
    }
    return status == BARQ_OK && step->json ? bm_print_json(json, step->arena, err) : status;
}

static enum barq_status run(struct bm_step *step, struct barq_error *err)
{
    const struct channels *channels = (const struct channels *)step;
    struct bm_channel channel;
    if (!channels->what) {
        return show(channels, err);
    }

    bool hidden = strcmp(channels->what, "hide") == 0;
    enum barq_status status =
        bm_channel_hide(step->session, channels->id, hidden, bq_wall_ms(), err);
    if (status == BARQ_OK) {
        status = bm_channel_get(step->session, channels->id, step->arena, &channel, err);
    }
    return status == BARQ_OK ? bm_step_tell(step, bm_api_channel_json(&channel, step->arena),
                                            hidden ? "hidden" : "shown again", err)
                             : status;
}

int bm_cmd_channels(int argc, char **argv)
{
    static const struct option options[] = {{"hidden", no_argument, NULL, 'a'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    struct channels channels = {.what = NULL};

    for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (option == 'h' || option == '?') {
            return bm_show_usage(usage, option == 'h');
        }
        channels.step.json |= option == 'j';
        channels.hidden_too |= option == 'a';
    }
    if (optind + 2 == argc) {
        channels.what = argv[optind];
        channels.id = argv[optind + 1];
    }
    bool known = channels.what &&
                 (strcmp(channels.what, "hide") == 0 || strcmp(channels.what, "unhide") == 0);
    if (optind != argc && !known) {
        return bm_show_usage(usage, false);
    }
    return bm_step(&channels.step, channels.what != NULL, run);
}

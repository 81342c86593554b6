/*
 * bookmarks - lists of videos that describe themselves.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "commands/commands.h"
#include "commands/environment.h"

static const char usage[] =
    "usage: bookmarks COMMAND [ARGUMENT...]\n"
    "\n"
    "  import FILE    add the videos of a file of any kind, a folder, or addresses\n"
    "  lists          show all lists\n"
    "  videos LIST    show a list's videos with their fields\n"
    "  search QUERY   find videos by words and operators, also in what is said\n"
    "  statistics     show a list as numbers: what its fields have in them\n"
    "  edit           change titles, values of fields and the like of a video\n"
    "  bulk           do one thing to many videos: move, copy, delete, tag, set\n"
    "  duplicates     show the videos that are in several lists\n"
    "  channels       show whose videos they are\n"
    "  views          show and save ways to look at lists\n"
    "  fields LIST    show and change the fields of a list\n"
    "  tags           show tags, and give them to videos\n"
    "  notes          show and write notes on a video\n"
    "  transcript     show what is said in a video, and when\n"
    "  process LIST   fetch what is known of them, and fill their fields\n"
    "  runs           show what is, and was, processed, and what waits for what\n"
    "  pause RUN      stop a run; resume, cancel and retry do what they say\n"
    "  holds          show the services that are left alone for a while\n"
    "  events         show what has happened\n"
    "  subscriptions  fill lists from channels, playlists and searches\n"
    "  export LIST    write a list as CSV, JSON, bookmarks or a feed\n"
    "  serve          serve the API on 127.0.0.1:8460, with a worker\n"
    "  worker         process in the background, until it is stopped\n"
    "  demo           process a list of talks, to see how it goes\n"
    "  backup FILE    write everything to one file, while all goes on\n"
    "  restore FILE   put that back\n"
    "  password       set the password that the API asks for\n"
    "  settings       show and set keys, models and limits\n"
    "  usage          show what was asked and spent, and what is left of it\n"
    "  token          make, show and revoke tokens for programs\n"
    "  migrate        bring the tables up to this version\n"
    "  reindex        make the index of search anew\n"
    "\n"
    "bookmarks COMMAND --help tells more, bookmarks --version which one this is. The\n"
    "data are in BOOKMARKS_DATA, or else in $XDG_DATA_HOME/bookmarks or\n"
    "~/.local/share/bookmarks, unless BARQ_URL (the queue) and DATABASE_URL (lists and\n"
    "videos) say something else.\n";

/* clang-format off */
static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"import", bm_cmd_import},
    {"lists", bm_cmd_lists},
    {"videos", bm_cmd_videos},
    {"search", bm_cmd_search},
    {"statistics", bm_cmd_statistics},
    {"reindex", bm_cmd_reindex},
    {"edit", bm_cmd_edit},
    {"fields", bm_cmd_fields},
    {"bulk", bm_cmd_bulk},
    {"duplicates", bm_cmd_duplicates},
    {"channels", bm_cmd_channels},
    {"views", bm_cmd_views},
    {"tags", bm_cmd_tags},
    {"notes", bm_cmd_notes},
    {"transcript", bm_cmd_transcript},
    {"process", bm_cmd_process},
    {"runs", bm_cmd_runs},
    {"pause", bm_cmd_run_change},
    {"resume", bm_cmd_run_change},
    {"cancel", bm_cmd_run_change},
    {"retry", bm_cmd_run_change},
    {"export", bm_cmd_export},
    {"serve", bm_cmd_serve},
    {"worker", bm_cmd_worker},
    {"demo", bm_cmd_demo},
    {"migrate", bm_cmd_migrate},
    {"password", bm_cmd_password},
    {"settings", bm_cmd_settings},
    {"usage", bm_cmd_usage},
    {"token", bm_cmd_token},
    {"holds", bm_cmd_holds},
    {"events", bm_cmd_events},
    {"subscriptions", bm_cmd_subscriptions},
    {"backup", bm_cmd_backup},
    {"restore", bm_cmd_restore},
};
/* clang-format on */

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(name, commands[i].name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

static bool asks_for_help(const char *argument)
{
    return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0;
}

/* What was printed may still not have arrived, on a full disk for one. */
static int finish_output(int code)
{
    struct barq_error err;

    if (fflush(stdout) == 0 && !ferror(stdout)) {
        return code;
    }
    bq_fail_errno(&err, "cannot write to stdout");
    return code == BM_EXIT_OK || code == BM_EXIT_PARTLY ? bm_complain(&err) : code;
}

/* As a worker's is; which also says so when the word makes no sense. */
static void set_log_format(void)
{
    const char *word = getenv("BARQ_LOG_FORMAT");
    enum bq_log_format format;

    if (word && bq_log_format_of(word, &format)) {
        bq_log_set_format(format);
    }
}

int main(int argc, char **argv)
{
    struct barq_error err;

    (void)signal(SIGXFSZ, SIG_IGN); /* a file at its size limit is an error to be told */
    if (argc < 2) {
        return bm_show_usage(usage, false);
    }
    if (asks_for_help(argv[1])) {
        return bm_show_usage(usage, true);
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("bookmarks " BOOKMARKS_VERSION);
        return finish_output(BM_EXIT_OK);
    }
    set_log_format();
    const struct command *command = find(argv[1]);
    if (!command) {
        fprintf(stderr, "bookmarks: there is no command %s; see 'bookmarks --help'\n", argv[1]);
        return BM_EXIT_USAGE;
    }
    /* Who only asks needs no data, nor a place for them. */
    bool only_asks = argc == 3 && asks_for_help(argv[2]);
    if (!only_asks && bm_environment_prepare(&err) != BARQ_OK) {
        return bm_complain(&err);
    }
    return finish_output(command->run(argc - 1, argv + 1));
}

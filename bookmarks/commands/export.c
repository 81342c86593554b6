#include "export/export.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "commands/commands.h"

static const char usage[] =
    "usage: bookmarks export [--format FORMAT] LIST\n"
    "\n"
    "Writes a list to stdout; bookmarks import takes csv, json and html again.\n"
    "\n"
    "  --format FORMAT  csv (the default), a row a video: in it, text that a\n"
    "                   spreadsheet would run as a formula (=, +, -, @ first) has an\n"
    "                   apostrophe before it; json, everything; html, bookmarks as\n"
    "                   browsers take them; feed, Atom of the 100 that came last\n";

static int export_list(const char *name, enum bm_format format)
{
    bm_auto(session) struct barq_session *session = NULL;
    bq_auto(arena) struct barq_arena arena;
    struct barq_error err;
    struct bm_list list;
    bq_arena_init(&arena, BM_SMALL_ARENA_BYTES);

    if (bm_store_open(&session, &err) != BARQ_OK ||
        bm_read_list(session, name, &arena, &list, &err) != BARQ_OK ||
        bm_export(session, &list, format, stdout, &err) != BARQ_OK) {
        return bm_complain(&err);
    }
    return BM_EXIT_OK;
}

int bm_cmd_export(int argc, char **argv)
{
    static const struct option options[] = {{"format", required_argument, NULL, 'f'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    enum bm_format format = BM_CSV;

    for (int option; (option = getopt_long(argc, argv, "f:h", options, NULL)) != -1;) {
        if (option != 'f' || !bm_format_parse(optarg, &format)) {
            return bm_show_usage(usage, option == 'h');
        }
    }
    if (optind + 1 != argc) {
        return bm_show_usage(usage, false);
    }
    return export_list(argv[optind], format);
}

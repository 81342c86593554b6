#include "export/export.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "commands/commands.h"

static const char usage[] =
    "usage: bookmarks export [--format csv|json] LIST\n"
    "\n"
    "Writes a list to stdout, all that is known of its videos and their fields.\n"
    "bookmarks import takes the CSV again. In it, text that a spreadsheet would run\n"
    "as a formula (=, +, -, @ first) has an apostrophe before it; JSON has none.\n"
    "\n"
    "  --format FORMAT  csv (the default) or json\n";

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
        if (option == 'f' && strcmp(optarg, "json") == 0) {
            format = BM_JSON;
        } else if (option != 'f' || strcmp(optarg, "csv") != 0) {
            return bm_show_usage(usage, option == 'h');
        }
    }
    if (optind + 1 != argc) {
        return bm_show_usage(usage, false);
    }
    return export_list(argv[optind], format);
}

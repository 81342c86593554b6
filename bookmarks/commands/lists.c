#include <getopt.h>
#include <stdio.h>

#include "auto.h"
#include "commands/commands.h"
#include "commands/terminal.h"

enum { NUMBER_BYTES = 24, NAME_WIDTH = 30 };

static const char usage[] = "usage: bookmarks lists\n"
                            "\n"
                            "Shows all lists and how many videos they have.\n";

static const struct bm_text_column columns[] = {
    {"list", NAME_WIDTH, false}, {"videos", 8, true}, {"pending", 8, true},
    {"completed", 9, true},      {"failed", 8, true}, {"id", 36, false},
};
enum { N_COLUMNS = sizeof(columns) / sizeof(columns[0]), WIDTH_WITH_ID = 109 };

/* The id is left out where it would break every line: a name will do. */
static size_t columns_that_fit(void)
{
    int width = bm_terminal_width(stdout);
    return width == 0 || width >= WIDTH_WITH_ID ? N_COLUMNS : N_COLUMNS - 1;
}

static void print_list(const struct bm_list *list, size_t n_columns)
{
    const int64_t counts[] = {list->counts.total, list->counts.pending, list->counts.completed,
                              list->counts.failed};
    char texts[4][NUMBER_BYTES];
    const char *cells[N_COLUMNS] = {list->name, texts[0], texts[1], texts[2], texts[3], list->id};

    for (int i = 0; i < 4; i++) {
        snprintf(texts[i], NUMBER_BYTES, "%lld", (long long)counts[i]);
    }
    bm_print_row(stdout, columns, n_columns, cells);
}

static enum barq_status print_lists(struct barq_session *session, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    const struct bm_list *lists = NULL;
    size_t count = 0;
    bq_arena_init(&arena, BM_COMMAND_ARENA_BYTES);

    enum barq_status status = barq_session_begin(session, false, err);
    if (status == BARQ_OK) {
        status = bm_lists(session, &arena, &lists, &count, err);
        barq_session_rollback(session);
    }
    if (status != BARQ_OK) {
        return status;
    }
    if (count == 0) {
        printf("no lists yet; bookmarks import FILE makes one\n");
        return BARQ_OK;
    }
    size_t n_columns = columns_that_fit();
    bm_print_titles(stdout, columns, n_columns);
    for (size_t i = 0; i < count; i++) {
        print_list(&lists[i], n_columns);
    }
    return BARQ_OK;
}

int bm_cmd_lists(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    bm_auto(session) struct barq_session *session = NULL;
    struct barq_error err;

    int option = getopt_long(argc, argv, "h", options, NULL);
    if (option != -1 || optind != argc) {
        return bm_show_usage(usage, option == 'h');
    }
    if (bm_store_open(&session, &err) != BARQ_OK || print_lists(session, &err) != BARQ_OK) {
        return bm_complain(&err);
    }
    return BM_EXIT_OK;
}

#include "intake/import.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auto.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/time.h"
#include "commands/commands.h"
#include "commands/terminal.h"

static const char usage[] =
    "usage: bookmarks import [--list NAME] [--template NAME] FILE\n"
    "\n"
    "Adds the videos of FILE (- is stdin) to a list: a CSV file with a column of\n"
    "YouTube addresses or ids, or a list of them, one a line. A list that is not\n"
    "there yet is made.\n"
    "\n"
    "  --list NAME      the list; by default it is named after the file\n"
    "  --template NAME  the fields of a new list: talks (the default) or none\n"
    "\n"
    "Exit code: 0 all lines are in, 3 some failed (each is told), 1 failed, 2 usage.\n";

/* The list's id; `*made` when it was not there. */
static enum barq_status find_or_make(struct barq_session *session, const char *name,
                                     const char *template, char id[BM_ID_BYTES], bool *made,
                                     struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct bm_list list;
    bq_arena_init(&arena, BM_SMALL_ARENA_BYTES);

    enum barq_status status = barq_session_begin(session, true, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bm_list_find(session, name, &arena, &list, err);
    *made = status == BARQ_ERR_NOTFOUND;
    if (*made) {
        status = bm_list_add(session, name, template, bq_wall_ms(), id, err);
    } else if (status == BARQ_OK) {
        snprintf(id, BM_ID_BYTES, "%s", list.id);
    }
    if (status == BARQ_OK) {
        return barq_session_commit(session, err);
    }
    barq_session_rollback(session);
    return status;
}

/* A list that was made for a file which was then refused. */
static void unmake(struct barq_session *session, const char *id)
{
    if (barq_session_begin(session, true, NULL) != BARQ_OK) {
        return;
    }
    if (bm_list_delete(session, id, NULL) != BARQ_OK ||
        barq_session_commit(session, NULL) != BARQ_OK) {
        barq_session_rollback(session);
    }
}

static void print_report(const char *name, const struct bm_import_report *report)
{
    bm_print_text(stdout, name);
    printf(": %lld added, %lld already there, %lld failed\n", (long long)report->added,
           (long long)report->present, (long long)report->failed);
    for (size_t i = 0; i < report->n_failures; i++) {
        const struct bm_import_failure *failure = &report->failures[i];
        printf("  line %lld: %s%s", (long long)failure->line, failure->reason,
               *failure->url != '\0' ? ": " : "");
        bm_print_text(stdout, failure->url);
        fputc('\n', stdout);
    }
    if (report->failed > (int64_t)report->n_failures) {
        printf("  and %lld more\n", (long long)(report->failed - (int64_t)report->n_failures));
    }
}

/* For a person only: a script knows what it does next. */
static void tell_next(const char *name, const struct bm_import_report *report)
{
    if (report->added > 0 && bm_terminal_width(stdout) > 0) {
        fputs("bookmarks process \"", stdout);
        bm_print_text(stdout, name);
        fputs("\" fetches what is known of them\n", stdout);
    }
}

int bm_import_into(struct barq_session *session, const char *name, const char *template, int fd)
{
    char list_id[BM_ID_BYTES];
    struct bm_import_report report;
    struct barq_error err;
    bool made = false;

    if (find_or_make(session, name, template, list_id, &made, &err) != BARQ_OK) {
        return bm_complain(&err);
    }
    const struct bm_import_options options = {.list_id = list_id, .now_ms = bq_wall_ms()};
    enum barq_status status = bm_import_file(session, &options, fd, &report, &err);
    if (status != BARQ_OK && made && report.added == 0) {
        unmake(session, list_id);
    }
    if (status == BARQ_OK || report.rows > 0) {
        print_report(name, &report);
    }
    if (status != BARQ_OK) {
        return bm_complain(&err);
    }
    tell_next(name, &report);
    return report.failed > 0 ? BM_EXIT_PARTLY : BM_EXIT_OK;
}

/* "talks" of "/some/where/talks.csv" */
static void name_of(const char *path, char *out, size_t size)
{
    const char *slash = strrchr(path, '/');

    snprintf(out, size, "%s", strcmp(path, "-") == 0 ? "import" : slash ? slash + 1 : path);
    char *dot = strrchr(out, '.');
    if (dot && dot != out) {
        *dot = '\0';
    }
}

static int import_path(const char *path, const char *list, const char *template)
{
    bm_auto(session) struct barq_session *session = NULL;
    bq_auto(fd) int fd = -1;
    struct barq_error err;
    char name[BM_NAME_MAX_BYTES + 1];
    name_of(path, name, sizeof(name));

    if (strcmp(path, "-") != 0) {
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
            bq_fail_errno(&err, "import: cannot open %s", path);
            return bm_complain(&err);
        }
    }
    if (bm_store_open(&session, &err) != BARQ_OK) {
        return bm_complain(&err);
    }
    return bm_import_into(session, list ? list : name, template, fd < 0 ? STDIN_FILENO : fd);
}

int bm_cmd_import(int argc, char **argv)
{
    static const struct option options[] = {{"list", required_argument, NULL, 'l'},
                                            {"template", required_argument, NULL, 't'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char *list = NULL;
    const char *template = "talks";

    for (int option; (option = getopt_long(argc, argv, "l:t:h", options, NULL)) != -1;) {
        switch (option) {
        case 'l':
            list = optarg;
            break;
        case 't':
            template = optarg;
            break;
        default:
            return bm_show_usage(usage, option == 'h');
        }
    }
    if (optind + 1 != argc) {
        return bm_show_usage(usage, false);
    }
    return import_path(argv[optind], list, template);
}

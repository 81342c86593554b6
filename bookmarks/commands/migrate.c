#include <getopt.h>
#include <stdio.h>

#include <barq/admin.h>

#include "auto.h"
#include "commands/commands.h"

static const char usage[] =
    "usage: bookmarks migrate\n"
    "\n"
    "Brings the tables of the queue and of the data up to this version of the\n"
    "program. The other commands do so, too, when they need to.\n";

static enum barq_status migrate_own(int *from, int *to, struct barq_error *err)
{
    bm_auto(session) struct barq_session *session = NULL;

    enum barq_status status = barq_session_open(NULL, &session, err);
    if (status == BARQ_OK) {
        status = barq_session_begin(session, true, err);
    }
    if (status == BARQ_OK) {
        status = bm_migrate(session, from, to, err);
    }
    return status == BARQ_OK ? barq_session_commit(session, err) : status;
}

static void tell(const char *what, int from, int to)
{
    if (from == to) {
        printf("%s: version %d, nothing to do\n", what, to);
    } else {
        printf("%s: from version %d to %d\n", what, from, to);
    }
}

int bm_cmd_migrate(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    struct barq_error err;
    int from = 0;
    int to = 0;

    int option = getopt_long(argc, argv, "h", options, NULL);
    if (option != -1 || optind != argc) {
        return bm_show_usage(usage, option == 'h');
    }
    if (barq_migrate_queue(NULL, &from, &to, &err) != BARQ_OK) {
        return bm_complain(&err);
    }
    tell("queue", from, to);
    if (barq_migrate_database(NULL, &from, &to, &err) != BARQ_OK) {
        return bm_complain(&err);
    }
    tell("sessions", from, to);
    if (migrate_own(&from, &to, &err) != BARQ_OK) {
        return bm_complain(&err);
    }
    tell("bookmarks", from, to);
    return BM_EXIT_OK;
}

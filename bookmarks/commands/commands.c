#include "commands/commands.h"

#include <stdio.h>

#include "commands/terminal.h"

int bm_complain(const struct barq_error *err)
{
    fflush(stdout);
    fputs("bookmarks: ", stderr);
    bm_print_text(stderr, err->text); /* which may quote a file, or the command line */
    fputc('\n', stderr);
    return BM_EXIT_FAILED;
}

int bm_show_usage(const char *usage, bool asked_for)
{
    fputs(usage, asked_for ? stdout : stderr);
    return asked_for ? BM_EXIT_OK : BM_EXIT_USAGE;
}

enum barq_status bm_read_list(struct barq_session *session, const char *id_or_name,
                              struct barq_arena *arena, struct bm_list *out, struct barq_error *err)
{
    enum barq_status status = barq_session_begin(session, false, err);

    if (status == BARQ_OK) {
        status = bm_list_find(session, id_or_name, arena, out, err);
        barq_session_rollback(session);
    }
    return status;
}

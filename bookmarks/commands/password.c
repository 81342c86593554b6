#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "auto.h"
#include "base/error.h"
#include "base/time.h"
#include "commands/commands.h"
#include "store/login.h"

static const char usage[] =
    "usage: bookmarks password [--remove]\n"
    "\n"
    "Sets the password that serve asks for; it is asked for here, or is the first\n"
    "line of stdin. Whoever is logged in is not any more. BOOKMARKS_PASSWORD counts\n"
    "before it.\n"
    "\n"
    "  --remove  no password: only this machine is served then\n";

enum { LINE_BYTES = BM_PASSWORD_MOST_BYTES + 3 };

/* One line, without its end; what is too long stays so, and is refused by whoever takes it. */
static enum barq_status read_line(char line[LINE_BYTES], struct barq_error *err)
{
    if (!fgets(line, LINE_BYTES, stdin)) {
        return bq_fail(err, BARQ_ERR_ARG, "password: none was given");
    }
    line[strcspn(line, "\n")] = '\0';
    return BARQ_OK;
}

/* Asks on the terminal, which does not show what is typed. */
static enum barq_status ask(const char *question, char line[LINE_BYTES], struct barq_error *err)
{
    struct termios before;
    bool is_terminal = tcgetattr(STDIN_FILENO, &before) == 0;

    if (is_terminal) {
        struct termios silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        fputs(question, stderr);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    enum barq_status status = read_line(line, err);
    if (is_terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fputc('\n', stderr);
    }
    return status;
}

static enum barq_status ask_twice(char password[LINE_BYTES], struct barq_error *err)
{
    char again[LINE_BYTES];

    enum barq_status status = ask("password: ", password, err);
    if (status != BARQ_OK || !isatty(STDIN_FILENO)) {
        return status;
    }
    status = ask("once more: ", again, err);
    if (status == BARQ_OK && strcmp(password, again) != 0) {
        return bq_fail(err, BARQ_ERR_ARG, "password: these were two different ones");
    }
    return status;
}

static enum barq_status store(const char *verifier, struct barq_error *err)
{
    bm_auto(session) struct barq_session *session = NULL;

    enum barq_status status = bm_store_open(&session, err);
    if (status == BARQ_OK) {
        status = barq_session_begin(session, true, err);
    }
    if (status == BARQ_OK) {
        status = bm_password_put(session, verifier, bq_wall_ms(), err);
    }
    return status == BARQ_OK ? barq_session_commit(session, err) : status;
}

int bm_cmd_password(int argc, char **argv)
{
    static const struct option options[] = {
        {"remove", no_argument, NULL, 'r'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    char password[LINE_BYTES];
    char verifier[BM_VERIFIER_BYTES];
    struct barq_error err;

    int option = getopt_long(argc, argv, "h", options, NULL);
    if ((option != -1 && option != 'r') || optind != argc) {
        return bm_show_usage(usage, option == 'h');
    }
    enum barq_status status = BARQ_OK;
    if (option != 'r') {
        status = ask_twice(password, &err);
        status = status == BARQ_OK ? bm_verifier_make(password, verifier, &err) : status;
        explicit_bzero(password, sizeof(password));
    }
    if (status == BARQ_OK) {
        status = store(option == 'r' ? NULL : verifier, &err);
    }
    if (status != BARQ_OK) {
        return bm_complain(&err);
    }
    printf("%s\n", option == 'r' ? "there is no password any more" : "the password is set");
    return BM_EXIT_OK;
}

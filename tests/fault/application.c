/*
 * application.c - a program with a database of its own, which enqueues jobs in
 * its own transactions.
 *
 *     application DATABASE_URL commit|rollback|die FUNCTION ID...
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <barq/client.h>
#include <barq/session.h>

static enum barq_status write_all(struct barq_session *session, const char *function, char **ids,
                                  struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (; status == BARQ_OK && *ids; ids++) {
        struct barq_enqueue_options options = {.id = *ids};
        status = barq_exec(session, "INSERT INTO asked (job) VALUES (?1)",
                           BARQ_PARAMS(barq_sql_text(*ids)), err);
        if (status == BARQ_OK) {
            status = barq_session_enqueue(session, function, NULL, NULL, &options, NULL, err);
        }
    }
    return status;
}

static enum barq_status run(struct barq_session *session, const char *how, const char *function,
                            char **ids, struct barq_error *err)
{
    enum barq_status status = barq_session_begin(session, true, err);
    if (status == BARQ_OK) {
        status = write_all(session, function, ids, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    if (strcmp(how, "die") == 0) {
        (void)raise(SIGKILL);
    }
    if (strcmp(how, "rollback") == 0) {
        barq_session_rollback(session);
        return BARQ_OK;
    }
    return barq_session_commit(session, err);
}

int main(int argc, char **argv)
{
    struct barq_session *session = NULL;
    struct barq_error err = {.status = BARQ_OK};

    if (argc < 4) {
        (void)fprintf(stderr, "application DATABASE_URL commit|rollback|die FUNCTION ID...\n");
        return 2;
    }
    enum barq_status status = barq_session_open(argv[1], &session, &err);
    if (status == BARQ_OK) {
        status = run(session, argv[2], argv[3], argv + 4, &err);
    }
    barq_session_close(session);
    if (status != BARQ_OK) {
        (void)fprintf(stderr, "application: %s\n", err.text);
        return 1;
    }
    return 0;
}

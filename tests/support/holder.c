#include "support/holder.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/db.h"

static void check(enum barq_status status, const struct barq_error *err)
{
    if (status != BARQ_OK) {
        fprintf(stderr, "holder: %s\n", err->text);
        _exit(1);
    }
}

void holder_main(int argc, char **argv)
{
    struct barq_error err;
    struct bq_db *db = NULL;
    char order = 'r';
    if (argc != 4 || strcmp(argv[1], "--hold") != 0) {
        return;
    }

    check(bq_db_open(argv[2], NULL, &db, &err), &err);
    check(bq_db_begin(db, BQ_DB_WRITE, &err), &err);
    check(bq_db_script(db, argv[3], &err), &err);
    if (write(STDOUT_FILENO, "+", 1) == 1 && read(STDIN_FILENO, &order, 1) == 1 && order == 'c') {
        check(bq_db_commit(db, &err), &err);
    }
    bq_db_close(db);
    exit(0);
}

static void become(const char *url, const char *sql, const int in[2], const int out[2])
{
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    close(in[0]);
    close(in[1]);
    close(out[0]);
    close(out[1]);
    execl("/proc/self/exe", "holder", "--hold", url, sql, (char *)NULL);
    _exit(127);
}

struct holder holder_start(const char *url, const char *sql)
{
    struct holder holder;
    int in[2];
    int out[2];
    char ready;

    int failed = pipe(in) || pipe(out);
    assert(!failed);
    holder.pid = fork();
    assert(holder.pid >= 0);
    if (holder.pid == 0) {
        become(url, sql, in, out);
    }
    close(in[0]);
    close(out[1]);
    holder.to = in[1];
    holder.from = out[0];
    ssize_t len = read(holder.from, &ready, 1);
    assert(len == 1);
    return holder;
}

static int finish(struct holder *holder, const char *order)
{
    int status = 0;

    ssize_t len = write(holder->to, order, strlen(order));
    assert(len == (ssize_t)strlen(order));
    close(holder->to);
    waitpid(holder->pid, &status, 0);
    close(holder->from);
    return status;
}

void holder_commit(struct holder *holder)
{
    int status = finish(holder, "c");
    assert(status == 0);
}

void holder_rollback(struct holder *holder)
{
    int status = finish(holder, "r");
    assert(status == 0);
}

void holder_kill(struct holder *holder)
{
    kill(holder->pid, SIGKILL);
    (void)finish(holder, "");
}

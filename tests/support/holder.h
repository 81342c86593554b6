/*
 * holder.h - another process, with a write transaction of its own open in a
 * database: this program, executed afresh.
 */
#ifndef TESTS_HOLDER_H
#define TESTS_HOLDER_H

#include <sys/types.h>

struct holder {
    pid_t pid;
    int to;   /* its standard input */
    int from; /* its standard output */
};

/* The first thing in main(): does not return in the other process. */
void holder_main(int argc, char **argv);

/* Returns when `sql` (a script) has been run in its open transaction. */
struct holder holder_start(const char *url, const char *sql);
void holder_commit(struct holder *holder);
void holder_rollback(struct holder *holder);
/* SIGKILL, with the transaction open. */
void holder_kill(struct holder *holder);

#endif

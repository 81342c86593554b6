/*
 * outside.h - starts the stand-in for all that bookmarks calls, outside.py, from a C test.
 */
#ifndef TESTS_OUTSIDE_H
#define TESTS_OUTSIDE_H

#include <sys/types.h>

enum { OUTSIDE_URL_BYTES = 256 };

struct outside {
    pid_t pid;
    int stdin_fd;   /* owned; the stand-in ends when it is closed, so also when the test dies */
    char host[128]; /* "http://127.0.0.1:PORT" */
};

/* With the facts of SOURCE_ROOT/examples/facts.csv. */
void outside_start(struct outside *outside);
void outside_stop(struct outside *outside);

/* The base URL of a place ("youtube/v3", "web", ...) that does `deed` (see outside.py; "": nothing
 * wrong) to every call. Until the next call. */
const char *outside_url(const struct outside *outside, const char *place, const char *deed);
/* The base URL where every call is answered with this file of tests/data. Until the next call. */
const char *outside_recorded(const struct outside *outside, int status, const char *path);

#endif

/*
 * youtube.h - starts the stand-in for the YouTube API, youtube.py, from a C test.
 */
#ifndef TESTS_YOUTUBE_H
#define TESTS_YOUTUBE_H

#include <sys/types.h>

struct youtube {
    pid_t pid;
    int stdin_fd;  /* owned; the stand-in ends when it is closed, so also when the test dies */
    char url[128]; /* its base URL; what it may do wrong is asked for in it, see youtube.py */
};

/* With the facts of SOURCE_ROOT/examples/facts.csv. */
void youtube_start(struct youtube *youtube);
void youtube_stop(struct youtube *youtube);

#endif

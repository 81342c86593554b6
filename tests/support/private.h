/*
 * private.h - what private servers of all kinds share: a temporary folder, a
 * process that dies with the test, a wall clock that can be moved.
 *
 *     struct private_server own = {.what = "redis-server"};
 *     private_make(&own);
 *     struct private_words words;
 *     private_words(&own, &words);
 *     private_add(&words, (const char *const[]){"redis-server", "--port", ..., NULL});
 *     private_start(&own, &words, is_there, server);
 *     private_end(&own, SIGTERM);
 *     private_remove(&own);
 *
 * redis.h and postgres.h are two of them. What cannot be started ends the test
 * program, and says why. Run as root, the server is nobody's.
 */
#ifndef TESTS_PRIVATE_H
#define TESTS_PRIVATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    PRIVATE_FOLDER_BYTES = 80,
    PRIVATE_PATH_BYTES = 108, /* sun_path's */
    PRIVATE_WORD_BYTES = PRIVATE_PATH_BYTES + 16,
    PRIVATE_WORDS_MAX = 64
};

struct private_server {
    const char *what; /* the program, for words about it; borrowed */

    /* The rest is filled in. */
    pid_t pid;                         /* 0: does not run */
    char folder[PRIVATE_FOLDER_BYTES]; /* "": there is none yet */
    _Atomic int64_t *clock_ms;         /* how far its clock is ahead */
};

/* A command; its words are borrowed, but for those that it begins with. */
struct private_words {
    const char *of[PRIVATE_WORDS_MAX];
    size_t count;
    char preload[PRIVATE_WORD_BYTES];
    char clock[PRIVATE_WORD_BYTES];
};

/*
 * A port that is free now, below those that the kernel gives to whoever connects: a server has to get
 * its own back when it was killed. Whoever takes it before the server does has it.
 */
int private_port(void);

/* A folder of the server's own, in which it may write, and its clock. */
void private_make(struct private_server *own);
/* Of a file in it, into `out`, of PRIVATE_PATH_BYTES; returns `out`. */
const char *private_path(const struct private_server *own, const char *file, char *out);

/* Begins a command that runs by the server's clock, as nobody, and dies with us. To be filled in place: it points
 * into itself. */
void private_words(const struct private_server *own, struct private_words *words);
/* Up to a NULL; `more` may be NULL. */
void private_add(struct private_words *words, const char *const *more);

/* Returns when `is_there` says so of `server`; what it prints goes to the file "log". */
void private_start(struct private_server *own, const struct private_words *words,
                   bool (*is_there)(void *server), void *server, int64_t limit_ms);
/* Likewise, when it runs already. */
void private_wait(const struct private_server *own, bool (*is_there)(void *server), void *server,
                  int64_t limit_ms);
/* One that ends, and by itself. */
void private_run(const struct private_server *own, const struct private_words *words);
/* Sends it this signal, and waits for its end; nothing when it does not run. */
void private_end(struct private_server *own, int number);
/* With SIGKILL if it runs, and all that it had. */
void private_remove(struct private_server *own);

void private_set_clock(struct private_server *own, int64_t ahead_ms);
void private_advance(struct private_server *own, int64_t ms);

/* Ends the program: with what the server said of itself. */
__attribute__((noreturn)) void private_give_up(const struct private_server *own, const char *why);

#endif

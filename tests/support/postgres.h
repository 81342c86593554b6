/*
 * postgres.h - a PostgreSQL of the test's own, in a temporary folder, which
 * dies with the test. Its wall clock can be moved.
 *
 *     struct postgres_server postgres = {.tcp = true};
 *     postgres_start(&postgres);
 *     ... bq_db_open(postgres.url, ...) ...
 *     postgres_kill(&postgres);
 *     postgres_start(&postgres);    again, on the same place
 *     postgres_fresh(&postgres);    the next test's own database
 *     postgres_remove(&postgres);
 *
 * A start takes a second, so a test program has one server, and each test a
 * database. Nothing is synced to disk unless it is to be `durable`. What cannot
 * be started ends the test program, and says why. Run as root, the server is
 * nobody's.
 */
#ifndef TESTS_POSTGRES_H
#define TESTS_POSTGRES_H

#include "support/private.h"

enum { POSTGRES_URL_BYTES = 192, POSTGRES_NAME_BYTES = 32, POSTGRES_SAID_BYTES = 16 * 1024 };

struct postgres_server {
    bool tcp;     /* on a port of 127.0.0.1, too */
    bool durable; /* fsync and full_page_writes, as where it matters */
    const char *const
        *args; /* more settings: "name=value", with a NULL at the end; borrowed; or NULL */

    /* The rest is filled in. */
    struct private_server own; /* its process is the postmaster; in its folder is the socket */
    int port;                  /* 0 without .tcp */
    char database[POSTGRES_NAME_BYTES]; /* the newest one */
    char url
        [POSTGRES_URL_BYTES]; /* of `database`: "postgresql://barq@/test1?host=/tmp/...&port=5432" */
    char
        tcp_url[POSTGRES_URL_BYTES]; /* "postgresql://barq@127.0.0.1:PORT/test1", "" without .tcp */
    int databases;                   /* made so far */
    char said[POSTGRES_SAID_BYTES];
};

/* Returns when it answers. After postgres_stop() or postgres_kill() it has its place and clock again. */
void postgres_start(struct postgres_server *server);
/* A new, empty database: url and tcp_url lead there from now on. */
void postgres_fresh(struct postgres_server *server);
/* In peace: who is connected is sent away, and all is written down. */
void postgres_stop(struct postgres_server *server);
/* SIGKILL to all of its processes. */
void postgres_kill(struct postgres_server *server);
/* It keeps its connections, and says nothing any more, until postgres_thaw(): SIGSTOP to all. */
void postgres_freeze(struct postgres_server *server);
void postgres_thaw(struct postgres_server *server);
/* Stops it if it runs, and removes all that it had. */
void postgres_remove(struct postgres_server *server);

/* From now on its wall clock is so far ahead of the machine's; behind, when negative. */
void postgres_set_clock(struct postgres_server *server, int64_t ahead_ms);
void postgres_advance(struct postgres_server *server, int64_t ms);

/*
 * Runs statements in `database`, printf-style, on a connection of its own, as the superuser. The
 * answer is the first column of the last one's first row: "3", "a", "" for a null and for none; an
 * error is "ERROR 42P01: relation ...". It lives until the next one.
 */
const char *postgres_say(struct postgres_server *server, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif

/*
 * server.h - private Redis servers and Sentinels (support/private.h) with whatever lines of redis.conf a
 * test of connections needs. For commands there is support/redis.h.
 */
#ifndef TESTS_REDIS_SERVER_H
#define TESTS_REDIS_SERVER_H

struct server;

/* On a free port of 127.0.0.1 and on a socket; `more` is lines of redis.conf, or NULL. It is ready. */
struct server *server_start(const char *more);
struct server *server_start_on(int port, const char *more);
/* A Sentinel on a free port, watching the master on that port as "mymaster". */
struct server *server_start_sentinel(int master_port, const char *more);
/* Of a moment ago; nobody keeps it free. */
int server_free_port(void);

int server_port(const struct server *server);
const char *server_socket(const struct server *server);
/* Waits until it has logged this (10 s, then the test fails). */
void server_wait_for(struct server *server, const char *text);

void server_kill(struct server *server);  /* SIGKILL, and gone on return */
void server_again(struct server *server); /* as before */
/* Kills and frees; takes NULL. */
void server_stop(struct server *server);

#endif

#include "server.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "support/private.h"

enum { LOG_BYTES = 256 * 1024, DEADLINE_MS = 20000 };

struct server {
    struct private_server own;
    int port;
    bool sentinel;
    char config[PRIVATE_PATH_BYTES];
    char socket[PRIVATE_PATH_BYTES];
    const char *waits_for; /* to be logged */
    long log_from;         /* where in the log it was started */
    char log[LOG_BYTES];   /* from there */
};

int server_free_port(void)
{
    return private_port();
}

static FILE *open_log(const struct server *server)
{
    char path[PRIVATE_PATH_BYTES];

    return fopen(private_path(&server->own, "log", path), "re");
}

static bool has_said(void *of)
{
    struct server *server = of;
    FILE *file = open_log(server);

    if (!file || fseek(file, server->log_from, SEEK_SET) != 0) {
        return false;
    }
    size_t len = fread(server->log, 1, LOG_BYTES - 1, file);
    server->log[len] = '\0';
    (void)fclose(file);
    return strstr(server->log, server->waits_for) != NULL;
}

void server_wait_for(struct server *server, const char *text)
{
    server->waits_for = text;
    private_wait(&server->own, has_said, server, DEADLINE_MS);
}

static void note_log(struct server *server)
{
    FILE *file = open_log(server);

    server->log_from = 0;
    if (file) {
        (void)fseek(file, 0, SEEK_END);
        server->log_from = ftell(file);
        (void)fclose(file);
    }
}

void server_again(struct server *server)
{
    struct private_words words;

    note_log(server);
    private_words(&server->own, &words);
    private_add(&words, (const char *const[]){"redis-server", server->config,
                                              server->sentinel ? "--sentinel" : NULL, NULL});
    server->waits_for = server->sentinel ? "+monitor master" : "Ready to accept connections";
    private_start(&server->own, &words, has_said, server, DEADLINE_MS);
}

static struct server *new_server(int port)
{
    struct server *server = calloc(1, sizeof(*server));

    assert_non_null(server);
    server->own.what = "redis-server";
    server->port = port;
    private_make(&server->own);
    (void)private_path(&server->own, "conf", server->config);
    (void)private_path(&server->own, "s", server->socket);
    return server;
}

/* Begins what we write and a Sentinel rewrites. */
static FILE *write_config(const struct server *server)
{
    FILE *out = fopen(server->config, "we");

    assert_non_null(out);
    (void)fprintf(out, "bind 127.0.0.1\nport %d\ndir %s\n", server->port, server->own.folder);
    assert_int_equal(chmod(server->config, 0666), 0);
    return out;
}

static struct server *start_with(struct server *server, FILE *config, const char *more)
{
    (void)fprintf(config, "%s\n", more ? more : "");
    assert_int_equal(fclose(config), 0);
    server_again(server);
    return server;
}

struct server *server_start_on(int port, const char *more)
{
    struct server *server = new_server(port);
    FILE *config = write_config(server);

    (void)fprintf(config, "unixsocket %s\nunixsocketperm 777\nsave \"\"\n", server->socket);
    return start_with(server, config, more);
}

struct server *server_start(const char *more)
{
    return server_start_on(server_free_port(), more);
}

struct server *server_start_sentinel(int master_port, const char *more)
{
    struct server *server = new_server(server_free_port());
    FILE *config = write_config(server);

    server->sentinel = true;
    (void)fprintf(config,
                  "sentinel monitor mymaster 127.0.0.1 %d 1\n"
                  "sentinel down-after-milliseconds mymaster 300\n"
                  "sentinel failover-timeout mymaster 3000\n",
                  master_port);
    return start_with(server, config, more);
}

int server_port(const struct server *server)
{
    return server->port;
}

const char *server_socket(const struct server *server)
{
    return server->socket;
}

void server_kill(struct server *server)
{
    private_end(&server->own, SIGKILL);
}

void server_stop(struct server *server)
{
    if (server) {
        private_remove(&server->own);
        free(server);
    }
}

#include "server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/time.h"
#include "support/folder.h"

enum {
    ARGS_MAX = 4,
    LOG_BYTES = 256 * 1024,
    DEADLINE_MS = 20000,
    NOBODY = 65534,
    PORT_MIN = 12000,
    PORTS = 20000
};

struct server {
    pid_t pid; /* 0: killed */
    int port;
    int log_fd;
    size_t log_len;
    char log[LOG_BYTES];
    const char *ready; /* what it logs when it is */
    char *socket;
    char *args[ARGS_MAX]; /* up to a NULL; the folder's */
};

/* Below those that the kernel gives to whoever connects: a server has to get its own back. */
int server_free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bool is_free = false;
    uint16_t port = 0;

    while (!is_free) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        bq_random(&port, sizeof(port));
        port = (uint16_t)(PORT_MIN + port % PORTS);
        address.sin_port = htons(port);
        is_free = bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
        close(fd);
    }
    return port;
}

/* In the child. Changing the user takes the death signal away, so that comes after. */
static void become_server(const struct server *server, int log_fd, pid_t parent)
{
    if (getuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)) {
        _exit(126);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(126);
    }
    dup2(log_fd, STDOUT_FILENO);
    dup2(log_fd, STDERR_FILENO);
    execvp(server->args[0], server->args);
    _exit(127);
}

static void spawn(struct server *server)
{
    pid_t parent = getpid();
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    server->log_len = 0;
    server->pid = fork();
    if (server->pid == 0) {
        become_server(server, ends[1], parent);
    }
    assert_true(server->pid > 0);
    close(ends[1]);
    server->log_fd = ends[0];
}

/* False when it has ended, or the deadline has passed. */
static bool read_log(struct server *server, int64_t until_ms)
{
    struct pollfd look = {.fd = server->log_fd, .events = POLLIN};
    int64_t left_ms = until_ms - bq_mono_ms();

    if (left_ms <= 0 || poll(&look, 1, (int)left_ms) <= 0) {
        return false;
    }
    assert_true(server->log_len < LOG_BYTES - 1);
    ssize_t got =
        read(server->log_fd, server->log + server->log_len, LOG_BYTES - 1 - server->log_len);
    if (got <= 0) {
        return false;
    }
    server->log_len += (size_t)got;
    server->log[server->log_len] = '\0';
    return true;
}

void server_wait_for(struct server *server, const char *text)
{
    int64_t until_ms = bq_mono_ms() + DEADLINE_MS;

    while (!strstr(server->log, text)) {
        if (!read_log(server, until_ms)) {
            fail_msg("%s has not said \"%s\": %s", server->args[0], text, server->log);
        }
    }
}

void server_again(struct server *server)
{
    server->log[0] = '\0';
    spawn(server);
    server_wait_for(server, server->ready);
}

static struct server *new_server(int port, const char *ready)
{
    struct server *server = calloc(1, sizeof(*server));

    assert_non_null(server);
    server->port = port;
    server->ready = ready;
    server->args[0] = folder_text("redis-server");
    return server;
}

/* A folder of its own, where it may write. */
static char *make_home(int port)
{
    char *home = folder_text("%s/%d", folder_path(), port);

    assert_int_equal(mkdir(home, 0755), 0);
    assert_int_equal(getuid() == 0 ? chown(home, NOBODY, NOBODY) : 0, 0);
    return home;
}

/* Written by us and rewritten by a Sentinel. */
static char *write_config(const char *home, const char *text, const char *more)
{
    char *path = folder_text("%s/conf", home);
    FILE *out = fopen(path, "we");

    assert_non_null(out);
    fprintf(out, "bind 127.0.0.1\ndir %s\n%s\n%s\n", home, text, more ? more : "");
    assert_int_equal(fclose(out), 0);
    assert_int_equal(getuid() == 0 ? chown(path, NOBODY, NOBODY) : 0, 0);
    return path;
}

struct server *server_start_on(int port, const char *more)
{
    struct server *server = new_server(port, "Ready to accept connections");
    char *home = make_home(port);

    server->socket = folder_text("%s/s", home);
    server->args[1] = write_config(
        home,
        folder_text("port %d\nunixsocket %s\nunixsocketperm 777\nsave \"\"", port, server->socket),
        more);
    server_again(server);
    return server;
}

struct server *server_start(const char *more)
{
    return server_start_on(server_free_port(), more);
}

struct server *server_start_sentinel(int master_port, const char *more)
{
    struct server *server = new_server(server_free_port(), "+monitor master");

    server->args[1] = write_config(make_home(server->port),
                                   folder_text("port %d\n"
                                               "sentinel monitor mymaster 127.0.0.1 %d 1\n"
                                               "sentinel down-after-milliseconds mymaster 300\n"
                                               "sentinel failover-timeout mymaster 3000",
                                               server->port, master_port),
                                   more);
    server->args[2] = folder_text("--sentinel");
    server_again(server);
    return server;
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
    if (server->pid == 0) {
        return;
    }
    assert_int_equal(kill(server->pid, SIGKILL), 0);
    assert_int_equal(waitpid(server->pid, NULL, 0), server->pid);
    close(server->log_fd);
    server->pid = 0;
}

void server_stop(struct server *server)
{
    if (server) {
        server_kill(server);
        free(server);
    }
}

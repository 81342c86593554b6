#include "support/postgres.h"

#include <assert.h>
#include <dirent.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include <libpq-fe.h>

enum { START_MS = 60 * 1000, END_MS = 30 * 1000, CHILDREN_MAX = 256 };

/* -- its place -- */

/* It names the socket, too. */
static int port_of(const struct postgres_server *server)
{
    return server->tcp ? server->port : 5432;
}

static void name_urls(struct postgres_server *server)
{
    (void)snprintf(server->url, sizeof(server->url), "postgresql://barq@/%s?host=%s&port=%d",
                   server->database, server->own.folder, port_of(server));
    if (server->tcp) {
        (void)snprintf(server->tcp_url, sizeof(server->tcp_url),
                       "postgresql://barq@127.0.0.1:%d/%s", server->port, server->database);
    }
}

/* -- its processes -- */

/* Where Debian keeps what only servers need. */
static void find_program(const char *name, char *out)
{
    char folder[PRIVATE_PATH_BYTES] = "";
    FILE *told = popen("pg_config --bindir", "re");

    if (told) {
        (void)!fgets(folder, sizeof(folder), told);
        (void)pclose(told);
    }
    folder[strcspn(folder, "\n")] = '\0';
    (void)snprintf(out, PRIVATE_PATH_BYTES, "%.80s/%.20s", folder, name);
}

/* Unpacked as who we are: root's is nobody's then. */
static void make_cluster(const struct postgres_server *server)
{
    const char *build = getenv("BUILD_ROOT");
    char cluster[PATH_MAX];
    struct private_words words = {.count = 0};

    assert(build);
    (void)snprintf(cluster, sizeof(cluster), "%s/tests/support/postgres_cluster.tar", build);
    private_add(&words, (const char *const[]){"tar", "-xf", cluster, NULL});
    private_run(&server->own, &words);
}

static void add_settings(const struct postgres_server *server, struct private_words *words)
{
    static const char *const quick[] = {"-c", "fsync=off", "-c", "full_page_writes=off", NULL};

    private_add(words, (const char *const[]){"-c", "shared_buffers=16MB", NULL});
    private_add(words, server->durable ? NULL : quick);
    for (const char *const *arg = server->args; arg && *arg; arg++) {
        private_add(words, (const char *const[]){"-c", *arg, NULL});
    }
}

/* -- what it is told -- */

static PGconn *connect_to(const struct postgres_server *server, const char *database)
{
    char port[16];

    (void)snprintf(port, sizeof(port), "%d", port_of(server));
    return PQconnectdbParams(
        (const char *const[]){"host", "port", "user", "dbname", "client_encoding", NULL},
        (const char *const[]){server->own.folder, port, "barq", database, "UTF8", NULL}, 0);
}

static void keep_silent(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

static const char *run(struct postgres_server *server, const char *database, const char *sql)
{
    PGconn *connection = connect_to(server, database);
    if (PQstatus(connection) != CONNECTION_OK) {
        (void)fprintf(stderr, "%s", PQerrorMessage(connection));
        private_give_up(&server->own, "cannot be reached");
    }

    PQsetNoticeReceiver(connection, keep_silent, NULL);
    PGresult *result = PQexec(connection, sql);
    bool fine = PQresultStatus(result) == PGRES_TUPLES_OK;
    server->said[0] = '\0';
    if (fine && PQntuples(result) > 0 && PQnfields(result) > 0) {
        (void)snprintf(server->said, sizeof(server->said), "%s", PQgetvalue(result, 0, 0));
    } else if (!fine && PQresultStatus(result) != PGRES_COMMAND_OK) {
        const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
        const char *why = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

        (void)snprintf(server->said, sizeof(server->said), "ERROR %s: %s", code ? code : "-----",
                       why ? why : PQerrorMessage(connection));
    }
    PQclear(result);
    PQfinish(connection);
    return server->said;
}

const char *postgres_say(struct postgres_server *server, const char *format, ...)
{
    char *text = NULL;
    va_list values;

    va_start(values, format);
    int len = vasprintf(&text, format, values);
    va_end(values);
    assert(len >= 0);
    const char *said = run(server, server->database, text);
    free(text);
    return said;
}

void postgres_fresh(struct postgres_server *server)
{
    char sql[128];
    char name[POSTGRES_NAME_BYTES];

    (void)snprintf(name, sizeof(name), "test%d", ++server->databases);
    (void)snprintf(sql, sizeof(sql), "CREATE DATABASE %s TEMPLATE template0 STRATEGY file_copy",
                   name);
    const char *said = run(server, "postgres", sql);
    if (*said != '\0') {
        private_give_up(&server->own, said);
    }
    memcpy(server->database, name, sizeof(name));
    name_urls(server);
}

/* -- its start and its end -- */

static bool is_there(void *of)
{
    PGconn *connection = connect_to(of, "postgres");
    bool there = PQstatus(connection) == CONNECTION_OK;

    PQfinish(connection);
    return there;
}

void postgres_start(struct postgres_server *server)
{
    char program[PRIVATE_PATH_BYTES];
    char data[PRIVATE_PATH_BYTES];
    char port[16];
    struct private_words words;
    bool first = server->own.folder[0] == '\0';

    if (first) {
        server->own.what = "postgres";
        private_make(&server->own);
        make_cluster(server);
        server->port = server->tcp ? private_port() : 0;
    }
    find_program("postgres", program);
    (void)snprintf(port, sizeof(port), "%d", port_of(server));
    private_words(&server->own, &words);
    private_add(&words,
                (const char *const[]){program, "-D", private_path(&server->own, "data", data), "-k",
                                      server->own.folder, "-h", server->tcp ? "127.0.0.1" : "",
                                      "-p", port, NULL});
    add_settings(server, &words);
    private_start(&server->own, &words, is_there, server, START_MS);
    if (first) {
        postgres_fresh(server);
    }
}

/* Whose parent it is, by /proc/PID/stat: "PID (NAME) STATE PARENT ..."; 0: it has ended. */
static pid_t parent_of(const char *pid)
{
    char path[64];
    char text[512] = "";
    int parent = 0;

    (void)snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
    FILE *file = fopen(path, "re");
    if (!file) {
        return 0;
    }
    (void)!fgets(text, sizeof(text), file);
    (void)fclose(file);
    const char *after = strrchr(text, ')');
    return after && strlen(after) > 4 && (parent = atoi(after + 4)) > 0 ? parent : 0;
}

/* Its backends and the like: each is a session of its own, so that no signal reaches them all. */
static size_t find_children(const struct postgres_server *server, pid_t *out)
{
    DIR *processes = opendir("/proc");
    const struct dirent *entry;
    size_t count = 0;

    assert(processes);
    while ((entry = readdir(processes)) != NULL && count < CHILDREN_MAX) {
        if (parent_of(entry->d_name) == server->own.pid) {
            out[count++] = (pid_t)atoi(entry->d_name);
        }
    }
    (void)closedir(processes);
    return count;
}

/* They are not our children; a pidfd tells when they have ended. */
static void kill_and_wait(const struct postgres_server *server, pid_t pid)
{
    struct pollfd end = {.fd = pidfd_open(pid, 0), .events = POLLIN};

    if (end.fd < 0) {
        return;
    }
    (void)kill(pid, SIGKILL);
    if (poll(&end, 1, END_MS) != 1) {
        private_give_up(&server->own, "one of its processes does not end");
    }
    close(end.fd);
}

void postgres_stop(struct postgres_server *server)
{
    private_end(&server->own, SIGINT);
}

/* The postmaster is stopped first, so that it starts no others meanwhile. */
void postgres_kill(struct postgres_server *server)
{
    pid_t children[CHILDREN_MAX];

    if (server->own.pid <= 0) {
        return;
    }
    (void)kill(server->own.pid, SIGSTOP);
    size_t count = find_children(server, children);
    private_end(&server->own, SIGKILL);
    for (size_t i = 0; i < count; i++) {
        kill_and_wait(server, children[i]);
    }
}

static void signal_all(const struct postgres_server *server, int number)
{
    pid_t children[CHILDREN_MAX];

    (void)kill(server->own.pid, number);
    size_t count = find_children(server, children);
    for (size_t i = 0; i < count; i++) {
        (void)kill(children[i], number);
    }
}

void postgres_freeze(struct postgres_server *server)
{
    signal_all(server, SIGSTOP);
}

void postgres_thaw(struct postgres_server *server)
{
    signal_all(server, SIGCONT);
}

/* SIGQUIT: at once, but the postmaster gives its shared memory back. */
void postgres_remove(struct postgres_server *server)
{
    if (server->own.folder[0] == '\0') {
        return;
    }
    private_end(&server->own, SIGQUIT);
    private_remove(&server->own);
    *server = (struct postgres_server){
        .tcp = server->tcp, .durable = server->durable, .args = server->args};
}

void postgres_set_clock(struct postgres_server *server, int64_t ahead_ms)
{
    private_set_clock(&server->own, ahead_ms);
}

void postgres_advance(struct postgres_server *server, int64_t ms)
{
    private_advance(&server->own, ms);
}

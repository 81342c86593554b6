#include "support/postgres.h"

#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "base/time.h"
#include "support/folder.h"

enum {
    START_MS = 60 * 1000,
    END_MS = 30 * 1000,
    LOOK_MS = 5,
    ARGS_MAX = 64,
    CHILDREN_MAX = 256,
    SO_MAX_BYTES = 1 << 20
};

static const char *in_folder(const struct postgres_server *server, const char *name, char *out)
{
    int len = snprintf(out, POSTGRES_PATH_BYTES, "%s/%s", server->folder, name);

    assert(len > 0 && len < POSTGRES_PATH_BYTES);
    return out;
}

/* Ends the program: with what the server said of itself. */
__attribute__((noreturn)) static void give_up(const struct postgres_server *server, const char *why)
{
    char path[POSTGRES_PATH_BYTES];
    char log[8192];
    FILE *file = fopen(in_folder(server, "log", path), "re");
    size_t len = file ? fread(log, 1, sizeof(log), file) : 0;

    (void)fprintf(stderr, "postgres: %s\n%.*s\n", why, (int)len, log);
    abort();
}

/* -- its place -- */

/* Free now; taken is what somebody else gets before the server does. */
static int free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    int failed =
        bind(fd, (struct sockaddr *)&at, len) || getsockname(fd, (struct sockaddr *)&at, &len);
    assert(!failed);
    close(fd);
    return ntohs(at.sin_port);
}

/* A copy, since nobody may not be let into the build folder. */
static void copy_library(const struct postgres_server *server)
{
    char from[4096];
    char to[POSTGRES_PATH_BYTES];
    const char *build = getenv("BUILD_ROOT");

    assert(build);
    (void)snprintf(from, sizeof(from), "%s/tests/support/shifted_clock.so", build);
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(in_folder(server, "shifted_clock.so", to), O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
    if (in < 0 || out < 0 || sendfile(out, in, NULL, SO_MAX_BYTES) <= 0) {
        give_up(server, "there is no tests/support/shifted_clock.so in $BUILD_ROOT");
    }
    (void)fchmod(out, 0755);
    close(in);
    close(out);
}

static void make_clock(struct postgres_server *server)
{
    char path[POSTGRES_PATH_BYTES];
    int fd = open(in_folder(server, "clock", path), O_RDWR | O_CREAT | O_CLOEXEC, 0644);

    int failed = fd < 0 || fchmod(fd, 0644) || ftruncate(fd, sizeof(int64_t));
    assert(!failed);
    void *mapped = mmap(NULL, sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert(mapped != MAP_FAILED);
    server->clock_ms = mapped;
    close(fd);
}

static void make_folder(struct postgres_server *server)
{
    const char *tmp = getenv("TMPDIR");
    int len = snprintf(server->folder, sizeof(server->folder), "%s/barq-postgres-XXXXXX",
                       tmp && *tmp ? tmp : "/tmp");

    assert(len > 0 && len < POSTGRES_FOLDER_BYTES);
    if (!mkdtemp(server->folder) || chmod(server->folder, 0755) != 0) {
        give_up(server, "no folder for it can be made");
    }
    if (geteuid() == 0) {
        const struct passwd *nobody = getpwnam("nobody");
        int failed = !nobody || chown(server->folder, nobody->pw_uid, nobody->pw_gid);
        assert(!failed);
    }
}

/* It names the socket, too. */
static int port_of(const struct postgres_server *server)
{
    return server->tcp ? server->port : 5432;
}

static void name_urls(struct postgres_server *server)
{
    (void)snprintf(server->url, sizeof(server->url), "postgresql://barq@/%s?host=%s&port=%d",
                   server->database, server->folder, port_of(server));
    if (server->tcp) {
        (void)snprintf(server->tcp_url, sizeof(server->tcp_url),
                       "postgresql://barq@127.0.0.1:%d/%s", server->port, server->database);
    }
}

/* -- its processes -- */

struct words {
    const char *of[ARGS_MAX];
    size_t count;
};

static void add_words(struct words *words, const char *const *more)
{
    for (; more && *more; more++) {
        assert(words->count < ARGS_MAX - 1);
        words->of[words->count++] = *more;
    }
}

/* Where Debian keeps what only servers need. */
static void find_program(const char *name, char *out)
{
    char folder[POSTGRES_PATH_BYTES] = "";
    FILE *told = popen("pg_config --bindir", "re");

    if (told) {
        (void)!fgets(folder, sizeof(folder), told);
        (void)pclose(told);
    }
    folder[strcspn(folder, "\n")] = '\0';
    (void)snprintf(out, POSTGRES_PATH_BYTES, "%.90s/%.30s", folder, name);
}

static pid_t spawn(const struct postgres_server *server, const struct words *words)
{
    char log[POSTGRES_PATH_BYTES];
    posix_spawn_file_actions_t files;
    pid_t pid = 0;

    (void)in_folder(server, "log", log);
    int failed = posix_spawn_file_actions_init(&files) ||
                 posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0) ||
                 posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log,
                                                  O_WRONLY | O_CREAT | O_APPEND, 0644) ||
                 posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO) ||
                 posix_spawn_file_actions_addchdir_np(&files, server->folder);
    assert(!failed);
    /* posix_spawn() writes to none of them. */
    char *argv[ARGS_MAX];
    memcpy(argv, words->of, sizeof(argv));
    if (posix_spawnp(&pid, argv[0], &files, NULL, argv, environ) != 0) {
        give_up(server, "cannot be executed");
    }
    (void)posix_spawn_file_actions_destroy(&files);
    return pid;
}

static void add_user(struct words *words)
{
    static const char *const dies_with_us[] = {"setpriv", "--pdeathsig", "KILL", NULL};
    static const char *const as_nobody[] = {"--reuid", "nobody",         "--regid",
                                            "nogroup", "--clear-groups", NULL};

    add_words(words, dies_with_us);
    add_words(words, geteuid() == 0 ? as_nobody : NULL);
}

static void make_cluster(const struct postgres_server *server)
{
    char program[POSTGRES_PATH_BYTES];
    char data[POSTGRES_PATH_BYTES];
    struct words words = {0};
    int status = -1;

    find_program("initdb", program);
    add_user(&words);
    add_words(&words,
              (const char *const[]){program, "-D", in_folder(server, "data", data), "-U", "barq",
                                    "--auth", "trust", "--no-sync", "--no-instructions",
                                    "--encoding", "UTF8", "--no-locale", NULL});
    pid_t pid = spawn(server, &words);
    if (waitpid(pid, &status, 0) != pid || status != 0) {
        give_up(server, "initdb failed");
    }
}

static void run_postmaster(struct postgres_server *server)
{
    static const char *const quick[] = {"-c", "fsync=off", "-c", "full_page_writes=off", NULL};
    struct words words = {0};
    char program[POSTGRES_PATH_BYTES];
    char data[POSTGRES_PATH_BYTES];
    char preload[POSTGRES_PATH_BYTES + 32];
    char clock[POSTGRES_PATH_BYTES + 32];
    char port[16];

    find_program("postgres", program);
    (void)snprintf(preload, sizeof(preload), "LD_PRELOAD=%s/shifted_clock.so", server->folder);
    (void)snprintf(clock, sizeof(clock), "SHIFTED_CLOCK=%s/clock", server->folder);
    (void)snprintf(port, sizeof(port), "%d", port_of(server));
    add_user(&words);
    add_words(&words, (const char *const[]){"env", preload, clock, program, "-D",
                                            in_folder(server, "data", data), "-k", server->folder,
                                            "-h", server->tcp ? "127.0.0.1" : "", "-p", port, "-c",
                                            "shared_buffers=16MB", NULL});
    add_words(&words, server->durable ? NULL : quick);
    for (const char *const *arg = server->args; arg && *arg; arg++) {
        add_words(&words, (const char *const[]){"-c", *arg, NULL});
    }
    server->pid = spawn(server, &words);
}

/* -- what it is told -- */

static PGconn *connect_to(const struct postgres_server *server, const char *database)
{
    char port[16];

    (void)snprintf(port, sizeof(port), "%d", port_of(server));
    return PQconnectdbParams(
        (const char *const[]){"host", "port", "user", "dbname", "client_encoding", NULL},
        (const char *const[]){server->folder, port, "barq", database, "UTF8", NULL}, 0);
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
        give_up(server, "cannot be reached");
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
    (void)snprintf(sql, sizeof(sql), "CREATE DATABASE %s TEMPLATE template0", name);
    const char *said = run(server, "postgres", sql);
    if (*said != '\0') {
        give_up(server, said);
    }
    memcpy(server->database, name, sizeof(name));
    name_urls(server);
}

/* -- its start and its end -- */

static bool is_there(const struct postgres_server *server)
{
    PGconn *connection = connect_to(server, "postgres");
    bool there = PQstatus(connection) == CONNECTION_OK;

    PQfinish(connection);
    return there;
}

void postgres_start(struct postgres_server *server)
{
    int64_t deadline_ms = bq_mono_ms() + START_MS;
    bool first = server->folder[0] == '\0';

    assert(server->pid == 0);
    if (first) {
        make_folder(server);
        copy_library(server);
        make_clock(server);
        make_cluster(server);
        server->port = server->tcp ? free_port() : 0;
    }
    run_postmaster(server);
    struct pollfd end = {.fd = pidfd_open(server->pid, 0), .events = POLLIN};
    assert(end.fd >= 0);
    while (!is_there(server)) {
        if (poll(&end, 1, LOOK_MS) != 0) {
            give_up(server, "ended at its start");
        }
        if (bq_mono_ms() > deadline_ms) {
            give_up(server, "does not answer");
        }
    }
    close(end.fd);
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
        if (parent_of(entry->d_name) == server->pid) {
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
        give_up(server, "one of its processes does not end");
    }
    close(end.fd);
}

static void end_with(struct postgres_server *server, int number)
{
    if (server->pid > 0) {
        (void)kill(server->pid, number);
        (void)waitpid(server->pid, NULL, 0);
        server->pid = 0;
    }
}

void postgres_stop(struct postgres_server *server)
{
    end_with(server, SIGINT);
}

/* The postmaster is stopped first, so that it starts no others meanwhile. */
void postgres_kill(struct postgres_server *server)
{
    pid_t children[CHILDREN_MAX];

    if (server->pid <= 0) {
        return;
    }
    (void)kill(server->pid, SIGSTOP);
    size_t count = find_children(server, children);
    end_with(server, SIGKILL);
    for (size_t i = 0; i < count; i++) {
        kill_and_wait(server, children[i]);
    }
}

static void signal_all(const struct postgres_server *server, int number)
{
    pid_t children[CHILDREN_MAX];

    (void)kill(server->pid, number);
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
    if (server->folder[0] == '\0') {
        return;
    }
    end_with(server, SIGQUIT);
    (void)munmap(server->clock_ms, sizeof(int64_t));
    (void)folder_remove_at(server->folder);
    *server = (struct postgres_server){
        .tcp = server->tcp, .durable = server->durable, .args = server->args};
}

/* -- its clock -- */

void postgres_set_clock(struct postgres_server *server, int64_t ahead_ms)
{
    atomic_store(server->clock_ms, ahead_ms);
}

void postgres_advance(struct postgres_server *server, int64_t ms)
{
    (void)atomic_fetch_add(server->clock_ms, ms);
}

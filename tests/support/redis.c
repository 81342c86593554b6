#include "support/redis.h"

#include <assert.h>
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
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"
#include "support/folder.h"

enum {
    START_MS = 10 * 1000,
    SAY_MS = 10 * 1000,
    LOOK_MS = 2,
    ARGS_MAX = 64,
    SO_MAX_BYTES = 1 << 20
};

static const char *in_folder(const struct redis_server *server, const char *name, char *out)
{
    int len = snprintf(out, REDIS_PATH_BYTES, "%s/%s", server->folder, name);

    assert(len > 0 && len < REDIS_PATH_BYTES);
    return out;
}

/* Ends the program: with what the server said of itself. */
static void give_up(const struct redis_server *server, const char *why)
{
    char path[REDIS_PATH_BYTES];
    char log[4096];
    FILE *file = fopen(in_folder(server, "log", path), "re");
    size_t len = file ? fread(log, 1, sizeof(log), file) : 0;

    (void)fprintf(stderr, "redis-server: %s\n%.*s\n", why, (int)len, log);
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
static void copy_library(const struct redis_server *server)
{
    char from[4096];
    char to[REDIS_PATH_BYTES];
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

static void make_clock(struct redis_server *server)
{
    char path[REDIS_PATH_BYTES];
    int fd = open(in_folder(server, "clock", path), O_RDWR | O_CREAT | O_CLOEXEC, 0644);

    int failed = fd < 0 || fchmod(fd, 0644) || ftruncate(fd, sizeof(int64_t));
    assert(!failed);
    void *mapped = mmap(NULL, sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert(mapped != MAP_FAILED);
    server->clock_ms = mapped;
    close(fd);
}

static void make_place(struct redis_server *server)
{
    const char *tmp = getenv("TMPDIR");
    int len = snprintf(server->folder, sizeof(server->folder), "%s/barq-redis-XXXXXX",
                       tmp && *tmp ? tmp : "/tmp");

    assert(len > 0 && len < REDIS_FOLDER_BYTES);
    if (!mkdtemp(server->folder) || chmod(server->folder, 0755) != 0) {
        give_up(server, "no folder for it can be made");
    }
    if (geteuid() == 0) {
        const struct passwd *nobody = getpwnam("nobody");
        int failed = !nobody || chown(server->folder, nobody->pw_uid, nobody->pw_gid);
        assert(!failed);
    }
    (void)in_folder(server, "socket", server->socket);
    (void)snprintf(server->url, sizeof(server->url), "unix://%s", server->socket);
    if (server->tcp) {
        server->port = free_port();
        (void)snprintf(server->tcp_url, sizeof(server->tcp_url), "redis://127.0.0.1:%d",
                       server->port);
    }
    copy_library(server);
    make_clock(server);
}

/* -- its process -- */

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

static void spawn_it(struct redis_server *server, const struct words *words)
{
    char log[REDIS_PATH_BYTES];
    posix_spawn_file_actions_t files;

    (void)in_folder(server, "log", log);
    int failed = posix_spawn_file_actions_init(&files) ||
                 posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0) ||
                 posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log,
                                                  O_WRONLY | O_CREAT | O_APPEND, 0644) ||
                 posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
    assert(!failed);
    /* posix_spawn() writes to none of them. */
    char *argv[ARGS_MAX];
    memcpy(argv, words->of, sizeof(argv));
    if (posix_spawnp(&server->pid, argv[0], &files, NULL, argv, environ) != 0) {
        give_up(server, "cannot be executed");
    }
    (void)posix_spawn_file_actions_destroy(&files);
}

static void spawn(struct redis_server *server)
{
    static const char *const dies_with_us[] = {"setpriv", "--pdeathsig", "KILL", NULL};
    static const char *const as_nobody[] = {"--reuid", "nobody",         "--regid",
                                            "nogroup", "--clear-groups", NULL};
    struct words words = {0};
    char preload[REDIS_PATH_BYTES + 16];
    char clock[REDIS_PATH_BYTES + 16];
    char port[16];

    (void)snprintf(preload, sizeof(preload), "LD_PRELOAD=%s/shifted_clock.so", server->folder);
    (void)snprintf(clock, sizeof(clock), "SHIFTED_CLOCK=%s/clock", server->folder);
    (void)snprintf(port, sizeof(port), "%d", server->port);
    add_words(&words, dies_with_us);
    add_words(&words, geteuid() == 0 ? as_nobody : NULL);
    add_words(&words, (const char *const[]){"env", preload, clock, "redis-server", NULL});
    add_words(&words, (const char *const[]){"--bind", "127.0.0.1", "--port", port, "--unixsocket",
                                            server->socket, "--unixsocketperm", "777", "--dir",
                                            server->folder, "--save", "", NULL});
    add_words(&words, server->args);
    spawn_it(server, &words);
}

static int connect_to(const struct redis_server *server)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    struct timeval limit = {.tv_sec = SAY_MS / 1000};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    memcpy(at.sun_path, server->socket, sizeof(at.sun_path));
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    if (connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool is_there(struct redis_server *server)
{
    int fd = connect_to(server);

    if (fd < 0) {
        return false;
    }
    close(fd);
    return strcmp(redis_say(server, "PING"), "PONG") == 0;
}

void redis_start(struct redis_server *server)
{
    int64_t deadline_ms = bq_mono_ms() + START_MS;

    assert(server->pid == 0);
    if (server->folder[0] == '\0') {
        make_place(server);
    }
    spawn(server);
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
}

static void end_with(struct redis_server *server, int number)
{
    if (server->pid > 0) {
        (void)kill(server->pid, number);
        (void)waitpid(server->pid, NULL, 0);
        server->pid = 0;
    }
}

void redis_stop(struct redis_server *server)
{
    end_with(server, SIGTERM);
}

void redis_kill(struct redis_server *server)
{
    end_with(server, SIGKILL);
}

void redis_remove(struct redis_server *server)
{
    if (server->folder[0] == '\0') {
        return;
    }
    redis_kill(server);
    (void)munmap(server->clock_ms, sizeof(int64_t));
    (void)folder_remove_at(server->folder);
    *server = (struct redis_server){.tcp = server->tcp, .args = server->args};
}

/* -- its clock -- */

void redis_set_clock(struct redis_server *server, int64_t ahead_ms)
{
    atomic_store(server->clock_ms, ahead_ms);
}

void redis_advance(struct redis_server *server, int64_t ms)
{
    (void)atomic_fetch_add(server->clock_ms, ms);
}

/* -- what it is told -- */

/* How long the whole answer is whose first `len` bytes are `text`; 0 when that cannot be said yet. */
static size_t whole_bytes(const char *text, size_t len)
{
    const char *end = memmem(text, len, "\r\n", 2);
    if (!end) {
        return 0;
    }

    size_t line = (size_t)(end - text) + 2;
    long value = text[0] == '$' ? strtol(text + 1, NULL, 10) : -1;
    assert(text[0] != '*' && value < REDIS_SAID_BYTES);
    return value < 0 ? line : line + (size_t)value + 2;
}

static size_t receive(struct redis_server *server, int fd)
{
    size_t len = 0;
    size_t wanted = 0;

    while (wanted == 0 || len < wanted) {
        ssize_t got = recv(fd, server->said + len, sizeof(server->said) - 1 - len, 0);
        if (got <= 0) {
            give_up(server, "does not say anything, or too much");
        }
        len += (size_t)got;
        wanted = whole_bytes(server->said, len);
    }
    return len;
}

const char *redis_say(struct redis_server *server, const char *format, ...)
{
    char *text = NULL;
    va_list values;
    int fd = connect_to(server);

    va_start(values, format);
    int told_bytes = vasprintf(&text, format, values);
    va_end(values);
    assert(told_bytes >= 0);
    if (fd < 0 || send(fd, text, (size_t)told_bytes, MSG_NOSIGNAL) != told_bytes ||
        send(fd, "\r\n", 2, MSG_NOSIGNAL) != 2) {
        give_up(server, "cannot be reached");
    }
    free(text);
    size_t len = receive(server, fd);
    close(fd);

    server->said[len - 2] = '\0';
    if (server->said[0] == '-') {
        return server->said;
    }
    if (server->said[0] != '$') {
        return server->said + 1;
    }
    return server->said[1] == '-' ? "" : strchr(server->said, '\n') + 1;
}

#include "support/private.h"

#include <assert.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
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

#include "base/time.h"
#include "support/folder.h"

enum { LOOK_MS = 10, SO_MAX_BYTES = 1 << 20, LOG_BYTES = 8192, PORT_MIN = 12000, PORTS = 20000 };

const char *private_path(const struct private_server *own, const char *file, char *out)
{
    int len = snprintf(out, PRIVATE_PATH_BYTES, "%s/%s", own->folder, file);

    assert(len > 0 && len < PRIVATE_PATH_BYTES);
    return out;
}

void private_give_up(const struct private_server *own, const char *why)
{
    char path[PRIVATE_PATH_BYTES];
    char log[LOG_BYTES];
    FILE *file = fopen(private_path(own, "log", path), "re");
    size_t len = file ? fread(log, 1, sizeof(log), file) : 0;

    (void)fprintf(stderr, "%s: %s\n%.*s\n", own->what, why, (int)len, log);
    abort();
}

/* -- its place -- */

int private_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bool is_free = false;
    uint16_t port = 0;

    while (!is_free) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        bq_random(&port, sizeof(port));
        port = (uint16_t)(PORT_MIN + port % PORTS);
        at.sin_port = htons(port);
        is_free = bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0;
        close(fd);
    }
    return port;
}

/* A copy, since nobody may not be let into the build folder. */
static void copy_library(const struct private_server *own)
{
    char from[4096];
    char to[PRIVATE_PATH_BYTES];
    const char *build = getenv("BUILD_ROOT");

    assert(build);
    (void)snprintf(from, sizeof(from), "%s/tests/support/shifted_clock.so", build);
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(private_path(own, "shifted_clock.so", to), O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
    if (in < 0 || out < 0 || sendfile(out, in, NULL, SO_MAX_BYTES) <= 0) {
        private_give_up(own, "there is no tests/support/shifted_clock.so in $BUILD_ROOT");
    }
    (void)fchmod(out, 0755);
    close(in);
    close(out);
}

static void make_clock(struct private_server *own)
{
    char path[PRIVATE_PATH_BYTES];
    int fd = open(private_path(own, "clock", path), O_RDWR | O_CREAT | O_CLOEXEC, 0644);

    int failed = fd < 0 || fchmod(fd, 0644) || ftruncate(fd, sizeof(int64_t));
    assert(!failed);
    void *mapped = mmap(NULL, sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert(mapped != MAP_FAILED);
    own->clock_ms = mapped;
    close(fd);
}

void private_make(struct private_server *own)
{
    const char *tmp = getenv("TMPDIR");
    int len = snprintf(own->folder, sizeof(own->folder), "%s/barq-%s-XXXXXX",
                       tmp && *tmp ? tmp : "/tmp", own->what);

    assert(len > 0 && len < PRIVATE_FOLDER_BYTES);
    if (!mkdtemp(own->folder) || chmod(own->folder, 0755) != 0) {
        private_give_up(own, "no folder for it can be made");
    }
    if (geteuid() == 0) {
        const struct passwd *nobody = getpwnam("nobody");
        int failed = !nobody || chown(own->folder, nobody->pw_uid, nobody->pw_gid);
        assert(!failed);
    }
    copy_library(own);
    make_clock(own);
}

void private_remove(struct private_server *own)
{
    if (own->folder[0] == '\0') {
        return;
    }
    private_end(own, SIGKILL);
    (void)munmap(own->clock_ms, sizeof(int64_t));
    (void)folder_remove_at(own->folder);
    *own = (struct private_server){.what = own->what};
}

/* -- its process -- */

void private_add(struct private_words *words, const char *const *more)
{
    for (; more && *more; more++) {
        assert(words->count < PRIVATE_WORDS_MAX - 1);
        words->of[words->count++] = *more;
    }
}

void private_words(const struct private_server *own, struct private_words *words)
{
    static const char *const dies_with_us[] = {"setpriv", "--pdeathsig", "KILL", NULL};
    static const char *const as_nobody[] = {"--reuid", "nobody",         "--regid",
                                            "nogroup", "--clear-groups", NULL};

    *words = (struct private_words){.count = 0};
    (void)snprintf(words->preload, sizeof(words->preload), "LD_PRELOAD=%s/shifted_clock.so",
                   own->folder);
    (void)snprintf(words->clock, sizeof(words->clock), "SHIFTED_CLOCK=%s/clock", own->folder);
    private_add(words, dies_with_us);
    private_add(words, geteuid() == 0 ? as_nobody : NULL);
    private_add(words, (const char *const[]){"env", words->preload, words->clock, NULL});
}

static pid_t spawn(const struct private_server *own, const struct private_words *words)
{
    char log[PRIVATE_PATH_BYTES];
    posix_spawn_file_actions_t files;
    pid_t pid = 0;

    (void)private_path(own, "log", log);
    int failed = posix_spawn_file_actions_init(&files) ||
                 posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0) ||
                 posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log,
                                                  O_WRONLY | O_CREAT | O_APPEND, 0644) ||
                 posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO) ||
                 posix_spawn_file_actions_addchdir_np(&files, own->folder);
    assert(!failed);
    /* posix_spawn() writes to none of them. */
    char *argv[PRIVATE_WORDS_MAX];
    memcpy(argv, words->of, sizeof(argv));
    if (posix_spawnp(&pid, argv[0], &files, NULL, argv, environ) != 0) {
        private_give_up(own, "cannot be executed");
    }
    (void)posix_spawn_file_actions_destroy(&files);
    return pid;
}

void private_run(const struct private_server *own, const struct private_words *words)
{
    int status = -1;
    pid_t pid = spawn(own, words);

    if (waitpid(pid, &status, 0) != pid || status != 0) {
        private_give_up(own, "cannot be set up");
    }
}

void private_wait(const struct private_server *own, bool (*is_there)(void *server), void *server,
                  int64_t limit_ms)
{
    int64_t deadline_ms = bq_mono_ms() + limit_ms;
    struct pollfd end = {.fd = pidfd_open(own->pid, 0), .events = POLLIN};
    assert(end.fd >= 0);
    while (!is_there(server)) {
        if (poll(&end, 1, LOOK_MS) != 0) {
            private_give_up(own, "has ended");
        }
        if (bq_mono_ms() > deadline_ms) {
            private_give_up(own, "does not answer");
        }
    }
    close(end.fd);
}

void private_start(struct private_server *own, const struct private_words *words,
                   bool (*is_there)(void *server), void *server, int64_t limit_ms)
{
    assert(own->pid == 0);
    own->pid = spawn(own, words);
    private_wait(own, is_there, server, limit_ms);
}

void private_end(struct private_server *own, int number)
{
    if (own->pid > 0) {
        (void)kill(own->pid, number);
        (void)waitpid(own->pid, NULL, 0);
        own->pid = 0;
    }
}

/* -- its clock -- */

void private_set_clock(struct private_server *own, int64_t ahead_ms)
{
    atomic_store(own->clock_ms, ahead_ms);
}

void private_advance(struct private_server *own, int64_t ms)
{
    (void)atomic_fetch_add(own->clock_ms, ms);
}

#include <assert.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"
#include "broker/contract.h"
#include "support/folder.h"

enum { HANDLES_MAX = 16, URL_BYTES = 1024 };

/* What the test that runs has opened. */
static struct world {
    char url[URL_BYTES];
    struct bq_broker *handles[HANDLES_MAX]; /* NULL: closed */
    int n_handles;
    struct barq_arena arena;
    int64_t ahead_ms;
} world;

static int errands = -1; /* the socket to the process that runs them */

struct errand_note {
    errand *what; /* the same address there, which is a fork of this */
    char url[URL_BYTES];
    int64_t ahead_ms;
    bool die;
};

int make_world(void **state)
{
    memset(&world, 0, sizeof(world));
    if (folder_make(state) != 0) {
        return -1;
    }
    bq_arena_init(&world.arena, 4 * (size_t)ARENA_BYTES);
    contract->make(folder_path(), world.url, sizeof(world.url));
    (void)open_handle();
    return 0;
}

int end_world(void **state)
{
    for (int i = 0; i < world.n_handles; i++) {
        bq_broker_close(world.handles[i]);
    }
    end_workers();
    bq_arena_clear(&world.arena);
    return folder_remove(state);
}

struct barq_arena *world_arena(void)
{
    return &world.arena;
}

static struct bq_broker *open_url(const char *url)
{
    struct bq_broker *broker = NULL;
    struct barq_error err = {0};

    if (bq_broker_open(url, &broker, &err) != BARQ_OK) {
        (void)fprintf(stderr, "%s\n", err.text);
        abort();
    }
    return broker;
}

struct bq_broker *open_handle(void)
{
    struct bq_broker *first = world.n_handles > 0 ? world.handles[0] : NULL;
    struct bq_broker *broker =
        first && contract->share ? contract->share(first) : open_url(world.url);

    assert(world.n_handles < HANDLES_MAX);
    if (!first || !contract->one_clock) {
        contract->advance(broker, world.ahead_ms);
    }
    world.handles[world.n_handles++] = broker;
    return broker;
}

void close_handle(struct bq_broker *broker)
{
    for (int i = 0; i < world.n_handles; i++) {
        if (world.handles[i] == broker) {
            world.handles[i] = NULL;
        }
    }
    bq_broker_close(broker);
}

int64_t now_ms(void)
{
    return bq_wall_ms() + world.ahead_ms;
}

void pass_time(int64_t ms)
{
    world.ahead_ms += ms;
    for (int i = 0; i < world.n_handles; i++) {
        if (world.handles[i]) {
            contract->advance(world.handles[i], ms);
            if (contract->one_clock) {
                return;
            }
        }
    }
}

const char *queue_file(const char *suffix)
{
    return bq_arena_format(&world.arena, "%s/queue.db%s", folder_path(), suffix);
}

const char *queue_url(void)
{
    return world.url;
}

static void run_errand(const struct errand_note *note)
{
    struct bq_broker *broker = open_url(note->url);

    bq_arena_init(&world.arena, ARENA_BYTES);
    memcpy(world.url, note->url, sizeof(world.url));
    world.ahead_ms = note->ahead_ms;
    if (!contract->one_clock) {
        contract->advance(broker, note->ahead_ms);
    }
    note->what(broker);
    if (note->die) {
        (void)raise(SIGKILL);
    }
    bq_broker_close(broker);
    _exit(0);
}

/* Never has a thread or a handle itself, so that its children may have them. */
static void run_errands(int socket)
{
    struct errand_note note;

    while (read(socket, &note, sizeof(note)) == sizeof(note)) {
        int ended = -1;
        pid_t pid = fork();

        if (pid == 0) {
            run_errand(&note);
        }
        (void)waitpid(pid, &ended, 0);
        (void)!write(socket, &ended, sizeof(ended));
    }
    _exit(0);
}

void start_elsewhere(void)
{
    int pair[2];

    if (contract->one_process) {
        return;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        abort();
    }
    pid_t pid = fork();
    if (pid < 0) {
        abort();
    }
    if (pid == 0) {
        close(pair[0]);
        run_errands(pair[1]);
    }
    close(pair[1]);
    errands = pair[0];
}

static void do_errand(errand *what, bool die)
{
    struct errand_note note = {.what = what, .ahead_ms = world.ahead_ms, .die = die};
    int ended = -1;

    if (contract->one_process) {
        struct bq_broker *broker = open_handle();

        what(broker);
        close_handle(broker);
        return;
    }
    memcpy(note.url, world.url, sizeof(note.url));
    assert_int_equal(write(errands, &note, sizeof(note)), sizeof(note));
    wait_readable(errands);
    assert_int_equal(read(errands, &ended, sizeof(ended)), sizeof(ended));
    if (die) {
        assert_true(WIFSIGNALED(ended) && WTERMSIG(ended) == SIGKILL);
    } else {
        assert_true(WIFEXITED(ended) && WEXITSTATUS(ended) == 0);
    }
}

void elsewhere(errand *what)
{
    do_errand(what, false);
}

void elsewhere_and_die(errand *what)
{
    do_errand(what, true);
}

struct bq_job a_job(const char *id)
{
    return (struct bq_job){.id = id,
                           .queue = "q",
                           .payload = "{\"f\":\"echo\"}",
                           .payload_bytes = sizeof("{\"f\":\"echo\"}") - 1,
                           .enqueued_at_ms = now_ms(),
                           .due_at_ms = now_ms()};
}

bool put_job(struct bq_broker *broker, struct bq_job job)
{
    struct bq_enqueue enqueue = {.job = job};
    struct barq_error err = {0};

    if (broker->ops->enqueue(broker, &enqueue, 1, TIMEOUT_MS, &err) != BARQ_OK) {
        fail_msg("%s", err.text);
    }
    return !enqueue.exists;
}

bool put(struct bq_broker *broker, const char *id)
{
    return put_job(broker, a_job(id));
}

struct bq_found found(struct bq_broker *broker, const char *id)
{
    struct bq_found out = {0};
    struct barq_error err = {0};

    if (broker->ops->find(broker, id, &world.arena, &out, TIMEOUT_MS, &err) != BARQ_OK) {
        fail_msg("%s: %s", id, err.text);
    }
    return out;
}

enum barq_job_status status_of(struct bq_broker *broker, const char *id)
{
    struct bq_found out = {0};
    struct barq_error err = {0};

    enum barq_status status = broker->ops->find(broker, id, &world.arena, &out, TIMEOUT_MS, &err);
    if (status == BARQ_ERR_NOTFOUND) {
        return BARQ_JOB_NOT_FOUND;
    }
    assert_int_equal(status, BARQ_OK);
    return out.status;
}

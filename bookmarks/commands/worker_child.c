#include "commands/worker_child.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/epoll.h>

#include "base/log.h"
#include "base/time.h"
#include "commands/follow.h"

enum {
    FIRST_DELAY_MS = 250,
    MOST_DELAY_MS = 10000,
    STEADY_MS = 30000, /* one that lived so long is started again without much delay */
    STOP_MS = 8000,
};

static enum barq_status spawn(struct bm_worker *worker, struct barq_error *err)
{
    char name[] = "bookmarks";
    char command[] = "worker";
    char *argv[] = {name, command, NULL};
    char follow[BM_FOLLOW_BYTES];
    const char *const env[] = {follow, NULL};
    struct bq_child_options options = {
        .path = "/proc/self/exe", .argv = argv, .extra_env = env, .socket_fd = -1, .out_fd = -1};
    bm_follow_variable(follow);
    enum barq_status status = bq_child_spawn(&options, &worker->child, err);
    if (status == BARQ_OK) {
        worker->started_at_ms = bq_mono_ms();
        worker->due_at_ms = 0;
        status = bq_loop_add(worker->loop, &worker->watch, worker->child.pidfd, EPOLLIN, err);
    }
    return status;
}

static void plan_start(struct bm_worker *worker)
{
    int64_t now_ms = bq_mono_ms();

    if (now_ms - worker->started_at_ms > STEADY_MS) {
        worker->delay_ms = FIRST_DELAY_MS;
    }
    worker->due_at_ms = now_ms + worker->delay_ms;
    worker->delay_ms = worker->delay_ms * 2 < MOST_DELAY_MS ? worker->delay_ms * 2 : MOST_DELAY_MS;
}

static void child_ended(struct bq_watch *watch, uint32_t events)
{
    struct bm_worker *worker = (struct bm_worker *)(void *)watch;
    struct bq_child_end end;
    char how[BQ_CHILD_END_BYTES];

    (void)events;
    bq_loop_remove(worker->loop, watch);
    if (!bq_child_reap(&worker->child, &end)) {
        return;
    }
    bq_child_end_text(&end, how);
    plan_start(worker);
    bq_warn("worker ended, will be started again", bq_str("how", how),
            bq_int("in_ms", worker->due_at_ms - bq_mono_ms()));
}

enum barq_status bm_worker_start(struct bm_worker *worker, struct bq_loop *loop,
                                 struct barq_error *err)
{
    *worker = (struct bm_worker){.loop = loop, .delay_ms = FIRST_DELAY_MS};
    worker->watch = (struct bq_watch){.fd = -1, .ready = child_ended};
    worker->child.pidfd = -1;
    return spawn(worker, err);
}

int64_t bm_worker_turn(struct bm_worker *worker)
{
    struct barq_error err;

    if (worker->due_at_ms == 0) {
        return -1;
    }
    int64_t left_ms = worker->due_at_ms - bq_mono_ms();
    if (left_ms > 0) {
        return left_ms;
    }
    if (spawn(worker, &err) == BARQ_OK) {
        return -1;
    }
    bq_error("worker cannot be started", bq_str("error", err.text));
    plan_start(worker);
    return worker->due_at_ms - bq_mono_ms();
}

/* True when it has ended within the time. */
static bool wait_for(struct bm_worker *worker, int64_t wait_ms)
{
    struct pollfd look = {.fd = worker->child.pidfd, .events = POLLIN};
    struct bq_child_end end;

    return poll(&look, 1, (int)wait_ms) > 0 && bq_child_reap(&worker->child, &end);
}

void bm_worker_begin_stop(struct bm_worker *worker)
{
    if (!worker->loop || worker->stop_by_ms != 0) {
        return;
    }
    bq_loop_remove(worker->loop, &worker->watch);
    worker->due_at_ms = 0;
    worker->stop_by_ms = bq_mono_ms() + STOP_MS;
    if (worker->child.pid != 0) {
        bq_child_kill(&worker->child, SIGTERM);
    }
}

void bm_worker_stop(struct bm_worker *worker)
{
    bm_worker_begin_stop(worker);
    if (worker->child.pid == 0) {
        return;
    }
    int64_t left_ms = worker->stop_by_ms - bq_mono_ms();
    if (!wait_for(worker, left_ms > 0 ? left_ms : 0)) {
        bq_warn("worker did not stop, is killed", bq_int("after_ms", STOP_MS));
        bq_child_kill(&worker->child, SIGKILL);
        wait_for(worker, -1);
    }
}

#include "executor/states.h"

#include <assert.h>
#include <signal.h>

#include "base/log.h"
#include "base/time.h"

/* Delays before the next start: at once after a good life, 0.1 s doubling to 10 s after bad starts. */
enum { FIRST_DELAY_MS = 100, MAX_DELAY_MS = 10000, MAX_DOUBLINGS = 7 };
/* From the end of its socket to the end of the process. */
enum { CLOSED_LIMIT_MS = 1000 };

typedef void executor_step(struct bq_executor *executor);

static void now_starting(struct bq_executor *executor)
{
    executor->state = BQ_EXECUTOR_STARTING;
}

static void now_idle(struct bq_executor *executor)
{
    executor->state = BQ_EXECUTOR_IDLE;
    executor->deadline_ms = 0;
}

static void first_idle(struct bq_executor *executor)
{
    executor->was_ready = true;
    executor->bad_starts = 0;
    now_idle(executor);
}

static void now_busy(struct bq_executor *executor)
{
    executor->state = BQ_EXECUTOR_BUSY;
}

static void one_less(struct bq_executor *executor)
{
    if (executor->load == 0) {
        now_idle(executor);
    }
}

static void now_retiring(struct bq_executor *executor)
{
    executor->state = BQ_EXECUTOR_RETIRING;
}

static void stay(struct bq_executor *executor)
{
    (void)executor;
}

static void now_stopping(struct bq_executor *executor)
{
    executor->state = BQ_EXECUTOR_STOPPING;
}

static void kill_child(struct bq_executor *executor)
{
    executor->state = BQ_EXECUTOR_KILLED;
    executor->deadline_ms = 0;
    bq_child_kill(&executor->child, SIGKILL);
}

/* Most likely it has ended, and how is known in a moment; if it has not, it is killed by then. */
static void await_end(struct bq_executor *executor)
{
    executor->state = BQ_EXECUTOR_KILLED;
    bq_executor_set_deadline(executor, bq_mono_ms() + CLOSED_LIMIT_MS, "closed its socket");
}

static int64_t start_delay_ms(int bad_starts)
{
    int doublings = bad_starts < MAX_DOUBLINGS ? bad_starts - 1 : MAX_DOUBLINGS - 1;
    int64_t delay_ms = (int64_t)FIRST_DELAY_MS << doublings;

    return delay_ms < MAX_DELAY_MS ? delay_ms : MAX_DELAY_MS;
}

static void start_again(struct bq_executor *executor)
{
    executor->state = BQ_EXECUTOR_OFF;
    executor->deadline_ms = 0;
    executor->spawn_at_ms = bq_mono_ms();
    if (!executor->was_ready) {
        executor->bad_starts++;
        executor->spawn_at_ms += start_delay_ms(executor->bad_starts);
    }
}

static void gone(struct bq_executor *executor)
{
    executor->state = BQ_EXECUTOR_OFF;
    executor->deadline_ms = 0;
    executor->spawn_at_ms = 0;
}

/* clang-format off */
static executor_step *const steps[BQ_EXECUTOR_STATES][BQ_EXECUTOR_EVENTS] = {
    [BQ_EXECUTOR_OFF] = {
        [BQ_EXECUTOR_SPAWNED] = now_starting, [BQ_EXECUTOR_SHUTDOWN] = gone, [BQ_EXECUTOR_OVERDUE] = stay},
    [BQ_EXECUTOR_STARTING] = {
        [BQ_EXECUTOR_READY] = first_idle, [BQ_EXECUTOR_OVERDUE] = kill_child,
        [BQ_EXECUTOR_SHUTDOWN] = now_stopping, [BQ_EXECUTOR_CLOSED] = await_end,
        [BQ_EXECUTOR_EXITED] = start_again},
    [BQ_EXECUTOR_IDLE] = {
        [BQ_EXECUTOR_ASSIGNED] = now_busy, [BQ_EXECUTOR_OVERDUE] = kill_child,
        [BQ_EXECUTOR_RETIRED] = now_retiring, [BQ_EXECUTOR_SHUTDOWN] = now_stopping,
        [BQ_EXECUTOR_CLOSED] = await_end, [BQ_EXECUTOR_EXITED] = start_again},
    [BQ_EXECUTOR_BUSY] = {
        [BQ_EXECUTOR_ASSIGNED] = stay, [BQ_EXECUTOR_DONE] = one_less, [BQ_EXECUTOR_OVERDUE] = kill_child,
        [BQ_EXECUTOR_SHUTDOWN] = now_stopping, [BQ_EXECUTOR_CLOSED] = await_end,
        [BQ_EXECUTOR_EXITED] = start_again},
    [BQ_EXECUTOR_RETIRING] = {
        [BQ_EXECUTOR_OVERDUE] = kill_child, [BQ_EXECUTOR_SHUTDOWN] = now_stopping,
        [BQ_EXECUTOR_CLOSED] = stay, [BQ_EXECUTOR_EXITED] = start_again},
    [BQ_EXECUTOR_STOPPING] = {
        [BQ_EXECUTOR_READY] = stay, [BQ_EXECUTOR_DONE] = stay, [BQ_EXECUTOR_SHUTDOWN] = stay,
        [BQ_EXECUTOR_OVERDUE] = kill_child, [BQ_EXECUTOR_CLOSED] = stay, [BQ_EXECUTOR_EXITED] = gone},
    /* Or about to end. What it had sent before still counts. */
    [BQ_EXECUTOR_KILLED] = {
        [BQ_EXECUTOR_READY] = stay, [BQ_EXECUTOR_DONE] = stay, [BQ_EXECUTOR_SHUTDOWN] = stay,
        [BQ_EXECUTOR_OVERDUE] = kill_child, [BQ_EXECUTOR_CLOSED] = stay,
        [BQ_EXECUTOR_EXITED] = start_again},
};
/* clang-format on */

bool bq_executor_step(struct bq_executor *executor, enum bq_executor_event event)
{
    executor_step *step = steps[executor->state][event];

    if (!step) {
        return false;
    }
    step(executor);
    return true;
}

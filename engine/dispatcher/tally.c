#include "job/tally.h"

#include <unistd.h>

#include "base/time.h"
#include "dispatcher/dispatcher.h"
#include "executor/limits.h"

enum { TELL_ARENA_BYTES = 4 * 1024 * 1024 };

static enum barq_executor_state state_of(const struct bq_executor *executor)
{
    static const enum barq_executor_state states[BQ_EXECUTOR_STATES] = {
        [BQ_EXECUTOR_OFF] = BARQ_EXECUTOR_OFF,
        [BQ_EXECUTOR_STARTING] = BARQ_EXECUTOR_STARTING,
        [BQ_EXECUTOR_IDLE] = BARQ_EXECUTOR_IDLE,
        [BQ_EXECUTOR_BUSY] = BARQ_EXECUTOR_BUSY,
        [BQ_EXECUTOR_RETIRING] = BARQ_EXECUTOR_STOPPING,
        [BQ_EXECUTOR_STOPPING] = BARQ_EXECUTOR_STOPPING,
        [BQ_EXECUTOR_KILLED] = BARQ_EXECUTOR_STOPPING,
    };
    enum barq_executor_state state = states[executor->state];

    return executor->retiring && state != BARQ_EXECUTOR_OFF ? BARQ_EXECUTOR_STOPPING : state;
}

static int64_t memory_of(pid_t pid)
{
    int64_t bytes = bq_resident_bytes(pid);

    return bytes > 0 ? bytes : 0;
}

/* Those that may have begun; borrowed. */
static bool add_jobs(struct barq_arena *arena, const struct bq_list *work,
                     struct barq_executor_info *out)
{
    const char **ids = NULL;

    bq_list_each (at, work) {
        const struct bq_claim *claim = bq_list_owner(at, struct bq_claim, at_executor);

        if (!claim->entered || out->n_running == BARQ_EXECUTOR_JOBS_MAX) {
            break;
        }
        if (!ids) {
            ids = bq_arena_array(arena, BARQ_EXECUTOR_JOBS_MAX, sizeof(*ids));
            out->running = ids;
        }
        if (!ids) {
            return false;
        }
        ids[out->n_running++] = claim->claimed.job.id;
    }
    return true;
}

/* False: out of memory. */
static bool show(struct barq_arena *arena, const struct bq_executor *executor, int64_t now_ms,
                 struct barq_executor_info *out)
{
    *out = (struct barq_executor_info){
        .number = executor->number,
        .state = state_of(executor),
        .jobs = executor->jobs,
        .restarts = executor->starts > 1 ? executor->starts - 1 : 0,
        .crashes = executor->crashes,
    };
    if (out->state != BARQ_EXECUTOR_OFF) {
        out->pid = executor->child.pid;
        out->started_at_ms = bq_wall_ms() - (now_ms - executor->spawned_at_ms);
        out->memory_bytes = memory_of(executor->child.pid);
    }
    return add_jobs(arena, &executor->work, out);
}

/* What the house settles is in none of its lists. */
static bool show_house(struct barq_arena *arena, const struct bq_dispatcher *dispatcher,
                       int64_t now_ms, struct barq_executor_info *out)
{
    const struct bq_claim *claim = dispatcher->chore_claim;

    if (!show(arena, &dispatcher->house, now_ms, out)) {
        return false;
    }
    if (claim) {
        const char **ids = bq_arena_array(arena, 1, sizeof(*ids));
        if (!ids) {
            return false;
        }
        ids[0] = claim->claimed.job.id;
        out->running = ids;
        out->n_running = 1;
    }
    return true;
}

static bool show_executors(struct barq_arena *arena, const struct bq_dispatcher *dispatcher,
                           int64_t now_ms, struct bq_tally *tally)
{
    size_t count = (size_t)dispatcher->n_executors + 1;
    struct barq_executor_info *executors = bq_arena_array(arena, count, sizeof(*executors));

    if (!executors || !show_house(arena, dispatcher, now_ms, &executors[0])) {
        return false;
    }
    for (size_t i = 1; i < count; i++) {
        if (!show(arena, &dispatcher->executors[i - 1], now_ms, &executors[i])) {
            return false;
        }
    }
    tally->executors = executors;
    tally->n_executors = count;
    return true;
}

static bool has_counted(const struct barq_function_stats *function)
{
    return (function->complete | function->failed | function->retried | function->crashed |
            function->waited.count) != 0;
}

static bool show_functions(struct barq_arena *arena, const struct bq_counts *counts,
                           struct bq_tally *tally)
{
    struct barq_function_stats *functions =
        bq_arena_array(arena, counts->n_functions + 1, sizeof(*functions));

    for (size_t i = 0; functions && i < counts->n_functions; i++) {
        if (has_counted(&counts->functions[i])) {
            functions[tally->n_functions++] = counts->functions[i];
        }
    }
    if (functions && has_counted(&counts->others)) {
        functions[tally->n_functions++] = counts->others;
    }
    tally->functions = functions;
    return functions != NULL;
}

const char *bq_counts_tell(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_counts *counts = &dispatcher->counts;
    struct bq_tally tally = {.memory_bytes = memory_of(getpid())};

    bq_arena_init(&arena, TELL_ARENA_BYTES);
    bq_buf_reset(&counts->told);
    if (!show_functions(&arena, counts, &tally) ||
        !show_executors(&arena, dispatcher, now_ms, &tally)) {
        return NULL;
    }
    bq_tally_put(&counts->told, &tally);
    return bq_buf_cstr(&counts->told);
}

#include "dispatcher/recycle.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "dispatcher/dispatcher.h"

enum { FIRST_CAPACITY = 16 };

void bq_recycle_clear(struct bq_recycle *recycle)
{
    free(recycle->counts);
    *recycle = (struct bq_recycle){.counts = NULL};
}

static struct bq_recycle_count *find(const struct bq_recycle *recycle,
                                     const struct bq_executor *executor, uint64_t function)
{
    for (size_t i = 0; i < recycle->count; i++) {
        struct bq_recycle_count *at = &recycle->counts[i];
        if (at->executor == executor && at->function == function) {
            return at;
        }
    }
    return NULL;
}

int bq_recycle_left(const struct bq_dispatcher *dispatcher, const struct bq_executor *executor)
{
    const struct bq_recycle *recycle = &dispatcher->recycle;
    if (dispatcher->recycle_after <= 0) {
        return INT_MAX;
    }

    const struct bq_recycle_count *all = find(recycle, executor, 0);
    int64_t left = dispatcher->recycle_after - (all ? all->jobs : 0);
    return left < INT_MAX ? (int)left : INT_MAX;
}

bool bq_recycle_counts(const struct bq_recycle *recycle, const struct bq_executor *executor)
{
    for (size_t i = 0; i < recycle->count; i++) {
        if (recycle->counts[i].executor == executor && recycle->counts[i].function != 0) {
            return true;
        }
    }
    return false;
}

/* NULL: out of memory. */
static struct bq_recycle_count *add(struct bq_recycle *recycle, const struct bq_executor *executor,
                                    uint64_t function)
{
    if (recycle->count == recycle->capacity) {
        size_t capacity = recycle->capacity > 0 ? 2 * recycle->capacity : FIRST_CAPACITY;
        struct bq_recycle_count *larger =
            realloc(recycle->counts, capacity * sizeof(recycle->counts[0]));
        if (!larger) {
            return NULL;
        }
        recycle->counts = larger;
        recycle->capacity = capacity;
    }
    struct bq_recycle_count *new = &recycle->counts[recycle->count++];
    *new = (struct bq_recycle_count){.executor = executor, .function = function};
    return new;
}

/* One job more; true when these were `most`. Without memory it is counted late. */
static bool count(struct bq_recycle *recycle, const struct bq_executor *executor, uint64_t function,
                  int64_t most)
{
    if (most <= 0) {
        return false;
    }
    struct bq_recycle_count *found = find(recycle, executor, function);
    found = found ? found : add(recycle, executor, function);
    return found && ++found->jobs >= most;
}

void bq_recycle_ended(struct bq_dispatcher *dispatcher, const struct bq_claim *claim,
                      int64_t now_ms)
{
    struct bq_recycle *recycle = &dispatcher->recycle;
    struct bq_executor *executor = claim->executor;
    if (dispatcher->recycle_after <= 0 && claim->recycle_after <= 0) {
        return;
    }

    uint64_t function = bq_hash(claim->function, strlen(claim->function));
    bool by_all = count(recycle, executor, 0, dispatcher->recycle_after);
    bool by_function = count(recycle, executor, function, claim->recycle_after);
    if ((by_all || by_function) && !executor->retiring && !dispatcher->stopping) {
        bq_debug("executor has run its jobs, and is replaced", bq_int("executor", executor->number),
                 bq_int("pid", executor->child.pid));
        bq_retire(executor, now_ms);
    }
}

void bq_recycle_forget(struct bq_recycle *recycle, const struct bq_executor *executor)
{
    size_t kept = 0;

    for (size_t i = 0; i < recycle->count; i++) {
        if (recycle->counts[i].executor != executor) {
            recycle->counts[kept++] = recycle->counts[i];
        }
    }
    recycle->count = kept;
}

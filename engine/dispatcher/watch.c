#include <stdio.h>

#include "base/log.h"
#include "dispatcher/dispatcher.h"
#include "executor/limits.h"

/* Often enough that a job which does nothing but take memory has not taken much more than it may. */
enum { WATCH_MS = 20, MIB = 1024 * 1024 };

static bool has_too_much(const struct bq_claim *claim)
{
    return claim->memory_max_bytes > 0 &&
           bq_resident_bytes(claim->executor->child.pid) > claim->memory_max_bytes;
}

void bq_watch_begin(struct bq_claim *claim, const struct bq_started *started, int64_t now_ms)
{
    claim->memory_max_bytes = started->memory_max_bytes;
    claim->cpu_max_ms = started->cpu_max_ms;
    claim->watch_at_ms = 0;
    if (claim->memory_max_bytes <= 0 && claim->cpu_max_ms <= 0) {
        return;
    }
    claim->watch_at_ms = now_ms;
    claim->cpu_before_us = bq_cpu_us(claim->executor->child.pid);
    if (claim->executor->used && has_too_much(claim)) {
        /* It is begun again in a new one, which it does not pay for. */
        claim->innocent = true;
        bq_executor_kill(claim->executor, "had kept too much memory of earlier jobs");
    }
}

/* When others run beside it, it may be theirs: then nobody is to blame, and each is run again alone. */
static void watch_memory(struct bq_claim *claim)
{
    char why[80];

    if (has_too_much(claim)) {
        (void)snprintf(why, sizeof(why), "used more than its %g MiB of memory",
                       (double)claim->memory_max_bytes / MIB);
        bq_executor_kill(claim->executor, why);
    }
}

static void watch_cpu(struct bq_claim *claim)
{
    char why[80];
    int64_t used_us = bq_cpu_us(claim->executor->child.pid) - claim->cpu_before_us;

    if (claim->cpu_max_ms > 0 && used_us / 1000 > claim->cpu_max_ms) {
        (void)snprintf(why, sizeof(why), "used more than its %g s of CPU time",
                       (double)claim->cpu_max_ms / 1000.0);
        bq_kill_for(claim, why);
    }
}

int64_t bq_watch(struct bq_claim *claim, int64_t now_ms)
{
    if (claim->watch_at_ms == 0 || claim->watch_at_ms > now_ms) {
        return claim->watch_at_ms;
    }
    if (claim->executor->state == BQ_EXECUTOR_KILLED || claim->settling) {
        return 0;
    }
    watch_memory(claim);
    if (!claim->in_hook) {
        watch_cpu(claim);
    }
    claim->watch_at_ms = now_ms + WATCH_MS;
    return claim->watch_at_ms;
}

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/memory/store.h"

/* A start that is counted; its slot lies behind it. */
struct memory_start {
    struct bq_list link; /* memory_store.starts, oldest first */
    int64_t claim;
    int64_t at_ms;
    int64_t until_ms;
    char slot[];
};

/* What a job counts against: its function's limit, and that of its key. */
struct slots {
    const struct bq_limit *limits[2]; /* NULL: none */
    char *names[2];                   /* owned */
};

static void bq_slots_drop(struct slots *slots)
{
    free(slots->names[0]);
    free(slots->names[1]);
}

static bool says(const struct bq_limit *limit)
{
    return limit->name && limit->name[0] != '\0';
}

static struct memory_rule *find_rule(const struct memory_store *store,
                                     const struct memory_queue *queue, const char *function)
{
    bq_list_each (at, &store->rules) {
        struct memory_rule *rule = bq_list_owner(at, struct memory_rule, link);

        if (rule->queue == queue && strcmp(rule->rule.function, function) == 0) {
            return rule;
        }
    }
    return NULL;
}

static const char *put_text(char **at, const char *text)
{
    size_t bytes = strlen(text ? text : "") + 1;
    char *copy = memcpy(*at, text ? text : "", bytes);

    *at += bytes;
    return copy;
}

static bool add_rule(struct memory_store *store, const struct memory_queue *queue,
                     const struct bq_limit_rule *from)
{
    size_t names = strlen(from->all.name ? from->all.name : "") +
                   strlen(from->each_key.name ? from->each_key.name : "");
    struct memory_rule *rule = calloc(1, sizeof(*rule) + strlen(from->function) + names + 3);
    if (!rule) {
        return false;
    }
    char *at = (char *)(rule + 1);
    rule->queue = queue;
    rule->rule = *from;
    rule->rule.function = put_text(&at, from->function);
    rule->rule.all.name = put_text(&at, from->all.name);
    rule->rule.each_key.name = put_text(&at, from->each_key.name);
    bq_list_add(&store->rules, &rule->link);
    return true;
}

/* One name is one limit, wherever it is said. */
static void share(struct bq_limit *limit, const struct bq_limit *said)
{
    if (says(said) && strcmp(limit->name, said->name) == 0) {
        limit->max_running = said->max_running;
        limit->max_starts = said->max_starts;
        limit->per_ms = said->per_ms;
    }
}

static bool set_rule(struct memory_store *store, const struct memory_queue *queue,
                     const struct bq_limit_rule *said)
{
    struct memory_rule *before = find_rule(store, queue, said->function);

    if (before) {
        bq_list_remove(&before->link);
        free(before);
    }
    bq_list_each (at, &store->rules) {
        struct memory_rule *rule = bq_list_owner(at, struct memory_rule, link);

        share(&rule->rule.all, &said->all);
        share(&rule->rule.each_key, &said->each_key);
    }
    return (!says(&said->all) && !says(&said->each_key)) || add_rule(store, queue, said);
}

bool bq_memory_set_limits(struct memory_broker *handle, const struct bq_limit_rule *rules,
                          size_t count)
{
    for (size_t q = 0; q < handle->n_queues; q++) {
        for (size_t i = 0; i < count; i++) {
            if (!set_rule(handle->store, handle->queues[q], &rules[i])) {
                return false;
            }
        }
    }
    if (count > 0) {
        bq_memory_wake(handle->store);
    }
    return true;
}

void bq_memory_limits_free(struct memory_store *store)
{
    bq_list_each (at, &store->rules) {
        free(bq_list_owner(at, struct memory_rule, link));
    }
    bq_list_each (at, &store->starts) {
        free(bq_list_owner(at, struct memory_start, link));
    }
}

/* Before it was started for the first time, that is. */
static bool has_expired(const struct memory_job *job, int64_t now_ms)
{
    return job->job.expires_at_ms != 0 && job->job.expires_at_ms < now_ms && !job->claimed_before;
}

/* False: out of memory. */
static bool find_slots(const struct memory_store *store, const struct memory_job *job,
                       int64_t now_ms, struct slots *out)
{
    const struct memory_rule *rule = find_rule(store, job->queue, job->job.function);
    const char *key = job->job.key;

    if (!rule || job->aborted || bq_memory_refusal(job) || has_expired(job, now_ms)) {
        return true; /* what is only to be ended needs no room */
    }
    if (says(&rule->rule.all)) {
        out->limits[0] = &rule->rule.all;
        out->names[0] = strdup(rule->rule.all.name);
    }
    if (key && says(&rule->rule.each_key)) {
        out->limits[1] = &rule->rule.each_key;
        if (asprintf(&out->names[1], "%s\n%s", rule->rule.each_key.name, key) < 0) {
            out->names[1] = NULL;
        }
    }
    return !out->limits[0] == !out->names[0] && !out->limits[1] == !out->names[1];
}

static int running_of(const struct memory_store *store, const char *slot)
{
    int count = 0;

    bq_list_each (at, &store->running) {
        const struct memory_job *job = bq_list_owner(at, struct memory_job, line);
        for (int i = 0; i < 2; i++) {
            count += job->slots[i] && strcmp(job->slots[i], slot) == 0;
        }
    }
    return count;
}

/* When, from now on, fewer than the limit will have started within its window; 0: that is so now. */
static int64_t starts_full_until(const struct memory_store *store, const struct bq_limit *limit,
                                 const char *slot, int64_t now_ms)
{
    int left = limit->max_starts;

    for (struct bq_list *at = store->starts.prev; at != &store->starts; at = at->prev) {
        const struct memory_start *start = bq_list_owner(at, struct memory_start, link);

        /* What started later than a window from now was started by a clock that was wrong. */
        if (strcmp(start->slot, slot) == 0 && start->at_ms > now_ms - limit->per_ms &&
            start->at_ms <= now_ms + limit->per_ms && --left == 0) {
            return start->at_ms + limit->per_ms;
        }
    }
    return 0;
}

/* Is there no room? `*again_at_ms` is when there may be; 0: when a job of the slot has ended. */
static bool is_full(const struct memory_store *store, const struct slots *slots, int64_t now_ms,
                    int64_t *again_at_ms)
{
    bool full = false;
    bool by_running = false; /* that ends nobody knows when */

    *again_at_ms = 0;
    for (int i = 0; i < 2; i++) {
        const struct bq_limit *limit = slots->limits[i];

        if (limit && limit->max_running > 0 &&
            running_of(store, slots->names[i]) >= limit->max_running) {
            by_running = true;
        }
        int64_t until_ms = limit && limit->max_starts > 0
                               ? starts_full_until(store, limit, slots->names[i], now_ms)
                               : 0;
        full = full || until_ms > 0;
        *again_at_ms = until_ms > *again_at_ms ? until_ms : *again_at_ms;
    }
    *again_at_ms = by_running ? 0 : *again_at_ms;
    return full || by_running;
}

static bool counts_starts(const struct slots *slots)
{
    return (slots->limits[0] && slots->limits[0]->max_starts > 0) ||
           (slots->limits[1] && slots->limits[1]->max_starts > 0);
}

bool bq_memory_held_by(const struct memory_store *store, const struct memory_job *job,
                       int64_t now_ms, char **out)
{
    bq_auto(slots) struct slots slots = {0};

    if (!find_slots(store, job, now_ms, &slots)) {
        return false;
    }
    struct slots key = {.limits = {NULL, slots.limits[1]}, .names = {NULL, slots.names[1]}};
    int64_t again_at_ms;
    bool of_key = slots.names[1] && (!slots.names[0] || is_full(store, &key, now_ms, &again_at_ms));

    *out = bq_take(slots.names[of_key ? 1 : 0]);
    return true;
}

enum memory_verdict bq_memory_judge(struct memory_store *store, struct memory_job *job,
                                    size_t free_threads, int64_t now_ms)
{
    bq_auto(slots) struct slots slots = {0};
    int64_t again_at_ms;

    job->held = false;
    if (bq_list_empty(&store->rules)) {
        return MEMORY_CLAIM;
    }
    if (!find_slots(store, job, now_ms, &slots)) {
        return MEMORY_STOP;
    }
    if (is_full(store, &slots, now_ms, &again_at_ms)) {
        job->held = true;
        return MEMORY_HOLD;
    }
    return counts_starts(&slots) && free_threads == 0 ? MEMORY_STOP : MEMORY_CLAIM;
}

int64_t bq_memory_free_at(struct memory_store *store, const struct memory_job *job, int64_t now_ms)
{
    bq_auto(slots) struct slots slots = {0};
    int64_t again_at_ms;

    if (bq_list_empty(&store->rules) || !find_slots(store, job, now_ms, &slots) ||
        !is_full(store, &slots, now_ms, &again_at_ms)) {
        return now_ms;
    }
    return again_at_ms > 0 ? again_at_ms : INT64_MAX;
}

static struct memory_start *new_start(const struct bq_limit *limit, const char *slot,
                                      int64_t now_ms)
{
    size_t bytes = strlen(slot) + 1;
    struct memory_start *start = calloc(1, sizeof(*start) + bytes);

    if (start) {
        start->at_ms = now_ms;
        start->until_ms = now_ms + limit->per_ms;
        memcpy(start->slot, slot, bytes);
    }
    return start;
}

bool bq_memory_take_slots(struct memory_store *store, struct memory_job *job, int64_t claim,
                          int64_t now_ms)
{
    bq_auto(slots) struct slots slots = {0};
    struct memory_start *starts[2] = {NULL};
    bool made = find_slots(store, job, now_ms, &slots);

    for (int i = 0; made && i < 2; i++) {
        if (slots.limits[i] && slots.limits[i]->max_starts > 0) {
            starts[i] = new_start(slots.limits[i], slots.names[i], now_ms);
            made = starts[i] != NULL;
        }
    }
    for (int i = 0; i < 2; i++) {
        if (!made) {
            free(starts[i]);
        } else if (starts[i]) {
            starts[i]->claim = claim;
            bq_list_add(&store->starts, &starts[i]->link);
        }
        job->slots[i] = made ? bq_take(slots.names[i]) : NULL;
    }
    return made;
}

void bq_memory_free_slots(struct memory_store *store, struct memory_job *job, bool unstarted)
{
    if (!job->slots[0] && !job->slots[1]) {
        return;
    }
    bq_list_each (at, &store->starts) {
        struct memory_start *start = bq_list_owner(at, struct memory_start, link);

        if (unstarted && start->claim == job->claim) {
            bq_list_remove(&start->link);
            free(start);
        }
    }
    free(bq_take(job->slots[0]));
    free(bq_take(job->slots[1]));
    bq_memory_wake(store);
}

void bq_memory_prune_starts(struct memory_store *store, int64_t now_ms)
{
    bq_list_each (at, &store->starts) {
        struct memory_start *start = bq_list_owner(at, struct memory_start, link);

        if (start->until_ms <= now_ms) {
            bq_list_remove(&start->link);
            free(start);
        }
    }
}

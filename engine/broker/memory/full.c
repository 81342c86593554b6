/*
 * full.c - how full limits are, for whoever looks.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "broker/memory/store.h"

/* What a running job counts against, or what a held one is held by. */
struct use {
    char *slot;                       /* owned when held */
    const struct memory_queue *queue; /* of a held one; NULL: it runs */
};

struct uses {
    struct use *all; /* owned; by slot */
    size_t count;
};

static void bq_uses_drop(struct uses *uses)
{
    for (size_t i = 0; i < uses->count; i++) {
        if (uses->all[i].queue) {
            free(uses->all[i].slot);
        }
    }
    free(uses->all);
}

static int by_slot(const void *a, const void *b)
{
    const struct use *one = a;
    const struct use *other = b;

    return strcmp(one->slot, other->slot);
}

/* False: out of memory. */
static bool find_uses(const struct memory_store *store, struct uses *uses, int64_t now_ms)
{
    uses->all = calloc(2 * store->n_jobs + 1, sizeof(*uses->all));
    if (!uses->all) {
        return false;
    }
    bq_list_each (at, &store->running) {
        const struct memory_job *job = bq_list_owner(at, struct memory_job, line);

        for (int i = 0; i < 2; i++) {
            if (job->slots[i]) {
                uses->all[uses->count++] = (struct use){.slot = job->slots[i]};
            }
        }
    }
    bq_list_each (at, &store->waiting) {
        const struct memory_job *job = bq_list_owner(at, struct memory_job, line);
        char *slot = NULL;

        if (job->held && !bq_memory_held_by(store, job, now_ms, &slot)) {
            return false;
        }
        if (slot) {
            uses->all[uses->count++] = (struct use){.slot = slot, .queue = job->queue};
        }
    }
    qsort(uses->all, uses->count, sizeof(*uses->all), by_slot);
    return true;
}

/* Is it the limit's, or, with `each_key`, one of its keys'? */
static bool is_of(const char *slot, const char *name, bool each_key)
{
    size_t len = strlen(name);

    return bq_starts_with(slot, name) && slot[len] == (each_key ? '\n' : '\0');
}

static void count_use(const struct use *use, const struct memory_queue *queue,
                      struct barq_limit_info *out)
{
    out->running += use->queue == NULL;
    out->held += use->queue == queue;
}

/* Rows that grow; owned until they are copied. */
struct rows {
    struct barq_limit_info *all;
    size_t count;
    size_t capacity;
};

static void bq_limit_rows_drop(struct rows *rows)
{
    free(rows->all);
}

static struct barq_limit_info *add(struct rows *rows, const struct barq_limit_info *row)
{
    if (rows->count == rows->capacity) {
        size_t capacity = 2 * rows->capacity + 16;
        struct barq_limit_info *larger = realloc(rows->all, capacity * sizeof(*larger));
        if (!larger) {
            return NULL;
        }
        rows->all = larger;
        rows->capacity = capacity;
    }
    rows->all[rows->count] = *row;
    return &rows->all[rows->count++];
}

static int fullest_first(const void *a, const void *b)
{
    const struct barq_limit_info *one = a;
    const struct barq_limit_info *other = b;

    if (one->held != other->held) {
        return one->held > other->held ? -1 : 1;
    }
    if (one->running != other->running) {
        return one->running > other->running ? -1 : 1;
    }
    return strcmp(one->key, other->key);
}

/* Its keys behind `row`, which is of all of them. */
static bool add_keys(const struct uses *uses, const struct memory_queue *queue,
                     struct barq_limit_info row, struct rows *rows)
{
    size_t first = rows->count;
    struct barq_limit_info *last = NULL;

    row.running = 0;
    row.held = 0;
    for (size_t i = 0; i < uses->count; i++) {
        const char *slot = uses->all[i].slot;

        if (!is_of(slot, row.name, true) || (uses->all[i].queue && uses->all[i].queue != queue)) {
            continue;
        }
        row.key = slot + strlen(row.name) + 1;
        if (!last || strcmp(last->key, row.key) != 0) {
            last = add(rows, &row);
        }
        if (!last) {
            return false;
        }
        count_use(&uses->all[i], queue, last);
    }
    if (rows->count > first) {
        qsort(&rows->all[first], rows->count - first, sizeof(*rows->all), fullest_first);
    }
    rows->count =
        rows->count - first > BARQ_LIMIT_KEYS_MAX ? first + BARQ_LIMIT_KEYS_MAX : rows->count;
    return true;
}

static bool add_limit(const struct uses *uses, const struct memory_rule *rule, bool each_key,
                      struct rows *rows)
{
    const struct bq_limit *limit = each_key ? &rule->rule.each_key : &rule->rule.all;
    struct barq_limit_info row = {
        .queue = rule->queue->name,
        .function = rule->rule.function,
        .name = limit->name,
        .each_key = each_key,
        .max_running = limit->max_running,
        .max_starts = limit->max_starts,
        .per_ms = limit->per_ms,
    };

    if (limit->name[0] == '\0') {
        return true;
    }
    for (size_t i = 0; i < uses->count; i++) {
        if (is_of(uses->all[i].slot, limit->name, each_key)) {
            count_use(&uses->all[i], rule->queue, &row);
        }
    }
    return add(rows, &row) && (!each_key || add_keys(uses, rule->queue, row, rows));
}

static int by_name(const void *a, const void *b)
{
    const struct memory_rule *one = *(const struct memory_rule *const *)a;
    const struct memory_rule *other = *(const struct memory_rule *const *)b;
    int queues = strcmp(one->queue->name, other->queue->name);

    return queues != 0 ? queues : strcmp(one->rule.function, other->rule.function);
}

/* Into the arena, with its strings. False: that is full. */
static bool keep(struct barq_arena *arena, struct barq_limit_info *row)
{
    row->queue = bq_arena_strdup(arena, row->queue);
    row->function = bq_arena_strdup(arena, row->function);
    row->name = bq_arena_strdup(arena, row->name);
    if (row->key) {
        row->key = bq_arena_strdup(arena, row->key);
        if (!row->key) {
            return false;
        }
    }
    return row->queue && row->function && row->name;
}

static bool list(const struct memory_store *store, const char *queue, const struct uses *uses,
                 struct rows *rows)
{
    const struct memory_rule **rules = NULL;
    size_t n_rules = 0;
    bool fits = true;

    bq_list_each (at, &store->rules) {
        n_rules++;
    }
    rules = calloc(n_rules + 1, sizeof(struct memory_rule *));
    if (!rules) {
        return false;
    }
    n_rules = 0;
    bq_list_each (at, &store->rules) {
        const struct memory_rule *rule = bq_list_owner(at, struct memory_rule, link);
        if (!queue || strcmp(rule->queue->name, queue) == 0) {
            rules[n_rules++] = rule;
        }
    }
    qsort(rules, n_rules, sizeof(struct memory_rule *), by_name);
    for (size_t i = 0; fits && i < n_rules && rows->count < BARQ_LIST_MAX; i++) {
        fits = add_limit(uses, rules[i], false, rows) && add_limit(uses, rules[i], true, rows);
    }
    free(rules);
    return fits;
}

enum barq_status bq_memory_limits(struct bq_broker *broker, const char *queue,
                                  struct barq_arena *arena, struct barq_limit_info **out,
                                  size_t *count, int64_t timeout_ms, struct barq_error *err)
{
    struct memory_store *store = ((struct memory_broker *)broker)->store;
    bq_auto(uses) struct uses uses = {.count = 0};
    bq_auto(limit_rows) struct rows rows = {.count = 0};
    (void)timeout_ms;

    if (!find_uses(store, &uses, bq_memory_now(store)) || !list(store, queue, &uses, &rows)) {
        return bq_fail(err, BARQ_ERR_NOMEM, "memory: out of memory");
    }
    size_t there = rows.count < BARQ_LIST_MAX ? rows.count : BARQ_LIST_MAX;
    struct barq_limit_info *limits = bq_arena_array(arena, there + 1, sizeof(*limits));
    for (size_t i = 0; i < there; i++) {
        if (!limits || !keep(arena, &rows.all[i])) {
            return bq_fail(err, BARQ_ERR_NOMEM, "memory: no room for the list of limits");
        }
        limits[i] = rows.all[i];
    }
    if (!limits) {
        return bq_fail(err, BARQ_ERR_NOMEM, "memory: no room for the list of limits");
    }
    *out = limits;
    *count = there;
    return BARQ_OK;
}

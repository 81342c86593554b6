#include "web/gather.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "web/text.h"

enum { BLINK_MS = 60 * 1000 };

/* What a worker has told of a function; or of itself, where that is NULL. */
struct bw_known {
    const char *worker;
    int64_t started_at_ms; /* a name may come again: in a container each one is host:1 */
    const char *function;
    struct bw_numbers numbers;
};

/* -- numbers -- */

static void add_histogram(struct barq_histogram *to, const struct barq_histogram *more, int sign)
{
    to->count += sign * more->count;
    to->sum_us += sign * more->sum_us;
    for (int i = 0; i < BARQ_BUCKETS; i++) {
        to->buckets[i] += sign * more->buckets[i];
    }
}

static void add(struct bw_numbers *to, const struct bw_numbers *more, int sign)
{
    for (int i = 0; i < BW_COUNTERS; i++) {
        to->counters[i] += sign * more->counters[i];
    }
    add_histogram(&to->ran, &more->ran, sign);
    add_histogram(&to->waited, &more->waited, sign);
}

void bw_numbers_add(struct bw_numbers *to, const struct bw_numbers *more)
{
    add(to, more, 1);
}

static bool is_less(const struct barq_histogram *a, const struct barq_histogram *b)
{
    for (int i = 0; i < BARQ_BUCKETS; i++) {
        if (a->buckets[i] < b->buckets[i]) {
            return true;
        }
    }
    return a->count < b->count || a->sum_us < b->sum_us;
}

/* Has any of it fallen? Then it is not the count that we know. */
static bool has_fallen(const struct bw_numbers *now, const struct bw_numbers *before)
{
    for (int i = 0; i < BW_COUNTERS; i++) {
        if (now->counters[i] < before->counters[i]) {
            return true;
        }
    }
    return is_less(&now->ran, &before->ran) || is_less(&now->waited, &before->waited);
}

/* -- what is known -- */

static int compare(const void *a, const void *b)
{
    const struct bw_known *one = a;
    const struct bw_known *other = b;

    int order = strcmp(one->worker, other->worker);
    if (order == 0) {
        order = (one->started_at_ms > other->started_at_ms) -
                (one->started_at_ms < other->started_at_ms);
    }
    if (order != 0 || !one->function || !other->function) {
        return order != 0 ? order : (one->function != NULL) - (other->function != NULL);
    }
    return strcmp(one->function, other->function);
}

static struct bw_numbers of_worker(const struct barq_worker_info *worker)
{
    struct bw_numbers numbers = {.counters = {[BW_COMPLETE] = worker->complete,
                                              [BW_FAILED] = worker->failed,
                                              [BW_RETRIED] = worker->retried}};

    for (size_t i = 0; i < worker->n_places; i++) {
        numbers.counters[BW_CRASHED] += worker->places[i].crashes;
        numbers.counters[BW_RESTARTS] += worker->places[i].restarts;
    }
    return numbers;
}

static struct bw_numbers of_function(const struct barq_function_stats *stats)
{
    return (struct bw_numbers){.counters = {[BW_COMPLETE] = stats->complete,
                                            [BW_FAILED] = stats->failed,
                                            [BW_RETRIED] = stats->retried,
                                            [BW_ABORTED] = stats->aborted,
                                            [BW_TIMED_OUT] = stats->timed_out,
                                            [BW_CRASHED] = stats->crashed,
                                            [BW_RECEIPTS] = stats->receipts},
                               .ran = stats->ran,
                               .waited = stats->waited};
}

/* The stats of each worker stand together, in the order of the workers. */
static const struct barq_worker_info *worker_of(const struct barq_worker_info *workers, size_t n,
                                                const char *name, size_t *hint)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = (*hint + i) % n;
        if (strcmp(workers[at].name, name) == 0) {
            *hint = at;
            return &workers[at];
        }
    }
    return NULL;
}

static bool put(struct bw_known *known, struct barq_arena *arena,
                const struct barq_worker_info *worker, const char *function,
                struct bw_numbers numbers)
{
    *known = (struct bw_known){.worker = bq_arena_strdup(arena, worker->name),
                               .started_at_ms = worker->started_at_ms,
                               .function = function ? bq_arena_strdup(arena, function) : NULL,
                               .numbers = numbers};
    return known->worker && (!function || known->function);
}

/* -- functions -- */

/* Where it is, or belongs. */
static size_t place_of(const struct bw_gather *gather, const char *name)
{
    size_t from = 0;
    size_t to = gather->n_functions;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (strcmp(gather->functions[middle].name, name) < 0) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

/* NULL when out of memory. */
static struct bw_function *function_of(struct bw_gather *gather, const char *name)
{
    size_t at = place_of(gather, name);
    if (at < gather->n_functions && strcmp(gather->functions[at].name, name) == 0) {
        return &gather->functions[at];
    }
    if (gather->n_functions >= BW_FUNCTIONS_MAX && *name != '\0') {
        return function_of(gather, "");
    }

    char *copy = strdup(name);
    struct bw_function *grown =
        reallocarray(gather->functions, gather->n_functions + 1, sizeof(*grown));
    if (grown) {
        gather->functions = grown;
    }
    if (!copy || !grown) {
        free(copy);
        return NULL;
    }
    memmove(grown + at + 1, grown + at, (gather->n_functions - at) * sizeof(*grown));
    grown[at] = (struct bw_function){.name = copy};
    gather->n_functions++;
    return &grown[at];
}

/* -- a look -- */

/* What is new of `now`; a worker that was there already but is not known was out of sight for a while. */
static struct bw_numbers news(const struct bw_gather *gather, const struct bw_known *now,
                              const struct bw_known *before, bool is_worker_known)
{
    bool was_out_of_sight = !before && !is_worker_known && gather->looked_at_ms != 0 &&
                            now->started_at_ms < gather->looked_at_ms - BLINK_MS;
    struct bw_numbers numbers = now->numbers;

    if (was_out_of_sight) {
        return (struct bw_numbers){.ran = {.count = 0}};
    }
    if (before && !has_fallen(&now->numbers, &before->numbers)) {
        add(&numbers, &before->numbers, -1);
    }
    return numbers;
}

static bool is_same_worker(const struct bw_known *a, const struct bw_known *b)
{
    return strcmp(a->worker, b->worker) == 0 && a->started_at_ms == b->started_at_ms;
}

/* Both lists are sorted: each is walked once. */
static void walk(struct bw_gather *gather, const struct bw_known *now, size_t count,
                 struct bw_numbers *out_functions, struct bw_numbers *out_workers)
{
    bool is_worker_known = false;
    size_t at = 0;

    for (size_t i = 0; i < count; i++) {
        while (at < gather->n_known && compare(&gather->known[at], &now[i]) < 0) {
            at++;
        }
        const struct bw_known *before =
            at < gather->n_known && compare(&gather->known[at], &now[i]) == 0 ? &gather->known[at]
                                                                              : NULL;
        if (i == 0 || !is_same_worker(&now[i], &now[i - 1])) {
            is_worker_known = before != NULL; /* the first of a worker's is of itself */
        }
        struct bw_numbers numbers = news(gather, &now[i], before, is_worker_known);
        if (!now[i].function) {
            bw_numbers_add(&gather->workers, &numbers);
            bw_numbers_add(out_workers, &numbers);
            continue;
        }
        struct bw_function *function = function_of(gather, now[i].function);
        if (function) { /* else it is lost, as is much else then */
            bw_numbers_add(&function->numbers, &numbers);
            function->workers++;
        }
        bw_numbers_add(out_functions, &numbers);
    }
}

enum barq_status bw_gather_take(struct bw_gather *gather, const struct barq_worker_info *workers,
                                size_t n_workers, const struct barq_function_stats *stats,
                                size_t n_stats, int64_t now_ms, struct bw_numbers *out_functions,
                                struct bw_numbers *out_workers, struct barq_error *err)
{
    struct barq_arena *arena = &gather->arenas[1 - gather->current];
    struct bw_known *now = bq_arena_array(arena, n_workers + n_stats + 1, sizeof(*now));
    size_t count = 0;
    size_t hint = 0;
    bool good = now != NULL;

    for (size_t i = 0; good && i < n_workers; i++) {
        good = put(&now[count++], arena, &workers[i], NULL, of_worker(&workers[i]));
    }
    for (size_t i = 0; good && i < n_stats; i++) {
        const struct barq_worker_info *worker =
            worker_of(workers, n_workers, stats[i].worker, &hint);
        const char *name = bw_clean(arena, stats[i].function);
        if (worker && name) { /* one that has just come is told of the next time */
            good = put(&now[count++], arena, worker, name, of_function(&stats[i]));
        }
    }
    if (!good) {
        bq_arena_reset(arena);
        return bq_fail(err, BARQ_ERR_NOMEM, "web: there are too many workers to be counted");
    }

    qsort(now, count, sizeof(*now), compare);
    for (size_t i = 0; i < gather->n_functions; i++) {
        gather->functions[i].workers = 0;
    }
    walk(gather, now, count, out_functions, out_workers);
    gather->known = now;
    gather->n_known = count;
    gather->looked_at_ms = now_ms;
    bq_arena_reset(&gather->arenas[gather->current]);
    gather->current = 1 - gather->current;
    return BARQ_OK;
}

void bw_gather_init(struct bw_gather *gather)
{
    *gather = (struct bw_gather){.current = 0};
    bq_arena_init(&gather->arenas[0], BW_LOOK_MAX_BYTES);
    bq_arena_init(&gather->arenas[1], BW_LOOK_MAX_BYTES);
}

void bw_gather_clear(struct bw_gather *gather)
{
    for (size_t i = 0; i < gather->n_functions; i++) {
        free(gather->functions[i].name);
    }
    free(gather->functions);
    bq_arena_clear(&gather->arenas[0]);
    bq_arena_clear(&gather->arenas[1]);
}

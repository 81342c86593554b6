#include "job/tally.h"

#include <limits.h>
#include <string.h>

#include "base/text.h"

enum {
    ITEM_ARENA_BYTES = 256 * 1024, /* one function, or one executor */
    READ_ARENA_BYTES = 64 * 1024 * 1024,
    TAIL_BYTES = 64,      /* what stands behind the last item */
    EXECUTORS_MAX = 1024, /* that are read */
};

static const int64_t bucket_ms[BARQ_BUCKETS] = {
    1, 5, 10, 50, 100, 500, 1000, 5000, 10000, 60000, 300000, 1800000, 7200000, INT64_MAX,
};

static const char *const state_names[] = {
    [BARQ_EXECUTOR_OFF] = "off",           [BARQ_EXECUTOR_STARTING] = "starting",
    [BARQ_EXECUTOR_IDLE] = "idle",         [BARQ_EXECUTOR_BUSY] = "busy",
    [BARQ_EXECUTOR_STOPPING] = "stopping",
};
enum { STATES = sizeof(state_names) / sizeof(state_names[0]) };

int64_t barq_bucket_ms(int bucket)
{
    return bucket >= 0 && bucket < BARQ_BUCKETS ? bucket_ms[bucket] : INT64_MAX;
}

const char *barq_executor_state_name(enum barq_executor_state state)
{
    return (size_t)state < STATES ? state_names[state] : "off";
}

/* Counts come from other processes, and from other machines. */
static int64_t sum_of(int64_t a, int64_t b)
{
    return b < INT64_MAX - a ? a + b : INT64_MAX;
}

void bq_histogram_add(struct barq_histogram *histogram, int64_t us)
{
    int bucket = 0;

    us = us > 0 ? us : 0;
    while (bucket < BARQ_BUCKETS - 1 && us > bucket_ms[bucket] * 1000) {
        bucket++;
    }
    histogram->count++;
    histogram->sum_us = sum_of(histogram->sum_us, us);
    histogram->buckets[bucket]++;
}

/* -- writing -- */

/* What is 0 is not told. */
static void put_number(struct barq_arena *arena, struct barq_value *map, const char *key,
                       int64_t number)
{
    if (number != 0) {
        barq_set_key(map, key, barq_int(arena, number));
    }
}

/* [sum, bucket 0, bucket 1, ...], without zeros at its end. */
static void put_histogram(struct barq_arena *arena, struct barq_value *map, const char *key,
                          const struct barq_histogram *histogram)
{
    int used = BARQ_BUCKETS;

    if (histogram->count == 0) {
        return;
    }
    while (histogram->buckets[used - 1] == 0) {
        used--;
    }
    struct barq_value *list = barq_list(arena);
    barq_add(list, barq_int(arena, histogram->sum_us));
    for (int i = 0; i < used; i++) {
        barq_add(list, barq_int(arena, histogram->buckets[i]));
    }
    barq_set_key(map, key, list);
}

/* Names of functions and ids of arq's clients can be any bytes, and one such may not cost the rest; NULL is "". */
static struct barq_value *any_text(struct barq_arena *arena, const char *text)
{
    char copy[BARQ_JOB_ID_MAX_BYTES + 1];

    text = text ? text : "";
    (void)bq_utf8_clean(text, strlen(text), BARQ_JOB_ID_MAX_BYTES, copy);
    return barq_string(arena, copy);
}

static struct barq_value *function_value(struct barq_arena *arena,
                                         const struct barq_function_stats *function)
{
    struct barq_value *map = barq_map(arena);

    barq_set_key(map, "function", any_text(arena, function->function));
    put_number(arena, map, "complete", function->complete);
    put_number(arena, map, "failed", function->failed);
    put_number(arena, map, "retried", function->retried);
    put_number(arena, map, "aborted", function->aborted);
    put_number(arena, map, "timed_out", function->timed_out);
    put_number(arena, map, "crashed", function->crashed);
    put_number(arena, map, "receipts", function->receipts);
    put_histogram(arena, map, "waited", &function->waited);
    put_histogram(arena, map, "ran", &function->ran);
    return map;
}

static struct barq_value *executor_value(struct barq_arena *arena,
                                         const struct barq_executor_info *executor, bool with_jobs)
{
    struct barq_value *map = barq_map(arena);

    barq_set_key(map, "number", barq_int(arena, executor->number));
    put_number(arena, map, "pid", executor->pid);
    barq_set_key(map, "state", barq_string(arena, barq_executor_state_name(executor->state)));
    put_number(arena, map, "started_at", executor->started_at_ms);
    put_number(arena, map, "memory", executor->memory_bytes);
    put_number(arena, map, "jobs", executor->jobs);
    put_number(arena, map, "restarts", executor->restarts);
    put_number(arena, map, "crashes", executor->crashes);
    if (with_jobs && executor->n_running > 0) {
        struct barq_value *running = barq_list(arena);
        for (size_t i = 0; i < executor->n_running; i++) {
            barq_add(running, any_text(arena, executor->running[i]));
        }
        barq_set_key(map, "running", running);
    }
    return map;
}

/* False: it does not fit. */
static bool put_item(struct bq_buf *out, struct barq_arena *arena, const struct barq_value *item,
                     bool first)
{
    const char *text;
    size_t len;

    if (barq_to_json(arena, item, &text, &len, NULL) != BARQ_OK ||
        out->len + len + 1 > BQ_TALLY_MAX_BYTES - TAIL_BYTES) {
        return false;
    }
    bq_buf_puts(out, first ? "" : ",");
    bq_buf_put(out, text, len);
    return true;
}

void bq_tally_put(struct bq_buf *out, const struct bq_tally *tally)
{
    bq_auto(arena) struct barq_arena arena;
    bool fits = true;

    bq_arena_init(&arena, ITEM_ARENA_BYTES);
    bq_buf_printf(out, "{\"memory\":%lld,\"functions\":[", (long long)tally->memory_bytes);
    for (size_t i = 0; fits && i < tally->n_functions; i++) {
        bq_arena_reset(&arena);
        fits = put_item(out, &arena, function_value(&arena, &tally->functions[i]), i == 0);
    }
    bq_buf_puts(out, "],\"executors\":[");
    for (size_t i = 0; fits && i < tally->n_executors; i++) {
        bool with_jobs = out->len < BQ_TALLY_JOBS_MAX_BYTES;
        bq_arena_reset(&arena);
        fits =
            put_item(out, &arena, executor_value(&arena, &tally->executors[i], with_jobs), i == 0);
    }
    bq_buf_puts(out, "]}");
}

/* -- reading -- */

static size_t at_most(size_t count, size_t most)
{
    return count < most ? count : most;
}

/* A count; 0 when it is none. */
static int64_t get_number(const struct barq_value *map, const char *key)
{
    int64_t number = barq_as_int(barq_get(map, key), 0);

    return number > 0 ? number : 0;
}

static struct barq_histogram get_histogram(const struct barq_value *map, const char *key)
{
    const struct barq_value *list = barq_get(map, key);
    struct barq_histogram histogram = {.count = 0};
    size_t count = barq_count(list);

    for (size_t i = 0; i < count && i < BARQ_BUCKETS + 1; i++) {
        int64_t number = barq_as_int(barq_at(list, i), 0);
        number = number > 0 ? number : 0;
        if (i == 0) {
            histogram.sum_us = number;
        } else {
            histogram.buckets[i - 1] = number;
            histogram.count = sum_of(histogram.count, number);
        }
    }
    return histogram;
}

/* False: the arena is full. */
static bool get_function(struct barq_arena *arena, const struct barq_value *map,
                         struct barq_function_stats *out)
{
    *out = (struct barq_function_stats){
        .function = bq_arena_strdup(arena, barq_as_string(barq_get(map, "function"), "")),
        .complete = get_number(map, "complete"),
        .failed = get_number(map, "failed"),
        .retried = get_number(map, "retried"),
        .aborted = get_number(map, "aborted"),
        .timed_out = get_number(map, "timed_out"),
        .crashed = get_number(map, "crashed"),
        .receipts = get_number(map, "receipts"),
        .waited = get_histogram(map, "waited"),
        .ran = get_histogram(map, "ran"),
    };
    return out->function != NULL;
}

static enum barq_executor_state get_state(const struct barq_value *map)
{
    const char *name = barq_as_string(barq_get(map, "state"), "");

    for (size_t i = 0; i < STATES; i++) {
        if (strcmp(state_names[i], name) == 0) {
            return (enum barq_executor_state)i;
        }
    }
    return BARQ_EXECUTOR_OFF;
}

static bool get_running(struct barq_arena *arena, const struct barq_value *list,
                        struct barq_executor_info *out)
{
    size_t count = at_most(barq_count(list), BARQ_EXECUTOR_JOBS_MAX);
    const char **ids = bq_arena_array(arena, count, sizeof(*ids));
    for (size_t i = 0; ids && i < count; i++) {
        ids[i] = bq_arena_strdup(arena, barq_as_string(barq_at(list, i), ""));
        if (!ids[i]) {
            return false;
        }
    }
    out->running = ids;
    out->n_running = ids ? count : 0;
    return ids || count == 0;
}

static bool get_executor(struct barq_arena *arena, const struct barq_value *map,
                         struct barq_executor_info *out)
{
    *out = (struct barq_executor_info){
        .number = get_number(map, "number"),
        .pid = get_number(map, "pid"),
        .state = get_state(map),
        .started_at_ms = get_number(map, "started_at"),
        .memory_bytes = get_number(map, "memory"),
        .jobs = get_number(map, "jobs"),
        .restarts = get_number(map, "restarts"),
        .crashes = get_number(map, "crashes"),
    };
    return get_running(arena, barq_get(map, "running"), out);
}

static bool get_all(struct barq_arena *arena, const struct barq_value *map, struct bq_tally *out)
{
    const struct barq_value *functions = barq_get(map, "functions");
    const struct barq_value *executors = barq_get(map, "executors");
    size_t n_functions = at_most(barq_count(functions), BARQ_FUNCTIONS_MAX + 1);
    size_t n_executors = at_most(barq_count(executors), EXECUTORS_MAX);
    struct barq_function_stats *each = bq_arena_array(arena, n_functions, sizeof(*each));
    struct barq_executor_info *places = bq_arena_array(arena, n_executors, sizeof(*places));

    if ((!each && n_functions > 0) || (!places && n_executors > 0)) {
        return false;
    }
    for (size_t i = 0; i < n_functions; i++) {
        if (!get_function(arena, barq_at(functions, i), &each[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < n_executors; i++) {
        if (!get_executor(arena, barq_at(executors, i), &places[i])) {
            return false;
        }
    }
    *out = (struct bq_tally){get_number(map, "memory"), each, n_functions, places, n_executors};
    return true;
}

bool bq_tally_get(struct barq_arena *arena, const char *text, struct bq_tally *out)
{
    bq_auto(arena) struct barq_arena scratch;
    struct barq_value *map = NULL;
    size_t len = text ? strnlen(text, BQ_TALLY_MAX_BYTES + 1) : 0;

    *out = (struct bq_tally){.memory_bytes = 0};
    bq_arena_init(&scratch, READ_ARENA_BYTES);
    if (len == 0 || len > BQ_TALLY_MAX_BYTES ||
        barq_from_json(&scratch, text, len, &map, NULL) != BARQ_OK) {
        return true;
    }
    return get_all(arena, map, out);
}

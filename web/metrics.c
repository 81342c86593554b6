/*
 * metrics.c - all of it for Prometheus. What is there now is asked for now; what is counted comes of the
 * sampler's looks, so that it never falls, and is told even while the broker is away.
 */
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/log.h"
#include "web/call.h"
#include "web/prometheus.h"
#include "web/queue_json.h"
#include "web/sampler.h"
#include "web/text.h"

enum { METRICS_MAX_BYTES = 8 * 1024 * 1024 };

/* What is there. */
struct now {
    struct bw_world world;
    const struct barq_limit_info *limits;
    size_t n_limits;
};

/* A label's value; "" when there is no room for it any more, and then the whole has none either. */
static const char *label(struct barq_arena *arena, const char *text)
{
    const char *clean = bw_clean(arena, text);

    return clean ? clean : "";
}

/* -- queues -- */

static void put_queues(struct bq_buf *out, struct barq_arena *arena, const struct bw_world *world)
{
    bw_family(out, "barq_jobs", "gauge", "Jobs that are there, by queue and state.");
    for (size_t i = 0; i < world->n_queues; i++) {
        const struct barq_queue_stats *queue = &world->queues[i];
        const char *name = label(arena, queue->queue);
        const struct {
            enum barq_job_status status;
            int64_t count;
        } states[] = {
            {BARQ_JOB_QUEUED, queue->queued},           {BARQ_JOB_DEFERRED, queue->deferred},
            {BARQ_JOB_IN_PROGRESS, queue->in_progress}, {BARQ_JOB_COMPLETE, queue->complete},
            {BARQ_JOB_FAILED, queue->failed},
        };
        for (size_t k = 0; k < sizeof(states) / sizeof(states[0]); k++) {
            bw_sample_int(out, "barq_jobs",
                          BW_LABELS("queue", name, "state", barq_job_status_name(states[k].status)),
                          states[k].count);
        }
    }
    bw_family(out, "barq_jobs_held", "gauge", "Queued jobs that are over a limit.");
    for (size_t i = 0; i < world->n_queues; i++) {
        bw_sample_int(out, "barq_jobs_held",
                      BW_LABELS("queue", label(arena, world->queues[i].queue)),
                      world->queues[i].held);
    }
    bw_family(out, "barq_queue_paused", "gauge", "1: no worker claims from it.");
    for (size_t i = 0; i < world->n_queues; i++) {
        bw_sample_int(out, "barq_queue_paused",
                      BW_LABELS("queue", label(arena, world->queues[i].queue)),
                      world->queues[i].paused);
    }
}

/* Those of single keys are left out: there may be any number of them. */
static void put_limits(struct bq_buf *out, struct barq_arena *arena, const struct now *now,
                       const char *name, const char *help, bool held)
{
    bw_family(out, name, "gauge", help);
    for (size_t i = 0; i < now->n_limits; i++) {
        const struct barq_limit_info *limit = &now->limits[i];
        if (!limit->key) {
            bw_sample_int(out, name,
                          BW_LABELS("queue", label(arena, limit->queue), "function",
                                    label(arena, limit->function), "limit",
                                    label(arena, limit->name), "of",
                                    limit->each_key ? "each_key" : "all"),
                          held ? limit->held : limit->running);
        }
    }
}

/* -- workers -- */

static void put_states(struct bq_buf *out, const struct bw_world *world)
{
    int64_t counts[BARQ_EXECUTOR_STOPPING + 1] = {0};

    for (size_t i = 0; i < world->n_workers; i++) {
        const struct barq_worker_info *worker = &world->workers[i];
        for (size_t k = 0; k < worker->n_places; k++) {
            const struct barq_executor_info *place = &worker->places[k];
            if (place->number != 0 && place->state <= BARQ_EXECUTOR_STOPPING) {
                counts[place->state]++;
            }
        }
    }
    bw_family(out, "barq_executors", "gauge", "Places of executors, by what is in them.");
    for (int state = BARQ_EXECUTOR_OFF; state <= BARQ_EXECUTOR_STOPPING; state++) {
        const char *name = barq_executor_state_name((enum barq_executor_state)state);
        bw_sample_int(out, "barq_executors", BW_LABELS("state", name), counts[state]);
    }
}

static void put_memory(struct bq_buf *out, struct barq_arena *arena, const struct bw_world *world)
{
    bw_family(out, "barq_worker_memory_bytes", "gauge",
              "What a worker's own process has in memory.");
    for (size_t i = 0; i < world->n_workers; i++) {
        bw_sample_int(out, "barq_worker_memory_bytes",
                      BW_LABELS("worker", label(arena, world->workers[i].name)),
                      world->workers[i].memory_bytes);
    }
    bw_family(out, "barq_executors_memory_bytes", "gauge",
              "What a worker's executors have in memory together.");
    for (size_t i = 0; i < world->n_workers; i++) {
        const struct barq_worker_info *worker = &world->workers[i];
        int64_t bytes = 0;
        for (size_t k = 0; k < worker->n_places; k++) {
            bytes += worker->places[k].memory_bytes;
        }
        bw_sample_int(out, "barq_executors_memory_bytes",
                      BW_LABELS("worker", label(arena, worker->name)), bytes);
    }
}

static void put_workers(struct bq_buf *out, struct barq_arena *arena, const struct bw_world *world)
{
    int64_t threads = 0;
    int64_t running = 0;

    for (size_t i = 0; i < world->n_workers; i++) {
        threads += world->workers[i].executors * world->workers[i].threads;
        running += world->workers[i].running;
    }
    bw_family(out, "barq_workers", "gauge", "Workers that are there.");
    bw_sample_int(out, "barq_workers", NULL, (int64_t)world->n_workers);
    bw_family(out, "barq_threads", "gauge", "Jobs that all workers can run at once.");
    bw_sample_int(out, "barq_threads", NULL, threads);
    bw_family(out, "barq_running", "gauge", "Jobs that they run.");
    bw_sample_int(out, "barq_running", NULL, running);
    put_states(out, world);
    put_memory(out, arena, world);
}

/* -- what was counted -- */

static const char *name_of(const struct bw_function *function)
{
    return *function->name != '\0' ? function->name : "<other>";
}

static void put_outcomes(struct bq_buf *out, const struct bw_gathered *gathered)
{
    static const struct {
        enum bw_counter counter;
        const char *outcome;
    } outcomes[] = {{BW_COMPLETE, "complete"}, {BW_FAILED, "failed"}, {BW_RETRIED, "retried"}};

    bw_family(out, "barq_attempts_total", "counter",
              "Attempts that have ended, by function and outcome.");
    for (size_t i = 0; i < gathered->n_functions; i++) {
        const struct bw_function *function = &gathered->functions[i];
        for (size_t k = 0; k < sizeof(outcomes) / sizeof(outcomes[0]); k++) {
            bw_sample_int(out, "barq_attempts_total",
                          BW_LABELS("function", name_of(function), "outcome", outcomes[k].outcome),
                          function->numbers.counters[outcomes[k].counter]);
        }
    }
}

static void put_counters(struct bq_buf *out, const struct bw_gathered *gathered)
{
    static const struct {
        enum bw_counter counter;
        const char *name;
        const char *help;
    } families[] = {
        {BW_ABORTED, "barq_attempts_aborted_total",
         "Attempts that failed as somebody had wished it."},
        {BW_TIMED_OUT, "barq_attempts_timed_out_total", "Attempts whose time was over."},
        {BW_CRASHED, "barq_attempts_crashed_total", "Attempts that took their executor down."},
        {BW_RECEIPTS, "barq_receipts_total",
         "Attempts whose outcome an earlier one had decided, by its receipt."},
    };

    for (size_t k = 0; k < sizeof(families) / sizeof(families[0]); k++) {
        bw_family(out, families[k].name, "counter", families[k].help);
        for (size_t i = 0; i < gathered->n_functions; i++) {
            const struct bw_function *function = &gathered->functions[i];
            bw_sample_int(out, families[k].name, BW_LABELS("function", name_of(function)),
                          function->numbers.counters[families[k].counter]);
        }
    }
}

static void put_gathered(struct bq_buf *out, const struct bw_gathered *gathered)
{
    put_outcomes(out, gathered);
    put_counters(out, gathered);
    bw_family(out, "barq_run_seconds", "histogram", "How long attempts ran.");
    for (size_t i = 0; i < gathered->n_functions; i++) {
        bw_sample_histogram(out, "barq_run_seconds",
                            BW_LABELS("function", name_of(&gathered->functions[i])),
                            &gathered->functions[i].numbers.ran);
    }
    bw_family(out, "barq_wait_seconds", "histogram",
              "How long attempts were due before they began.");
    for (size_t i = 0; i < gathered->n_functions; i++) {
        bw_sample_histogram(out, "barq_wait_seconds",
                            BW_LABELS("function", name_of(&gathered->functions[i])),
                            &gathered->functions[i].numbers.waited);
    }
    bw_family(out, "barq_executor_crashes_total", "counter",
              "Executors that ended though they were not told to, or were killed.");
    bw_sample_int(out, "barq_executor_crashes_total", NULL, gathered->workers.counters[BW_CRASHED]);
    bw_family(out, "barq_executor_restarts_total", "counter",
              "Executors that were started in place of another.");
    bw_sample_int(out, "barq_executor_restarts_total", NULL,
                  gathered->workers.counters[BW_RESTARTS]);
    bw_family(out, "barq_looked_timestamp_seconds", "gauge",
              "When workers were last asked for what they count; 0: never yet.");
    bw_sample_int(out, "barq_looked_timestamp_seconds", NULL, gathered->looked_at_ms / 1000);
}

/* -- all -- */

static enum barq_status read_now(struct bw_call *call, struct now *now, struct barq_error *err)
{
    struct barq_limit_info *limits = NULL;

    enum barq_status status = bw_client(call->web, call->http->thread, &call->client, err);
    if (status == BARQ_OK) {
        status = bw_world_read(call->client, call->arena, &now->world, err);
    }
    if (status == BARQ_OK) {
        status = barq_limits(call->client, NULL, call->arena, &limits, &now->n_limits, err);
    }
    now->limits = limits;
    return status;
}

/* NULL: it was too much. */
static const char *write_all(struct bw_call *call, const struct now *now, bool is_up,
                             const struct bw_gathered *gathered)
{
    bq_auto(buf) struct bq_buf out;
    struct barq_arena *arena = call->arena;

    bq_buf_init(&out, METRICS_MAX_BYTES);
    bw_family(&out, "barq_up", "gauge", "1: the broker answers.");
    bw_sample_int(&out, "barq_up", NULL, is_up);
    bw_family(&out, "barq_info", "gauge", "Which version this is.");
    bw_sample_int(&out, "barq_info", BW_LABELS("version", BARQ_VERSION), 1);
    if (is_up) {
        put_queues(&out, arena, &now->world);
        put_limits(&out, arena, now, "barq_limit_running", "Jobs that count against a limit.",
                   false);
        put_limits(&out, arena, now, "barq_limit_held", "Jobs that wait for room in a limit.",
                   true);
        put_workers(&out, arena, &now->world);
    }
    put_gathered(&out, gathered);
    const char *text = bq_buf_cstr(&out);
    return text ? bq_arena_strdup(arena, text) : NULL;
}

static enum barq_status metrics(struct bw_call *call, struct barq_error *err)
{
    struct now now = {.n_limits = 0};
    struct bw_gathered gathered;
    struct barq_error why = {0};

    bool is_up = read_now(call, &now, &why) == BARQ_OK;
    if (!is_up) {
        bq_warn("the broker cannot be asked", bq_str("error", why.text));
        bw_client_drop(call->web, call->http->thread);
    }
    enum barq_status status = bw_sampler_gathered(call->web->sampler, call->arena, &gathered, err);
    if (status != BARQ_OK) {
        return status;
    }
    const char *text = write_all(call, &now, is_up, &gathered);
    if (!text) {
        return bq_fail(err, BARQ_ERR_NOMEM, "web: the metrics are too many");
    }
    bq_http_answer(call->http, 200, BW_PROMETHEUS_TYPE, text, strlen(text));
    call->answered = true;
    return BARQ_OK;
}

const struct bw_route bw_metric_routes[] = {
    {.method = "GET", .path = "/metrics", .run = metrics, .alone = true},
    {.method = NULL},
};

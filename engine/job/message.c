#include "job/message.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "job/share.h"
#include "job/trace.h"

/* Its end, in nanoseconds, is a number of 64 bits. */
#define STARTED_MAX_US (INT64_MAX / 2000)

/* The mark of a line that is the engine's own (base/log.h), and an "e" for end. */
static const char mark[] = {BQ_LOG_RELAY_MARK, 'e', '\0'};

void bq_output_mark(char *out, int64_t attempt, int64_t key)
{
    (void)snprintf(out, BQ_OUTPUT_MARK_BYTES, "%s%" PRId64 " %" PRId64 "\n", mark, attempt, key);
}

bool bq_output_mark_read(const char *line, int64_t key, int64_t *attempt)
{
    char whole[BQ_OUTPUT_MARK_BYTES];

    if (key == 0 || !bq_starts_with(line, mark)) {
        return false;
    }
    int64_t number = strtoll(line + strlen(mark), NULL, 10);
    bq_output_mark(whole, number, key);
    whole[strlen(whole) - 1] = '\0';
    if (strcmp(line, whole) != 0) {
        return false;
    }
    *attempt = number;
    return true;
}

/* A message is whole when nothing of it was missing and nothing is left. */
static bool whole(const struct bq_reader *in)
{
    return !in->failed && in->at == in->end;
}

/* What it waits for; only jobs that are to be enqueued have it. */
static void put_after(struct bq_buf *out, const struct bq_job *job)
{
    bq_buf_put_u32(out, (uint32_t)job->n_after);
    for (size_t i = 0; i < job->n_after; i++) {
        bq_buf_put_str(out, job->after[i]);
    }
    bq_buf_put_u8(out, job->after_failed);
}

static bool get_after(struct bq_reader *in, struct barq_arena *arena, struct bq_job *job)
{
    uint32_t count = bq_read_u32(in);
    const char **ids = NULL;

    if (in->failed || count > BARQ_AFTER_MAX) {
        return false;
    }
    if (count > 0) {
        ids = bq_arena_array(arena, count, sizeof(char *));
        for (uint32_t i = 0; ids && i < count; i++) {
            ids[i] = bq_read_str(in, arena);
        }
        if (!ids) {
            return false;
        }
    }
    job->after = ids;
    job->n_after = count;
    job->after_failed = bq_read_u8(in) != 0;
    return true;
}

void bq_job_put(struct bq_buf *out, const struct bq_job *job)
{
    bq_buf_put_str(out, job->id);
    bq_buf_put_str(out, job->queue);
    bq_buf_put_block(out, job->payload, job->payload_bytes);
    bq_buf_put_i64(out, job->enqueued_at_ms);
    bq_buf_put_i64(out, job->due_at_ms);
    bq_buf_put_i64(out, job->expires_at_ms);
    bq_buf_put_u8(out, job->uncertain);
    bq_buf_put_str(out, job->function ? job->function : "");
    bq_buf_put_str(out, job->key ? job->key : "");
    bq_buf_put_i64(out, job->priority);
    put_after(out, job);
}

bool bq_job_get(struct bq_reader *in, struct barq_arena *arena, struct bq_job *job)
{
    job->id = bq_read_str(in, arena);
    job->queue = bq_read_str(in, arena);
    job->payload = bq_read_block(in, &job->payload_bytes);
    job->enqueued_at_ms = bq_read_i64(in);
    job->due_at_ms = bq_read_i64(in);
    job->expires_at_ms = bq_read_i64(in);
    job->uncertain = bq_read_u8(in) != 0;
    job->function = bq_read_str(in, arena);
    const char *key = bq_read_str(in, arena);
    int64_t priority = bq_read_i64(in);
    bool good = get_after(in, arena, job) && !in->failed && priority >= -BARQ_PRIORITY_MAX &&
                priority <= BARQ_PRIORITY_MAX;
    job->key = good && key[0] != '\0' ? key : NULL;
    job->priority = good ? (int)priority : 0;
    return good;
}

void bq_identity_put(struct bq_buf *out, const struct bq_identity *identity)
{
    bq_buf_put_str(out, identity->queue);
    bq_buf_put_str(out, identity->id);
    bq_buf_put_i64(out, identity->enqueued_at_ms);
    bq_buf_put_str(out, identity->nonce);
}

bool bq_identity_get(struct bq_reader *in, struct barq_arena *arena, struct bq_identity *identity)
{
    identity->queue = bq_read_str(in, arena);
    identity->id = bq_read_str(in, arena);
    identity->enqueued_at_ms = bq_read_i64(in);
    identity->nonce = bq_read_str(in, arena);
    return !in->failed;
}

void bq_run_put(struct bq_buf *out, const struct bq_run *run)
{
    bq_buf_put_i64(out, run->attempt);
    bq_job_put(out, &run->claimed.job);
    bq_buf_put_u8(out, run->claimed.claimed_before);
    bq_buf_put_u8(out, run->claimed.aborted);
    bq_buf_put_i64(out, run->claimed.tries);
    bq_buf_put_i64(out, run->claimed.losses);
    bq_buf_put_i64(out, run->claimed.crashes);
    bq_buf_put_str(out, run->verdict);
    bq_buf_put_u8(out, run->without_hook);
    bq_buf_put_i64(out, run->commit_until_ms);
}

bool bq_run_get(struct bq_reader *in, struct barq_arena *arena, struct bq_run *run)
{
    *run = (struct bq_run){.attempt = bq_read_i64(in)};
    bool job_read = bq_job_get(in, arena, &run->claimed.job);
    run->claimed.claimed_before = bq_read_u8(in) != 0;
    run->claimed.aborted = bq_read_u8(in) != 0;
    run->claimed.tries = (int)bq_read_i64(in);
    run->claimed.losses = (int)bq_read_i64(in);
    run->claimed.crashes = (int)bq_read_i64(in);
    run->verdict = bq_read_str(in, arena);
    run->without_hook = bq_read_u8(in) != 0;
    run->commit_until_ms = bq_read_i64(in);
    return job_read && whole(in);
}

static void put_queues(struct bq_buf *out, const struct bq_ready *ready)
{
    bq_buf_put_u32(out, (uint32_t)ready->n_queues);
    for (size_t i = 0; i < ready->n_queues; i++) {
        bq_buf_put_str(out, ready->queues[i].name);
        bq_buf_put_i64(out, ready->queues[i].weight);
    }
}

static bool get_queues(struct bq_reader *in, struct barq_arena *arena, struct bq_ready *ready)
{
    uint32_t count = bq_read_u32(in);
    struct barq_worker_queue *queues = NULL;

    if (in->failed || count > BQ_MAX_QUEUES ||
        !(queues = bq_arena_array(arena, count + 1, sizeof(*queues)))) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        queues[i].name = bq_read_str(in, arena);
        int64_t weight = bq_read_i64(in);
        queues[i].weight = weight >= 1 && weight <= BQ_MAX_WEIGHT ? (int)weight : -1;
    }
    ready->queues = queues;
    ready->n_queues = count;
    return !in->failed && (count == 0 || bq_queues_check(queues, count, NULL) == BARQ_OK);
}

static void put_limit(struct bq_buf *out, const struct bq_limit *limit)
{
    bq_buf_put_str(out, limit->name);
    bq_buf_put_i64(out, limit->max_running);
    bq_buf_put_i64(out, limit->max_starts);
    bq_buf_put_i64(out, limit->per_ms);
}

static bool get_limit(struct bq_reader *in, struct barq_arena *arena, struct bq_limit *limit)
{
    limit->name = bq_read_str(in, arena);
    int64_t max_running = bq_read_i64(in);
    int64_t max_starts = bq_read_i64(in);
    limit->per_ms = bq_read_i64(in);
    limit->max_running = (int)max_running;
    limit->max_starts = (int)max_starts;
    if (in->failed || (limit->name[0] != '\0' && !bq_name_valid(limit->name))) {
        return false;
    }
    return max_running >= 0 && max_running <= INT_MAX && max_starts >= 0 &&
           max_starts <= BARQ_LIMIT_MAX_STARTS && limit->per_ms >= 0 &&
           limit->per_ms <= BARQ_LIMIT_MAX_PER_MS;
}

static void put_limits(struct bq_buf *out, const struct bq_ready *ready)
{
    bq_buf_put_u32(out, (uint32_t)ready->n_limits);
    for (size_t i = 0; i < ready->n_limits; i++) {
        bq_buf_put_str(out, ready->limits[i].function);
        put_limit(out, &ready->limits[i].all);
        put_limit(out, &ready->limits[i].each_key);
    }
}

static bool get_limits(struct bq_reader *in, struct barq_arena *arena, struct bq_ready *ready)
{
    uint32_t count = bq_read_u32(in);
    struct bq_limit_rule *limits = NULL;

    if (in->failed || count > BQ_LIMITS_MAX ||
        !(limits = bq_arena_array(arena, count + 1, sizeof(*limits)))) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        limits[i].function = bq_read_str(in, arena);
        if (!get_limit(in, arena, &limits[i].all) || !get_limit(in, arena, &limits[i].each_key) ||
            !bq_name_valid(limits[i].function)) {
            return false;
        }
    }
    ready->limits = limits;
    ready->n_limits = count;
    return true;
}

static void put_cron_job(struct bq_buf *out, const struct bq_cron_job *job)
{
    bq_buf_put_str(out, job->name);
    bq_buf_put_str(out, job->function);
    bq_buf_put_str(out, job->schedule);
    bq_buf_put_str(out, job->time_zone);
    bq_buf_put_str(out, job->queue);
    bq_buf_put_str(out, job->arguments);
    bq_buf_put_u8(out, job->run_at_startup);
    bq_buf_put_u8(out, (uint8_t)job->missed);
}

static bool get_cron_job(struct bq_reader *in, struct barq_arena *arena, struct bq_cron_job *job)
{
    job->name = bq_read_str(in, arena);
    job->function = bq_read_str(in, arena);
    job->schedule = bq_read_str(in, arena);
    job->time_zone = bq_read_str(in, arena);
    job->queue = bq_read_str(in, arena);
    job->arguments = bq_read_str(in, arena);
    job->run_at_startup = bq_read_u8(in) != 0;
    uint8_t missed = bq_read_u8(in);
    job->missed = (enum barq_missed)missed;
    return !in->failed && missed <= BARQ_MISSED_ALL;
}

static bool get_cron_jobs(struct bq_reader *in, struct barq_arena *arena, struct bq_ready *ready)
{
    uint32_t count = bq_read_u32(in);
    struct bq_cron_job *jobs = NULL;
    bool good = !in->failed && count <= BQ_CRON_JOBS_MAX;

    if (good && count > 0) {
        jobs = bq_arena_array(arena, count, sizeof(*jobs));
        good = jobs;
    }
    for (uint32_t i = 0; good && i < count; i++) {
        good = get_cron_job(in, arena, &jobs[i]);
    }
    ready->cron_jobs = jobs;
    ready->n_cron_jobs = count;
    return good;
}

void bq_ready_put(struct bq_buf *out, const struct bq_ready *ready)
{
    put_queues(out, ready);
    put_limits(out, ready);
    bq_buf_put_i64(out, ready->max_jobs);
    bq_buf_put_i64(out, ready->threads);
    bq_buf_put_i64(out, ready->max_tries);
    bq_buf_put_i64(out, ready->job_timeout_ms);
    bq_buf_put_i64(out, ready->keep_result_ms);
    bq_buf_put_i64(out, ready->retry_min_ms);
    bq_buf_put_i64(out, ready->retry_max_ms);
    bq_buf_put_i64(out, ready->job_completion_wait_ms);
    bq_buf_put_i64(out, ready->health_check_interval_ms);
    bq_buf_put_i64(out, ready->recycle_after);
    bq_buf_put_i64(out, ready->shared_timeout_ms);
    bq_buf_put_i64(out, ready->output_key);
    bq_buf_put_str(out, ready->functions);
    bq_buf_put_str(out, ready->wake_path);
    bq_buf_put_i64(out, ready->pool_size);
    bq_buf_put_i64(out, ready->max_overflow);
    bq_buf_put_u32(out, (uint32_t)ready->n_cron_jobs);
    for (size_t i = 0; i < ready->n_cron_jobs; i++) {
        put_cron_job(out, &ready->cron_jobs[i]);
    }
}

bool bq_ready_get(struct bq_reader *in, struct barq_arena *arena, struct bq_ready *ready)
{
    if (!get_queues(in, arena, ready) || !get_limits(in, arena, ready)) {
        return false;
    }
    ready->max_jobs = bq_read_i64(in);
    ready->threads = bq_read_i64(in);
    ready->max_tries = bq_read_i64(in);
    ready->job_timeout_ms = bq_read_i64(in);
    ready->keep_result_ms = bq_read_i64(in);
    ready->retry_min_ms = bq_read_i64(in);
    ready->retry_max_ms = bq_read_i64(in);
    ready->job_completion_wait_ms = bq_read_i64(in);
    ready->health_check_interval_ms = bq_read_i64(in);
    ready->recycle_after = bq_read_i64(in);
    ready->shared_timeout_ms = bq_read_i64(in);
    ready->output_key = bq_read_i64(in);
    ready->functions = bq_read_str(in, arena);
    ready->wake_path = bq_read_str(in, arena);
    ready->pool_size = bq_read_i64(in);
    ready->max_overflow = bq_read_i64(in);
    return get_cron_jobs(in, arena, ready) && whole(in) && ready->threads >= 1 &&
           ready->threads <= BARQ_MAX_THREADS && ready->shared_timeout_ms >= 0 &&
           ready->shared_timeout_ms <= BQ_SHARED_TIMEOUT_MAX_MS && ready->pool_size >= 0 &&
           ready->pool_size <= INT32_MAX && ready->max_overflow >= 0 &&
           ready->max_overflow <= INT32_MAX;
}

void bq_refused_put(struct bq_buf *out, const struct bq_refused *refused)
{
    bq_buf_put_u8(out, refused->database_away);
    bq_buf_put_str(out, refused->why);
}

bool bq_refused_get(struct bq_reader *in, struct barq_arena *arena, struct bq_refused *refused)
{
    refused->database_away = bq_read_u8(in) != 0;
    refused->why = bq_read_str(in, arena);
    return whole(in);
}

/* False: it is none. */
static bool get_try(struct bq_reader *in, int *out)
{
    int64_t job_try = bq_read_i64(in);

    *out = (int)job_try;
    return job_try >= 0 && job_try <= BARQ_JOB_TRY_MAX;
}

void bq_started_put(struct bq_buf *out, const struct bq_started *started)
{
    bq_buf_put_i64(out, started->attempt);
    bq_buf_put_i64(out, started->job_try);
    bq_buf_put_str(out, started->function);
    bq_buf_put_i64(out, started->job_timeout_ms);
    bq_buf_put_i64(out, started->max_tries);
    bq_buf_put_i64(out, started->retry_min_ms);
    bq_buf_put_i64(out, started->retry_max_ms);
    bq_buf_put_u8(out, started->retry_on_timeout);
    bq_buf_put_i64(out, started->memory_max_bytes);
    bq_buf_put_i64(out, started->cpu_max_ms);
    bq_buf_put_i64(out, started->output_max_bytes);
    bq_buf_put_i64(out, started->recycle_after);
}

bool bq_started_get(struct bq_reader *in, struct barq_arena *arena, struct bq_started *started)
{
    started->attempt = bq_read_i64(in);
    bool tried = get_try(in, &started->job_try);
    started->function = bq_read_str(in, arena);
    started->job_timeout_ms = bq_read_i64(in);
    started->max_tries = bq_read_i64(in);
    started->retry_min_ms = bq_read_i64(in);
    started->retry_max_ms = bq_read_i64(in);
    started->retry_on_timeout = bq_read_u8(in) != 0;
    started->memory_max_bytes = bq_read_i64(in);
    started->cpu_max_ms = bq_read_i64(in);
    started->output_max_bytes = bq_read_i64(in);
    started->recycle_after = bq_read_i64(in);
    return whole(in) && tried;
}

void bq_progress_put(struct bq_buf *out, const struct bq_progress *progress)
{
    bq_buf_put_i64(out, progress->attempt);
    bq_buf_put_i64(out, progress->done);
    bq_buf_put_i64(out, progress->total);
    bq_buf_put_str(out, progress->note);
}

bool bq_progress_get(struct bq_reader *in, struct barq_arena *arena, struct bq_progress *progress)
{
    progress->attempt = bq_read_i64(in);
    progress->done = bq_read_i64(in);
    progress->total = bq_read_i64(in);
    progress->note = bq_read_str(in, arena);
    return whole(in) && strlen(progress->note) <= BARQ_NOTE_MAX_BYTES;
}

void bq_said_put(struct bq_buf *out, const struct bq_said *said)
{
    bq_buf_put_i64(out, said->attempt);
    bq_buf_put_u8(out, (uint8_t)said->level);
    bq_buf_put_i64(out, said->dropped);
    bq_buf_put_str(out, said->line);
}

bool bq_said_get(struct bq_reader *in, struct barq_arena *arena, struct bq_said *said)
{
    said->attempt = bq_read_i64(in);
    uint8_t level = bq_read_u8(in);
    said->level = (enum barq_log_level)level;
    said->dropped = bq_read_i64(in);
    said->line = bq_read_str(in, arena);
    return whole(in) && level <= BARQ_LOG_ERROR && said->dropped >= 0 &&
           strlen(said->line) <= BARQ_LOG_LINE_MAX_BYTES;
}

void bq_outcome_put(struct bq_buf *out, const struct bq_outcome *outcome)
{
    bq_buf_put_i64(out, outcome->attempt);
    bq_buf_put_i64(out, outcome->job_try);
    bq_buf_put_u8(out, (uint8_t)outcome->kind);
    bq_buf_put_str(out, outcome->function);
    bq_buf_put_str(out, outcome->error);
    bq_buf_put_block(out, outcome->result, outcome->result_bytes);
    bq_buf_put_i64(out, outcome->keep_result_ms);
    bq_buf_put_i64(out, outcome->defer_ms);
    bq_buf_put_u8(out, outcome->database_away);
    bq_buf_put_u8(out, outcome->from_receipt);
    bq_buf_put_i64(out, outcome->took_us);
    bq_buf_put_u8(out, outcome->printed);
    bq_buf_put_u8(out, outcome->stays);
}

bool bq_outcome_get(struct bq_reader *in, struct barq_arena *arena, struct bq_outcome *outcome)
{
    outcome->attempt = bq_read_i64(in);
    bool tried = get_try(in, &outcome->job_try);
    uint8_t kind = bq_read_u8(in);
    outcome->kind = (enum bq_outcome_kind)kind;
    outcome->function = bq_read_str(in, arena);
    outcome->error = bq_read_str(in, arena);
    outcome->result = bq_read_block(in, &outcome->result_bytes);
    outcome->keep_result_ms = bq_read_i64(in);
    outcome->defer_ms = bq_read_i64(in);
    outcome->database_away = bq_read_u8(in) != 0;
    outcome->from_receipt = bq_read_u8(in) != 0;
    outcome->took_us = bq_read_i64(in);
    outcome->printed = bq_read_u8(in) != 0;
    outcome->stays = bq_read_u8(in) != 0;
    return whole(in) && tried && kind >= BQ_OUTCOME_COMPLETE && kind <= BQ_OUTCOME_GIVE_BACK;
}

void bq_span_put(struct bq_buf *out, const struct bq_span *span)
{
    bq_buf_put_i64(out, span->attempt);
    bq_buf_put_i64(out, span->started_at_us);
    bq_buf_put_str(out, span->traceparent);
    bq_buf_put_str(out, span->parent);
    bq_buf_put_str(out, span->tracestate);
}

bool bq_span_get(struct bq_reader *in, struct barq_arena *arena, struct bq_span *span)
{
    span->attempt = bq_read_i64(in);
    span->started_at_us = bq_read_i64(in);
    span->traceparent = bq_read_str(in, arena);
    span->parent = bq_read_str(in, arena);
    span->tracestate = bq_read_str(in, arena);
    return whole(in) && span->started_at_us >= 0 && span->started_at_us < STARTED_MAX_US &&
           barq_traceparent_valid(span->traceparent) &&
           (span->parent[0] == '\0' || bq_span_id_valid(span->parent)) &&
           (span->tracestate[0] == '\0' || barq_tracestate_valid(span->tracestate));
}

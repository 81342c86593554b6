/*
 * job.c - one job as a line of JSON.
 */
#include <stdio.h>
#include <string.h>

#include <barq/client.h>

#include "base/arena.h"
#include "base/text.h"
#include "cli.h"
#include "codec/value.h"

static void put_text(struct barq_arena *arena, struct barq_value *object, const char *key,
                     const char *text)
{
    bool readable = !text || bq_utf8_valid(text, strlen(text));

    barq_set_key(object, key, barq_string(arena, readable ? text : cli_clean(arena, text)));
}

static void put_time(struct barq_arena *arena, struct barq_value *object, const char *key,
                     int64_t at_ms)
{
    barq_set_key(object, key, at_ms ? barq_int(arena, at_ms) : barq_null(arena));
}

/* The result, or in its place a text that says why JSON cannot hold it. */
static void put_result(struct barq_arena *arena, struct barq_value *object,
                       const struct barq_value *result)
{
    const char *json = NULL;
    struct barq_error err;

    if (!result) {
        barq_set_key(object, "result", barq_null(arena));
    } else if (barq_to_json(arena, result, &json, NULL, &err) == BARQ_OK) {
        bq_lend_key(object, "result", result);
    } else {
        barq_set_key(object, "result", barq_format(arena, "<%s>", err.text));
    }
}

/* {done, total, note, at_ms}, or null when nothing was told. */
static void put_progress(struct barq_arena *arena, struct barq_value *object,
                         const struct barq_job_info *job)
{
    if (job->progress_at_ms == 0) {
        barq_set_key(object, "progress", barq_null(arena));
        return;
    }
    struct barq_value *progress = barq_map(arena);
    barq_set_key(progress, "done", barq_int(arena, job->done));
    barq_set_key(progress, "total", barq_int(arena, job->total));
    put_text(arena, progress, "note", job->note);
    barq_set_key(progress, "at_ms", barq_int(arena, job->progress_at_ms));
    barq_set_key(object, "progress", progress);
}

int cli_print_job(struct barq_arena *arena, const struct barq_job_info *job)
{
    struct barq_value *object = barq_map(arena);
    bool known = job->status != BARQ_JOB_NOT_FOUND;

    put_text(arena, object, "id", job->id);
    put_text(arena, object, "queue", job->queue);
    put_text(arena, object, "function", job->function);
    put_text(arena, object, "status", barq_job_status_name(job->status));
    barq_set_key(object, "try", known ? barq_int(arena, job->job_try) : barq_null(arena));
    put_result(arena, object, job->result);
    put_text(arena, object, "error", job->error);
    put_time(arena, object, "enqueued_at_ms", job->enqueued_at_ms);
    put_time(arena, object, "started_at_ms", job->started_at_ms);
    put_time(arena, object, "finished_at_ms", job->finished_at_ms);
    put_text(arena, object, "worker", job->worker);
    put_progress(arena, object, job);
    put_text(arena, object, "log", job->log);

    struct barq_error err;
    enum barq_status status = barq_value_check(object, &err);
    if (status != BARQ_OK) {
        return cli_failed(status, &err);
    }
    puts(cli_json(arena, object));
    return CLI_OK;
}

int cli_print_job_now(struct barq_client *client, const char *id)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, CLI_ARENA_BYTES);
    struct barq_job_info job = {.id = id, .status = BARQ_JOB_NOT_FOUND};
    struct barq_error err;
    enum barq_status status = barq_info(client, id, &arena, &job, &err);

    if (status != BARQ_OK && status != BARQ_ERR_NOTFOUND) {
        return cli_failed(status, &err);
    }
    return cli_print_job(&arena, &job);
}

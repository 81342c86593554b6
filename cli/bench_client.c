/*
 * bench_client.c - one client of barq bench: a process with a connection of its own.
 */
#include <poll.h>
#include <stdlib.h>

#include <barq/admin.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/time.h"
#include "bench.h"
#include "cli.h"

enum { SLICE_MS = 200 }; /* how long it does not look whether it shall stop */

static bool told_to_stop(int stop_fd)
{
    struct pollfd stop = {.fd = stop_fd, .events = POLLIN};

    return poll(&stop, 1, 0) != 0;
}

/* -- enqueueing -- */

static enum barq_status enqueue_batch(const struct bench_plan *plan, struct barq_client *connection,
                                      struct barq_new_job *batch, struct bench_job *jobs,
                                      size_t count, struct barq_error *err)
{
    for (size_t i = 0; i < count; i++) {
        barq_new_id(jobs[i].id);
        batch[i] = (struct barq_new_job){
            .function = plan->function,
            .args = plan->args,
            .options = {.id = jobs[i].id, .queue = plan->queue},
        };
    }
    enum barq_status status = barq_enqueue_many(connection, batch, count, err);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        jobs[i].state = BENCH_ENQUEUED;
    }
    return status;
}

static void enqueue(const struct bench_plan *plan, struct barq_client *connection,
                    struct bench_client *client, int stop_fd)
{
    struct barq_new_job *batch = calloc((size_t)plan->batch, sizeof(*batch));
    if (!batch) {
        client->status = bq_fail(&client->err, BARQ_ERR_NOMEM, "bench: out of memory");
        return;
    }

    client->begun_us = bq_mono_us();
    for (size_t at = 0; client->status == BARQ_OK && at < client->count;) {
        size_t left = client->count - at;
        size_t count = left < (size_t)plan->batch ? left : (size_t)plan->batch;
        if (told_to_stop(stop_fd)) {
            break;
        }
        client->status =
            enqueue_batch(plan, connection, batch, client->jobs + at, count, &client->err);
        at += count;
    }
    client->ended_us = bq_mono_us();
    free(batch);
}

/* -- waiting -- */

/* One slice; BARQ_ERR_TIMEOUT: it has not finished yet. */
static enum barq_status look(struct barq_client *connection, struct bench_job *job,
                             struct barq_arena *arena, int64_t timeout_ms, struct barq_error *err)
{
    const struct barq_value *result = NULL;
    struct barq_job_info info = {.id = NULL};
    enum barq_status status = barq_result(connection, job->id, timeout_ms, arena, &result, err);

    if (status != BARQ_OK && status != BARQ_ERR_JOB && status != BARQ_ERR_NOTFOUND &&
        status != BARQ_ERR_CORRUPT) {
        return status;
    }
    job->state = status == BARQ_ERR_JOB ? BENCH_FAILED : BENCH_COMPLETE;
    status = barq_info(connection, job->id, arena, &info, err);
    if (status == BARQ_OK) {
        job->enqueued_at_ms = info.enqueued_at_ms;
        job->finished_at_ms = info.finished_at_ms;
    }
    return status == BARQ_ERR_NOTFOUND ? BARQ_OK : status; /* it has kept no result */
}

static enum barq_status wait_for(struct barq_client *connection, struct bench_job *job,
                                 int64_t until_ms, int stop_fd, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, CLI_ARENA_BYTES);

    for (;;) {
        int64_t left_ms = until_ms == BARQ_OFF ? SLICE_MS : until_ms - bq_mono_ms();
        int64_t slice_ms = left_ms < SLICE_MS ? left_ms : SLICE_MS;
        enum barq_status status = look(connection, job, &arena, slice_ms > 0 ? slice_ms : 0, err);
        if (status != BARQ_ERR_TIMEOUT || left_ms <= 0 || told_to_stop(stop_fd)) {
            return status;
        }
        bq_arena_reset(&arena);
    }
}

/* The last one first: then it looks at the others when they have ended, and not at each many times. */
static void wait_for_all(const struct bench_plan *plan, struct barq_client *connection,
                         struct bench_client *client, int stop_fd)
{
    int64_t until_ms = plan->wait_ms == BARQ_OFF ? BARQ_OFF : bq_mono_ms() + plan->wait_ms;

    for (size_t i = client->count; i-- > 0 && client->status == BARQ_OK;) {
        if (told_to_stop(stop_fd)) {
            return;
        }
        if (client->jobs[i].state != BENCH_ENQUEUED) {
            continue;
        }
        enum barq_status status =
            wait_for(connection, &client->jobs[i], until_ms, stop_fd, &client->err);
        client->status = status == BARQ_ERR_TIMEOUT ? BARQ_OK : status;
    }
}

/* -- and after it -- */

/* Its own jobs, and no others: those that have ended, and those that nobody has begun. */
static void delete_all(struct barq_client *connection, struct bench_client *client)
{
    for (size_t i = 0; i < client->count; i++) {
        struct barq_error err;
        if (client->jobs[i].state == BENCH_NEW) {
            continue;
        }
        enum barq_status status = barq_delete(connection, client->jobs[i].id, &err);
        client->left += status != BARQ_OK && status != BARQ_ERR_NOTFOUND;
    }
}

void bench_run_client(const struct bench_plan *plan, struct bench_client *client, int stop_fd)
{
    bq_auto(cli_client) struct barq_client *connection = NULL;

    client->status = barq_client_open(plan->url, NULL, &connection, &client->err);
    if (client->status != BARQ_OK) {
        return;
    }
    enqueue(plan, connection, client, stop_fd);
    if (client->status == BARQ_OK && plan->wait_ms != BENCH_NO_WAIT) {
        wait_for_all(plan, connection, client, stop_fd);
    }
    if (!plan->keep && (plan->wait_ms != BENCH_NO_WAIT || told_to_stop(stop_fd))) {
        delete_all(connection, client);
    }
}

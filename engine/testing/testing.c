#include <stdlib.h>
#include <string.h>

#include "attempt/attempt.h"
#include "broker/memory/memory.h"
#include "client/client.h"
#include "testing/inside.h"

enum {
    ARENA_BYTES = 64 * 1024 * 1024,
    ATTEMPT_ARENA_BYTES = 32 * BARQ_DEFAULT_PAYLOAD_MAX_BYTES, /* as an executor's thread has it */
    LEASE_MS = 24 * 3600 * 1000,                               /* nobody else could take its jobs */
};

static void bq_test_drop(struct barq_test **test)
{
    barq_test_close(*test);
}

static size_t count_of(const struct barq_worker_queue *queues)
{
    size_t count = 0;

    while (queues && queues[count].name) {
        count++;
    }
    return count;
}

/* After the queue is open: it knows its own name. */
static enum barq_status take_queues(struct barq_test *test, const struct barq_settings *settings,
                                    struct barq_error *err)
{
    size_t count = count_of(settings->queues);
    const char *only = barq_client_queue(test->client);

    test->n_queues = count > 0 ? count : 1;
    test->queues = calloc(test->n_queues, sizeof(*test->queues));
    test->shares = calloc(test->n_queues, sizeof(*test->shares));
    if (!test->queues || !test->shares) {
        return bq_fail(err, BARQ_ERR_NOMEM, "testing: out of memory");
    }
    for (size_t i = 0; i < test->n_queues; i++) {
        test->queues[i] = count > 0 ? settings->queues[i].name : only;
        test->shares[i] = (struct bq_share){.queue = test->queues[i], .max = 1};
    }
    return BARQ_OK;
}

static enum barq_status open_client(struct barq_test *test, const struct barq_settings *settings,
                                    struct barq_error *err)
{
    struct barq_client_options options = {.queue = settings->queue_name};

    if (settings->queues) {
        options.queue = settings->queues[0].name;
    }
    return barq_client_open("memory:", &options, &test->client, err);
}

/* The worker's half is a second handle on the client's queue. */
static enum barq_status join_queue(struct barq_test *test, struct barq_error *err)
{
    struct bq_worker_lease lease = {
        .queues = test->queues,
        .n_queues = test->n_queues,
        .name = "test",
        .lease_ms = LEASE_MS,
    };

    enum barq_status status = bq_memory_share(test->client->broker, &test->worker, err);
    return status == BARQ_OK
               ? test->worker->ops->join(test->worker, &lease, BQ_CLIENT_TIMEOUT_MS, err)
               : status;
}

static enum barq_status open_place(struct barq_test *test, const struct barq_settings *settings,
                                   struct barq_error *err)
{
    enum barq_status status = bq_desk_init(&test->desk, -1, BQ_FRAME_MAX_BYTES, 1, err);
    if (status != BARQ_OK) {
        return status;
    }
    test->desk.listener = bq_test_listen;
    test->desk.listener_data = test;
    test->place = (struct bq_workplace){
        .settings = settings,
        .database_url = test->database_url,
        .desk = &test->desk,
        .seat = &test->desk.seats[0],
        .payload_max_bytes = BARQ_DEFAULT_PAYLOAD_MAX_BYTES,
    };
    status = bq_session_open(test->database_url, &test->place.session, err);
    if (status == BARQ_OK) {
        status = bq_session_open(test->database_url, &test->session, err);
    }
    if (status == BARQ_OK) {
        status = bq_run_startup(&test->place, err);
    }
    test->started = status == BARQ_OK;
    return status;
}

static void take_options(struct barq_test *test, const struct barq_test_options *options)
{
    bq_arena_init(&test->arena, ARENA_BYTES);
    bq_arena_init(&test->attempt_arena, ATTEMPT_ARENA_BYTES);
    bq_arena_init(&test->said, (size_t)2 * BQ_FRAME_MAX_BYTES);
    bq_buf_init(&test->work, BQ_FRAME_MAX_BYTES);
    test->drain_max = options->drain_max > 0 ? options->drain_max : BARQ_TEST_DRAIN_MAX;
}

enum barq_status barq_test_open(const struct barq_settings *settings,
                                const struct barq_test_options *options, struct barq_test **out,
                                struct barq_error *err)
{
    static const struct barq_test_options defaults;
    const struct barq_test_options *asked = options ? options : &defaults;
    enum barq_status status = bq_settings_check(settings, err);
    if (status != BARQ_OK) {
        return status;
    }
    bq_auto(test) struct barq_test *test = calloc(1, sizeof(*test));
    if (!test) {
        return bq_fail(err, BARQ_ERR_NOMEM, "testing: out of memory");
    }
    take_options(test, asked);
    status = open_client(test, settings, err);
    if (status == BARQ_OK) {
        status = take_queues(test, settings, err);
    }
    if (status == BARQ_OK) {
        status = join_queue(test, err);
    }
    if (status == BARQ_OK) {
        status = bq_test_database(test, asked->database_url, err);
    }
    if (status == BARQ_OK) {
        status = open_place(test, settings, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    *out = bq_take(test);
    return BARQ_OK;
}

void barq_test_close(struct barq_test *test)
{
    if (!test) {
        return;
    }
    if (test->started) {
        bq_run_shutdown(&test->place);
    }
    bq_session_close(test->place.session);
    bq_session_close(test->session);
    if (test->desk.seats) {
        bq_desk_clear(&test->desk);
    }
    bq_broker_close(test->worker);
    barq_client_close(test->client);
    bq_test_remove_folder(test);
    bq_buf_clear(&test->work);
    bq_arena_clear(&test->said);
    bq_arena_clear(&test->attempt_arena);
    bq_arena_clear(&test->arena);
    free(test->database_url);
    free(test->shares);
    free(test->queues);
    free(test);
}

struct barq_client *barq_test_client(struct barq_test *test)
{
    return test->client;
}

struct barq_session *barq_test_session(struct barq_test *test)
{
    return test->session;
}

const char *barq_test_database_url(const struct barq_test *test)
{
    return test->database_url;
}

struct barq_arena *barq_test_arena(struct barq_test *test)
{
    return &test->arena;
}

const struct barq_value *barq_test_json(struct barq_test *test, const char *json)
{
    struct barq_value *value = NULL;

    return barq_from_json(&test->arena, json, strlen(json), &value, NULL) == BARQ_OK ? value : NULL;
}

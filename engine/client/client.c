#include "client/client.h"

#include <stdlib.h>
#include <string.h>

#include <barq/worker.h>

#include "job/serializer.h"

enum { URL_ARENA_BYTES = 64 * 1024 };

static enum barq_status check_options(const struct barq_client_options *options,
                                      struct barq_error *err)
{
    if (options->queue && !bq_name_valid(options->queue)) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "client: a queue is 1 to %d bytes of UTF-8 without control characters",
                       BARQ_QUEUE_MAX_BYTES);
    }
    if (options->timeout_ms < 0) {
        return bq_fail(err, BARQ_ERR_ARG, "client: timeout_ms is negative");
    }
    if (options->payload_max_bytes > BQ_JOB_MAX_BYTES) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "client: payload_max_bytes is at most %d: no worker takes a larger job",
                       BQ_JOB_MAX_BYTES);
    }
    return BARQ_OK;
}

static enum barq_status open_broker(const char *url, struct bq_broker **out, struct barq_error *err)
{
    if (url) {
        return bq_broker_open(url, out, err);
    }

    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, URL_ARENA_BYTES);
    enum barq_status status = barq_default_url(&arena, &url, err);
    return status == BARQ_OK ? bq_broker_open(url, out, err) : status;
}

/* Without its broker; NULL: out of memory. */
static struct barq_client *new_client(const struct barq_client_options *options,
                                      const struct bq_broker *broker)
{
    struct barq_client *client = calloc(1, sizeof(*client));
    if (!client) {
        return NULL;
    }

    size_t payload_max = options->payload_max_bytes;
    client->timeout_ms = options->timeout_ms ? options->timeout_ms : BQ_CLIENT_TIMEOUT_MS;
    client->payload_max_bytes = payload_max ? payload_max : BARQ_DEFAULT_PAYLOAD_MAX_BYTES;
    client->queue = strdup(options->queue ? options->queue : broker->ops->default_queue);
    if (!client->queue) {
        free(client);
        return NULL;
    }
    return client;
}

enum barq_status barq_client_open(const char *url, const struct barq_client_options *options,
                                  struct barq_client **out, struct barq_error *err)
{
    static const struct barq_client_options defaults;
    const struct barq_client_options *asked = options ? options : &defaults;
    enum barq_status status = check_options(asked, err);
    if (status != BARQ_OK) {
        return status;
    }

    bq_auto(broker) struct bq_broker *broker = NULL;
    status = open_broker(url, &broker, err);
    if (status != BARQ_OK) {
        return status;
    }

    const struct bq_codec *codec;
    status = bq_serializer_find(asked->serializer, broker->ops->codec, &codec, err);
    if (status != BARQ_OK) {
        (void)bq_fail_add(err, "client");
        return status;
    }
    struct barq_client *client = new_client(asked, broker);
    if (!client) {
        return bq_fail(err, BARQ_ERR_NOMEM, "client: out of memory");
    }
    client->codec = codec;
    client->broker = bq_take(broker);
    *out = client;
    return BARQ_OK;
}

void barq_client_close(struct barq_client *client)
{
    if (!client) {
        return;
    }
    bq_broker_close(client->broker);
    free(client->queue);
    free(client);
}

const char *barq_client_queue(const struct barq_client *client)
{
    return client ? client->queue : NULL;
}

enum barq_status bq_client_check(const struct barq_client *client, const char *id,
                                 struct barq_error *err)
{
    if (!client) {
        return bq_fail(err, BARQ_ERR_BUG, "client: called without a client");
    }
    if (!id || !bq_job_id_valid(id)) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "client: a job's id is 1 to %d bytes of UTF-8 without control characters",
                       BARQ_JOB_ID_MAX_BYTES);
    }
    return BARQ_OK;
}

enum barq_status bq_client_find(struct barq_client *client, const char *id,
                                struct barq_arena *arena, struct bq_found *out,
                                struct barq_error *err)
{
    enum barq_status status = bq_client_check(client, id, err);
    if (status != BARQ_OK) {
        return status;
    }

    struct bq_broker *broker = client->broker;
    status = broker->ops->find(broker, id, arena, out, client->timeout_ms, err);
    if (status == BARQ_ERR_NOTFOUND) {
        return bq_fail(err, status, "client: there is no job %s", id);
    }
    return status;
}

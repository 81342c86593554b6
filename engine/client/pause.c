#include <barq/admin.h>

#include "client/client.h"

static enum barq_status set_paused(struct barq_client *client, const char *queue, bool paused,
                                   struct barq_error *err)
{
    if (!client) {
        return bq_fail(err, BARQ_ERR_BUG, "client: called without a client");
    }
    if (!queue || !bq_name_valid(queue)) {
        return bq_fail(err, BARQ_ERR_ARG, "client: no queue can have that name");
    }
    struct bq_broker *broker = client->broker;
    return broker->ops->pause(broker, queue, paused, client->timeout_ms, err);
}

enum barq_status barq_pause(struct barq_client *client, const char *queue, struct barq_error *err)
{
    return set_paused(client, queue, true, err);
}

enum barq_status barq_resume(struct barq_client *client, const char *queue, struct barq_error *err)
{
    return set_paused(client, queue, false, err);
}

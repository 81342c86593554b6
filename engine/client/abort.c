#include "client/client.h"

enum barq_status barq_abort(struct barq_client *client, const char *id, struct barq_error *err)
{
    enum barq_status status = bq_client_check(client, id, err);
    if (status != BARQ_OK) {
        return status;
    }

    struct bq_broker *broker = client->broker;
    status = broker->ops->abort(broker, id, client->timeout_ms, err);
    if (status == BARQ_ERR_NOTFOUND) {
        return bq_fail(err, status, "client: neither waits nor runs: job %s", id);
    }
    return status;
}

#include <barq/admin.h>

#include "client/client.h"

enum barq_status barq_workers(struct barq_client *client, struct barq_arena *arena,
                              struct barq_worker_info **out, size_t *count, struct barq_error *err)
{
    if (!client) {
        return bq_fail(err, BARQ_ERR_BUG, "client: called without a client");
    }
    return client->broker->ops->workers(client->broker, arena, out, count, client->timeout_ms, err);
}

enum barq_status barq_weaknesses(struct barq_client *client, struct barq_arena *arena,
                                 const char *const **out, size_t *count, struct barq_error *err)
{
    if (!client) {
        return bq_fail(err, BARQ_ERR_BUG, "client: called without a client");
    }
    return client->broker->ops->weaknesses(client->broker, arena, out, count, client->timeout_ms,
                                           err);
}

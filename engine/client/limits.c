#include <barq/admin.h>

#include "client/client.h"

enum barq_status barq_limits(struct barq_client *client, const char *queue,
                             struct barq_arena *arena, struct barq_limit_info **out, size_t *count,
                             struct barq_error *err)
{
    if (!client) {
        return bq_fail(err, BARQ_ERR_BUG, "client: called without a client");
    }
    return client->broker->ops->limits(client->broker, queue, arena, out, count, client->timeout_ms,
                                       err);
}

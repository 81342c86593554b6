#include <barq/admin.h>

#include "client/client.h"

enum barq_status barq_crons(struct barq_client *client, struct barq_arena *arena,
                            struct barq_cron_info **out, size_t *count, struct barq_error *err)
{
    if (!client) {
        return bq_fail(err, BARQ_ERR_BUG, "client: called without a client");
    }
    return client->broker->ops->crons(client->broker, arena, out, count, client->timeout_ms, err);
}

#include <barq/admin.h>

#include "base/arena.h"
#include "broker/broker.h"
#include "session/session.h"

enum { URL_ARENA_BYTES = 64 * 1024 };

enum barq_status barq_migrate_queue(const char *url, int *from, int *to, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, URL_ARENA_BYTES);

    if (!url) {
        enum barq_status status = barq_default_url(&arena, &url, err);
        if (status != BARQ_OK) {
            return status;
        }
    }
    return bq_broker_migrate(url, from, to, err);
}

enum barq_status barq_migrate_database(const char *url, int *from, int *to, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, URL_ARENA_BYTES);

    if (!url) {
        enum barq_status status = barq_default_database_url(&arena, &url, err);
        if (status != BARQ_OK) {
            return status;
        }
    }
    return bq_session_migrate(url, from, to, err);
}

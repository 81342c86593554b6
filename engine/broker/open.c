#include <stdio.h>
#include <string.h>

#include "broker/broker.h"

static const struct bq_broker_kind *const kinds[] = {
    &bq_broker_sqlite,     &bq_broker_redis,    &bq_broker_rediss,
    &bq_broker_unix,       &bq_broker_sentinel, &bq_broker_sentinels,
    &bq_broker_postgresql, &bq_broker_postgres, &bq_broker_memory};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]), URL_ARENA_BYTES = 4 * BQ_DSN_MAX_BYTES };

static enum barq_status unknown_scheme(const char *scheme, struct barq_error *err)
{
    char known[224] = "";
    size_t len = 0;

    for (size_t i = 0; i < KINDS && len < sizeof(known); i++) {
        len += (size_t)snprintf(known + len, sizeof(known) - len, "%s%s:", i > 0 ? ", " : "",
                                kinds[i]->scheme);
    }
    return bq_fail(err, BARQ_ERR_ARG, "broker: no queues at \"%s:\"; there are %s", scheme, known);
}

static const struct bq_broker_kind *find_kind(const char *scheme)
{
    for (size_t i = 0; i < KINDS; i++) {
        if (strcmp(kinds[i]->scheme, scheme) == 0) {
            return kinds[i];
        }
    }
    return NULL;
}

enum barq_status bq_broker_open(const char *url, struct bq_broker **out, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_dsn dsn;

    bq_arena_init(&arena, URL_ARENA_BYTES);
    enum barq_status status = bq_dsn_parse(&arena, url, &dsn, err);
    if (status != BARQ_OK) {
        return status;
    }
    const struct bq_broker_kind *kind = find_kind(dsn.scheme);
    return kind ? kind->open(url, &dsn, out, err) : unknown_scheme(dsn.scheme, err);
}

enum barq_status bq_broker_migrate(const char *url, int *from, int *to, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_dsn dsn;

    bq_arena_init(&arena, URL_ARENA_BYTES);
    enum barq_status status = bq_dsn_parse(&arena, url, &dsn, err);
    if (status != BARQ_OK) {
        return status;
    }
    const struct bq_broker_kind *kind = find_kind(dsn.scheme);
    if (!kind) {
        return unknown_scheme(dsn.scheme, err);
    }
    if (!kind->migrate) {
        *from = 0;
        *to = 0;
        return BARQ_OK;
    }
    return kind->migrate(url, from, to, err);
}

void bq_broker_close(struct bq_broker *broker)
{
    if (broker) {
        broker->ops->close(broker);
    }
}

void bq_broker_drop(struct bq_broker **broker)
{
    bq_broker_close(*broker);
}

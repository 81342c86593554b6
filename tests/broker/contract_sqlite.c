#include <stdio.h>
#include <stdlib.h>

#include "broker/contract.h"
#include "broker/sqlite/sqlite.h"

static void make_sqlite(const char *folder, char *url, size_t url_bytes)
{
    (void)snprintf(url, url_bytes, "sqlite:%s/queue.db", folder);
}

static struct bq_broker *open_sqlite(const char *url, struct bq_broker *first)
{
    struct bq_broker *broker = NULL;
    struct barq_error err = {0};
    (void)first;

    if (bq_broker_open(url, &broker, &err) != BARQ_OK) {
        (void)fprintf(stderr, "%s\n", err.text);
        abort();
    }
    return broker;
}

const struct contract sqlite_contract = {
    .name = "sqlite", .make = make_sqlite, .open = open_sqlite, .advance = bq_sqlite_advance};

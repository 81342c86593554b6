#include <stdio.h>
#include <stdlib.h>

#include "broker/contract.h"
#include "broker/sqlite/sqlite.h"

static void make_sqlite(const char *folder, char *url, size_t url_bytes)
{
    (void)snprintf(url, url_bytes, "sqlite:%s/queue.db", folder);
}

const struct contract sqlite_contract = {
    .name = "sqlite", .make = make_sqlite, .advance = bq_sqlite_advance};

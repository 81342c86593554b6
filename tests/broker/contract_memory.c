#include <stdio.h>
#include <stdlib.h>

#include "broker/contract.h"
#include "broker/memory/memory.h"

static void make_memory(const char *folder, char *url, size_t url_bytes)
{
    (void)folder;
    (void)snprintf(url, url_bytes, "memory:");
}

static struct bq_broker *share_memory(struct bq_broker *first)
{
    struct bq_broker *broker = NULL;

    if (bq_memory_share(first, &broker, NULL) != BARQ_OK) {
        abort();
    }
    return broker;
}

const struct contract memory_contract = {.name = "memory",
                                         .make = make_memory,
                                         .share = share_memory,
                                         .advance = bq_memory_advance,
                                         .one_clock = true,
                                         .one_process = true};

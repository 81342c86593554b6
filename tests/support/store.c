#include "support/store.h"

#include <string.h>

#include "support/folder.h"

static struct postgres_server server;

void store_main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "postgresql") == 0) {
        postgres_start(&server);
    }
}

int store_end(void **state)
{
    (void)state;
    postgres_remove(&server);
    return 0;
}

bool store_is_postgres(void)
{
    return server.own.folder[0] != '\0';
}

char *store_fresh(void)
{
    if (!store_is_postgres()) {
        return folder_text("sqlite://%s/data.db", folder_path());
    }
    postgres_fresh(&server);
    return folder_text("%s", server.url);
}

struct postgres_server *store_server(void)
{
    return &server;
}

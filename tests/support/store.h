/*
 * store.h - the database of a test: a file in its folder, or a fresh database
 * of the program's own PostgreSQL when its argument is "postgresql".
 *
 *     int main(int argc, char **argv)
 *     {
 *         store_main(argc, argv);
 *         return cmocka_run_group_tests_name("db/contract", tests, NULL, store_end);
 *     }
 */
#ifndef TESTS_STORE_H
#define TESTS_STORE_H

#include <stdbool.h>

#include "support/postgres.h"

/* Starts the PostgreSQL, when that is asked for. */
void store_main(int argc, char **argv);
/* Of the group; removes it. */
int store_end(void **state);

bool store_is_postgres(void);
/* Its URL: empty, and no other test's. On the heap until folder_remove(). */
char *store_fresh(void);
/* The one server. */
struct postgres_server *store_server(void);

/* What is called otherwise in the two. */
static inline const char *store_sql(const char *sqlite, const char *postgres)
{
    return store_is_postgres() ? postgres : sqlite;
}

#endif

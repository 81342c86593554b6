/*
 * fixture.h - a fresh database (see support/store.h), and short words for what
 * every test does with it.
 */
#ifndef TESTS_DB_FIXTURE_H
#define TESTS_DB_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <barq/session.h>

#include "db/db.h"
#include "support/store.h"

/* Counts for ever, without a row. */
#define ENDLESS                                                                                    \
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"                              \
    " SELECT count(*) FROM n WHERE i < 0"

extern struct barq_error err;
extern struct bq_db *db; /* with a table t (a INTEGER PRIMARY KEY, b) */
extern char *url;        /* of it */

int set_up(void **state);
int tear_down(void **state);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* Whatever it was, it worked. */
void ok(enum barq_status status);
/* The error has this in it. */
void says(const char *part);

struct bq_db *open_db(const char *at, int64_t busy_ms);
enum barq_status exec(struct bq_db *on, const char *sql);
int64_t number(struct bq_db *on, const char *sql);
/* On the heap until tear_down. */
char *read_text(struct bq_db *on, const char *sql);

#endif

/*
 * fixture.h - a session on a fresh database (see support/store.h), and short
 * words for what every test does with it.
 */
#ifndef TESTS_SESSION_FIXTURE_H
#define TESTS_SESSION_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "session/session.h"
#include "support/store.h"

extern struct barq_error err;
extern struct barq_arena arena;
extern struct barq_session *session; /* with a table t (a INTEGER PRIMARY KEY, b) */
extern char *url;                    /* of its database */
extern const struct bq_identity job; /* of a job */

int set_up(void **state);
int tear_down(void **state);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* Whatever it was, it worked. */
void ok(enum barq_status status);
/* The error has this in it. */
void says(const char *part);

struct barq_session *open_session(void);
/* Binds `session` to `job`. */
void bind_job(void);
void bind_with(const struct bq_session_job *options);
enum barq_status exec(const char *sql);
/* Asked over another connection: what has been committed. */
int64_t committed(const char *sql);

#endif

/*
 * ask.h - calls of the API without a server: a request is put together, handled, and looked at.
 */
#ifndef TESTS_BOOKMARKS_ASK_H
#define TESTS_BOOKMARKS_ASK_H

#include "api/api.h"
#include "api/route.h"

/* The API that is asked; on the fixture's store. */
extern struct bm_api api;

/* For cmocka_unit_test_setup_teardown(), instead of the fixture's own; `topics` answer. */
int ask_make(void **state);
int ask_remove(void **state);
/* Answers with this topic alone. */
void ask_only(const struct bm_api_topic *topic);

struct asked {
    int status;
    const char *body;              /* "" for none; until the test's end */
    const struct barq_value *json; /* of it; NULL: it is none */
};
/* `headers`: "Name: value" each, ended by NULL; NULL: none. Host is put in, and JSON as the type of a body. */
struct asked ask(const char *method, const char *path, const char *const *headers,
                 const char *body);
/* A header of the last answer; NULL: it has none. Until the next ask(). */
const char *answered(const char *name);
/* A string of the answer's JSON; "" when it is not there. */
const char *said(const struct asked *asked, const char *key);

#endif

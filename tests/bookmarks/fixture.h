/*
 * fixture.h - an empty store in a temporary folder, for one test at a time.
 */
#ifndef TESTS_BOOKMARKS_FIXTURE_H
#define TESTS_BOOKMARKS_FIXTURE_H

#include <barq/session.h>

#include "base/arena.h"
#include "store/runs.h"

/* For cmocka_unit_test_setup_teardown(): BARQ_URL and DATABASE_URL are set, `session` is open. */
int fixture_make(void **state);
int fixture_remove(void **state);

extern struct barq_session *session;
extern struct barq_arena arena;

/* Fails the test with the error's text unless `status` is BARQ_OK. */
void check(enum barq_status status, const struct barq_error *err);

void begin_write(void);
void commit(void);
/* A list from a template, committed; in `arena`. */
const char *make_list(const char *name, const char *template);
/* A pending video in it, committed; its id, in `arena`. */
const char *make_video(const char *list_id, const char *youtube_id);
/* The video as it is now; in `arena`. */
struct bm_video look_at(const char *video_id);
struct barq_value *json_value(const char *json);
/* A field as definition.h has it, added behind the others, committed; its id, in `arena`. */
const char *make_field(const char *list_id, const char *json);
/* Sets a field's value, NULL for none, committed. */
void set_value(const char *video_id, const char *list_id, const char *field, const char *json,
               enum bm_source source);
/* The JSON of a field's value, or NULL; in `arena`. */
const char *value_of(const char *video_id, const char *list_id, const char *field);

#endif

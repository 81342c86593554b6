#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "fields/definition.h"
#include "support/folder.h"
#include "support/store.h"

enum { ARENA_BYTES = 64 * 1024 * 1024 };

struct barq_session *session;
struct barq_arena arena;

void check(enum barq_status status, const struct barq_error *err)
{
    if (status != BARQ_OK) {
        fail_msg("%s: %s", barq_status_name(status), err->text);
    }
}

int fixture_make(void **state)
{
    struct barq_error err;
    if (folder_make(state) != 0) {
        return -1;
    }

    setenv("BARQ_URL", folder_text("sqlite://%s/queue.db", folder_path()), 1);
    setenv("DATABASE_URL", store_fresh(), 1);
    bq_arena_init(&arena, ARENA_BYTES);
    if (bm_store_open(&session, &err) != BARQ_OK) {
        print_error("%s\n", err.text);
        return -1;
    }
    return 0;
}

int fixture_remove(void **state)
{
    barq_session_close(session);
    session = NULL;
    bq_arena_clear(&arena);
    return folder_remove(state);
}

void begin_write(void)
{
    struct barq_error err;
    check(barq_session_begin(session, true, &err), &err);
}

void commit(void)
{
    struct barq_error err;
    check(barq_session_commit(session, &err), &err);
}

const char *make_list(const char *name, const char *template)
{
    struct barq_error err;
    char *id = bq_arena_alloc(&arena, BM_ID_BYTES);

    begin_write();
    check(bm_list_add(session, name, template, bq_wall_ms(), id, &err), &err);
    commit();
    return id;
}

const char *make_video(const char *list_id, const char *youtube_id)
{
    struct bm_video_filter filter = {.list_id = list_id, .status = BARQ_OFF};
    const struct bm_video *videos;
    struct barq_error err;
    int64_t position;
    int64_t since_ms;
    size_t count;
    bool added;

    begin_write();
    check(bm_next_position(session, list_id, &position, &err), &err);
    check(
        bm_video_add(session, list_id, youtube_id, position, bq_wall_ms(), &added, &since_ms, &err),
        &err);
    assert_true(added);
    filter.after_position = position - 1;
    check(bm_videos(session, &filter, 1, &arena, &videos, &count, &err), &err);
    commit();
    return videos[0].id;
}

struct bm_video look_at(const char *video_id)
{
    struct bm_video video;
    struct barq_error err;

    check(barq_session_begin(session, false, &err), &err);
    check(bm_video_get(session, video_id, &arena, &video, &err), &err);
    barq_session_rollback(session);
    return video;
}

struct barq_value *json_value(const char *json)
{
    struct barq_value *value = NULL;
    struct barq_error err;

    check(barq_from_json(&arena, json, strlen(json), &value, &err), &err);
    return value;
}

const char *make_field(const char *list_id, const char *json)
{
    struct bm_field field = {.id = NULL};
    struct barq_error err;
    char *id = bq_arena_alloc(&arena, BM_ID_BYTES);

    check(bm_field_read(json_value(json), &arena, &field, &err), &err);
    begin_write();
    check(bm_field_add(session, list_id, &field, bq_wall_ms(), id, &err), &err);
    commit();
    return id;
}

void set_value(const char *video_id, const char *list_id, const char *field, const char *json,
               enum bm_source source)
{
    struct bm_field_value given = {.value = json ? json_value(json) : NULL, .source = source};
    struct bm_field found;
    struct barq_error err;

    begin_write();
    check(bm_field_find(session, list_id, field, &arena, &found, &err), &err);
    check(bm_field_value_set(session, video_id, &found, &given, bq_wall_ms(), NULL, &err), &err);
    commit();
}

const char *value_of(const char *video_id, const char *list_id, const char *field)
{
    const struct bm_field *fields;
    const struct bm_field_value *values;
    const char *json = NULL;
    struct barq_error err;
    size_t n_fields;
    size_t n_values;

    check(barq_session_begin(session, false, &err), &err);
    check(bm_fields(session, list_id, &arena, &fields, &n_fields, &err), &err);
    check(bm_field_values(session, video_id, &arena, &values, &n_values, &err), &err);
    barq_session_rollback(session);
    for (size_t i = 0; i < n_fields; i++) {
        for (size_t v = 0; v < n_values; v++) {
            if (strcmp(fields[i].name, field) == 0 &&
                strcmp(fields[i].id, values[v].field_id) == 0) {
                check(barq_to_json(&arena, values[v].value, &json, NULL, &err), &err);
            }
        }
    }
    return json;
}

#include "intake/head.h"

#include <string.h>

#include "base/arena.h"
#include "base/time.h"
#include "fields/definition.h"
#include "intake/labels.h"
#include "store/record.h"

enum { FIELD_MAX_BYTES = 1024 * 1024 };

/* A field that makes no sense is left out, and its values with it. */
static bool makes_sense(const struct barq_value *map)
{
    bq_auto(arena) struct barq_arena arena;
    struct bm_field field = {.id = NULL};
    bq_arena_init(&arena, FIELD_MAX_BYTES);

    return bm_field_read(map, &arena, &field, NULL) == BARQ_OK;
}

/* `id` and `done` are told what was inserted. */
static enum barq_status put_row_as(struct bm_put *put, const struct bm_record_table *table,
                                   const struct barq_value *map, char id[BM_ID_BYTES], bool *done,
                                   struct barq_error *err)
{
    bq_uuid7(put->options->now_ms, id);

    const struct bm_record_extra extra[] = {{"id", barq_sql_text(id)},
                                            {"list_id", barq_sql_text(put->list_id)}};
    return bm_record_insert(put->session, table, NULL, map, extra, 2, done, err);
}

static enum barq_status put_row(struct bm_put *put, const struct bm_record_table *table,
                                const struct barq_value *map, struct barq_error *err)
{
    char id[BM_ID_BYTES];
    bool done;

    return put_row_as(put, table, map, id, &done, err);
}

static enum barq_status put_fields(struct bm_put *put, const struct barq_value *fields,
                                   struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < barq_count(fields) && i < BM_FIELDS_MAX; i++) {
        if (makes_sense(barq_at(fields, i))) {
            status = put_row(put, &bm_record_field, barq_at(fields, i), err);
        }
    }
    return status;
}

/* Views have no unique name: they come with a list that is new. */
static enum barq_status put_views(struct bm_put *put, const struct barq_value *views,
                                  struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && put->made && i < barq_count(views); i++) {
        status = put_row(put, &bm_record_view, barq_at(views, i), err);
    }
    return status;
}

/* What a subscription has seen: a video that was thrown away does not come again. */
static enum barq_status put_matches(struct bm_put *put, const char *id,
                                    const struct barq_value *matches, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < barq_count(matches); i++) {
        const struct barq_value *match = barq_at(matches, i);
        const char *youtube_id = barq_as_string(barq_at(match, 0), "");
        int64_t at_ms = 0;
        if (!bm_video_id_valid(youtube_id) ||
            !bq_time_parse(barq_as_string(barq_at(match, 1), ""), &at_ms)) {
            continue;
        }
        status = barq_exec(
            put->session,
            "INSERT INTO subscription_matches (subscription_id, youtube_id,"
            " matched_at_ms) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            BARQ_PARAMS(barq_sql_text(id), barq_sql_text(youtube_id), barq_sql_int(at_ms)), err);
    }
    return status;
}

static enum barq_status put_following(struct bm_put *put, const struct barq_value *following,
                                      struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < barq_count(following); i++) {
        const struct barq_value *map = barq_at(following, i);
        char id[BM_ID_BYTES];
        bool done;
        status = put_row_as(put, &bm_record_subscription, map, id, &done, err);
        if (status == BARQ_OK && done) {
            status = put_matches(put, id, barq_get(map, "matches"), err);
        }
    }
    return status;
}

static enum barq_status describe_list(struct bm_put *put, const struct barq_value *list,
                                      struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, FIELD_MAX_BYTES);
    struct barq_value *map = barq_copy(&arena, list);
    if (!put->made || barq_kind(list) != BARQ_MAP) {
        return BARQ_OK;
    }

    barq_set_key(map, "name", barq_string(&arena, put->list_name));
    return bm_record_update(put->session, &bm_record_list, put->list_id, map, err);
}

enum barq_status bm_put_head(struct bm_put *put, const struct barq_value *head,
                             struct barq_error *err)
{
    enum barq_status status = put_fields(put, barq_get(head, "fields"), err);

    if (status == BARQ_OK) {
        status = bm_put_tags(put, barq_get(head, "tags"), err);
    }
    if (status == BARQ_OK) {
        status = put_views(put, barq_get(head, "views"), err);
    }
    if (status == BARQ_OK) {
        status = put_following(put, barq_get(head, "following"), err);
    }
    return status == BARQ_OK ? describe_list(put, barq_get(head, "list"), err) : status;
}

#include "store/bulk.h"

#include <string.h>

#include "base/error.h"
#include "base/time.h"
#include "store/tags.h"
#include "store/video_edit.h"

enum { BATCH = 200, SCRATCH_BYTES = 1 << 20 };

const char *const bm_bulk_actions[] = {"delete", "move", "copy",  "watched", "unwatched",
                                       "set",    "tag",  "untag", NULL};

/* -- one video -- */

static const struct bm_field *find(const struct bm_field *fields, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(fields[i].name, name) == 0) {
            return &fields[i];
        }
    }
    return NULL;
}

/* All are looked at before the first is set: a video is done or not. */
static enum barq_status check_values(const struct bm_bulk *bulk, const struct bm_field *fields,
                                     size_t n, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < barq_count(bulk->values); i++) {
        const char *name = barq_as_string(barq_key_at(bulk->values, i), "");
        const struct barq_value *value = barq_at(bulk->values, i);
        const struct bm_field *field = find(fields, n, name);
        if (!field) {
            return bq_fail(err, BARQ_ERR_ARG, "fields: its list has no field %.64s", name);
        }
        status = barq_is_null(value) ? BARQ_OK : bm_field_check(field, value, err);
    }
    return status;
}

static enum barq_status set_values(const struct bm_bulk *bulk, const char *id,
                                   struct barq_error *err)
{
    struct barq_session *session = bulk->session;
    bq_auto(arena) struct barq_arena arena;
    const struct bm_field *fields = NULL;
    int64_t now_ms = bq_wall_ms();
    struct bm_video video;
    size_t n = 0;
    bq_arena_init(&arena, SCRATCH_BYTES);

    enum barq_status status = bm_video_get(session, id, &arena, &video, err);
    if (status == BARQ_OK) {
        status = bm_fields(session, video.list_id, &arena, &fields, &n, err);
    }
    if (status == BARQ_OK) {
        status = check_values(bulk, fields, n, err);
    }
    for (size_t i = 0; status == BARQ_OK && i < barq_count(bulk->values); i++) {
        struct bm_field_value given = {.value = barq_at(bulk->values, i), .source = BM_BY_PERSON};
        const struct bm_field *field =
            find(fields, n, barq_as_string(barq_key_at(bulk->values, i), ""));
        status = barq_is_null(given.value)
                     ? bm_field_value_clear(session, id, field, now_ms, err)
                     : bm_field_value_set(session, id, field, &given, now_ms, NULL, err);
    }
    return status == BARQ_OK ? bm_video_touch(session, id, now_ms, err) : status;
}

/* A category first: when it cannot be given, nothing is. */
static enum barq_status set_tags(const struct bm_bulk *bulk, const char *id, struct barq_error *err)
{
    struct barq_session *session = bulk->session;
    int64_t now_ms = bq_wall_ms();

    enum barq_status status = bm_video_touch(session, id, now_ms, err);
    for (size_t i = 0; status == BARQ_OK && i < bulk->n_tags; i++) {
        status = bulk->action == BM_BULK_TAG ? bm_video_tag(session, id, bulk->tags[i], now_ms, err)
                                             : bm_video_untag(session, id, bulk->tags[i], err);
    }
    return status;
}

static enum barq_status act(const struct bm_bulk *bulk, const char *id, struct barq_error *err)
{
    struct barq_session *session = bulk->session;
    struct bm_video_change change = {.has_watched = true,
                                     .watched = bulk->action == BM_BULK_WATCHED};
    int64_t now_ms = bq_wall_ms();
    char copy[BM_ID_BYTES];
    size_t left = 0;

    switch (bulk->action) {
    case BM_BULK_DELETE:
        return bm_video_delete(session, id, err);
    case BM_BULK_MOVE:
        return bm_video_move(session, id, bulk->to_list, now_ms, &left, err);
    case BM_BULK_COPY:
        return bm_video_copy(session, id, bulk->to_list, now_ms, copy, &left, err);
    case BM_BULK_WATCHED:
    case BM_BULK_UNWATCHED:
        return bm_video_change(session, id, &change, now_ms, err);
    case BM_BULK_SET:
        return set_values(bulk, id, err);
    case BM_BULK_TAG:
    case BM_BULK_UNTAG:
        return set_tags(bulk, id, err);
    }
    return BARQ_ERR_BUG;
}

/* -- all of them -- */

static bool is_its_own(enum barq_status status)
{
    return status == BARQ_ERR_NOTFOUND || status == BARQ_ERR_EXISTS || status == BARQ_ERR_ARG ||
           status == BARQ_ERR_TYPE || status == BARQ_ERR_DENIED || status == BARQ_ERR_LIMIT;
}

static void refuse(struct bm_bulk *bulk, const char *id, const struct barq_error *err)
{
    const char *why = strstr(err->text, ": ");

    bulk->failed++;
    bulk->refused(bulk->context, id, why ? why + 2 : err->text);
}

static enum barq_status run_batch(struct bm_bulk *bulk, size_t first, size_t end,
                                  struct barq_error *err)
{
    enum barq_status status = barq_session_begin(bulk->session, true, err);

    for (size_t i = first; status == BARQ_OK && i < end; i++) {
        status = act(bulk, bulk->ids[i], err);
        bulk->done += status == BARQ_OK;
        if (is_its_own(status)) {
            refuse(bulk, bulk->ids[i], err);
            status = BARQ_OK;
        }
    }
    if (status == BARQ_OK) {
        return barq_session_commit(bulk->session, err);
    }
    barq_session_rollback(bulk->session);
    return status;
}

enum barq_status bm_bulk_run(struct bm_bulk *bulk, struct barq_error *err)
{
    struct barq_error unread;
    enum barq_status status = BARQ_OK;

    for (size_t at = 0; status == BARQ_OK && at < bulk->count; at += BATCH) {
        size_t end = at + BATCH < bulk->count ? at + BATCH : bulk->count;
        status = run_batch(bulk, at, end, err ? err : &unread);
    }
    return status;
}

enum barq_status bm_bulk_tags(struct barq_session *session, const char *const *names, size_t count,
                              struct barq_arena *arena, const char *const **out,
                              struct barq_error *err)
{
    const char **ids = bq_arena_array(arena, count, sizeof(*ids));
    size_t first = 0;
    size_t last = count;
    if (!ids) {
        return bq_fail(err, BARQ_ERR_NOMEM, "tags: arena is full");
    }

    enum barq_status status = BARQ_OK;
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        struct bm_tag tag;
        status = bm_tag_find(session, names[i], arena, &tag, err);
        if (status == BARQ_OK) {
            ids[tag.is_category ? first++ : --last] = tag.id;
        }
    }
    *out = ids;
    return status;
}

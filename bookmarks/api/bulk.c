/*
 * bulk.c - one thing done to many videos: those of a selection, or all of a list.
 *
 * It goes by short transactions, so that nobody waits for it; what one video is
 * refused for is told, and the others go on.
 */
#include <string.h>

#include "api/find.h"
#include "api/problem.h"
#include "api/read.h"
#include "api/routes.h"
#include "base/error.h"
#include "base/time.h"
#include "store/tags.h"
#include "store/video_edit.h"

enum {
    IDS_MAX = 10000,
    ALL_MAX = 100000,
    BATCH = 200,
    FAILURES_TOLD = 100,
    SCRATCH_BYTES = 1 << 20
};

enum action { DELETE, MOVE, COPY, WATCHED, UNWATCHED, SET, TAG, UNTAG };
static const char *const actions[] = {"delete", "move", "copy",  "watched", "unwatched",
                                      "set",    "tag",  "untag", NULL};
static const char *const statuses[] = {"pending", "completed", "failed", NULL};

struct bulk {
    struct bm_api_request *request;
    int action;
    const char *to_list;             /* of move and copy */
    const struct barq_value *values; /* of set: by the field's name */
    const char *const *tags;         /* of tag and untag: ids */
    size_t n_tags;
    const char *const *ids;
    size_t count;
    int64_t done;
    int64_t failed;
    struct barq_value *failures;
};

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
static enum barq_status check_values(const struct bulk *bulk, const struct bm_field *fields,
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

static enum barq_status set_values(const struct bulk *bulk, const char *id, struct barq_error *err)
{
    struct barq_session *session = bulk->request->session;
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
static enum barq_status set_tags(const struct bulk *bulk, const char *id, struct barq_error *err)
{
    struct barq_session *session = bulk->request->session;
    int64_t now_ms = bq_wall_ms();

    enum barq_status status = bm_video_touch(session, id, now_ms, err);
    for (size_t i = 0; status == BARQ_OK && i < bulk->n_tags; i++) {
        status = bulk->action == TAG ? bm_video_tag(session, id, bulk->tags[i], now_ms, err)
                                     : bm_video_untag(session, id, bulk->tags[i], err);
    }
    return status;
}

static enum barq_status act(const struct bulk *bulk, const char *id, struct barq_error *err)
{
    struct barq_session *session = bulk->request->session;
    struct bm_video_change change = {.has_watched = true, .watched = bulk->action == WATCHED};
    int64_t now_ms = bq_wall_ms();
    char copy[BM_ID_BYTES];
    size_t left = 0;

    switch ((enum action)bulk->action) {
    case DELETE:
        return bm_video_delete(session, id, err);
    case MOVE:
        return bm_video_move(session, id, bulk->to_list, now_ms, &left, err);
    case COPY:
        return bm_video_copy(session, id, bulk->to_list, now_ms, copy, &left, err);
    case WATCHED:
    case UNWATCHED:
        return bm_video_change(session, id, &change, now_ms, err);
    case SET:
        return set_values(bulk, id, err);
    case TAG:
    case UNTAG:
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

static void note(struct bulk *bulk, const char *id, const struct barq_error *err)
{
    struct barq_arena *arena = bulk->request->arena;
    const char *why = strstr(err->text, ": ");

    if (bulk->failed++ < FAILURES_TOLD) {
        struct barq_value *map = barq_map(arena);
        barq_set_key(map, "video_id", barq_string(arena, id));
        barq_set_key(map, "error", barq_string(arena, why ? why + 2 : err->text));
        barq_add(bulk->failures, map);
    }
}

static enum barq_status run_batch(struct bulk *bulk, size_t first, size_t end,
                                  struct barq_error *err)
{
    enum barq_status status = barq_session_begin(bulk->request->session, true, err);

    for (size_t i = first; status == BARQ_OK && i < end; i++) {
        status = act(bulk, bulk->ids[i], err);
        bulk->done += status == BARQ_OK;
        if (is_its_own(status)) {
            note(bulk, bulk->ids[i], err);
            status = BARQ_OK;
        }
    }
    if (status == BARQ_OK) {
        return barq_session_commit(bulk->request->session, err);
    }
    barq_session_rollback(bulk->request->session);
    return status;
}

static enum barq_status run(struct bulk *bulk, struct barq_error *err)
{
    struct barq_arena *arena = bulk->request->arena;
    struct barq_value *answer = barq_map(arena);
    enum barq_status status = BARQ_OK;

    bulk->failures = barq_list(arena);
    for (size_t at = 0; status == BARQ_OK && at < bulk->count; at += BATCH) {
        size_t end = at + BATCH < bulk->count ? at + BATCH : bulk->count;
        status = run_batch(bulk, at, end, err);
    }
    barq_set_key(answer, "done_count", barq_int(arena, bulk->done));
    barq_set_key(answer, "failed_count", barq_int(arena, bulk->failed));
    barq_set_key(answer, "failures", bulk->failures);
    bulk->request->answer = answer;
    return status;
}

/* -- what is asked for -- */

/* Their ids, categories first, in place of what they are called by. */
static enum barq_status find_tags(struct bulk *bulk, struct barq_error *err)
{
    struct barq_arena *arena = bulk->request->arena;
    const char **ids = bq_arena_array(arena, bulk->n_tags, sizeof(*ids));
    size_t first = 0;
    size_t last = bulk->n_tags;

    enum barq_status status = ids ? BARQ_OK : BARQ_ERR_NOMEM;
    for (size_t i = 0; status == BARQ_OK && i < bulk->n_tags; i++) {
        struct bm_tag tag;
        status = bm_tag_find(bulk->request->session, bulk->tags[i], arena, &tag, err);
        if (status == BARQ_OK) {
            ids[tag.is_category ? first++ : --last] = tag.id;
        }
    }
    bulk->tags = ids;
    return bm_api_refuse_when(bulk->request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_TAG, err);
}

/* The lists that are named, and the ids of all of one; in a transaction for reading. */
static enum barq_status look_up(struct bulk *bulk, const char *all_of, int wanted,
                                struct barq_error *err)
{
    struct bm_api_request *request = bulk->request;
    struct bm_list list;

    enum barq_status status = barq_session_begin(request->session, false, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (bulk->n_tags > 0) {
        status = find_tags(bulk, err);
    }
    if (status == BARQ_OK && bulk->to_list &&
        bm_api_find_list(request, bulk->to_list, &list, &status, err)) {
        bulk->to_list = list.id;
    }
    if (status == BARQ_OK && request->status < 400 && all_of &&
        bm_api_find_list(request, all_of, &list, &status, err)) {
        status = bm_video_ids(request->session, list.id, wanted, ALL_MAX, request->arena,
                              &bulk->ids, &bulk->count, err);
    }
    barq_session_rollback(request->session);
    return status;
}

static void check(struct bulk *bulk, const char *all_of)
{
    bool elsewhere = bulk->action == MOVE || bulk->action == COPY;

    if (!bulk->ids == !all_of) {
        bm_api_wrong(bulk->request, "/video_ids", "or list_id must be there, and not both");
    }
    if (bulk->action == BARQ_OFF) {
        bm_api_wrong(bulk->request, "/action", "is missing");
    }
    if (elsewhere && !bulk->to_list) {
        bm_api_wrong(bulk->request, "/to_list_id", "is missing: where should they go?");
    }
    if ((bulk->action == TAG || bulk->action == UNTAG) && bulk->n_tags == 0) {
        bm_api_wrong(bulk->request, "/tag_ids", "is missing: which tags?");
    }
    if (bulk->action == SET && barq_count(bulk->values) == 0) {
        bm_api_wrong(bulk->request, "/fields", "is missing: what should be set?");
    }
}

static enum barq_status do_bulk(struct bm_api_request *request, int action, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    struct bulk bulk = {.request = request};
    const char *all_of = bm_api_text(request, body, "list_id", BM_NAME_MAX_BYTES, NULL);
    int wanted = bm_api_word(request, body, "status", statuses, BARQ_OFF);

    bulk.action = bm_api_word(request, body, "action", actions, action);
    bulk.tags = bm_api_texts(request, body, "tag_ids", BM_TAGS_OF_VIDEO_MAX, BM_NAME_MAX_BYTES,
                             &bulk.n_tags);
    bulk.to_list = bm_api_text(request, body, "to_list_id", BM_NAME_MAX_BYTES, NULL);
    bulk.values = bm_api_map(request, body, "fields");
    bulk.ids = bm_api_texts(request, body, "video_ids", IDS_MAX, BM_NAME_MAX_BYTES, &bulk.count);
    if (body && bm_api_good(request)) {
        check(&bulk, all_of);
    }
    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    enum barq_status status = look_up(&bulk, all_of, wanted, err);
    return status == BARQ_OK && request->status < 400 ? run(&bulk, err) : status;
}

static enum barq_status bulk(struct bm_api_request *request, struct barq_error *err)
{
    return do_bulk(request, BARQ_OFF, err);
}

/* The original's. */
static enum barq_status bulk_tags(struct bm_api_request *request, struct barq_error *err)
{
    return do_bulk(request, TAG, err);
}

static const struct bm_api_route routes[] = {
    {"POST", "/api/videos/bulk", bulk, BM_BY_HAND},
    {"POST", "/api/videos/bulk/tags", bulk_tags, BM_BY_HAND},
};

const struct bm_api_topic bm_api_bulk_topic = BM_API_TOPIC(routes);

/* tags.c - labels and categories, and which videos have them. */
#include "store/tags.h"

#include "api/find.h"
#include "api/problem.h"
#include "api/read.h"
#include "api/routes.h"
#include "api/tag_json.h"
#include "base/time.h"
#include "store/video_edit.h"

enum { COLOR_BYTES = 16, POSITION_MAX = 1000000 };

/* Whatever a tag can be refused for. */
static enum barq_status refuse(struct bm_api_request *request, enum barq_status status,
                               const struct barq_error *err)
{
    status = bm_api_refuse_when(request, status, BARQ_ERR_ARG, BM_PROBLEM_INVALID, err);
    status = bm_api_refuse_when(request, status, BARQ_ERR_EXISTS, BM_PROBLEM_TAG_EXISTS, err);
    status = bm_api_refuse_when(request, status, BARQ_ERR_LIMIT, BM_PROBLEM_TOO_MANY_TAGS, err);
    return bm_api_refuse_when(request, status, BARQ_ERR_DENIED, BM_PROBLEM_SECOND_CATEGORY, err);
}

static bool find_tag(struct bm_api_request *request, const char *id_or_name, struct bm_tag *out,
                     enum barq_status *status, struct barq_error *err)
{
    *status = bm_tag_find(request->session, id_or_name, request->arena, out, err);
    if (*status == BARQ_OK) {
        return true;
    }
    *status = bm_api_refuse_when(request, *status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_TAG, err);
    return false;
}

/* -- the tags -- */

static enum barq_status all(struct bm_api_request *request, struct barq_error *err)
{
    const char *list = bm_api_query(request, "list_id", NULL);
    const struct bm_tag *tags = NULL;
    const char *list_id = NULL;
    enum barq_status status;
    size_t count = 0;

    if (list && !bm_api_find_list_id(request, list, &list_id, &status, err)) {
        return status;
    }
    status = bm_tags(request->session, list_id, request->arena, &tags, &count, err);
    request->answer = barq_list(request->arena);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        barq_add(request->answer, bm_api_tag_json(&tags[i], true, request->arena));
    }
    return status;
}

static enum barq_status one(struct bm_api_request *request, struct barq_error *err)
{
    enum barq_status status;
    struct bm_tag tag;

    if (find_tag(request, request->ids[0], &tag, &status, err)) {
        request->answer = bm_api_tag_json(&tag, true, request->arena);
    }
    return status;
}

static enum barq_status show(struct bm_api_request *request, const char *id, struct barq_error *err)
{
    struct bm_tag tag;

    enum barq_status status = bm_tag_find(request->session, id, request->arena, &tag, err);
    if (status == BARQ_OK) {
        request->answer = bm_api_tag_json(&tag, true, request->arena);
    }
    return status;
}

/* What the body says of a tag, over what it is. */
static void read_tag(struct bm_api_request *request, const struct barq_value *body,
                     struct bm_tag *tag)
{
    bool plain = bm_api_has(body, "color") && barq_is_null(barq_get(body, "color"));

    tag->name = bm_api_text(request, body, "name", BM_TAG_NAME_MAX_BYTES, tag->name);
    tag->color = bm_api_text(request, body, "color", COLOR_BYTES, plain ? NULL : tag->color);
    tag->is_category = bm_api_bool(request, body, "is_category", tag->is_category);
    tag->position = bm_api_int(request, body, "position", 0, POSITION_MAX, tag->position);
}

static enum barq_status add(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    struct bm_tag tag = {.name = ""};
    char id[BM_ID_BYTES];

    read_tag(request, body, &tag);
    (void)bm_api_need_text(request, body, "name", BM_TAG_NAME_MAX_BYTES);
    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    enum barq_status status = bm_tag_add(request->session, &tag, bq_wall_ms(), id, err);
    if (status != BARQ_OK) {
        return refuse(request, status, err);
    }
    bm_api_created(request, "/api/tags/%s", id);
    return show(request, id, err);
}

static enum barq_status change(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    enum barq_status status;
    struct bm_tag tag;

    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    if (!find_tag(request, request->ids[0], &tag, &status, err)) {
        return status;
    }
    read_tag(request, body, &tag);
    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    status = bm_tag_change(request->session, &tag, bq_wall_ms(), err);
    return status == BARQ_OK ? show(request, tag.id, err) : refuse(request, status, err);
}

static enum barq_status take_away(struct bm_api_request *request, struct barq_error *err)
{
    enum barq_status status;
    struct bm_tag tag;

    if (find_tag(request, request->ids[0], &tag, &status, err)) {
        request->status = 204;
        status = bm_tag_delete(request->session, tag.id, err);
    }
    return status;
}

static enum barq_status merge(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    const char *from_id = bm_api_need_text(request, body, "from", BM_TAG_NAME_MAX_BYTES);
    enum barq_status status;
    struct bm_tag from;
    struct bm_tag into;

    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    if (!find_tag(request, request->ids[0], &into, &status, err) ||
        !find_tag(request, from_id, &from, &status, err)) {
        return status;
    }
    status = bm_tag_merge(request->session, from.id, into.id, err);
    return status == BARQ_OK ? show(request, into.id, err) : refuse(request, status, err);
}

/* -- of a video -- */

static enum barq_status show_of_video(struct bm_api_request *request, const char *video_id,
                                      struct barq_error *err)
{
    return bm_api_tags_json(request->session, video_id, request->arena, &request->answer, err);
}

static enum barq_status of_video(struct bm_api_request *request, struct barq_error *err)
{
    enum barq_status status;
    struct bm_video video;

    return bm_api_find_video(request, request->ids[0], &video, &status, err)
               ? show_of_video(request, video.id, err)
               : status;
}

/* The id of a tag by its id or name; one that is not there is made when it is a name. */
static enum barq_status need_tag(struct bm_api_request *request, const char *id_or_name,
                                 bool is_name, const char **out, struct barq_error *err)
{
    struct bm_tag tag = {.name = id_or_name};
    char id[BM_ID_BYTES];

    enum barq_status status = bm_tag_find(request->session, id_or_name, request->arena, &tag, err);
    if (status == BARQ_ERR_NOTFOUND && is_name) {
        tag = (struct bm_tag){.name = id_or_name};
        status = bm_tag_add(request->session, &tag, bq_wall_ms(), id, err);
        tag.id = status == BARQ_OK ? bq_arena_strdup(request->arena, id) : NULL;
    }
    *out = tag.id;
    return status == BARQ_OK && !tag.id ? BARQ_ERR_NOMEM : status;
}

static enum barq_status give(struct bm_api_request *request, const char *video_id,
                             const char *const *tags, size_t count, bool are_names,
                             struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; tags && status == BARQ_OK && i < count; i++) {
        const char *tag_id = NULL;
        status = need_tag(request, tags[i], are_names, &tag_id, err);
        if (status == BARQ_OK) {
            status = bm_video_tag(request->session, video_id, tag_id, bq_wall_ms(), err);
        }
    }
    return status;
}

static enum barq_status assign(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    size_t n_ids = 0;
    size_t n_names = 0;
    const char *const *ids =
        bm_api_texts(request, body, "tag_ids", BM_TAGS_OF_VIDEO_MAX, BM_TAG_NAME_MAX_BYTES, &n_ids);
    const char *const *names =
        bm_api_texts(request, body, "names", BM_TAGS_OF_VIDEO_MAX, BM_TAG_NAME_MAX_BYTES, &n_names);
    enum barq_status status;
    struct bm_video video;

    if (body && !ids && !names) {
        bm_api_wrong(request, "/tag_ids", "or names must be there");
    }
    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    if (!bm_api_find_video(request, request->ids[0], &video, &status, err)) {
        return status;
    }
    status = give(request, video.id, ids, n_ids, false, err);
    if (status == BARQ_OK) {
        status = give(request, video.id, names, n_names, true, err);
    }
    if (status == BARQ_OK) {
        status = bm_video_touch(request->session, video.id, bq_wall_ms(), err);
    }
    if (status == BARQ_OK) {
        return show_of_video(request, video.id, err);
    }
    status = bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_TAG, err);
    return refuse(request, status, err);
}

static enum barq_status unassign(struct bm_api_request *request, struct barq_error *err)
{
    enum barq_status status;
    struct bm_video video;
    struct bm_tag tag;

    if (bm_api_find_video(request, request->ids[0], &video, &status, err) &&
        find_tag(request, request->ids[1], &tag, &status, err)) {
        request->status = 204;
        status = bm_video_untag(request->session, video.id, tag.id, err);
    }
    return status == BARQ_OK && request->status == 204
               ? bm_video_touch(request->session, video.id, bq_wall_ms(), err)
               : status;
}

static enum barq_status set_category(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    const char *id = bm_api_text(request, body, "category_id", BM_TAG_NAME_MAX_BYTES, NULL);
    struct bm_tag tag = {.id = NULL};
    enum barq_status status;
    struct bm_video video;

    if (body && !bm_api_has(body, "category_id")) {
        bm_api_wrong(request, "/category_id", "is missing: a tag, or null");
    }
    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    if (!bm_api_find_video(request, request->ids[0], &video, &status, err) ||
        (id && !find_tag(request, id, &tag, &status, err))) {
        return status;
    }
    status = bm_video_set_category(request->session, video.id, tag.id, bq_wall_ms(), err);
    if (status == BARQ_OK) {
        status = bm_video_touch(request->session, video.id, bq_wall_ms(), err);
    }
    return status == BARQ_OK ? show_of_video(request, video.id, err) : refuse(request, status, err);
}

static const struct bm_api_route routes[] = {
    {"GET", "/api/tags", all, BM_READING},
    {"POST", "/api/tags", add, BM_WRITING},
    {"GET", "/api/tags/{id}", one, BM_READING},
    {"PATCH", "/api/tags/{id}", change, BM_WRITING},
    {"PUT", "/api/tags/{id}", change, BM_WRITING},
    {"DELETE", "/api/tags/{id}", take_away, BM_WRITING},
    {"POST", "/api/tags/{id}/merge", merge, BM_WRITING},
    {"GET", "/api/videos/{id}/tags", of_video, BM_READING},
    {"POST", "/api/videos/{id}/tags", assign, BM_WRITING},
    {"DELETE", "/api/videos/{id}/tags/{tag}", unassign, BM_WRITING},
    {"PUT", "/api/videos/{id}/category", set_category, BM_WRITING},
};

const struct bm_api_topic bm_api_tags_topic = BM_API_TOPIC(routes);

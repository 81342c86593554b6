/*
 * bulk.c - one thing done to many videos: those of a selection, all of a list, or all that a
 * query means.
 */
#include "store/bulk.h"

#include "api/find.h"
#include "api/listing.h"
#include "api/problem.h"
#include "api/read.h"
#include "api/routes.h"
#include "store/tags.h"
#include "store/video_edit.h"

enum { IDS_MAX = 10000, FAILURES_TOLD = 100 };

static const char *const statuses[] = {"pending", "completed", "failed", NULL};

struct bulk {
    struct bm_api_request *request;
    struct bm_bulk what;
    int action;        /* of bm_bulk_actions; BARQ_OFF: none was said */
    const char *query; /* all that it means, in all lists or in one; NULL: none */
    struct barq_value *failures;
};

static void note(void *context, const char *id, const char *why)
{
    struct bulk *bulk = context;
    struct barq_arena *arena = bulk->request->arena;

    if (barq_count(bulk->failures) < FAILURES_TOLD) {
        struct barq_value *map = barq_map(arena);
        barq_set_key(map, "video_id", barq_string(arena, id));
        barq_set_key(map, "error", barq_string(arena, why));
        barq_add(bulk->failures, map);
    }
}

static enum barq_status run(struct bulk *bulk, struct barq_error *err)
{
    struct barq_arena *arena = bulk->request->arena;
    struct barq_value *answer = barq_map(arena);

    bulk->failures = barq_list(arena);
    bulk->what.action = (enum bm_bulk_action)bulk->action;
    bulk->what.refused = note;
    bulk->what.context = bulk;
    enum barq_status status = bm_bulk_run(&bulk->what, err);
    barq_set_key(answer, "done_count", barq_int(arena, bulk->what.done));
    barq_set_key(answer, "failed_count", barq_int(arena, bulk->what.failed));
    barq_set_key(answer, "failures", bulk->failures);
    bulk->request->answer = answer;
    return status;
}

/* -- what is asked for -- */

static enum barq_status find_tags(struct bulk *bulk, struct barq_error *err)
{
    enum barq_status status =
        bm_bulk_tags(bulk->request->session, bulk->what.tags, bulk->what.n_tags,
                     bulk->request->arena, &bulk->what.tags, err);

    return bm_api_refuse_when(bulk->request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_TAG, err);
}

/* The ids of all that are meant, as they are now: what comes to match meanwhile is left alone. */
static enum barq_status find_all(struct bulk *bulk, const char *list_id, int wanted,
                                 struct barq_error *err)
{
    struct bm_api_request *request = bulk->request;
    struct bm_query query;
    struct bm_scope scope = {.list_id = list_id, .query = &query};
    enum barq_status status;

    if (!bulk->query) {
        return bm_video_ids(request->session, list_id, wanted, BM_BULK_ALL_MAX, request->arena,
                            &bulk->what.ids, &bulk->what.count, err);
    }
    if (!bm_api_parse_query(request, bulk->query, &query, &status, err)) {
        return status;
    }
    status = bm_find_ids(request->session, request->arena, &scope, BM_BULK_ALL_MAX, &bulk->what.ids,
                         &bulk->what.count, err);
    return bm_api_refuse_when(request, status, BARQ_ERR_ARG, BM_PROBLEM_INVALID, err);
}

/* The lists that are named, and the ids of all that are meant; in a transaction for reading. */
static enum barq_status look_up(struct bulk *bulk, const char *all_of, int wanted,
                                struct barq_error *err)
{
    struct bm_api_request *request = bulk->request;
    struct bm_list list = {.id = NULL};

    enum barq_status status = barq_session_begin(request->session, false, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (bulk->what.n_tags > 0) {
        status = find_tags(bulk, err);
    }
    if (status == BARQ_OK && bulk->what.to_list &&
        bm_api_find_list(request, bulk->what.to_list, &list, &status, err)) {
        bulk->what.to_list = list.id;
    }
    list.id = NULL;
    if (status == BARQ_OK && request->status < 400 && all_of) {
        (void)bm_api_find_list(request, all_of, &list, &status, err);
    }
    if (status == BARQ_OK && request->status < 400 && (list.id || bulk->query)) {
        status = find_all(bulk, list.id, wanted, err);
    }
    barq_session_rollback(request->session);
    return status;
}

static void check(struct bulk *bulk, const char *all_of)
{
    bool elsewhere = bulk->action == BM_BULK_MOVE || bulk->action == BM_BULK_COPY;

    if (!bulk->what.ids == (!all_of && !bulk->query)) {
        bm_api_wrong(bulk->request, "/video_ids",
                     "or list_id and query, or one of them, must be there, and not both");
    }
    if (bulk->action == BARQ_OFF) {
        bm_api_wrong(bulk->request, "/action", "is missing");
    }
    if (elsewhere && !bulk->what.to_list) {
        bm_api_wrong(bulk->request, "/to_list_id", "is missing: where should they go?");
    }
    if ((bulk->action == BM_BULK_TAG || bulk->action == BM_BULK_UNTAG) && bulk->what.n_tags == 0) {
        bm_api_wrong(bulk->request, "/tag_ids", "is missing: which tags?");
    }
    if (bulk->action == BM_BULK_SET && barq_count(bulk->what.values) == 0) {
        bm_api_wrong(bulk->request, "/fields", "is missing: what should be set?");
    }
}

static enum barq_status do_bulk(struct bm_api_request *request, int action, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    struct bulk bulk = {.request = request, .what = {.session = request->session}};
    const char *all_of = bm_api_text(request, body, "list_id", BM_NAME_MAX_BYTES, NULL);
    int wanted = bm_api_word(request, body, "status", statuses, BARQ_OFF);

    bulk.action = bm_api_word(request, body, "action", bm_bulk_actions, action);
    bulk.what.tags = bm_api_texts(request, body, "tag_ids", BM_TAGS_OF_VIDEO_MAX, BM_NAME_MAX_BYTES,
                                  &bulk.what.n_tags);
    bulk.what.to_list = bm_api_text(request, body, "to_list_id", BM_NAME_MAX_BYTES, NULL);
    bulk.what.values = bm_api_map(request, body, "fields");
    bulk.query = bm_api_text(request, body, "query", BM_QUERY_MAX_BYTES, NULL);
    bulk.what.ids =
        bm_api_texts(request, body, "video_ids", IDS_MAX, BM_NAME_MAX_BYTES, &bulk.what.count);
    if (body && bm_api_good(request)) {
        check(&bulk, all_of);
        if (bulk.query && wanted != BARQ_OFF) {
            bm_api_wrong(request, "/status", "goes into the query: is:failed");
        }
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
    return do_bulk(request, BM_BULK_TAG, err);
}

static const struct bm_api_route routes[] = {
    {"POST", "/api/videos/bulk", bulk, BM_BY_HAND},
    {"POST", "/api/videos/bulk/tags", bulk_tags, BM_BY_HAND},
};

const struct bm_api_topic bm_api_bulk_topic = BM_API_TOPIC(routes);

/* What lists are filled from, again and again. */
#include "store/subscriptions.h"

#include "api/problem.h"
#include "api/read.h"
#include "api/routes.h"
#include "base/time.h"
#include "export/video_json.h"

enum { HOUR_MS = 3600 * 1000, DAY_HOURS = 24 };

static struct barq_value *time_or_null(int64_t at_ms, struct barq_arena *arena)
{
    return at_ms > 0 ? bm_time_json(at_ms, arena) : barq_null(arena);
}

static struct barq_value *json_of(const struct bm_subscription *one, struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);

    barq_set_key(map, "id", barq_string(arena, one->id));
    barq_set_key(map, "list_id", barq_string(arena, one->list_id));
    barq_set_key(map, "kind", barq_string(arena, one->kind));
    barq_set_key(map, "target", barq_string(arena, one->target));
    barq_set_key(map, "name", barq_string(arena, one->name));
    barq_set_key(map, "every_hours", barq_int(arena, one->every_ms / HOUR_MS));
    barq_set_key(map, "last_polled_at", time_or_null(one->last_at_ms, arena));
    barq_set_key(map, "next_poll_at", time_or_null(one->next_at_ms, arena));
    barq_set_key(map, "match_count", barq_int(arena, one->matches));
    barq_set_key(map, "error_message",
                 one->error ? barq_string(arena, one->error) : barq_null(arena));
    return map;
}

static enum barq_status all(struct bm_api_request *request, struct barq_error *err)
{
    const struct bm_subscription *found = NULL;
    size_t count = 0;

    enum barq_status status =
        bm_subscriptions(request->session, bm_api_query(request, "list_id", NULL), request->arena,
                         &found, &count, err);
    request->answer = barq_list(request->arena);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        barq_add(request->answer, json_of(&found[i], request->arena));
    }
    return status;
}

static enum barq_status show(struct bm_api_request *request, const char *id, struct barq_error *err)
{
    struct bm_subscription found;

    enum barq_status status =
        bm_subscription_get(request->session, id, request->arena, &found, err);
    if (status == BARQ_OK) {
        request->answer = json_of(&found, request->arena);
    }
    return bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_SUBSCRIPTION, err);
}

static enum barq_status one(struct bm_api_request *request, struct barq_error *err)
{
    return show(request, request->ids[0], err);
}

static enum barq_status add(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    const char *list = bm_api_need_text(request, body, "list_id", BM_NAME_MAX_BYTES);
    struct bm_subscription new = {
        .kind = bm_api_need_text(request, body, "kind", BM_NAME_MAX_BYTES),
        .target = bm_api_need_text(request, body, "target", BM_TARGET_MAX_BYTES),
        .every_ms = bm_api_int(request, body, "every_hours", BM_SUBSCRIPTION_LEAST_HOURS,
                               BM_SUBSCRIPTION_MOST_HOURS, DAY_HOURS) *
                    HOUR_MS,
    };
    char id[BM_ID_BYTES];
    struct bm_list found;

    new.name = bm_api_text(request, body, "name", BM_NAME_MAX_BYTES, new.target);
    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    enum barq_status status = bm_list_find(request->session, list, request->arena, &found, err);
    if (status != BARQ_OK) {
        return bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_LIST, err);
    }
    new.list_id = found.id;
    status = bm_subscription_add(request->session, &new, bq_wall_ms(), id, err);
    if (status == BARQ_ERR_EXISTS) {
        return bm_api_refuse_when(request, status, status, BM_PROBLEM_SUBSCRIPTION_EXISTS, err);
    }
    if (status != BARQ_OK) {
        return bm_api_refuse_when(request, status, BARQ_ERR_ARG, BM_PROBLEM_INVALID, err);
    }
    bm_api_created(request, "/api/subscriptions/%s", id);
    return show(request, id, err);
}

static enum barq_status delete (struct bm_api_request *request, struct barq_error *err) {
    enum barq_status status = bm_subscription_delete(request->session, request->ids[0], err);

    request->status = 204;
    return bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_SUBSCRIPTION, err);
}

/* The original calls it sync, and waits for it; here it is a job. */
static enum barq_status sync(struct bm_api_request *request, struct barq_error *err)
{
    enum barq_status status =
        bm_subscription_poll_now(request->session, request->ids[0], bq_wall_ms(), err);

    if (status != BARQ_OK) {
        return bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_SUBSCRIPTION,
                                  err);
    }
    request->status = 202;
    return show(request, request->ids[0], err);
}

static const struct bm_api_route routes[] = {
    {"GET", "/api/subscriptions", all, BM_READING},
    {"POST", "/api/subscriptions", add, BM_WRITING},
    {"GET", "/api/subscriptions/{id}", one, BM_READING},
    {"DELETE", "/api/subscriptions/{id}", delete, BM_WRITING},
    {"POST", "/api/subscriptions/{id}/sync", sync, BM_WRITING},
};

const struct bm_api_topic bm_api_subscriptions_topic = BM_API_TOPIC(routes);

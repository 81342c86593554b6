/* channels.c - whose videos they are. */
#include "store/channels.h"

#include "api/channel_json.h"
#include "api/find.h"
#include "api/problem.h"
#include "api/read.h"
#include "api/routes.h"
#include "base/time.h"

static enum barq_status all(struct bm_api_request *request, struct barq_error *err)
{
    bool hidden_too = bm_api_query_bool(request, "hidden", false);
    const char *list = bm_api_query(request, "list_id", NULL);
    const struct bm_channel *channels = NULL;
    const char *list_id = NULL;
    enum barq_status status;
    size_t count = 0;

    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    if (list && !bm_api_find_list_id(request, list, &list_id, &status, err)) {
        return status;
    }
    status =
        bm_channels(request->session, list_id, hidden_too, request->arena, &channels, &count, err);
    request->answer = barq_list(request->arena);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        barq_add(request->answer, bm_api_channel_json(&channels[i], request->arena));
    }
    return status;
}

static enum barq_status one(struct bm_api_request *request, struct barq_error *err)
{
    struct bm_channel channel;

    enum barq_status status =
        bm_channel_get(request->session, request->ids[0], request->arena, &channel, err);
    if (status == BARQ_OK) {
        request->answer = bm_api_channel_json(&channel, request->arena);
    }
    return bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_CHANNEL, err);
}

static enum barq_status change(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    bool hidden = bm_api_bool(request, body, "is_hidden", false);

    if (body && !bm_api_has(body, "is_hidden")) {
        bm_api_wrong(request, "/is_hidden", "is missing: it is what can be changed");
    }
    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    enum barq_status status =
        bm_channel_hide(request->session, request->ids[0], hidden, bq_wall_ms(), err);
    if (status == BARQ_OK) {
        return one(request, err);
    }
    return bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_CHANNEL, err);
}

static const struct bm_api_route routes[] = {
    {"GET", "/api/channels", all, BM_READING},
    {"GET", "/api/channels/{id}", one, BM_READING},
    {"PATCH", "/api/channels/{id}", change, BM_WRITING},
};

const struct bm_api_topic bm_api_channels_topic = BM_API_TOPIC(routes);

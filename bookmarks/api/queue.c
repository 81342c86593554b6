#include "api/queue.h"

#include "api/api.h"
#include "base/text.h"
#include "http/place.h"
#include "web/web.h"

static const char *below(const struct bm_api *api, const char *raw_path)
{
    return bq_http_below(api->base_path, raw_path) + sizeof(BM_API_QUEUE) - 1;
}

static enum barq_status run(struct bm_api_request *request, struct barq_error *err)
{
    const struct bm_api *api = request->api;

    (void)err;
    bw_web_handle(api->queue, request->http, below(api, request->http->raw_path),
                  request->can_write);
    request->answered = true;
    return BARQ_OK;
}

/* Without a transaction: the queue is elsewhere, and may let us wait. */
static const struct bm_api_route route = {"GET", BM_API_QUEUE, run, BM_BY_HAND | BM_NOT_KEPT};

const struct bm_api_route *bm_api_queue_route(const struct bm_api *api, const char *raw_path)
{
    bool is_below = bq_starts_with(bq_http_below(api->base_path, raw_path), BM_API_QUEUE "/");

    return api->queue && is_below && bw_web_has(below(api, raw_path)) ? &route : NULL;
}

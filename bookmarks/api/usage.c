/* usage.c - what was asked and spent, and what is left of it. */
#include "api/request.h"
#include "api/routes.h"
#include "api/usage_json.h"
#include "base/time.h"

static enum barq_status usage(struct bm_api_request *request, struct barq_error *err)
{
    return bm_api_usage_json(request->session, bq_wall_ms(), request->arena, &request->answer, err);
}

static const struct bm_api_route routes[] = {
    {"GET", "/api/usage", usage, BM_READING},
};

const struct bm_api_topic bm_api_usage_topic = BM_API_TOPIC(routes);

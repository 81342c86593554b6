#include "api/gate.h"

#include "api/api.h"
#include "api/auth.h"
#include "api/problem.h"
#include "http/gate.h"

bool bm_api_admits(struct bm_api_request *request)
{
    const struct bq_http_names names = {.host = request->api->host,
                                        .more_hosts = request->api->more_hosts};

    if (!bq_http_is_ours(&names, request->http)) {
        bm_api_refuse(request, BM_PROBLEM_HOST, NULL);
        return false;
    }
    /* No page can send a token that it does not know; extensions and the like, which do, have odd origins. */
    if (!bm_api_bearer(request) && bq_http_is_foreign(&names, request->http)) {
        bm_api_refuse(request, BM_PROBLEM_FOREIGN, NULL);
        return false;
    }
    return true;
}

bool bm_api_takes(struct bm_api_request *request, const struct bm_api_route *route)
{
    if ((route->how & BM_TAKES_FILES) == 0 && !bq_http_has_only_json(request->http)) {
        bm_api_refuse(request, BM_PROBLEM_MEDIA_TYPE, NULL);
        return false;
    }
    return true;
}

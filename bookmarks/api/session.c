#include "api/session.h"

#include "api/api.h"

static struct barq_session **own(const struct bm_api_request *request)
{
    return &request->api->sessions[request->http->thread];
}

static void drop(struct bm_api_request *request)
{
    barq_session_close(*own(request));
    *own(request) = NULL;
    request->session = NULL;
}

static enum barq_status open_and_begin(struct bm_api_request *request, enum bm_api_how wanted,
                                       struct barq_error *err)
{
    enum barq_status status = *own(request) ? BARQ_OK : bm_store_open(own(request), err);

    request->session = *own(request);
    if (status != BARQ_OK || wanted == BM_BY_HAND) {
        return status;
    }
    return barq_session_begin(request->session, wanted == BM_WRITING, err);
}

/* A connection that broke while nobody used it is noticed only now, before anything was done. */
static enum barq_status begin(struct bm_api_request *request, enum bm_api_how wanted,
                              struct barq_error *err)
{
    bool is_old = *own(request) != NULL;

    enum barq_status status = open_and_begin(request, wanted, err);
    if (status == BARQ_ERR_CONN && is_old) {
        drop(request);
        status = open_and_begin(request, wanted, err);
    }
    return status;
}

static enum barq_status finish(struct bm_api_request *request, enum bm_api_how wanted,
                               enum barq_status status, struct barq_error *err)
{
    if (status == BARQ_OK && wanted == BM_WRITING && request->status < 400) {
        return barq_session_commit(request->session, err);
    }
    barq_session_rollback(request->session); /* does nothing when there is nothing open */
    return status;
}

enum barq_status bm_api_run(struct bm_api_request *request, const struct bm_api_route *route,
                            struct barq_error *err)
{
    enum bm_api_how wanted = route->how & BM_SESSION;

    if (wanted == BM_NO_SESSION) {
        return route->run(request, err);
    }
    enum barq_status status = begin(request, wanted, err);
    if (status == BARQ_OK) {
        status = route->run(request, err);
        status = finish(request, wanted, status, err);
    }
    /* After most errors it would still do; a new one does for certain. */
    if (status != BARQ_OK && status != BARQ_ERR_BUSY && status != BARQ_ERR_NOMEM) {
        drop(request);
    }
    return status;
}

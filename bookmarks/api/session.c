#include "api/session.h"

#include "api/api.h"
#include "api/auth.h"

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
    if (status != BARQ_OK || wanted == BM_BY_HAND || wanted == BM_NO_SESSION) {
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

/* Who calls is read in the transaction that the call wants, or in one before it. */
static enum barq_status admit(struct bm_api_request *request, const struct bm_api_route *route,
                              bool *admitted, struct barq_error *err)
{
    enum barq_status status = begin(request, BM_READING, err);
    if (status == BARQ_OK) {
        status = bm_api_identify(request, err);
    }
    *admitted = status == BARQ_OK && bm_api_may(request, route);
    if (*admitted && (route->how & BM_SESSION) == BM_READING && !bm_api_use_is_due(request)) {
        return BARQ_OK;
    }
    barq_session_rollback(request->session);
    if (*admitted && bm_api_use_is_due(request)) {
        (void)!bm_api_note_use(request, NULL); /* the next time will do as well */
    }
    return *admitted ? begin(request, route->how & BM_SESSION, err) : status;
}

static enum barq_status run(struct bm_api_request *request, const struct bm_api_route *route,
                            struct barq_error *err)
{
    enum bm_api_how wanted = route->how & BM_SESSION;
    bool admitted = true;

    enum barq_status status = route->how & BM_ANYONE ? begin(request, wanted, err)
                                                     : admit(request, route, &admitted, err);
    if (status == BARQ_OK && admitted) {
        status = route->run(request, err);
    }
    return finish(request, wanted, status, err);
}

enum barq_status bm_api_run(struct bm_api_request *request, const struct bm_api_route *route,
                            struct barq_error *err)
{
    if (route->how == (BM_NO_SESSION | BM_ANYONE)) {
        return route->run(request, err);
    }
    enum barq_status status = run(request, route, err);
    /* After most errors it would still do; a new one does for certain. */
    if (status != BARQ_OK && status != BARQ_ERR_BUSY && status != BARQ_ERR_NOMEM) {
        drop(request);
    }
    return status;
}

#include "api/session.h"

#include "api/api.h"
#include "api/auth.h"
#include "api/condition.h"
#include "api/idempotency.h"
#include "base/error.h"
#include "base/log.h"
#include "base/time.h"

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
    if (status == BARQ_OK) {
        /* Also none: what the call before belonged to is not this one's. */
        barq_session_trace(request->session, bq_http_header(request->http, "traceparent"),
                           bq_http_header(request->http, "tracestate"));
    }
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

/* -- a key of work in several transactions: it is noted before the first, and after the last -- */

/* Of two that came at once, this one was the slower: another time it finds the other's answer. */
static enum barq_status too_slow(struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_CONFLICT, "api: another request of this key was faster");
}

static enum barq_status note_begin(struct bm_api_request *request, const struct bm_kept *kept,
                                   bool *goes_on, struct barq_error *err)
{
    enum barq_status status = barq_session_begin(request->session, true, err);
    if (status == BARQ_OK) {
        status = bm_api_look_back(request, kept, goes_on, err);
    }
    if (status == BARQ_OK && *goes_on) {
        status = bm_kept_add(request->session, kept, bq_wall_ms(), err);
        status = status == BARQ_ERR_EXISTS ? too_slow(err) : status;
    }
    if (status == BARQ_OK) {
        return barq_session_commit(request->session, err);
    }
    barq_session_rollback(request->session);
    return status;
}

/* What was done stays done, should this fail; the key is then under way for a while. */
static void note_end(struct bm_api_request *request, struct bm_kept *kept, bool done)
{
    struct barq_error err;

    enum barq_status status = barq_session_begin(request->session, true, &err);
    if (status == BARQ_OK) {
        status = done && bm_api_keep(request, kept) ? bm_kept_answer(request->session, kept, &err)
                                                    : bm_kept_forget(request->session, kept, &err);
    }
    if (status == BARQ_OK) {
        status = barq_session_commit(request->session, &err);
    }
    if (status != BARQ_OK) {
        bq_warn("the answer of a key was not kept", bq_str("error", err.text));
    }
}

/* -- the handler, and what surrounds it -- */

static enum barq_status run_by_hand(struct bm_api_request *request,
                                    const struct bm_api_route *route, struct barq_error *err)
{
    struct bm_kept kept;
    bool goes_on = true;

    if (!bm_api_key(request, route, &kept, &goes_on)) {
        return goes_on ? route->run(request, err) : BARQ_OK;
    }
    enum barq_status status = note_begin(request, &kept, &goes_on, err);
    if (status != BARQ_OK || !goes_on) {
        return status;
    }
    status = route->run(request, err);
    barq_session_rollback(request->session);
    note_end(request, &kept, status == BARQ_OK);
    return status;
}

/* In the transaction that is open. */
static enum barq_status run_writing(struct bm_api_request *request,
                                    const struct bm_api_route *route, struct barq_error *err)
{
    struct bm_kept kept;
    bool goes_on = true;

    enum barq_status status = BARQ_OK;
    bool has_key = bm_api_key(request, route, &kept, &goes_on);
    if (has_key) {
        status = bm_api_look_back(request, &kept, &goes_on, err);
    }
    if (status == BARQ_OK && goes_on) {
        status = bm_api_match(request, &goes_on, err);
    }
    if (status != BARQ_OK || !goes_on) {
        return status;
    }
    status = route->run(request, err);
    if (status == BARQ_OK && has_key && bm_api_keep(request, &kept)) {
        status = bm_kept_add(request->session, &kept, bq_wall_ms(), err);
        status = status == BARQ_ERR_EXISTS ? too_slow(err) : status;
    }
    return status;
}

static enum barq_status run(struct bm_api_request *request, const struct bm_api_route *route,
                            struct barq_error *err)
{
    enum bm_api_how wanted = route->how & BM_SESSION;
    bool admitted = true;

    enum barq_status status = route->how & BM_ANYONE ? begin(request, wanted, err)
                                                     : admit(request, route, &admitted, err);
    if (status == BARQ_OK && admitted) {
        status = wanted == BM_WRITING   ? run_writing(request, route, err)
                 : wanted == BM_BY_HAND ? run_by_hand(request, route, err)
                                        : route->run(request, err);
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

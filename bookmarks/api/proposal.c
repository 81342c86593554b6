/* proposal.c - fields for a list, proposed by the model from a sentence: a call to the outside. */
#include "api/api.h"
#include "api/find.h"
#include "api/problem.h"
#include "api/read.h"
#include "api/routes.h"
#include "base/time.h"
#include "jobs/proposing.h"

static bool find_list(struct bm_api_request *request, struct bm_list *out, enum barq_status *status,
                      struct barq_error *err)
{
    *status = barq_session_begin(request->session, false, err);
    bool found = *status == BARQ_OK && bm_api_find_list(request, request->ids[0], out, status, err);
    barq_session_rollback(request->session);
    return found;
}

/* What the model, or its hold, or that there is none, means for whoever asks. */
static enum barq_status refuse(struct bm_api_request *request, const struct bm_proposed *proposed,
                               enum barq_status status, const struct barq_error *err)
{
    switch (proposed->verdict.outcome) {
    case BM_CALL_SETUP:
        return bm_api_refuse_when(request, status, status,
                                  proposed->verdict.service == BM_SERVICE_NONE
                                      ? BM_PROBLEM_NO_MODEL
                                      : BM_PROBLEM_SERVICE_SETUP,
                                  err);
    case BM_CALL_HELD: {
        int64_t seconds = (proposed->held_until_at_ms - bq_wall_ms() + 999) / 1000;
        const char *after =
            bq_arena_format(request->arena, "%lld", (long long)(seconds > 1 ? seconds : 1));
        bq_http_answer_header(request->http, "Retry-After", after ? after : "60");
        return bm_api_refuse_when(request, status, status, BM_PROBLEM_SERVICE_HELD, err);
    }
    case BM_CALL_RETRY:
    case BM_CALL_REFUSED:
    case BM_CALL_CANCELED:
        return bm_api_refuse_when(request, status, status, BM_PROBLEM_SERVICE_FAILED, err);
    case BM_CALL_OK:
    case BM_CALL_OUTCOMES:
        break;
    }
    return status;
}

static enum barq_status propose(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    const char *sentence = bm_api_need_text(request, body, "sentence", BM_PROPOSAL_WISH_BYTES);
    struct bm_proposed proposed;
    enum barq_status status;
    struct bm_list list;

    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    if (!find_list(request, &list, &status, err)) {
        return status;
    }
    status = bm_propose_for(request->session, list.id, sentence, request->api->stop_fd,
                            request->arena, &proposed, err);
    if (status != BARQ_OK) {
        return refuse(request, &proposed, status, err);
    }
    request->answer = bm_proposed_json(&proposed, request->arena);
    return BARQ_OK;
}

static const struct bm_api_route routes[] = {
    {"POST", "/api/lists/{id}/fields/propose", propose, BM_BY_HAND},
};

const struct bm_api_topic bm_api_proposal_topic = BM_API_TOPIC(routes);

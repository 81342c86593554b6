#include "web/answer.h"

#include <string.h>

#include "base/log.h"

/* clang-format off */
static const enum bw_problem kinds[] = {
    [BARQ_ERR_NOMEM]    = BW_PROBLEM_TOO_MUCH,
    [BARQ_ERR_CONFLICT] = BW_PROBLEM_BROKER_AWAY,
    [BARQ_ERR_BUSY]     = BW_PROBLEM_BROKER_AWAY,
    [BARQ_ERR_TIMEOUT]  = BW_PROBLEM_BROKER_AWAY,
    [BARQ_ERR_CONN]     = BW_PROBLEM_BROKER_AWAY,
    [BARQ_ERR_FULL]     = BW_PROBLEM_BROKER_FULL,
};
/* clang-format on */

static enum bw_problem kind_of(enum barq_status status)
{
    bool is_known = (size_t)status < sizeof(kinds) / sizeof(kinds[0]) && kinds[status] != 0;

    return is_known ? kinds[status] : BW_PROBLEM_INTERNAL;
}

void bw_fail(struct bw_call *call, const struct barq_error *err)
{
    enum bw_problem problem = kind_of(err->status);

    bq_error("request failed", bq_str("method", call->http->method),
             bq_str("path", call->http->path), bq_str("error", err->text));
    call->answered = false;
    if (problem == BW_PROBLEM_BROKER_AWAY) {
        bq_http_answer_header(call->http, "Retry-After", "1");
    }
    (void)!bw_refuse(call, problem, NULL);
}

void bw_answer(struct bw_call *call)
{
    const char *type = call->status < 400 ? "application/json" : BQ_HTTP_PROBLEM_TYPE;
    const char *json = NULL;
    size_t len = 0;
    struct barq_error err = {0};

    if (call->answered) {
        return;
    }
    if (!call->answer) {
        bq_http_answer(call->http, call->status, NULL, "", 0);
    } else if (barq_to_json(call->arena, call->answer, &json, &len, &err) == BARQ_OK) {
        bq_http_answer(call->http, call->status, type, json, len);
    } else {
        bq_error("an answer cannot be written", bq_str("path", call->http->path),
                 bq_str("error", err.text));
        bq_http_answer(call->http, 500, BQ_HTTP_PROBLEM_TYPE, bq_http_too_large,
                       strlen(bq_http_too_large));
    }
}

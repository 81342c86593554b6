#include "web/problem.h"

#include <stdarg.h>

#include "base/arena.h"
#include "web/call.h"

/* clang-format off */
static const struct bq_http_problem problems[BW_PROBLEMS] = {
    [BW_PROBLEM_INVALID]     = {422, "invalid", "Something in the request is not as it must be"},
    [BW_PROBLEM_BODY]        = {422, "invalid_body", "The body must be a JSON object"},
    [BW_PROBLEM_MEDIA_TYPE]  = {415, "media_type", "Send application/json"},
    [BW_PROBLEM_NOT_FOUND]   = {404, "not_found", "Not Found"},
    [BW_PROBLEM_METHOD]      = {405, "method_not_allowed", "Method Not Allowed"},
    [BW_PROBLEM_NO_QUEUE]    = {404, "queue_not_found", "There is no such queue"},
    [BW_PROBLEM_NO_JOB]      = {404, "job_not_found", "There is no such job"},
    [BW_PROBLEM_JOB_STATE]   = {409, "job_state", "The state of the job does not allow that"},
    [BW_PROBLEM_READ_ONLY]   = {403, "read_only", "Nothing can be changed here"},
    [BW_PROBLEM_SCOPE]       = {403, "insufficient_scope", "Whoever asks may only look"},
    [BW_PROBLEM_BROKER_AWAY] = {503, "broker_away", "The broker is busy, or away"},
    [BW_PROBLEM_BROKER_FULL] = {507, "broker_full", "There is no room left where the queue is"},
    [BW_PROBLEM_TOO_MUCH]    = {500, "answer_too_large", "The answer is too large: ask for less"},
    [BW_PROBLEM_INTERNAL]    = {500, "internal", "Something went wrong here"},

    [BW_PROBLEM_HOST]    = {403, "host_not_served", "This host is not served here"},
    [BW_PROBLEM_FOREIGN] = {403, "foreign_site", "Requests of other sites are refused"},
    [BW_PROBLEM_LOGIN]   = {401, "login_needed", "A password is needed"},
    [BW_PROBLEM_GUESSES] = {429, "too_many_guesses", "Too many wrong passwords: wait"},
};
/* clang-format on */

const struct bq_http_problem *bw_problem(enum bw_problem problem)
{
    return &problems[problem];
}

enum barq_status bw_refuse(struct bw_call *call, enum bw_problem problem, const char *detail)
{
    const char *mount = call->web ? call->web->options.mount : "";
    const char *docs = bq_arena_format(call->arena, "%s/api/openapi.json", mount);

    call->answer = bq_http_problem(call->arena, &problems[problem], docs ? docs : "", detail);
    call->status = problems[problem].status;
    return BARQ_OK;
}

enum barq_status bw_refuse_as(struct bw_call *call, enum bw_problem problem, const char *format,
                              ...)
{
    va_list values;

    va_start(values, format);
    const char *detail = bq_arena_vformat(call->arena, format, values);
    va_end(values);
    return bw_refuse(call, problem, detail);
}

#include "api/problem.h"

#include "api/api.h"

/* clang-format off */
static const struct bq_http_problem kinds[BM_PROBLEMS] = {
    [BM_PROBLEM_INVALID]    = {422, "invalid", "Something in the request is not as it must be"},
    [BM_PROBLEM_BODY]       = {422, "invalid_body", "The body must be a JSON object"},
    [BM_PROBLEM_MULTIPART]  = {422, "malformed_form", "The form is malformed"},
    [BM_PROBLEM_NO_FILE]    = {422, "no_file", "There is no file in the request"},
    [BM_PROBLEM_MEDIA_TYPE] = {415, "media_type", "Send application/json"},
    [BM_PROBLEM_NOT_FOUND]  = {404, "not_found", "Not Found"},
    [BM_PROBLEM_METHOD]     = {405, "method_not_allowed", "Method Not Allowed"},
    [BM_PROBLEM_HOST]       = {403, "host_not_served", "This host is not served here"},
    [BM_PROBLEM_FOREIGN]    = {403, "foreign_site", "Requests of other sites are refused"},
    [BM_PROBLEM_CHANGED]    = {412, "changed", "It is not (any more) what If-Match says"},
    [BM_PROBLEM_KEY]        = {422, "invalid_key", "An Idempotency-Key has 1 to 255 visible ASCII characters"},
    [BM_PROBLEM_KEY_REUSED] = {422, "key_reused", "This Idempotency-Key was another request's"},
    [BM_PROBLEM_UNDER_WAY]  = {409, "under_way", "The first request of this Idempotency-Key is under way"},
    [BM_PROBLEM_INTERNAL]   = {500, "internal", "Database error occurred"},
    [BM_PROBLEM_TOO_MUCH]   = {500, "answer_too_large", "The answer is too large: ask for less"},
    [BM_PROBLEM_BUSY]       = {503, "database_busy", "The database is busy, or away"},
    [BM_PROBLEM_FULL]       = {507, "disk_full", "There is no room left on the disk"},

    [BM_PROBLEM_LOGIN]        = {401, "login_needed", "Log in, or send a token"},
    [BM_PROBLEM_TOKEN]        = {401, "invalid_token", "This token is not known, or it is over"},
    [BM_PROBLEM_SCOPE]        = {403, "insufficient_scope", "This token may only read"},
    [BM_PROBLEM_NOT_BY_TOKEN] = {403, "not_by_token", "Log in for this: no token may do it"},
    [BM_PROBLEM_PASSWORD]     = {401, "wrong_password", "This is not the password"},
    [BM_PROBLEM_NO_PASSWORD]  = {409, "no_password", "No password is set: no login is needed"},
    [BM_PROBLEM_GUESSES]      = {429, "too_many_guesses", "Too many wrong passwords: wait"},
    [BM_PROBLEM_NO_TOKEN]     = {404, "token_not_found", "There is no such token"},
    [BM_PROBLEM_TOKEN_EXISTS] = {409, "token_exists", "There is a token of this name"},

    [BM_PROBLEM_NO_LIST]     = {404, "list_not_found", "List not found"},
    [BM_PROBLEM_LIST_EXISTS] = {409, "list_exists", "There is a list of this name"},

    [BM_PROBLEM_NO_FIELD]        = {404, "field_not_found", "Field not found"},
    [BM_PROBLEM_FIELD_EXISTS]    = {409, "field_exists", "The list has a field of this name"},
    [BM_PROBLEM_TOO_MANY_FIELDS] = {409, "too_many_fields", "The list has no room for this field"},
    [BM_PROBLEM_VALUES_MISFIT]   = {409, "values_do_not_fit", "There are values that the field would not allow any more"},

    [BM_PROBLEM_NO_MODEL]       = {409, "no_model", "No model is set: name one in the settings"},
    [BM_PROBLEM_SERVICE_SETUP]  = {409, "service_setup", "The service refuses the key, the model or the address that is set"},
    [BM_PROBLEM_SERVICE_HELD]   = {503, "service_held", "The service is not to be asked now"},
    [BM_PROBLEM_SERVICE_FAILED] = {502, "service_failed", "The service has not answered as it should"},

    [BM_PROBLEM_NO_TAG]          = {404, "tag_not_found", "Tag not found"},
    [BM_PROBLEM_TAG_EXISTS]      = {409, "tag_exists", "There is a tag of this name"},
    [BM_PROBLEM_TOO_MANY_TAGS]   = {409, "too_many_tags", "There is no room for another tag"},
    [BM_PROBLEM_SECOND_CATEGORY] = {409, "second_category", "A video has one category at most"},
    [BM_PROBLEM_NO_NOTE]         = {404, "note_not_found", "Note not found"},
    [BM_PROBLEM_TOO_MANY_NOTES]  = {409, "too_many_notes", "There is no room for another note"},
    [BM_PROBLEM_NO_CHANNEL]      = {404, "channel_not_found", "Channel not found"},
    [BM_PROBLEM_NO_TRANSCRIPT]   = {404, "transcript_not_found", "Transcript not found"},
    [BM_PROBLEM_NO_VIEW]         = {404, "view_not_found", "View not found"},
    [BM_PROBLEM_VIEW_EXISTS]     = {409, "view_exists", "There is a view of this name"},
    [BM_PROBLEM_TOO_MANY_VIEWS]  = {409, "too_many_views", "There is no room for another view"},

    [BM_PROBLEM_NO_VIDEO]     = {404, "video_not_found", "Video not found"},
    [BM_PROBLEM_VIDEO_EXISTS] = {409, "video_exists", "Video already exists in this list"},

    [BM_PROBLEM_UNREADABLE_FILE] = {422, "unreadable_file", "The file cannot be read"},

    [BM_PROBLEM_NO_JOB]          = {404, "job_not_found", "Job not found"},
    [BM_PROBLEM_NOTHING_PENDING] = {400, "nothing_pending", "No pending videos to process"},
    [BM_PROBLEM_NOTHING_FAILED]  = {404, "nothing_failed", "Nothing of it has failed"},
    [BM_PROBLEM_RUN_STATE]       = {409, "run_state", "The state of the run does not allow that"},
    [BM_PROBLEM_NO_HOLD]         = {404, "not_held", "This service is not held"},
    [BM_PROBLEM_EVENT_ID]        = {422, "event_id", "Last-Event-ID must be the number of an event"},
    [BM_PROBLEM_NO_SUBSCRIPTION] = {404, "subscription_not_found", "There is no such subscription"},
    [BM_PROBLEM_SUBSCRIPTION_EXISTS] = {409, "subscription_exists", "The list has this subscription"},
};
/* clang-format on */

const struct bq_http_problem *bm_problem_kind(enum bm_problem problem)
{
    return &kinds[problem];
}

void bm_api_refuse(struct bm_api_request *request, enum bm_problem problem, const char *detail)
{
    const struct bq_http_problem *kind = &kinds[problem];
    const char *docs = bq_arena_format(request->arena, "%s/docs", request->api->base_path);
    struct barq_value *answer = bq_http_problem(request->arena, kind, docs ? docs : "", detail);

    if (request->wrong) {
        barq_set_key(answer, "errors", request->wrong);
        request->wrong = NULL;
    }
    request->status = kind->status;
    request->answer = answer;
    request->json = NULL;
}

enum barq_status bm_api_refuse_when(struct bm_api_request *request, enum barq_status status,
                                    enum barq_status expected, enum bm_problem problem,
                                    const struct barq_error *err)
{
    if (status != expected) {
        return status;
    }
    bm_api_refuse(request, problem, bq_http_sentence(request->arena, err->text));
    return BARQ_OK;
}

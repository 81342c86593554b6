#include "store/login.h"

#include "api/api.h"
#include "api/auth.h"
#include "api/problem.h"
#include "api/read.h"
#include "api/routes.h"
#include "base/text.h"
#include "base/time.h"
#include "export/video_json.h"
#include "http/place.h"

/* Set by the proxy that speaks https for us. */
static bool is_https(const struct bm_api_request *request)
{
    const char *scheme = bq_http_header(request->http, "X-Forwarded-Proto");

    return scheme && bq_equal_nocase(scheme, "https");
}

/* `age_s` 0 takes it away. No script sees it, and no other site's page can send it. */
static void set_cookie(struct bm_api_request *request, const char *cookie, int64_t age_s)
{
    const char *base = request->api->base_path;
    const char *text = bq_arena_format(
        request->arena, BM_LOGIN_COOKIE "=%s; Path=%s; Max-Age=%jd; HttpOnly; SameSite=Strict%s",
        cookie, *base ? base : "/", (intmax_t)age_s, is_https(request) ? "; Secure" : "");
    if (text) {
        bq_http_answer_header(request->http, "Set-Cookie", text);
    }
}

static void tell(struct bm_api_request *request, bool logged_in, int64_t until_ms)
{
    request->answer = barq_map(request->arena);
    barq_set_key(request->answer, "password_set",
                 barq_bool(request->arena, request->verifier != NULL));
    barq_set_key(request->answer, "logged_in", barq_bool(request->arena, logged_in));
    barq_set_key(request->answer, "until", bm_time_json(until_ms, request->arena));
}

/* What a page asks first: must somebody log in? */
static enum barq_status look(struct bm_api_request *request, struct barq_error *err)
{
    enum barq_status status = bm_api_identify(request, err);

    if (status == BARQ_OK) {
        bool is_login = request->as == BM_AS_LOGIN;
        tell(request, request->as != BM_AS_NOBODY,
             is_login ? request->used_at_ms + BM_LOGIN_MS : INT64_MIN);
    }
    return status;
}

/* -- logging in: scrypt takes its time, so no transaction is open then -- */

static enum barq_status read_state(struct bm_api_request *request, int64_t *wait_ms,
                                   struct barq_error *err)
{
    enum barq_status status = barq_session_begin(request->session, false, err);

    if (status == BARQ_OK) {
        status = bm_password_verifier(request->session, request->arena, &request->verifier, err);
    }
    if (status == BARQ_OK) {
        status = bm_guess_wait(request->session, bq_http_sender(request->http), bq_wall_ms(),
                               wait_ms, err);
    }
    barq_session_rollback(request->session);
    return status;
}

static enum barq_status let_in(struct bm_api_request *request, struct barq_error *err)
{
    const char *agent = bq_http_header(request->http, "User-Agent");
    char cookie[BM_SECRET_BYTES];
    int64_t now_ms = bq_wall_ms();

    enum barq_status status =
        bm_login_add(request->session, request->verifier, agent, now_ms, cookie, err);
    if (status == BARQ_OK) {
        set_cookie(request, cookie, BM_LOGIN_MS / 1000);
        tell(request, true, now_ms + BM_LOGIN_MS);
    }
    return status;
}

static enum barq_status write_outcome(struct bm_api_request *request, bool right,
                                      struct barq_error *err)
{
    enum barq_status status = barq_session_begin(request->session, true, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (right) {
        status = let_in(request, err);
    } else {
        status = bm_guess_count(request->session, bq_http_sender(request->http), bq_wall_ms(), err);
        bm_api_refuse(request, BM_PROBLEM_PASSWORD, NULL);
    }
    return status == BARQ_OK ? barq_session_commit(request->session, err) : status;
}

static enum barq_status log_in(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    const char *password = bm_api_need_text(request, body, "password", BM_PASSWORD_MOST_BYTES);
    int64_t wait_ms = 0;
    bool right = false;

    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    enum barq_status status = read_state(request, &wait_ms, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (!request->verifier) {
        bm_api_refuse(request, BM_PROBLEM_NO_PASSWORD, NULL);
        return BARQ_OK;
    }
    if (wait_ms > 0) {
        const char *wait_s = bq_arena_format(request->arena, "%jd", (intmax_t)(wait_ms / 1000 + 1));
        bq_http_answer_header(request->http, "Retry-After", wait_s ? wait_s : "900");
        bm_api_refuse(request, BM_PROBLEM_GUESSES, NULL);
        return BARQ_OK;
    }
    status = bm_verifier_check(request->verifier, password, &right, err);
    return status == BARQ_OK ? write_outcome(request, right, err) : status;
}

static enum barq_status log_out(struct bm_api_request *request, struct barq_error *err)
{
    const char *cookie = bm_api_cookie(request);

    request->status = 204;
    set_cookie(request, "", 0);
    enum barq_status status =
        bm_password_verifier(request->session, request->arena, &request->verifier, err);
    if (status != BARQ_OK || !cookie || !request->verifier) {
        return status;
    }
    return bm_login_end(request->session, request->verifier, cookie, err);
}

static const struct bm_api_route routes[] = {
    {"GET", "/api/login", look, BM_READING | BM_ANYONE},
    {"POST", "/api/login", log_in, BM_BY_HAND | BM_ANYONE},
    {"POST", "/api/logout", log_out, BM_WRITING | BM_ANYONE},
};

const struct bm_api_topic bm_api_login_topic = BM_API_TOPIC(routes);

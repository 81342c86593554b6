#include "api/auth.h"

#include <string.h>

#include "api/api.h"
#include "api/problem.h"
#include "base/time.h"
#include "http/place.h"
#include "store/login.h"
#include "store/tokens.h"

enum { NOTE_MS = 3600 * 1000 };

/* -- what was sent -- */

const char *bm_api_bearer(const struct bm_api_request *request)
{
    static const char scheme[] = "Bearer ";
    const char *sent = bq_http_header(request->http, "Authorization");

    if (!sent || strncasecmp(sent, scheme, sizeof(scheme) - 1) != 0) {
        return NULL; /* what a proxy asks for itself, for one */
    }
    sent += sizeof(scheme) - 1;
    return sent + strspn(sent, " ");
}

const char *bm_api_cookie(const struct bm_api_request *request)
{
    static const char name[] = BM_LOGIN_COOKIE "=";
    const char *at = bq_http_header(request->http, "Cookie");

    while (at && *at != '\0') {
        at += strspn(at, "; ");
        size_t len = strcspn(at, ";");
        if (strncmp(at, name, sizeof(name) - 1) == 0) {
            size_t before = sizeof(name) - 1;
            return bq_arena_strndup(request->arena, at + before, len - before);
        }
        at += len;
    }
    return NULL;
}

/* -- who it is -- */

static enum barq_status by_token(struct bm_api_request *request, const char *secret, int64_t now_ms,
                                 struct barq_error *err)
{
    struct bm_token token = {0};

    enum barq_status status =
        bm_token_find(request->session, secret, now_ms, request->arena, &token, err);
    if (status != BARQ_OK) {
        return status == BARQ_ERR_NOTFOUND ? BARQ_OK : status;
    }
    request->as = BM_AS_TOKEN;
    request->can_write = token.can_write;
    request->used_at_ms = token.last_used_at_ms;
    request->token_id = token.id;
    request->principal = bq_arena_format(request->arena, "token %s", token.id);
    return BARQ_OK;
}

static enum barq_status by_cookie(struct bm_api_request *request, int64_t now_ms,
                                  struct barq_error *err)
{
    const char *cookie = bm_api_cookie(request);
    int64_t seen_at_ms = 0;

    if (!cookie) {
        return BARQ_OK;
    }
    enum barq_status status =
        bm_login_find(request->session, request->verifier, cookie, now_ms, &seen_at_ms, err);
    if (status == BARQ_OK) {
        request->as = BM_AS_LOGIN;
        request->used_at_ms = seen_at_ms;
    }
    return status == BARQ_ERR_NOTFOUND ? BARQ_OK : status;
}

enum barq_status bm_api_identify(struct bm_api_request *request, struct barq_error *err)
{
    const char *secret = bm_api_bearer(request);
    int64_t now_ms = bq_wall_ms();

    request->as = BM_AS_NOBODY;
    request->can_write = true;
    request->principal = "owner"; /* there is one, however they come */
    if (secret) {
        return by_token(request, secret, now_ms, err);
    }
    enum barq_status status =
        bm_password_verifier(request->session, request->arena, &request->verifier, err);
    if (status == BARQ_OK && request->verifier) {
        return by_cookie(request, now_ms, err);
    }
    if (status == BARQ_OK && request->api->is_local) {
        request->as = BM_AS_LOCAL;
    }
    return status;
}

/* -- what they may -- */

static bool only_reads(const struct bm_api_request *request, const struct bm_api_route *route)
{
    const char *method = request->http->method;

    return (route->how & BM_SESSION) == BM_READING || strcmp(method, "GET") == 0 ||
           strcmp(method, "HEAD") == 0;
}

bool bm_api_may(struct bm_api_request *request, const struct bm_api_route *route)
{
    bool is_token = request->as == BM_AS_TOKEN;

    if (request->as == BM_AS_NOBODY) {
        bool was_wrong = bm_api_bearer(request) != NULL;
        bq_http_answer_header(request->http, "WWW-Authenticate",
                              was_wrong ? "Bearer realm=\"bookmarks\", error=\"invalid_token\""
                                        : "Bearer realm=\"bookmarks\"");
        bm_api_refuse(request, was_wrong ? BM_PROBLEM_TOKEN : BM_PROBLEM_LOGIN, NULL);
        return false;
    }
    if (is_token && (route->how & BM_OWNER)) {
        bm_api_refuse(request, BM_PROBLEM_NOT_BY_TOKEN, NULL);
        return false;
    }
    if (!request->can_write && !only_reads(request, route)) {
        bq_http_answer_header(request->http, "WWW-Authenticate",
                              "Bearer realm=\"bookmarks\", error=\"insufficient_scope\"");
        bm_api_refuse(request, BM_PROBLEM_SCOPE, NULL);
        return false;
    }
    return true;
}

bool bm_api_use_is_due(const struct bm_api_request *request)
{
    bool lasts = request->as == BM_AS_TOKEN || request->as == BM_AS_LOGIN;

    return lasts &&
           (request->used_at_ms == INT64_MIN || bq_wall_ms() - request->used_at_ms >= NOTE_MS);
}

enum barq_status bm_api_note_use(struct bm_api_request *request, struct barq_error *err)
{
    int64_t now_ms = bq_wall_ms();
    bool is_token = request->as == BM_AS_TOKEN;

    enum barq_status status = barq_session_begin(request->session, true, err);
    if (status == BARQ_OK) {
        status = is_token ? bm_token_used(request->session, request->token_id, now_ms, err)
                          : bm_login_seen(request->session, request->verifier,
                                          bm_api_cookie(request), now_ms, err);
    }
    if (status == BARQ_OK) {
        return barq_session_commit(request->session, err);
    }
    barq_session_rollback(request->session);
    return status;
}

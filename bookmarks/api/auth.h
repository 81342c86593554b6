/*
 * auth.h - who calls, and what they may.
 *
 * Where we listen on this machine only and no password is set, whoever calls is
 * its owner. Else there is a login (a cookie, which only the server reads), or a
 * personal token ("Authorization: Bearer bm_..."). A token that is sent is always
 * looked at: a wrong one is not passed over because none was needed.
 */
#ifndef BM_API_AUTH_H
#define BM_API_AUTH_H

#include "api/request.h"

#define BM_LOGIN_COOKIE "bookmarks_login"

/* The token of the request; NULL when it has none. */
const char *bm_api_bearer(const struct bm_api_request *request);
/* The cookie of a login, in the call's arena; NULL when there is none. */
const char *bm_api_cookie(const struct bm_api_request *request);

/* Finds out who calls: request->as and the rest of it. In any transaction. */
enum barq_status bm_api_identify(struct bm_api_request *request, struct barq_error *err)
    BARQ_MUST_CHECK;
/* False, and a refusal, when they may not call this. */
bool bm_api_may(struct bm_api_request *request, const struct bm_api_route *route);
/* About once an hour it is noted that a login or token was used; without a transaction open. */
bool bm_api_use_is_due(const struct bm_api_request *request);
enum barq_status bm_api_note_use(struct bm_api_request *request, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif

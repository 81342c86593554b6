#include "api/gate.h"

#include <string.h>

#include "api/api.h"
#include "api/auth.h"
#include "api/problem.h"
#include "base/text.h"

/* Among names with "," between? */
static bool is_listed(const char *given, size_t len, const char *hosts)
{
    for (const char *at = hosts; at && *at;) {
        size_t one = strcspn(at, ",");
        if (one == len && strncasecmp(given, at, len) == 0) {
            return true;
        }
        at += one + (at[one] == ',');
    }
    return false;
}

/* `given` is a host with or without a port. */
static bool is_ours(const struct bm_api *api, const char *given)
{
    size_t len = *given == '[' ? strcspn(given, "]") + 1 : strcspn(given, ":");

    if (len > strlen(given) || (given[len] != '\0' && given[len] != ':') ||
        strspn(given + len, ":0123456789") != strlen(given + len)) {
        return false;
    }
    return len > 0 && (is_listed(given, len, "localhost,127.0.0.1,[::1]") ||
                       is_listed(given, len, api->host) || is_listed(given, len, api->more_hosts));
}

/*
 * A page of ours names itself as it names us; or, behind a proxy that names us as it likes, by a name
 * that we were told.
 */
static bool is_foreign(const struct bm_api *api, const char *origin, const char *host)
{
    bool is_web = bq_starts_with(origin, "http://") || bq_starts_with(origin, "https://");
    const char *own = is_web ? strstr(origin, "://") + 3 : "";

    return !is_web || (strcmp(own, host) != 0 && !is_listed(own, strlen(own), api->more_hosts));
}

/* What browsers say of a request that a page of another site has sent. */
static bool is_sent_by_another(const struct bm_api_request *request, const char *host)
{
    const char *origin = bq_http_header(request->http, "Origin");
    const char *site = bq_http_header(request->http, "Sec-Fetch-Site");
    const char *method = request->http->method;
    bool only_looks = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;

    if (origin && is_foreign(request->api, origin, host)) {
        return true;
    }
    /* "none": typed in by a person. A link from elsewhere may lead here, and only that. */
    return !only_looks && site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
}

static bool is_json(const char *content_type)
{
    static const char json[] = "application/json";
    size_t len = strcspn(content_type, "; \t");

    return len == sizeof(json) - 1 && strncasecmp(content_type, json, len) == 0;
}

bool bm_api_admits(struct bm_api_request *request)
{
    const char *host = bq_http_header(request->http, "Host");

    if (!host || !is_ours(request->api, host)) {
        bm_api_refuse(request, BM_PROBLEM_HOST, NULL);
        return false;
    }
    /* No page can send a token that it does not know; extensions and the like, which do, have odd origins. */
    if (!bm_api_bearer(request) && is_sent_by_another(request, host)) {
        bm_api_refuse(request, BM_PROBLEM_FOREIGN, NULL);
        return false;
    }
    return true;
}

/* What a form can send without asking is not JSON, so that no other site's page can send it. */
bool bm_api_takes(struct bm_api_request *request, const struct bm_api_route *route)
{
    const char *content_type = bq_http_header(request->http, "Content-Type");
    bool has_body = request->http->body_bytes > 0 || content_type;
    bool takes_json = (route->how & BM_TAKES_FILES) == 0;

    if (takes_json && has_body && !(content_type && is_json(content_type))) {
        bm_api_refuse(request, BM_PROBLEM_MEDIA_TYPE, NULL);
        return false;
    }
    return true;
}

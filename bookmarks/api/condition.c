#include "api/condition.h"

#include <string.h>

#include "api/answer.h"
#include "api/api.h"
#include "api/problem.h"
#include "store/secret.h"

enum { ETAG_DIGITS = 32 };

const char *bm_api_etag(struct barq_arena *arena, const char *json, size_t len)
{
    char hash[BM_SECRET_HASH_BYTES];

    bm_hash_bytes(json, len, hash);
    return bq_arena_format(arena, "\"%.*s\"", ETAG_DIGITS, hash);
}

/* Is it in a list of them ("a", W/"b"), or is that "*"? */
static bool is_named(const char *list, const char *etag)
{
    size_t len = strlen(etag);

    list += strspn(list, " \t");
    if (strcmp(list, "*") == 0) {
        return true;
    }
    while (*list != '\0') {
        list += strspn(list, ", \t");
        if (strncmp(list, "W/", 2) == 0) { /* some proxies weaken what they compress */
            list += 2;
        }
        size_t one = strcspn(list, ", \t");
        if (one == len && strncmp(list, etag, len) == 0) {
            return true;
        }
        list += one;
    }
    return false;
}

bool bm_api_is_known(const struct bm_api_request *request, const char *etag)
{
    const char *named = bq_http_header(request->http, "If-None-Match");

    return named && etag && is_named(named, etag);
}

/* What a GET of the same path has as its ETag now; NULL: there is none. */
static enum barq_status etag_now(struct bm_api_request *request, const char **out,
                                 struct barq_error *err)
{
    struct bm_api_request look = *request;
    const struct bm_api_route *route = NULL;

    *out = NULL;
    if (!bm_api_route_of(request, "GET", &route) || (route->how & BM_SESSION) != BM_READING) {
        return BARQ_OK;
    }
    look.answer = NULL;
    look.status = 200;
    enum barq_status status = route->run(&look, err);
    if (status == BARQ_OK && look.status == 200) {
        bm_api_write_json(&look);
        *out = look.json ? bm_api_etag(request->arena, look.json, look.json_bytes) : NULL;
    }
    return status;
}

enum barq_status bm_api_match(struct bm_api_request *request, bool *goes_on, struct barq_error *err)
{
    const char *named = bq_http_header(request->http, "If-Match");
    const char *etag = NULL;

    *goes_on = true;
    if (!named) {
        return BARQ_OK;
    }
    enum barq_status status = etag_now(request, &etag, err);
    if (status == BARQ_OK && !(etag && is_named(named, etag))) {
        *goes_on = false;
        bm_api_refuse(request, BM_PROBLEM_CHANGED, NULL);
    }
    return status;
}

#include "api/idempotency.h"

#include <string.h>

#include "api/answer.h"
#include "api/problem.h"
#include "base/time.h"
#include "store/secret.h"

static bool is_key(const char *key)
{
    size_t len = strlen(key);

    for (size_t i = 0; i < len; i++) {
        if (key[i] <= ' ' || key[i] > '~') {
            return false;
        }
    }
    return len > 0 && len <= BM_KEY_MAX_BYTES;
}

/* Two requests are the same when their bytes are, and what these are taken for. */
static const char *hash_of(const struct bm_api_request *request)
{
    const struct bq_http_call *call = request->http;
    const char *type = bq_http_header(call, "Content-Type");
    char body[BM_SECRET_HASH_BYTES];
    char query[BM_SECRET_HASH_BYTES];
    char all[BM_SECRET_HASH_BYTES];
    size_t len = 0;

    const char *parameters = bq_http_query_all(call, &len);
    bm_hash_bytes(call->body, call->body_bytes, body);
    bm_hash_bytes(parameters ? parameters : "", parameters ? len : 0, query);
    const char *text = bq_arena_format(request->arena, "%s %s %s", body, query, type ? type : "");
    bm_secret_hash(text ? text : "", all);
    return bq_arena_strdup(request->arena, all);
}

bool bm_api_key(struct bm_api_request *request, const struct bm_api_route *route,
                struct bm_kept *out, bool *goes_on)
{
    const struct bq_http_call *call = request->http;
    const char *key = bq_http_header(call, "Idempotency-Key");
    bool counts =
        key && strcmp(call->method, "POST") == 0 && (route->how & (BM_ANYONE | BM_NOT_KEPT)) == 0;

    *goes_on = true;
    if (counts && !is_key(key)) {
        bm_api_refuse(request, BM_PROBLEM_KEY, NULL);
        *goes_on = false;
        return false;
    }
    if (counts) {
        *out = (struct bm_kept){.key = key,
                                .principal = request->principal,
                                .method = call->method,
                                .path = call->raw_path,
                                .body_hash = hash_of(request)};
    }
    return counts;
}

static void answer_again(struct bm_api_request *request, const struct bm_kept *kept)
{
    request->status = (int)kept->status;
    request->json = kept->answer;
    request->json_bytes = kept->answer ? strlen(kept->answer) : 0;
    if (kept->location) {
        bq_http_answer_header(request->http, "Location", kept->location);
    }
    bq_http_answer_header(request->http, "Idempotent-Replayed", "true");
}

enum barq_status bm_api_look_back(struct bm_api_request *request, const struct bm_kept *asked,
                                  bool *goes_on, struct barq_error *err)
{
    struct bm_kept kept;

    *goes_on = true;
    enum barq_status status =
        bm_kept_find(request->session, asked, bq_wall_ms(), request->arena, &kept, err);
    if (status != BARQ_OK) {
        return status == BARQ_ERR_NOTFOUND ? BARQ_OK : status;
    }
    *goes_on = false;
    if (strcmp(kept.method, asked->method) != 0 || strcmp(kept.path, asked->path) != 0 ||
        strcmp(kept.body_hash, asked->body_hash) != 0) {
        bm_api_refuse(request, BM_PROBLEM_KEY_REUSED, NULL);
    } else if (kept.status == 0) {
        bq_http_answer_header(request->http, "Retry-After", "1");
        bm_api_refuse(request, BM_PROBLEM_UNDER_WAY, NULL);
    } else {
        answer_again(request, &kept);
    }
    return BARQ_OK;
}

bool bm_api_keep(struct bm_api_request *request, struct bm_kept *kept)
{
    if (request->status >= 400 || request->answered) {
        return false;
    }
    bm_api_write_json(request);
    kept->status = request->status;
    kept->location = request->location;
    kept->answer = request->json;
    return !request->answer || request->json;
}

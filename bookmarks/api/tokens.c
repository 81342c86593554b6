#include "api/tokens.h"

#include <string.h>

#include "api/problem.h"
#include "api/read.h"
#include "api/routes.h"
#include "base/time.h"
#include "export/video_json.h"

enum { DAYS_MAX = 3650 };

struct barq_value *bm_token_json(const struct bm_token *token, struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);
    struct barq_value *scopes = barq_list(arena);

    barq_add(scopes, barq_string(arena, "read"));
    if (token->can_write) {
        barq_add(scopes, barq_string(arena, "write"));
    }
    barq_set_key(map, "id", barq_string(arena, token->id));
    barq_set_key(map, "name", barq_string(arena, token->name));
    barq_set_key(map, "scopes", scopes);
    barq_set_key(map, "created_at", bm_time_json(token->created_at_ms, arena));
    barq_set_key(map, "last_used_at", bm_time_json(token->last_used_at_ms, arena));
    barq_set_key(map, "expires_at", bm_time_json(token->expires_at_ms, arena));
    return map;
}

static enum barq_status all(struct bm_api_request *request, struct barq_error *err)
{
    const struct bm_token *tokens = NULL;
    size_t count = 0;

    enum barq_status status = bm_tokens(request->session, request->arena, &tokens, &count, err);
    request->answer = barq_list(request->arena);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        barq_add(request->answer, bm_token_json(&tokens[i], request->arena));
    }
    return status;
}

/* ["read"] or ["read", "write"], in any order; writing without reading makes no sense. */
static bool read_scopes(struct bm_api_request *request, const struct barq_value *body)
{
    size_t count = 0;
    const char *const *scopes = bm_api_texts(request, body, "scopes", 2, 16, &count);
    bool reads = !scopes;
    bool writes = !scopes;

    for (size_t i = 0; scopes && i < count; i++) {
        bool is_read = strcmp(scopes[i], "read") == 0;
        bool is_write = strcmp(scopes[i], "write") == 0;
        reads |= is_read;
        writes |= is_write;
        if (!is_read && !is_write) {
            bm_api_wrong(request, "/scopes", "must be read, or read and write");
        }
    }
    if (!reads) {
        bm_api_wrong(request, "/scopes", "must have read in it");
    }
    return writes;
}

static enum barq_status add(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    const char *name = bm_api_need_text(request, body, "name", BM_NAME_MAX_BYTES);
    int64_t days = bm_api_int(request, body, "expires_in_days", 1, DAYS_MAX, 0);
    bool can_write = read_scopes(request, body);
    char secret[BM_TOKEN_BYTES];
    struct bm_token token;

    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    int64_t now_ms = bq_wall_ms();
    enum barq_status status = bm_token_add(request->session, name, can_write,
                                           days > 0 ? now_ms + days * BQ_DAY_MS : INT64_MIN, now_ms,
                                           request->arena, &token, secret, err);
    if (status != BARQ_OK) {
        return bm_api_refuse_when(request, status, BARQ_ERR_EXISTS, BM_PROBLEM_TOKEN_EXISTS, err);
    }
    bm_api_created(request, "/api/tokens/%s", token.id);
    request->answer = bm_token_json(&token, request->arena);
    barq_set_key(request->answer, "token", barq_string(request->arena, secret));
    return BARQ_OK;
}

static enum barq_status revoke(struct bm_api_request *request, struct barq_error *err)
{
    enum barq_status status = bm_token_revoke(request->session, request->ids[0], err);

    request->status = 204;
    return bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_TOKEN, err);
}

static const struct bm_api_route routes[] = {
    {"GET", "/api/tokens", all, BM_READING | BM_OWNER},
    {"POST", "/api/tokens", add, BM_WRITING | BM_OWNER | BM_NOT_KEPT},
    {"DELETE", "/api/tokens/{id}", revoke, BM_WRITING | BM_OWNER},
};

const struct bm_api_topic bm_api_tokens_topic = BM_API_TOPIC(routes);

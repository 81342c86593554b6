#include "api/route.h"

enum bm_api_found bm_api_find(const struct bm_api_topic *const *topics, size_t n_topics,
                              const char *method, const char *raw_path, struct barq_arena *arena,
                              const struct bm_api_route **out, const char *ids[BM_API_MAX_IDS],
                              const char **allowed)
{
    struct bq_http_search search;

    if (!bq_http_search_begin(&search, method, raw_path, arena)) {
        return BM_API_NO_PATH;
    }
    for (size_t i = 0; i < n_topics; i++) {
        for (size_t k = 0; k < topics[i]->count; k++) {
            const struct bm_api_route *route = &topics[i]->routes[k];
            if (!bq_http_search_try(&search, route->method, route->path, route)) {
                return BM_API_NO_MEMORY;
            }
        }
    }
    if (!search.allowed) {
        return BM_API_NO_PATH;
    }
    *allowed = bq_arena_format(arena, "%s, OPTIONS", search.allowed);
    if (!*allowed) {
        return BM_API_NO_MEMORY;
    }
    *out = search.found;
    for (size_t i = 0; search.found && i < BM_API_MAX_IDS; i++) {
        ids[i] = search.ids[i];
    }
    return search.found ? BM_API_FOUND : BM_API_NO_METHOD;
}

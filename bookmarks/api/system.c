#include "api/request.h"
#include "api/routes.h"

/* For whoever looks for the calls with nothing but curl. */
static enum barq_status say_what_is_here(struct bm_api_request *request, struct barq_error *err)
{
    struct barq_arena *arena = request->arena;
    struct barq_value *calls = barq_list(arena);

    (void)err;
    for (size_t i = 0; i < bm_api_n_topics; i++) {
        for (size_t k = 0; k < bm_api_topics[i]->count; k++) {
            const struct bm_api_route *route = &bm_api_topics[i]->routes[k];
            barq_add(calls, barq_format(arena, "%s %s", route->method, route->path));
        }
    }
    request->answer = barq_map(arena);
    barq_set_key(request->answer, "bookmarks",
                 barq_string(arena, "this is its API; /docs explains it"));
    barq_set_key(request->answer, "calls", calls);
    return BARQ_OK;
}

static enum barq_status health(struct bm_api_request *request, struct barq_error *err)
{
    (void)err;
    request->answer = barq_map(request->arena);
    barq_set_key(request->answer, "status", barq_string(request->arena, "ok"));
    return BARQ_OK;
}

static const struct bm_api_route routes[] = {
    {"GET", "/api", say_what_is_here, BM_NO_SESSION | BM_ANYONE},
    {"GET", "/api/health", health, BM_NO_SESSION | BM_ANYONE},
};

const struct bm_api_topic bm_api_system_topic = BM_API_TOPIC(routes);

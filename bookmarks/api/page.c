#include "api/page.h"

#include <string.h>

#include "api/api.h"
#include "base/text.h"
#include "http/assets.h"
#include "shipped.h"

/*
 * Scripts are ours alone. Styles may be inline, since the libraries of menus and dialogs place them so.
 * Pictures are YouTube's; its player is in a frame once somebody starts it.
 */
static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' data: https://i.ytimg.com https://img.youtube.com https://yt3.ggpht.com "
    "https://yt3.googleusercontent.com; font-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "frame-src https://www.youtube-nocookie.com; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'";

static bool is_look(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

/* What is below these is for programs, which are to be told when it is not there. */
static bool is_for_programs(const char *path)
{
    return strcmp(path, "/api") == 0 || bq_starts_with(path, "/api/") ||
           bq_starts_with(path, "/docs/") || bq_starts_with(path, "/assets/");
}

static bool wants_html(const struct bm_api_request *request)
{
    const char *accept = bq_http_header(request->http, "Accept");

    return accept && strstr(accept, "text/html");
}

bool bm_api_page(struct bm_api_request *request, const char *path)
{
    struct bq_http_call *call = request->http;
    if (!is_look(call->method)) {
        return false;
    }

    if (strcmp(path, "/index.html") != 0 && bq_http_answer_asset(call, bm_shipped_page, path + 1)) {
        request->answered = true;
        return true;
    }
    if (strcmp(path, "/") != 0 && (is_for_programs(path) || !wants_html(request))) {
        return false;
    }
    const char *base = bq_arena_format(request->arena, "%s/", request->api->base_path);
    bq_http_answer_header(call, "Content-Security-Policy", policy);
    /* YouTube's player wants to know in whose page it is. */
    bq_http_answer_header(call, "Referrer-Policy", "strict-origin-when-cross-origin");
    request->answered = base && bq_http_answer_page(call, bm_shipped_page, "index.html", base);
    return request->answered;
}

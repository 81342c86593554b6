#include "api/page.h"

#include "api/api.h"
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

bool bm_api_page(struct bm_api_request *request, const char *path)
{
    request->answered =
        bq_http_answer_page(request->http, bm_shipped_page, path, request->api->base_path, policy);
    if (request->answered) {
        /* YouTube's player wants to know in whose page it is. */
        bq_http_answer_header(request->http, "Referrer-Policy", "strict-origin-when-cross-origin");
    }
    return request->answered;
}

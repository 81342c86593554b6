#include <string.h>

#include "api/api.h"
#include "api/request.h"
#include "api/routes.h"
#include "base/error.h"
#include "shipped.h"

/* The page has a style sheet and nothing else. */
static const char page_policy[] = "default-src 'none'; style-src 'self'; base-uri 'none'; "
                                  "form-action 'none'; frame-ancestors 'none'";

static void answer(struct bm_api_request *request, const char *type, const char *from,
                   const char *end)
{
    bq_http_answer(request->http, 200, type, from, (size_t)(end - from));
    request->answered = true;
}

/* The document says where the API is, as seen from outside. */
static enum barq_status openapi(struct bm_api_request *request, struct barq_error *err)
{
    static const char mark[] = "\"servers\":[{\"url\":\"";
    const char *end = bm_shipped_openapi_end;
    const char *root =
        memmem(bm_shipped_openapi, (size_t)(end - bm_shipped_openapi), mark, sizeof(mark) - 1);

    if (!root || *request->api->base_path == '\0') {
        answer(request, "application/json", bm_shipped_openapi, end);
        return BARQ_OK;
    }
    root += sizeof(mark) - 1;
    const char *text = bq_arena_format(request->arena, "%.*s%s%.*s",
                                       (int)(root - bm_shipped_openapi), bm_shipped_openapi,
                                       request->api->base_path, (int)(end - root - 1), root + 1);
    if (!text) {
        return bq_fail(err, BARQ_ERR_NOMEM, "api: arena is full");
    }
    answer(request, "application/json", text, text + strlen(text));
    return BARQ_OK;
}

static enum barq_status page(struct bm_api_request *request, struct barq_error *err)
{
    (void)err;
    bq_http_answer_header(request->http, "Content-Security-Policy", page_policy);
    answer(request, "text/html; charset=utf-8", bm_shipped_docs, bm_shipped_docs_end);
    return BARQ_OK;
}

static enum barq_status style(struct bm_api_request *request, struct barq_error *err)
{
    (void)err;
    answer(request, "text/css; charset=utf-8", bm_shipped_docs_css, bm_shipped_docs_css_end);
    return BARQ_OK;
}

static const struct bm_api_route routes[] = {
    {"GET", "/api/openapi.json", openapi, BM_NO_SESSION | BM_ANYONE},
    {"GET", "/docs", page, BM_NO_SESSION | BM_ANYONE},
    {"GET", "/docs/docs.css", style, BM_NO_SESSION | BM_ANYONE},
};

const struct bm_api_topic bm_api_docs_topic = BM_API_TOPIC(routes);

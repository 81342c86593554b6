#include "api/upload.h"

#include <string.h>

#include "api/problem.h"
#include "api/read.h"
#include "base/text.h"
#include "http/multipart.h"

/* The whole form is read, so that one is refused also for what comes behind the part; false then. */
static bool find_part(struct bm_api_request *request, const char *name,
                      struct bq_multipart_part *out, bool *found, struct barq_error *err)
{
    const struct bq_http_call *call = request->http;
    struct bq_multipart form;
    struct bq_multipart_part part;
    bool more = true;

    *found = false;
    enum barq_status status = bq_multipart_open(&form, bq_http_header(call, "Content-Type"),
                                                call->body, call->body_bytes, err);
    while (status == BARQ_OK && more) {
        status = bq_multipart_next(&form, request->arena, &part, &more, err);
        if (status == BARQ_OK && more && strcmp(part.name, name) == 0 && !*found) {
            *out = part;
            *found = true;
        }
    }
    return status == BARQ_OK;
}

static bool is_form(const struct bm_api_request *request)
{
    return bq_multipart_is(bq_http_header(request->http, "Content-Type"));
}

bool bm_api_upload(struct bm_api_request *request, const char *name, struct bm_api_upload *out)
{
    const struct bq_http_call *call = request->http;
    struct bq_multipart_part part;
    struct barq_error err = {0};
    bool found = false;

    if (!is_form(request)) {
        *out = (struct bm_api_upload){.bytes = call->body, .len = call->body_bytes};
        if (call->body_bytes == 0) {
            bm_api_refuse(request, BM_PROBLEM_NO_FILE, NULL);
        }
        return call->body_bytes > 0;
    }
    if (!find_part(request, name, &part, &found, &err)) {
        (void)!bm_api_refuse_when(request, err.status, err.status, BM_PROBLEM_MULTIPART, &err);
        return false;
    }
    if (!found) {
        bm_api_refuse(request, BM_PROBLEM_NO_FILE,
                      bq_arena_format(request->arena, "The form has no field %s", name));
        return false;
    }
    *out = (struct bm_api_upload){.filename = part.filename, .bytes = part.data, .len = part.len};
    return true;
}

const char *bm_api_form_text(struct bm_api_request *request, const char *name, size_t max,
                             const char *otherwise)
{
    struct bq_multipart_part part = {.data = bm_api_query(request, name, NULL)};
    bool found = false;

    part.len = part.data ? strlen(part.data) : 0;
    if (is_form(request)) {
        (void)find_part(request, name, &part, &found,
                        NULL); /* the form's, rather than the query's */
    }
    if (!part.data) {
        return otherwise;
    }
    if (part.len > max || memchr(part.data, '\0', part.len) ||
        !bq_utf8_valid(part.data, part.len)) {
        bm_api_wrong_query(request, name, "must be at most %zu bytes of UTF-8 without NUL", max);
        return otherwise;
    }
    return bq_arena_strndup(request->arena, part.data, part.len);
}

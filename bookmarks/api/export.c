#include "export/export.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/problem.h"
#include "api/read.h"
#include "api/routes.h"
#include "base/buf.h"
#include "base/error.h"

enum { HEADER_MAX_BYTES = 4 * 1024 };

/*
 * attachment; filename="videos_talks.csv"; filename*=UTF-8''videos_t%C3%A4glich.csv
 * A list's name is anyone's words: what is no letter or digit is escaped.
 */
static const char *disposition(struct barq_arena *arena, const char *name, const char *ending)
{
    bq_auto(buf) struct bq_buf text;
    bq_buf_init(&text, HEADER_MAX_BYTES);

    bq_buf_puts(&text, "attachment; filename*=UTF-8''videos_");
    for (const char *at = name; *at != '\0'; at++) {
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                     (*at >= '0' && *at <= '9') || *at == '-' || *at == '_';
        bq_buf_printf(&text, plain ? "%c" : "%%%02X", (unsigned char)*at);
    }
    bq_buf_printf(&text, ".%s", ending);
    const char *whole = bq_buf_cstr(&text);
    return whole ? bq_arena_strdup(arena, whole) : NULL;
}

/* Into a file without a name first: how long a browser takes is nobody's transaction. */
static enum barq_status answer_file(struct bm_api_request *request, const struct bm_list *list,
                                    enum bm_format format, struct barq_error *err)
{
    FILE *file = tmpfile();
    if (!file) {
        return bq_fail_errno(err, "export: cannot make a temporary file");
    }

    enum barq_status status = bm_export(request->session, list, format, file, err);
    off_t len = status == BARQ_OK ? ftello(file) : 0;
    int fd = status == BARQ_OK ? dup(fileno(file)) : -1;
    (void)fclose(file);
    if (status != BARQ_OK) {
        return status;
    }
    if (fd < 0 || len < 0) {
        return bq_fail_errno(err, "export: cannot read a temporary file");
    }
    bq_http_answer_file(request->http, 200, bm_format_media_type(format), fd, (size_t)len);
    request->answered = true;
    return BARQ_OK;
}

static enum barq_status export_as(struct bm_api_request *request, enum bm_format format,
                                  const char *ending, struct barq_error *err)
{
    struct bm_list list;

    enum barq_status status = barq_session_begin(request->session, false, err);
    if (status == BARQ_OK) {
        status = bm_list_find(request->session, request->ids[0], request->arena, &list, err);
        barq_session_rollback(request->session);
    }
    if (status != BARQ_OK) {
        return bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_LIST, err);
    }
    if (format != BM_FEED) {
        const char *header = disposition(request->arena, list.name, ending);
        bq_http_answer_header(request->http, "Content-Disposition", header ? header : "attachment");
    }
    return answer_file(request, &list, format, err);
}

static enum barq_status csv(struct bm_api_request *request, struct barq_error *err)
{
    return export_as(request, BM_CSV, "csv", err);
}

static enum barq_status json(struct bm_api_request *request, struct barq_error *err)
{
    return export_as(request, BM_JSON, "json", err);
}

static enum barq_status html(struct bm_api_request *request, struct barq_error *err)
{
    return export_as(request, BM_HTML, "html", err);
}

static enum barq_status feed(struct bm_api_request *request, struct barq_error *err)
{
    return export_as(request, BM_FEED, "xml", err);
}

static const struct bm_api_route routes[] = {
    {"GET", "/api/lists/{id}/export/csv", csv, BM_BY_HAND},
    {"GET", "/api/lists/{id}/export/json", json, BM_BY_HAND},
    {"GET", "/api/lists/{id}/export/html", html, BM_BY_HAND},
    {"GET", "/api/lists/{id}/feed.xml", feed, BM_BY_HAND},
};

const struct bm_api_topic bm_api_export_topic = BM_API_TOPIC(routes);

#include "intake/import.h"

#include <stdlib.h>
#include <string.h>

#include "api/problem.h"
#include "api/read.h"
#include "api/routes.h"
#include "api/upload.h"
#include "base/time.h"
#include "intake/line_json.h"

enum { LINES_MAX = 1000, TEXT_MAX_BYTES = 1024 * 1024 };

/* What is told line by line. */
struct lines {
    struct barq_arena *arena;
    struct barq_value *list;
    bool failed_only;
    bool truncated;
};

static void tell(void *context, enum bm_intake outcome, const struct bm_item *item, const char *why)
{
    struct lines *lines = context;
    if (lines->failed_only && outcome != BM_FAILED_LINE) {
        return;
    }

    lines->truncated |= barq_count(lines->list) == LINES_MAX;
    if (!lines->truncated) {
        barq_add(lines->list, bm_import_line_json(outcome, item, why, lines->arena));
    }
}

/* The list's id, in the call's arena; NULL, and a refusal or a failure, when there is none. */
static const char *find_list(struct bm_api_request *request, enum barq_status *status,
                             struct barq_error *err)
{
    struct bm_list list = {.id = NULL};

    *status = barq_session_begin(request->session, false, err);
    if (*status == BARQ_OK) {
        *status = bm_list_find(request->session, request->ids[0], request->arena, &list, err);
        barq_session_rollback(request->session);
    }
    *status = bm_api_refuse_when(request, *status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_LIST, err);
    return list.id;
}

/* {"text": ...}, or a file: a field of a form, or the whole body. False: it was refused. */
static bool read_source(struct bm_api_request *request, struct bm_api_upload *out)
{
    const char *type = bq_http_header(request->http, "Content-Type");
    struct barq_value *body = NULL;

    if (type && strncasecmp(type, "application/json", strlen("application/json")) == 0 &&
        request->http->body_bytes <= TEXT_MAX_BYTES &&
        barq_from_json(request->arena, request->http->body, request->http->body_bytes, &body,
                       NULL) == BARQ_OK &&
        barq_kind(barq_get(body, "text")) == BARQ_STRING) {
        out->bytes = barq_as_bytes(barq_get(body, "text"), &out->len);
        return true;
    }
    return bm_api_upload(request, "file", out);
}

/* What the file itself is at fault for. */
static enum barq_status refuse_file(struct bm_api_request *request, enum barq_status status,
                                    struct barq_error *err)
{
    bool unreadable =
        status == BARQ_ERR_FORMAT || status == BARQ_ERR_ARG || status == BARQ_ERR_LIMIT;

    return unreadable ? bm_api_refuse_when(request, status, status, BM_PROBLEM_UNREADABLE_FILE, err)
                      : status;
}

static enum barq_status run(struct bm_api_request *request, const struct bm_api_upload *source,
                            const struct bm_import_options *options,
                            struct bm_import_report **report, struct barq_error *err)
{
    struct bm_import_report *out = bq_arena_alloc(request->arena, sizeof(*out));
    if (!out) {
        return bq_fail(err, BARQ_ERR_NOMEM, "import: out of memory");
    }

    enum barq_status status =
        bm_import_bytes(request->session, options, source->bytes, source->len, out, err);
    /* Also what came before a file broke off: it is in the list. */
    enum barq_status started =
        bm_import_process(request->session, options, out, status == BARQ_OK ? err : NULL);
    if (status != BARQ_OK) {
        return refuse_file(request, status, err);
    }
    *report = started == BARQ_OK ? out : NULL;
    return started;
}

/* One video alone, as against many in bulk. */
static bool is_one(const struct bm_api_upload *source)
{
    struct bm_target target;

    return bm_target_parse(source->bytes, source->len, &target, NULL) == BARQ_OK;
}

static enum barq_status take(struct bm_api_request *request, bool preview, struct barq_error *err)
{
    struct bm_api_upload source = {.filename = NULL};
    struct lines lines = {
        .arena = request->arena, .list = barq_list(request->arena), .failed_only = !preview};
    struct bm_import_options options = {.now_ms = bq_wall_ms(),
                                        .preview = preview,
                                        .no_process = !bm_api_query_bool(request, "process", true),
                                        .tell = tell,
                                        .context = &lines};
    struct bm_import_report *report = NULL;
    enum barq_status status = BARQ_OK;

    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    options.list_id = find_list(request, &status, err);
    if (!options.list_id || !read_source(request, &source)) {
        return status;
    }
    options.priority = is_one(&source) ? BM_IMPORT_FRESH_PRIORITY : 0;
    status = run(request, &source, &options, &report, err);
    if (report) {
        struct barq_value *answer =
            bm_import_report_json(report, report->list_name, preview, request->arena);
        barq_set_key(answer, "lines", lines.list);
        barq_set_key(answer, "truncated", barq_bool(request->arena, lines.truncated));
        request->answer = answer;
    }
    return status;
}

static enum barq_status preview_import(struct bm_api_request *request, struct barq_error *err)
{
    return take(request, true, err);
}

static enum barq_status import_all(struct bm_api_request *request, struct barq_error *err)
{
    return take(request, false, err);
}

/* -- as the original did it -- */

/* {"row", "url", "error"} */
static struct barq_value *failure_json(const struct bm_import_failure *failure,
                                       struct barq_arena *arena)
{
    struct barq_value *map = barq_map(arena);

    barq_set_key(map, "row", barq_int(arena, failure->line));
    barq_set_key(map, "url", barq_string(arena, failure->url));
    barq_set_key(map, "error", barq_string(arena, failure->reason));
    return map;
}

static enum barq_status bulk(struct bm_api_request *request, struct barq_error *err)
{
    struct barq_arena *arena = request->arena;
    struct bm_api_upload source = {.filename = NULL};
    struct bm_import_options options = {.now_ms = bq_wall_ms(),
                                        .no_process = !bm_api_query_bool(request, "process", true)};
    struct bm_import_report *report = NULL;
    enum barq_status status = BARQ_OK;

    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    options.list_id = find_list(request, &status, err);
    if (!options.list_id || !read_source(request, &source)) {
        return status;
    }
    status = run(request, &source, &options, &report, err);
    if (report) {
        struct barq_value *failures = barq_list(arena);
        for (size_t i = 0; i < report->n_failures; i++) {
            barq_add(failures, failure_json(&report->failures[i], arena));
        }
        request->status = 201;
        request->answer = barq_map(arena);
        barq_set_key(request->answer, "created_count", barq_int(arena, report->added));
        barq_set_key(request->answer, "present_count", barq_int(arena, report->present));
        barq_set_key(request->answer, "failed_count", barq_int(arena, report->failed));
        barq_set_key(request->answer, "failures", failures);
        barq_set_key(request->answer, "job_id",
                     barq_string(arena, *report->run_id != '\0' ? report->run_id : NULL));
    }
    return status;
}

static const struct bm_api_route routes[] = {
    {"POST", "/api/lists/{id}/import", import_all, BM_BY_HAND | BM_TAKES_FILES},
    {"POST", "/api/lists/{id}/import/preview", preview_import, BM_BY_HAND | BM_TAKES_FILES},
    {"POST", "/api/lists/{id}/videos/bulk", bulk, BM_BY_HAND | BM_TAKES_FILES},
};

const struct bm_api_topic bm_api_import_topic = BM_API_TOPIC(routes);

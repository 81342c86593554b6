#include "api/listing.h"

#include <stdio.h>
#include <string.h>

#include "api/problem.h"
#include "api/read.h"
#include "api/video_json.h"
#include "base/error.h"
#include "store/fields.h"

enum { SORT_MAX_BYTES = 200, COUNT_BYTES = 24 };

static const char *const ways[] = {"asc", "desc", NULL};

bool bm_api_parse_query(struct bm_api_request *request, const char *text, struct bm_query *out,
                        enum barq_status *status, struct barq_error *err)
{
    *status = bm_query_parse(request->arena, text, out, err);
    if (*status == BARQ_OK) {
        return true;
    }
    *status = bm_api_refuse_when(request, *status, BARQ_ERR_ARG, BM_PROBLEM_INVALID, err);
    return false;
}

struct bm_part *bm_api_add_part(struct bm_query *query, enum bm_part_kind kind)
{
    if (query->count == BM_QUERY_PARTS_MAX) {
        return NULL;
    }
    query->parts[query->count] = (struct bm_part){.kind = kind, .text = ""};
    return &query->parts[query->count++];
}

bool bm_api_read_listing(struct bm_api_request *request, size_t limit, struct bm_query *query,
                         struct bm_listing *out, enum barq_status *status, struct barq_error *err)
{
    const char *text = bm_api_query(request, "q", "");

    *out = (struct bm_listing){
        .scope = {.query = query},
        .text = text,
        .sort = bm_api_query(request, "sort", NULL),
        .descending = bm_api_query_word(request, "order", ways, 0) == 1,
        .cursor = bm_api_query(request, "cursor", NULL),
        .limit = (size_t)bm_api_query_int(request, "limit", 1, BM_PAGE_MAX, (int64_t)limit),
    };
    *status = BARQ_OK;
    return bm_api_good(request) && bm_api_parse_query(request, text, query, status, err);
}

/* -- JSON -- */

/* The fields of the list that was asked for last: a page's videos are mostly of one. */
struct schema {
    const char *list_id;
    const struct bm_field *fields;
    size_t count;
};

static enum barq_status find_schema(struct barq_session *session, struct barq_arena *arena,
                                    const char *list_id, struct schema *schema,
                                    struct barq_error *err)
{
    if (schema->list_id && strcmp(schema->list_id, list_id) == 0) {
        return BARQ_OK;
    }
    schema->list_id = list_id;
    return bm_fields(session, list_id, arena, &schema->fields, &schema->count, err);
}

enum barq_status bm_api_listing_json(struct barq_session *session, struct barq_arena *arena,
                                     const struct bm_found *found, struct barq_value **out,
                                     struct barq_error *err)
{
    const struct bm_video *videos = NULL;
    struct barq_value *list = barq_list(arena);
    struct schema schema = {.list_id = NULL};
    size_t count = 0;

    enum barq_status status =
        bm_videos_of(session, found->ids, found->count, arena, &videos, &count, err);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        struct barq_value *map = NULL;
        status = find_schema(session, arena, videos[i].list_id, &schema, err);
        if (status == BARQ_OK) {
            status =
                bm_api_video(session, &videos[i], schema.fields, schema.count, arena, &map, err);
        }
        barq_add(list, map);
    }
    *out = list;
    return status;
}

/* -- answers -- */

static enum barq_status add_count(struct bm_api_request *request, const struct bm_scope *scope,
                                  struct barq_error *err)
{
    int64_t count = 0;

    enum barq_status status = bm_find_count(request->session, request->arena, scope, &count, err);
    const char *text = bq_arena_format(request->arena, "%lld", (long long)count);
    if (status == BARQ_OK && text) {
        bq_http_answer_header(request->http, "Total-Count", text);
    }
    return status;
}

enum barq_status bm_api_answer_listing(struct bm_api_request *request,
                                       const struct bm_listing *listing, bool is_counted,
                                       struct barq_error *err)
{
    struct bm_found found = {.count = 0};

    enum barq_status status = bm_find(request->session, request->arena, listing, &found, err);
    if (status == BARQ_OK && is_counted) {
        status = add_count(request, &listing->scope, err);
    }
    if (status != BARQ_OK) {
        return bm_api_refuse_when(request, status, BARQ_ERR_ARG, BM_PROBLEM_INVALID, err);
    }
    if (found.next) {
        bq_http_answer_header(request->http, "Next-Cursor", found.next);
    }
    return bm_api_listing_json(request->session, request->arena, &found, &request->answer, err);
}

#include "api/listing.h"

#include <stdio.h>
#include <string.h>

#include "api/problem.h"
#include "api/read.h"
#include "api/video_json.h"
#include "base/error.h"
#include "store/fields.h"
#include "store/rows.h"

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

bool bm_api_read_listing(struct bm_api_request *request, size_t limit, struct bm_api_listing *out,
                         enum barq_status *status, struct barq_error *err)
{
    const char *text = bm_api_query(request, "q", "");

    out->listing = (struct bm_listing){
        .scope = {.query = &out->query},
        .text = text,
        .sort = bm_api_query(request, "sort", NULL),
        .descending = bm_api_query_word(request, "order", ways, 0) == 1,
        .cursor = bm_api_query(request, "cursor", NULL),
        .limit = (size_t)bm_api_query_int(request, "limit", 1, BM_PAGE_MAX, (int64_t)limit),
        .offset = (size_t)bm_api_query_int(request, "offset", 0, BM_FIND_OFFSET_MAX, 0),
        .is_counted = bm_api_query_bool(request, "count", false),
    };
    *status = BARQ_OK;
    return bm_api_good(request) && bm_api_parse_query(request, text, &out->query, status, err);
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

/* What a page's videos have, read at once: in the order of the ids. */
struct belongings {
    struct bm_values_of *values;
    struct bm_tags_of *tags;
};

static enum barq_status read_belongings(struct barq_session *session, struct barq_arena *arena,
                                        const struct bm_found *found, struct belongings *out,
                                        struct barq_error *err)
{
    out->values = bq_arena_array(arena, found->count + 1, sizeof(*out->values));
    out->tags = bq_arena_array(arena, found->count + 1, sizeof(*out->tags));
    if (!out->values || !out->tags) {
        return bq_fail(err, BARQ_ERR_NOMEM, "videos: arena is full");
    }
    if (found->count == 0) {
        return BARQ_OK;
    }
    enum barq_status status =
        bm_field_values_of(session, found->ids, found->count, arena, out->values, err);
    return status == BARQ_OK
               ? bm_tags_of_videos(session, found->ids, found->count, arena, out->tags, err)
               : status;
}

enum barq_status bm_api_listing_json(struct barq_session *session, struct barq_arena *arena,
                                     const struct bm_found *found, struct barq_value **out,
                                     struct barq_error *err)
{
    const struct bm_video *videos = NULL;
    struct barq_value *list = barq_list(arena);
    struct schema schema = {.list_id = NULL};
    struct belongings has = {.values = NULL};
    size_t count = 0;
    size_t place = 0;

    enum barq_status status =
        bm_videos_of(session, found->ids, found->count, arena, &videos, &count, err);
    if (status == BARQ_OK) {
        status = read_belongings(session, arena, found, &has, err);
    }
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        status = find_schema(session, arena, videos[i].list_id, &schema, err);
        place = bm_place_among(found->ids, found->count, videos[i].id, place);
        if (status == BARQ_OK) {
            barq_add(list, bm_api_video_map(&videos[i], schema.fields, schema.count,
                                            &has.values[place], &has.tags[place], arena));
        }
    }
    *out = list;
    return status;
}

/* -- answers -- */

enum barq_status bm_api_answer_listing(struct bm_api_request *request,
                                       const struct bm_api_listing *listing, struct barq_error *err)
{
    struct bm_found found = {.count = 0};

    enum barq_status status =
        bm_find(request->session, request->arena, &listing->listing, &found, err);
    if (status != BARQ_OK) {
        return bm_api_refuse_when(request, status, BARQ_ERR_ARG, BM_PROBLEM_INVALID, err);
    }
    if (found.next) {
        bq_http_answer_header(request->http, "Next-Cursor", found.next);
    }
    const char *total = bq_arena_format(request->arena, "%lld", (long long)found.total);
    if (listing->listing.is_counted && total) {
        bq_http_answer_header(request->http, "Total-Count", total);
    }
    return bm_api_listing_json(request->session, request->arena, &found, &request->answer, err);
}

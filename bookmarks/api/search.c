/* search.c - videos found again: over all lists, by words, by a saved view, by the original's filter. */
#include <string.h>

#include "api/find.h"
#include "api/listing.h"
#include "api/problem.h"
#include "api/read.h"
#include "api/result_json.h"
#include "api/routes.h"
#include "base/error.h"
#include "store/views.h"

enum { LIMIT = 100, RESULTS_MAX = 100, RESULTS = 20, FILTERS_MAX = 20, TAGS_MAX = 20 };

/* -- listings -- */

static enum barq_status everywhere(struct bm_api_request *request, struct barq_error *err)
{
    struct bm_api_listing asked;
    enum barq_status status;

    return bm_api_read_listing(request, LIMIT, &asked, &status, err)
               ? bm_api_answer_listing(request, &asked, err)
               : status;
}

/* What a view says, and beyond it what the request does. */
static enum barq_status of_view(struct bm_api_request *request, struct barq_error *err)
{
    struct bm_api_listing asked;
    struct bm_view view;

    enum barq_status status =
        bm_view_get(request->session, request->ids[0], request->arena, &view, err);
    if (status != BARQ_OK) {
        return bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_VIEW, err);
    }
    if (!bm_api_read_listing(request, LIMIT, &asked, &status, err)) {
        return status;
    }
    struct bm_listing *listing = &asked.listing;
    listing->text = bq_arena_format(request->arena, "%s %s", view.query, listing->text);
    if (!listing->text) {
        return bq_fail(err, BARQ_ERR_NOMEM, "views: arena is full");
    }
    if (!bm_api_parse_query(request, listing->text, &asked.query, &status, err)) {
        return status;
    }
    listing->scope.list_id = view.list_id;
    if (!listing->sort && *view.sort != '\0') {
        listing->sort = view.sort;
    }
    return bm_api_answer_listing(request, &asked, err);
}

/* -- the original's search -- */

static enum barq_status answer_results(struct bm_api_request *request,
                                       const struct bm_listing *listing, struct barq_error *err)
{
    struct barq_arena *arena = request->arena;
    struct barq_value *map = barq_map(arena);
    struct barq_value *results = NULL;
    struct bm_found found = {.count = 0};

    enum barq_status status = bm_find(request->session, arena, listing, &found, err);
    if (status != BARQ_OK) {
        return bm_api_refuse_when(request, status, BARQ_ERR_ARG, BM_PROBLEM_INVALID, err);
    }
    status =
        bm_api_results_json(request->session, arena, listing->scope.query, &found, &results, err);
    barq_set_key(map, "results", results);
    barq_set_key(map, "total", barq_int(arena, found.total));
    barq_set_key(map, "limit", barq_int(arena, (int64_t)listing->limit));
    barq_set_key(map, "offset", barq_int(arena, (int64_t)listing->offset));
    barq_set_key(map, "query", barq_string(arena, listing->text));
    barq_set_key(map, "next", found.next ? barq_string(arena, found.next) : barq_null(arena));
    request->answer = map;
    return status;
}

static enum barq_status search(struct bm_api_request *request, struct barq_error *err)
{
    const char *list_id = bm_api_query(request, "list_id", NULL);
    int64_t limit = bm_api_query_int(request, "limit", 1, RESULTS_MAX, RESULTS);
    struct bm_api_listing asked;
    enum barq_status status;

    if (!bm_api_read_listing(request, RESULTS, &asked, &status, err)) {
        return status;
    }
    asked.listing.limit = (size_t)limit;
    if (list_id && !bm_api_find_list_id(request, list_id, &list_id, &status, err)) {
        return status;
    }
    asked.listing.scope.list_id = list_id;
    asked.listing.is_counted = true;
    return answer_results(request, &asked.listing, err);
}

/* -- the original's filter -- */

static const char *const operators[] = {"eq",       "gt",    "gte", "lt", "lte", "between",
                                        "contains", "exact", "in",  "is", NULL};
static const enum bm_compare compares[] = {
    BM_EQUAL,    BM_MORE,     BM_AT_LEAST, BM_LESS,  BM_AT_MOST,
    BM_AT_LEAST, BM_CONTAINS, BM_EQUAL,    BM_EQUAL, BM_EQUAL,
};
enum { BETWEEN = 5, IN = 8 };

/* A value as a query would have it. */
static const char *text_of(struct bm_api_request *request, const struct barq_value *value)
{
    const char *json = NULL;

    if (barq_kind(value) == BARQ_STRING) {
        return barq_as_string(value, "");
    }
    if (!value || barq_to_json(request->arena, value, &json, NULL, NULL) != BARQ_OK) {
        return "";
    }
    return json;
}

static void add_field(struct bm_api_request *request, struct bm_query *query, const char *field,
                      enum bm_compare compare, const char *text)
{
    struct bm_part *part = bm_api_add_part(query, BM_PART_FIELD);

    if (!part || *text == '\0') {
        bm_api_wrong(request, "/field_filters", "has a filter without a value, or too many");
        return;
    }
    part->field = field;
    part->compare = compare;
    part->text = text;
}

/* "a, b, c": the first is the part's own, the others are as good. */
static void add_choices(struct bm_api_request *request, struct bm_query *query, const char *field,
                        const char *list)
{
    char *left = bq_arena_strdup(request->arena, list);
    const char **also = bq_arena_array(request->arena, FILTERS_MAX, sizeof(*also));
    char *rest = NULL;
    size_t n = 0;

    add_field(request, query, field, BM_EQUAL, list);
    if (!left || !also || query->count == 0) {
        return;
    }
    for (char *word = strtok_r(left, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        word += strspn(word, " ");
        if (n == FILTERS_MAX) {
            bm_api_wrong(request, "/field_filters", "has more than %d choices", FILTERS_MAX);
            return;
        }
        also[n++] = word;
    }
    if (n > 0) {
        query->parts[query->count - 1].text = also[0];
        query->parts[query->count - 1].also = also + 1;
        query->parts[query->count - 1].n_also = n - 1;
    }
}

static enum barq_status add_filter(struct bm_api_request *request, const char *list_id,
                                   const struct barq_value *filter, struct bm_query *query,
                                   struct barq_error *err)
{
    const char *id = bm_api_need_text(request, filter, "field_id", BM_NAME_MAX_BYTES);
    int how = bm_api_word(request, filter, "operator", operators, 0);
    enum barq_status status;
    struct bm_field field;

    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    if (!bm_api_find_field(request, list_id, id, &field, &status, err)) {
        return status;
    }
    if (how == BETWEEN) {
        add_field(request, query, field.name, BM_AT_LEAST,
                  text_of(request, barq_get(filter, "value_min")));
        add_field(request, query, field.name, BM_AT_MOST,
                  text_of(request, barq_get(filter, "value_max")));
    } else if (how == IN) {
        add_choices(request, query, field.name, text_of(request, barq_get(filter, "value")));
    } else {
        add_field(request, query, field.name, compares[how],
                  text_of(request, barq_get(filter, "value")));
    }
    return BARQ_OK;
}

static void add_tags(struct bm_api_request *request, const struct barq_value *body,
                     struct bm_query *query)
{
    size_t count = 0;
    const char *const *tags =
        bm_api_texts(request, body, "tags", TAGS_MAX, BM_NAME_MAX_BYTES, &count);
    struct bm_part *part = count > 0 ? bm_api_add_part(query, BM_PART_TAG) : NULL;

    if (part) {
        part->text = tags[0];
        part->also = tags + 1;
        part->n_also = count - 1;
    }
}

/* What the page is of, for its cursor: the body but for where it begins. */
static const char *question(struct bm_api_request *request, const struct barq_value *body)
{
    static const char *const members[] = {"tags", "channel_id", "field_filters", "q", NULL};
    struct barq_value *list = barq_list(request->arena);
    const char *json = NULL;

    for (const char *const *member = members; *member; member++) {
        const struct barq_value *value = barq_get(body, *member);
        barq_add(list, value ? barq_copy(request->arena, value) : barq_null(request->arena));
    }
    return barq_to_json(request->arena, list, &json, NULL, NULL) == BARQ_OK ? json : "";
}

/* What the body says of the page, but for its filters. */
static bool read_filter(struct bm_api_request *request, const struct barq_value *body,
                        struct bm_api_listing *out, enum barq_status *status,
                        struct barq_error *err)
{
    static const char *const ways[] = {"asc", "desc", NULL};
    const char *text = bm_api_text(request, body, "q", BM_QUERY_MAX_BYTES, "");

    out->listing = (struct bm_listing){
        .scope = {.query = &out->query},
        .text = question(request, body),
        .sort = bm_api_text(request, body, "sort_by", BM_NAME_MAX_BYTES, "created_at"),
        .descending = bm_api_word(request, body, "sort_order", ways, 1) == 1,
        .cursor = bm_api_text(request, body, "cursor", BM_API_BODY_MAX_BYTES, NULL),
        .limit = (size_t)bm_api_int(request, body, "limit", 1, BM_PAGE_MAX, BM_PAGE_MAX),
        .is_counted = bm_api_bool(request, body, "count", false),
    };
    *status = BARQ_OK;
    return bm_api_good(request) && bm_api_parse_query(request, text, &out->query, status, err);
}

static enum barq_status filter(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    const struct barq_value *filters =
        bm_api_list_of(request, body, "field_filters", 0, FILTERS_MAX);
    const char *channel = bm_api_text(request, body, "channel_id", BM_NAME_MAX_BYTES, NULL);
    struct bm_api_listing asked;
    enum barq_status status;
    const char *list_id;

    if (!read_filter(request, body, &asked, &status, err) ||
        !bm_api_find_list_id(request, request->ids[0], &list_id, &status, err)) {
        return status;
    }
    asked.listing.scope.list_id = list_id;
    add_tags(request, body, &asked.query);
    struct bm_part *part = channel ? bm_api_add_part(&asked.query, BM_PART_CHANNEL) : NULL;
    if (part) {
        part->text = channel;
    }
    status = BARQ_OK;
    for (size_t i = 0; status == BARQ_OK && i < barq_count(filters); i++) {
        status = add_filter(request, list_id, barq_at(filters, i), &asked.query, err);
    }
    if (status != BARQ_OK || request->status >= 400 || !bm_api_good(request)) {
        return status;
    }
    return bm_api_answer_listing(request, &asked, err);
}

static const struct bm_api_route routes[] = {
    {"GET", "/api/search", search, BM_READING},
    {"GET", "/api/videos", everywhere, BM_READING},
    {"GET", "/api/views/{id}/videos", of_view, BM_READING},
    {"POST", "/api/lists/{id}/videos/filter", filter, BM_READING},
};

const struct bm_api_topic bm_api_search_topic = BM_API_TOPIC(routes);

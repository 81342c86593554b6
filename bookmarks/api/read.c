#include "api/read.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "api/problem.h"
#include "base/text.h"

/* -- notes of what is wrong -- */

static void note(struct bm_api_request *request, const char *where, const char *what,
                 const char *detail)
{
    struct barq_arena *arena = request->arena;
    struct barq_value *error = barq_map(arena);

    if (!request->wrong) {
        request->wrong = barq_list(arena);
    }
    barq_set_key(error, where, barq_string(arena, what));
    barq_set_key(error, "detail", barq_string(arena, detail));
    barq_add(request->wrong, error);
}

void bm_api_wrong(struct bm_api_request *request, const char *pointer, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    note(request, "pointer", bq_arena_format(request->arena, "#%s", pointer),
         bq_arena_vformat(request->arena, format, values));
    va_end(values);
}

void bm_api_wrong_query(struct bm_api_request *request, const char *name, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    note(request, "parameter", name, bq_arena_vformat(request->arena, format, values));
    va_end(values);
}

static void wrong_member(struct bm_api_request *request, const char *name, const char *must)
{
    bm_api_wrong(request, bq_arena_format(request->arena, "/%s", name), "%s", must);
}

bool bm_api_good(struct bm_api_request *request)
{
    if (request->status >= 400) {
        return false;
    }
    if (!request->wrong) {
        return true;
    }
    /* The first for whoever reads the detail only, as the original's clients do. */
    const struct barq_value *first = barq_at(request->wrong, 0);
    const char *pointer = barq_as_string(barq_get(first, "pointer"), NULL);
    const char *name = pointer ? pointer + strcspn(pointer, "/") + 1
                               : barq_as_string(barq_get(first, "parameter"), "");
    bm_api_refuse(request, BM_PROBLEM_INVALID,
                  bq_arena_format(request->arena, "%s %s", name,
                                  barq_as_string(barq_get(first, "detail"), "is wrong")));
    return false;
}

/* -- the body -- */

const struct barq_value *bm_api_body(struct bm_api_request *request)
{
    const struct bq_http_call *call = request->http;
    struct barq_value *body = NULL;
    struct barq_error why = {0};

    if (barq_from_json(request->arena, call->body, call->body_bytes, &body, &why) != BARQ_OK) {
        bm_api_refuse(request, BM_PROBLEM_BODY, bq_arena_strdup(request->arena, why.text));
        return NULL;
    }
    if (barq_kind(body) != BARQ_MAP) {
        bm_api_refuse(request, BM_PROBLEM_BODY, NULL);
        return NULL;
    }
    return body;
}

const struct barq_value *bm_api_body_if_any(struct bm_api_request *request)
{
    return request->http->body_bytes == 0 ? NULL : bm_api_body(request);
}

/* -- its members -- */

/* NULL: not there, or null. */
static const struct barq_value *member(const struct barq_value *body, const char *name)
{
    const struct barq_value *value = barq_get(body, name);

    return barq_is_null(value) ? NULL : value;
}

bool bm_api_has(const struct barq_value *body, const char *name)
{
    return barq_get(body, name) != NULL;
}

/* NULL when it is no text, or one with a NUL in it, or too long: then `*must` says what it must be. */
static const char *text_of(struct bm_api_request *request, const struct barq_value *value,
                           size_t max, const char **must)
{
    size_t len = 0;

    *must = "must be a string without NUL characters";
    if (barq_kind(value) != BARQ_STRING) {
        return NULL;
    }
    const char *text = barq_as_bytes(value, &len);
    if (memchr(text, '\0', len)) {
        return NULL;
    }
    *must = bq_arena_format(request->arena, "must have at most %zu bytes", max);
    return len <= max ? text : NULL;
}

const char *bm_api_text(struct bm_api_request *request, const struct barq_value *body,
                        const char *name, size_t max, const char *otherwise)
{
    const struct barq_value *value = member(body, name);
    const char *must = NULL;
    const char *text = value ? text_of(request, value, max, &must) : otherwise;

    if (value && !text) {
        wrong_member(request, name, must);
    }
    return text;
}

const char *bm_api_need_text(struct bm_api_request *request, const struct barq_value *body,
                             const char *name, size_t max)
{
    if (!member(body, name)) {
        wrong_member(request, name, "is missing: it must be a string");
        return NULL;
    }
    const char *text = bm_api_text(request, body, name, max, NULL);
    if (text && *text == '\0') {
        wrong_member(request, name, "must not be empty");
    }
    return text;
}

bool bm_api_bool(struct bm_api_request *request, const struct barq_value *body, const char *name,
                 bool otherwise)
{
    const struct barq_value *value = member(body, name);

    if (value && barq_kind(value) != BARQ_BOOL) {
        wrong_member(request, name, "must be true or false");
    }
    return barq_as_bool(value, otherwise);
}

static void wrong_number(struct bm_api_request *request, const char *name, int64_t least,
                         int64_t most)
{
    wrong_member(request, name,
                 bq_arena_format(request->arena, "must be a whole number from %jd to %jd",
                                 (intmax_t)least, (intmax_t)most));
}

int64_t bm_api_int(struct bm_api_request *request, const struct barq_value *body, const char *name,
                   int64_t least, int64_t most, int64_t otherwise)
{
    const struct barq_value *value = member(body, name);
    int64_t number = barq_as_int(value, otherwise);

    if (value && (barq_kind(value) != BARQ_INT || number < least || number > most)) {
        wrong_number(request, name, least, most);
    }
    return number;
}

int64_t bm_api_need_int(struct bm_api_request *request, const struct barq_value *body,
                        const char *name, int64_t least, int64_t most)
{
    if (!member(body, name)) {
        wrong_number(request, name, least, most);
        return least;
    }
    return bm_api_int(request, body, name, least, most, least);
}

double bm_api_number(struct bm_api_request *request, const struct barq_value *body,
                     const char *name, double least, double most, double otherwise)
{
    const struct barq_value *value = member(body, name);
    bool is_number = barq_kind(value) == BARQ_INT || barq_kind(value) == BARQ_DOUBLE;
    double number = barq_as_double(value, otherwise);

    if (value && !(is_number && isfinite(number) && number >= least && number <= most)) {
        wrong_member(
            request, name,
            bq_arena_format(request->arena, "must be a number from %g to %g", least, most));
    }
    return number;
}

const struct barq_value *bm_api_list_of(struct bm_api_request *request,
                                        const struct barq_value *body, const char *name,
                                        size_t least, size_t most)
{
    const struct barq_value *value = member(body, name);

    if (value &&
        (barq_kind(value) != BARQ_LIST || barq_count(value) < least || barq_count(value) > most)) {
        wrong_member(
            request, name,
            bq_arena_format(request->arena, "must be a list of %zu to %zu members", least, most));
        return NULL;
    }
    return value;
}

const struct barq_value *bm_api_map(struct bm_api_request *request, const struct barq_value *body,
                                    const char *name)
{
    const struct barq_value *value = member(body, name);

    if (value && barq_kind(value) != BARQ_MAP) {
        wrong_member(request, name, "must be an object");
        return NULL;
    }
    return value;
}

const char *const *bm_api_texts(struct bm_api_request *request, const struct barq_value *body,
                                const char *name, size_t most, size_t max_bytes, size_t *count)
{
    const struct barq_value *list = bm_api_list_of(request, body, name, 0, most);
    const char **texts = bq_arena_array(request->arena, barq_count(list) + 1, sizeof(*texts));

    *count = 0;
    for (size_t i = 0; texts && i < barq_count(list); i++) {
        const char *must = NULL;
        const char *text = text_of(request, barq_at(list, i), max_bytes, &must);
        if (text) {
            texts[(*count)++] = text;
        } else {
            wrong_member(request, bq_arena_format(request->arena, "%s/%zu", name, i), must);
        }
    }
    return list ? texts : NULL;
}

/* -1: none of them. */
static int find_word(const char *const *words, const char *text)
{
    for (int i = 0; text && words[i]; i++) {
        if (strcmp(words[i], text) == 0) {
            return i;
        }
    }
    return -1;
}

/* "must be one of a, b, c" */
static const char *one_of(struct barq_arena *arena, const char *const *words)
{
    const char *text = "must be one of";

    for (size_t i = 0; text && words[i]; i++) {
        text = bq_arena_format(arena, "%s%s %s", text, i > 0 ? "," : "", words[i]);
    }
    return text;
}

int bm_api_word(struct bm_api_request *request, const struct barq_value *body, const char *name,
                const char *const *words, int otherwise)
{
    const struct barq_value *value = member(body, name);
    const char *must = NULL;

    if (!value) {
        return otherwise;
    }
    int word = find_word(words, text_of(request, value, SIZE_MAX, &must));
    if (word < 0) {
        wrong_member(request, name, one_of(request->arena, words));
        return otherwise;
    }
    return word;
}

/* -- the query -- */

const char *bm_api_query(const struct bm_api_request *request, const char *name,
                         const char *otherwise)
{
    const char *text = bq_http_query(request->http, name);

    return text ? text : otherwise;
}

int64_t bm_api_query_int(struct bm_api_request *request, const char *name, int64_t least,
                         int64_t most, int64_t otherwise)
{
    const char *text = bq_http_query(request->http, name);
    int64_t number = otherwise;

    if (text && (!bq_parse_int(text, &number) || number < least || number > most)) {
        bm_api_wrong_query(request, name, "must be a whole number from %jd to %jd", (intmax_t)least,
                           (intmax_t)most);
        return otherwise;
    }
    return number;
}

bool bm_api_query_bool(struct bm_api_request *request, const char *name, bool otherwise)
{
    static const char *const words[] = {"false", "true", "0", "1", NULL};

    return bm_api_query_word(request, name, words, otherwise) % 2 == 1;
}

int bm_api_query_word(struct bm_api_request *request, const char *name, const char *const *words,
                      int otherwise)
{
    const char *text = bq_http_query(request->http, name);
    int word = find_word(words, text);

    if (text && word < 0) {
        bm_api_wrong_query(request, name, "%s", one_of(request->arena, words));
    }
    return word < 0 ? otherwise : word;
}

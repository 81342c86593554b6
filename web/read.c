#include "web/read.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"

static void wrong(struct bw_call *call, const char *name, const char *must)
{
    if (call->status < 400) {
        (void)!bw_refuse_as(call, BW_PROBLEM_INVALID, "%s %s", name, must);
    }
}

static int find_word(const char *const *words, const char *text)
{
    for (int i = 0; words[i]; i++) {
        if (strcmp(words[i], text) == 0) {
            return i;
        }
    }
    return -1;
}

static int word_of(struct bw_call *call, const char *name, const char *text,
                   const char *const *words, int otherwise)
{
    int word = text ? find_word(words, text) : otherwise;

    if (text && word < 0) {
        const char *must = "must be one of";
        for (size_t i = 0; must && words[i]; i++) {
            must = bq_arena_format(call->arena, "%s%s %s", must, i > 0 ? "," : "", words[i]);
        }
        wrong(call, name, must ? must : "is no word of ours");
        return otherwise;
    }
    return word;
}

/* -- the query -- */

const char *bw_query(struct bw_call *call, const char *name, size_t max)
{
    const char *text = bq_http_query(call->http, name);

    if (text && strlen(text) > max) {
        wrong(call, name, bq_arena_format(call->arena, "must have at most %zu bytes", max));
        return NULL;
    }
    return text && *text != '\0' ? text : NULL;
}

int64_t bw_query_int(struct bw_call *call, const char *name, int64_t least, int64_t most,
                     int64_t otherwise)
{
    const char *text = bq_http_query(call->http, name);
    int64_t number = otherwise;

    if (text && (!bq_parse_int(text, &number) || number < least || number > most)) {
        wrong(call, name,
              bq_arena_format(call->arena, "must be a whole number from %lld to %lld",
                              (long long)least, (long long)most));
        return otherwise;
    }
    return number;
}

int bw_query_word(struct bw_call *call, const char *name, const char *const *words, int otherwise)
{
    return word_of(call, name, bw_query(call, name, SIZE_MAX), words, otherwise);
}

/* -- the body -- */

bool bw_has_only(struct bw_call *call, const struct barq_value *object, const char *const *names)
{
    for (size_t i = 0; i < barq_count(object); i++) {
        const char *key = barq_as_string(barq_key_at(object, i), "");
        if (find_word(names, key) < 0) {
            wrong(call, key, "is no member that is known here");
            return false;
        }
    }
    return true;
}

const struct barq_value *bw_body(struct bw_call *call, const char *const *names)
{
    const struct bq_http_call *http = call->http;
    struct barq_value *body = NULL;
    struct barq_error why = {0};

    if (barq_from_json(call->arena, http->body, http->body_bytes, &body, &why) != BARQ_OK ||
        barq_kind(body) != BARQ_MAP) {
        (void)!bw_refuse(call, BW_PROBLEM_BODY, NULL);
        return NULL;
    }
    return bw_has_only(call, body, names) ? body : NULL;
}

static const char *text_of(struct bw_call *call, const struct barq_value *value, const char *name,
                           size_t max)
{
    size_t len = 0;
    const char *text = barq_kind(value) == BARQ_STRING ? barq_as_bytes(value, &len) : NULL;

    if (!text || memchr(text, '\0', len) || len > max) {
        wrong(call, name,
              bq_arena_format(call->arena, "must be text of at most %zu bytes, without NUL", max));
        return NULL;
    }
    return text;
}

const char *bw_member(struct bw_call *call, const struct barq_value *object, const char *name,
                      size_t max)
{
    const struct barq_value *value = barq_get(object, name);
    const char *text = barq_is_null(value) ? NULL : text_of(call, value, name, max);

    return text && *text != '\0' ? text : NULL;
}

int bw_member_word(struct bw_call *call, const struct barq_value *object, const char *name,
                   const char *const *words, int otherwise)
{
    return word_of(call, name, bw_member(call, object, name, SIZE_MAX), words, otherwise);
}

const char *const *bw_member_texts(struct bw_call *call, const struct barq_value *object,
                                   const char *name, size_t most, size_t max, size_t *count)
{
    const struct barq_value *list = barq_get(object, name);
    size_t n = barq_count(list);
    if (barq_is_null(list)) {
        return NULL;
    }
    if (barq_kind(list) != BARQ_LIST || n < 1 || n > most) {
        wrong(call, name, bq_arena_format(call->arena, "must be a list of 1 to %zu", most));
        return NULL;
    }

    const char **texts = bq_arena_array(call->arena, n, sizeof(*texts));
    for (size_t i = 0; texts && i < n; i++) {
        texts[i] = text_of(call, barq_at(list, i), name, max);
        if (!texts[i]) {
            return NULL;
        }
    }
    *count = texts ? n : 0;
    return texts;
}

#include "search/cursor.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

enum { VERSION = 2, CURSOR_MAX_BYTES = 4096, MEMBERS = 8 };

static struct barq_value *key_value(struct barq_arena *arena, struct barq_scalar key)
{
    return key.kind == BARQ_INT      ? barq_int(arena, key.i)
           : key.kind == BARQ_DOUBLE ? barq_double(arena, key.d)
           : key.kind == BARQ_STRING ? barq_string_of(arena, key.data, key.len)
                                     : barq_null(arena);
}

const char *bm_cursor_text(struct barq_arena *arena, const struct bm_cursor *cursor)
{
    struct barq_value *list = barq_list(arena);
    const char *json = NULL;
    size_t len = 0;

    barq_add(list, barq_int(arena, VERSION));
    barq_add(list, barq_string(arena, cursor->sort));
    barq_add(list, barq_bool(arena, cursor->descending));
    barq_add(list, barq_bool(arena, cursor->is_null));
    barq_add(list, barq_string(arena, cursor->of));
    barq_add(list, key_value(arena, cursor->key));
    barq_add(list, barq_string(arena, cursor->id));
    barq_add(list, barq_int(arena, cursor->total));
    if (barq_to_json(arena, list, &json, &len, NULL) != BARQ_OK) {
        return NULL;
    }
    char *out = bq_arena_alloc(arena, 2 * len + 1);
    if (out) {
        bq_hex(json, len, out);
    }
    return out;
}

static struct barq_scalar key_scalar(const struct barq_value *key)
{
    enum barq_kind kind = barq_kind(key);

    return kind == BARQ_INT      ? barq_sql_int(barq_as_int(key, 0))
           : kind == BARQ_DOUBLE ? barq_sql_double(barq_as_double(key, 0))
           : kind == BARQ_STRING ? barq_sql_text(barq_as_string(key, ""))
                                 : barq_sql_null();
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct barq_value *decode(struct barq_arena *arena, const char *text)
{
    size_t len = strlen(text) / 2;
    char *json = len <= CURSOR_MAX_BYTES ? bq_arena_alloc(arena, len + 1) : NULL;
    struct barq_value *value = NULL;

    for (size_t i = 0; json && i < len; i++) {
        int high = digit_of(text[2 * i]);
        int low = digit_of(text[2 * i + 1]);
        if (high < 0 || low < 0) {
            return NULL;
        }
        json[i] = (char)(high << 4 | low);
    }
    return json && barq_from_json(arena, json, len, &value, NULL) == BARQ_OK ? value : NULL;
}

enum barq_status bm_cursor_parse(struct barq_arena *arena, const char *text, struct bm_cursor *out,
                                 struct barq_error *err)
{
    const struct barq_value *list = decode(arena, text);

    if (barq_count(list) != MEMBERS || barq_as_int(barq_at(list, 0), 0) != VERSION) {
        return bq_fail(err, BARQ_ERR_ARG, "search: this cursor is none: begin without one");
    }
    *out = (struct bm_cursor){
        .sort = barq_as_string(barq_at(list, 1), ""),
        .descending = barq_as_bool(barq_at(list, 2), false),
        .is_null = barq_as_bool(barq_at(list, 3), false),
        .of = barq_as_string(barq_at(list, 4), ""),
        .key = key_scalar(barq_at(list, 5)),
        .id = barq_as_string(barq_at(list, 6), ""),
        .total = barq_as_int(barq_at(list, 7), -1),
    };
    return BARQ_OK;
}

#include "web/shown.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "base/time.h"

/* JavaScript has no integers beyond this. */
static const int64_t EXACT_MAX = INT64_C(1) << 53;
enum {
    /* Containers within containers: an answer has some of its own around, and $map needs two for one. */
    SHOWN_MAX_DEPTH = (BARQ_VALUE_MAX_DEPTH - 8) / 2,
    US_PER_S = 1000000,
};

/* {"$bytes": ...}: no JSON of anybody else is taken for this, see shown_map(). */
static struct barq_value *marked(struct barq_arena *arena, const char *mark,
                                 struct barq_value *content)
{
    struct barq_value *value = barq_map(arena);

    barq_set_key(value, mark, content);
    return value;
}

/* -- scalars -- */

static struct barq_value *shown_int(struct barq_arena *arena, int64_t number)
{
    if (number >= -EXACT_MAX && number <= EXACT_MAX) {
        return barq_int(arena, number);
    }
    return marked(arena, "$integer", barq_format(arena, "%lld", (long long)number));
}

static struct barq_value *shown_double(struct barq_arena *arena, double number)
{
    if (isfinite(number)) {
        return barq_double(arena, number);
    }
    const char *name = isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
    return marked(arena, "$number", barq_string(arena, name));
}

/* RFC 4648, section 4. */
static struct barq_value *shown_bytes(struct barq_arena *arena, const struct barq_value *value)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t len = 0;
    const unsigned char *bytes = barq_as_bytes(value, &len);
    char *text = bq_arena_alloc(arena, (len + 2) / 3 * 4 + 1);
    if (!text) {
        return NULL;
    }

    char *out = text;
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        uint32_t three = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (left > 2 ? bytes[i + 2] : 0);
        *out++ = digits[three >> 18];
        *out++ = digits[three >> 12 & 63];
        *out++ = digits[three >> 6 & 63];
        *out++ = digits[three & 63];
        if (left < 3) {
            memset(out - (3 - left), '=', 3 - left);
        }
    }
    return marked(arena, "$bytes", barq_string(arena, text));
}

static struct barq_value *shown_timestamp(struct barq_arena *arena, const struct barq_value *value)
{
    int32_t zone = barq_timestamp_zone(value);
    bool has_zone = zone != BARQ_NO_ZONE;
    int64_t local_us = barq_timestamp_us(value) + (has_zone ? zone * INT64_C(60) * US_PER_S : 0);
    int64_t fraction_us = (local_us % US_PER_S + US_PER_S) % US_PER_S;
    int minutes = has_zone ? abs(zone) : 0;
    char text[BQ_TIME_TEXT_BYTES];

    bq_time_text((local_us - fraction_us) / 1000, text);
    const char *shown =
        !has_zone   ? bq_arena_format(arena, "%.19s.%06d", text, (int)fraction_us)
        : zone == 0 ? bq_arena_format(arena, "%.19s.%06dZ", text, (int)fraction_us)
                    : bq_arena_format(arena, "%.19s.%06d%c%02d:%02d", text, (int)fraction_us,
                                      zone < 0 ? '-' : '+', minutes / 60, minutes % 60);
    return marked(arena, "$timestamp", shown ? barq_string(arena, shown) : NULL);
}

static struct barq_value *shown_text(struct barq_arena *arena, const struct barq_value *value)
{
    size_t len = 0;
    const char *text = barq_as_bytes(value, &len);

    return barq_string_of(arena, text, len);
}

/* -- containers -- */

static struct barq_value *shown_at(struct barq_arena *arena, const struct barq_value *value,
                                   int depth);

static struct barq_value *shown_list(struct barq_arena *arena, const struct barq_value *value,
                                     int depth)
{
    struct barq_value *list = barq_list(arena);

    for (size_t i = 0; i < barq_count(value); i++) {
        barq_add(list, shown_at(arena, barq_at(value, i), depth + 1));
    }
    return list;
}

/* Can it be an object that is not taken for one of ours? */
static bool is_object(const struct barq_value *map)
{
    for (size_t i = 0; i < barq_count(map); i++) {
        const struct barq_value *key = barq_key_at(map, i);
        size_t len = 0;
        const char *text = barq_as_bytes(key, &len);
        if (barq_kind(key) != BARQ_STRING || memchr(text, '\0', len) || *text == '$') {
            return false;
        }
    }
    return true;
}

static struct barq_value *shown_map(struct barq_arena *arena, const struct barq_value *value,
                                    int depth)
{
    struct barq_value *map = barq_map(arena);
    struct barq_value *pairs = barq_list(arena);
    if (is_object(value)) {
        for (size_t i = 0; i < barq_count(value); i++) {
            barq_put(map, shown_text(arena, barq_key_at(value, i)),
                     shown_at(arena, barq_at(value, i), depth + 1));
        }
        return map;
    }

    for (size_t i = 0; i < barq_count(value); i++) {
        struct barq_value *pair = barq_list(arena);
        barq_add(pair, shown_at(arena, barq_key_at(value, i), depth + 1));
        barq_add(pair, shown_at(arena, barq_at(value, i), depth + 1));
        barq_add(pairs, pair);
    }
    return marked(arena, "$map", pairs);
}

static struct barq_value *shown_named(struct barq_arena *arena, const struct barq_value *value,
                                      int depth)
{
    struct barq_value *pair = barq_list(arena);

    barq_add(pair, barq_string(arena, barq_name_of(value)));
    barq_add(pair, shown_at(arena, barq_content_of(value), depth + 1));
    return marked(arena, "$named", pair);
}

static struct barq_value *shown_at(struct barq_arena *arena, const struct barq_value *value,
                                   int depth)
{
    enum barq_kind kind = barq_kind(value);

    if (depth > SHOWN_MAX_DEPTH) {
        return marked(arena, "$cut", barq_string(arena, barq_kind_name(kind)));
    }
    switch (kind) {
    case BARQ_NULL:
        return barq_null(arena);
    case BARQ_BOOL:
        return barq_bool(arena, barq_as_bool(value, false));
    case BARQ_INT:
        return shown_int(arena, barq_as_int(value, 0));
    case BARQ_BIGINT:
        return marked(arena, "$integer", shown_text(arena, value));
    case BARQ_DOUBLE:
        return shown_double(arena, barq_as_double(value, 0));
    case BARQ_STRING:
        return shown_text(arena, value);
    case BARQ_BYTES:
        return shown_bytes(arena, value);
    case BARQ_LIST:
    case BARQ_TUPLE:
        return shown_list(arena, value, depth);
    case BARQ_SET:
        return marked(arena, "$set", shown_list(arena, value, depth));
    case BARQ_MAP:
        return shown_map(arena, value, depth);
    case BARQ_TIMESTAMP:
        return shown_timestamp(arena, value);
    case BARQ_NAMED:
        return shown_named(arena, value, depth);
    }
    return barq_null(arena);
}

struct barq_value *bw_shown(struct barq_arena *arena, const struct barq_value *value)
{
    return shown_at(arena, value, 0);
}

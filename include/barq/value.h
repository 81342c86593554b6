/*
 * value.h - what jobs take and return: plain data.
 *
 * A value is made in an arena and lives as long as the arena does; values are
 * never freed one by one. Scalars never change. A container can be added to
 * until it is put into another one: then it is closed. So a value never
 * contains itself, and a tree of values can be read from any thread.
 *
 * A constructor returns NULL when the arena is full. Adding NULL to a
 * container marks the container as broken, and barq_value_check() or whatever
 * takes the value in the end (barq_enqueue(), a handler's result) reports it,
 * so only one place needs to check.
 *
 * Wire formats (JSON, MessagePack, pickle) hold a subset each; what a format
 * cannot hold is refused when the value is written, with the path to it. A
 * named value is what pickle has of Python's classes:
 *
 *     null      the class or function itself
 *     scalar    what a call with this argument gives: "decimal.Decimal" and "1.5"
 *     tuple     what a call with these arguments gives: "datetime.date" and (2024, 5, 6)
 *     map       an object with these attributes
 *     list      what is none of these: [arguments, state, members]
 */
#ifndef BARQ_VALUE_H
#define BARQ_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <barq/error.h>

#ifdef __cplusplus
extern "C" {
#endif

struct barq_arena; /* memory for values; opaque */
struct barq_value; /* one value; opaque */

enum barq_kind {
    BARQ_NULL,
    BARQ_BOOL,
    BARQ_INT,    /* fits int64_t */
    BARQ_BIGINT, /* any other integer: its decimal digits */
    BARQ_DOUBLE,
    BARQ_STRING, /* UTF-8, may hold NUL bytes */
    BARQ_BYTES,
    BARQ_LIST,
    BARQ_TUPLE,
    BARQ_SET, /* order as added; equal members are kept once */
    BARQ_MAP, /* any key; order as added; a key given again replaces the value */
    BARQ_TIMESTAMP,
    BARQ_NAMED /* a thing of another language: a name and a value, e.g. "decimal.Decimal" and "1.5" */
};

enum {
    BARQ_VALUE_MAX_DEPTH = 64, /* containers within containers */
};

#define BARQ_NO_ZONE INT32_MIN /* a timestamp without a zone */

/* -- memory -- */

/* An arena that grows to at most `limit_bytes`; NULL when out of memory. One thread at a time. */
BARQ_API struct barq_arena *barq_arena_new(size_t limit_bytes);
BARQ_API void barq_arena_free(struct barq_arena *arena);

/* -- making values; NULL when the arena is full -- */

BARQ_API struct barq_value *barq_null(struct barq_arena *arena);
BARQ_API struct barq_value *barq_bool(struct barq_arena *arena, bool truth);
BARQ_API struct barq_value *barq_int(struct barq_arena *arena, int64_t number);
/* `digits`: an optional minus and 1 or more ASCII digits, copied. Becomes BARQ_INT if it fits; NULL if no number. */
BARQ_API struct barq_value *barq_bigint(struct barq_arena *arena, const char *digits, size_t len);

BARQ_API struct barq_value *barq_double(struct barq_arena *arena, double number);
/* Copies `text`; NULL text gives a null value. NULL when `text` is not UTF-8. */
BARQ_API struct barq_value *barq_string(struct barq_arena *arena, const char *text);

BARQ_API struct barq_value *barq_string_of(struct barq_arena *arena, const char *text, size_t len);
BARQ_API struct barq_value *barq_format(struct barq_arena *arena, const char *format, ...)
    BARQ_PRINTF(2, 3);
BARQ_API struct barq_value *barq_bytes(struct barq_arena *arena, const void *bytes, size_t len);
BARQ_API struct barq_value *barq_list(struct barq_arena *arena);
BARQ_API struct barq_value *barq_tuple(struct barq_arena *arena);
BARQ_API struct barq_value *barq_set(struct barq_arena *arena);
BARQ_API struct barq_value *barq_map(struct barq_arena *arena);
/* Microseconds since 1970-01-01 UTC; the zone is minutes east of UTC, or BARQ_NO_ZONE (then a wall-clock time). */
BARQ_API struct barq_value *barq_timestamp(struct barq_arena *arena, int64_t at_us,
                                           int32_t zone_minutes);
/* `content` is closed by this, like a member of a container. */
BARQ_API struct barq_value *barq_named(struct barq_arena *arena, const char *name,
                                       struct barq_value *content);

/*
 * Adds `item` to a list, tuple or set, and closes it. All belong to one arena
 * or to arenas that end together. What breaks the container: NULL, the
 * container itself, an item that is in another container already (scalars can
 * be in many), too deep an item; and being added to when it is closed.
 */
BARQ_API void barq_add(struct barq_value *container, struct barq_value *item);
/* Sets a key of a map; breaks the map as barq_add() does. */
BARQ_API void barq_put(struct barq_value *map, struct barq_value *key, struct barq_value *value);
/* The common case: `key` is text and is copied. */
BARQ_API void barq_set_key(struct barq_value *map, const char *key, struct barq_value *value);

/*
 * The whole of `value` once more, open again, in `arena`: to put what is closed
 * into another container. NULL when the arena is full.
 */
BARQ_API struct barq_value *barq_copy(struct barq_arena *arena, const struct barq_value *value);

/* BARQ_OK, or why the value (or something in it) is broken: NULL means the arena was full. */
BARQ_API enum barq_status barq_value_check(const struct barq_value *value, struct barq_error *err)
    BARQ_MUST_CHECK;

/* -- reading values; any pointer may be NULL and then reads as a null value -- */

BARQ_API enum barq_kind barq_kind(const struct barq_value *value);
BARQ_API const char *barq_kind_name(enum barq_kind kind); /* "null", "bool", ... */
BARQ_API bool barq_is_null(const struct barq_value *value);
BARQ_API bool barq_as_bool(const struct barq_value *value, bool otherwise);
BARQ_API int64_t barq_as_int(const struct barq_value *value, int64_t otherwise);
/* An int is converted. */
BARQ_API double barq_as_double(const struct barq_value *value, double otherwise);
/* The text of a string, or the digits of a bigint, ended by a NUL; lives as long as the value. */
BARQ_API const char *barq_as_string(const struct barq_value *value, const char *otherwise);
/* The bytes of a string, bytes or bigint, and their number; NULL and 0 for others. */
BARQ_API const void *barq_as_bytes(const struct barq_value *value, size_t *len);

BARQ_API int64_t barq_timestamp_us(const struct barq_value *value);
BARQ_API int32_t barq_timestamp_zone(const struct barq_value *value);
BARQ_API const char *barq_name_of(const struct barq_value *named);
BARQ_API const struct barq_value *barq_content_of(const struct barq_value *named);

/* Members of a list, tuple or set, pairs of a map; 0 for others. */
BARQ_API size_t barq_count(const struct barq_value *container);
/* The member, or the value of the pair; NULL when out of range. */
BARQ_API const struct barq_value *barq_at(const struct barq_value *container, size_t index);
BARQ_API const struct barq_value *barq_key_at(const struct barq_value *map, size_t index);
/* The value of a text key; NULL when it is not there. */
BARQ_API const struct barq_value *barq_get(const struct barq_value *map, const char *key);

/*
 * Deep equality; 1 and 1.0 differ, as do list and tuple; maps and sets in any
 * order; 0.0 equals -0.0, and NaN itself. Keys and members of sets are told
 * apart by this.
 */
BARQ_API bool barq_equal(const struct barq_value *a, const struct barq_value *b);

/* -- scalars without an arena: what SQL parameters and columns are -- */

/*
 * What a column is on PostgreSQL: bool, int2 to int8, float4 and float8, timestamptz and bytea are what
 * they are called here; all others come as text: numeric, uuid, json, arrays, dates. As a param, text is
 * taken for whatever the statement needs. SQLite has no bools and timestamps: there a bool is stored as
 * 0 or 1, a timestamp as text in UTC ("2024-05-06 07:08:09.123456+00").
 */
struct barq_scalar {
    enum barq_kind kind; /* null, bool, int, double, string, bytes or timestamp */
    int64_t i;           /* int; bool: 0 or 1; timestamp: microseconds since 1970-01-01 UTC */
    double d;            /* double */
    const void *data;    /* string or bytes; of a column that is a timestamp: its text; borrowed */
    size_t len;
};

BARQ_API struct barq_scalar barq_sql_null(void);
BARQ_API struct barq_scalar barq_sql_bool(bool truth);
BARQ_API struct barq_scalar barq_sql_int(int64_t number);
BARQ_API struct barq_scalar barq_sql_timestamp(int64_t at_us); /* microseconds since 1970, UTC */
BARQ_API struct barq_scalar barq_sql_double(double number);
BARQ_API struct barq_scalar barq_sql_text(const char *text); /* borrowed; NULL is null */
BARQ_API struct barq_scalar barq_sql_text_of(const char *text, size_t len);
BARQ_API struct barq_scalar barq_sql_bytes(const void *bytes, size_t len);

/* -- JSON -- */

/* Reads one JSON text of `len` bytes, strictly (RFC 8259, no duplicate keys, at most BARQ_VALUE_MAX_DEPTH deep). */
BARQ_API enum barq_status barq_from_json(struct barq_arena *arena, const char *text, size_t len,
                                         struct barq_value **out, struct barq_error *err)
    BARQ_MUST_CHECK;
/*
 * Writes JSON into `arena`, ended by a NUL that `*len` (if not NULL) does not
 * count. A tuple is written as a list. BARQ_ERR_TYPE names the path of what
 * JSON cannot hold: bytes, sets, keys that are not strings, timestamps, named
 * values, NaN and infinities.
 */
BARQ_API enum barq_status barq_to_json(struct barq_arena *arena, const struct barq_value *value,
                                       const char **out, size_t *len, struct barq_error *err)
    BARQ_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif

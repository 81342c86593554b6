/*
 * json_parts.h - a JSON document in parts, as it comes: the members of a list
 * one by one, so that memory does not grow with the list.
 *
 *     [ELEMENT, ...]                            each element, then nothing more
 *     {"key": value, "videos": [ELEMENT, ...]}  the object so far, then each element, then the rest
 *     {...} {...}                               any number of them, one after the other
 *
 * Only the lists under the names that bm_json_is_list() knows are taken apart.
 * That a part is JSON is for whoever reads it; only where it ends is seen here.
 */
#ifndef BM_JSON_PARTS_H
#define BM_JSON_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <barq/error.h>

#include "base/buf.h"

enum {
    BM_JSON_KEY_BYTES = 64,
    BM_JSON_ELEMENT_MAX_BYTES = 16 * 1024 * 1024,
    BM_JSON_OBJECT_MAX_BYTES = 16 * 1024 * 1024, /* of an object without its lists */
};

struct bm_json_take {
    void *context;
    /* The next member of a list. `bytes` NULL: it is longer than BM_JSON_ELEMENT_MAX_BYTES. */
    enum barq_status (*element)(void *context, int64_t line, const char *bytes, size_t len,
                                struct barq_error *err);
    /* The object around a list, as far as it has been read, as a whole object: before the list. */
    enum barq_status (*before)(void *context, const char *bytes, size_t len,
                               struct barq_error *err);
    /* The object, without its lists, at its end. `had_list`: and before() was called. */
    enum barq_status (*object)(void *context, int64_t line, const char *bytes, size_t len,
                               bool had_list, struct barq_error *err);
};

struct bm_json_parts {
    const struct bm_json_take *take; /* borrowed */
    int state;
    int back; /* the state after the value at hand */
    bool in_string;
    bool escaped;
    bool scalar;
    size_t nest; /* containers open within the value at hand */
    bool in_list;
    bool top_is_list;
    bool had_list;
    size_t member_from; /* where it begins in `object` */
    char key[BM_JSON_KEY_BYTES];
    size_t key_len;
    struct bq_buf element;
    struct bq_buf object;
    int64_t line;      /* that of the next byte */
    int64_t part_line; /* where the element or the object began */
};

void bm_json_parts_init(struct bm_json_parts *parts, const struct bm_json_take *take);
void bm_json_parts_clear(struct bm_json_parts *parts);

/* BARQ_ERR_FORMAT: no JSON; it says at which line. Else of `take`. */
enum barq_status bm_json_parts_push(struct bm_json_parts *parts, const char *bytes, size_t len,
                                    struct barq_error *err) BARQ_MUST_CHECK;
enum barq_status bm_json_parts_end(struct bm_json_parts *parts, struct barq_error *err)
    BARQ_MUST_CHECK;

/* "videos", "bookmarks", "collections", ... */
bool bm_json_is_list(const char *key);

#endif

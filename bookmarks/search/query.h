/*
 * query.h - what a person is looking for, taken apart.
 *
 *     python "type hints" -draft tag:later dur:>10m field:difficulty=expert in:title
 *
 * All parts must fit; a "-" before one means that it must not. Words and phrases
 * are looked for in every text of a video, or where in: says; "pyth*" is any word
 * that begins so. Nothing here knows a database: text in, parts out.
 *
 *     tag:NAME  channel:NAME-OR-ID  list:NAME-OR-ID
 *     is:failed, pending, completed, watched, unwatched, gone, private, live
 *     in:title, description, transcript, notes (any of those that are named)
 *     field:NAME (has a value), field:NAME=VALUE, and != > < >= <= ~ (contains)
 *     dur:10m, dur:>1h30m, dur:5m..1h      seconds ("90"), or h, m, s
 *     views:>10k                           k and m are thousands and millions
 *     added:2025, added:<2025-01-01, published:2024-03..2024-06   days of UTC
 *
 * Of a time or number, "=" is all that the value's own precision covers: dur:10m
 * is up to 10:59, published:2024 the whole year.
 */
#ifndef BM_QUERY_H
#define BM_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <barq/error.h>

#include "base/arena.h"

enum { BM_QUERY_MAX_BYTES = 2000, BM_QUERY_PARTS_MAX = 50 };

enum bm_part_kind {
    BM_PART_TEXT,
    BM_PART_TAG,
    BM_PART_CHANNEL,
    BM_PART_LIST,
    BM_PART_IS,
    BM_PART_FIELD,
    BM_PART_DURATION,
    BM_PART_ADDED,
    BM_PART_PUBLISHED,
    BM_PART_VIEWS,
};

enum bm_is {
    BM_IS_FAILED,
    BM_IS_PENDING,
    BM_IS_COMPLETED,
    BM_IS_WATCHED,
    BM_IS_UNWATCHED,
    BM_IS_GONE,
    BM_IS_PRIVATE,
    BM_IS_LIVE,
};

enum bm_compare {
    BM_HAS_VALUE,
    BM_EQUAL,
    BM_UNEQUAL,
    BM_MORE,
    BM_LESS,
    BM_AT_LEAST,
    BM_AT_MOST,
    BM_CONTAINS,
};

/* Where words are looked for: bits; 0 is everywhere. */
enum bm_where {
    BM_IN_TITLE = 1,
    BM_IN_DESCRIPTION = 2,
    BM_IN_TRANSCRIPT = 4,
    BM_IN_NOTES = 8,
};

/* `least` <= x < `below`: seconds, times in ms, or a count. INT64_MIN and INT64_MAX are no bounds. */
struct bm_range {
    int64_t least;
    int64_t below;
};

struct bm_part {
    enum bm_part_kind kind;
    bool is_not;
    size_t at;        /* where it begins, in bytes */
    const char *text; /* of text, tag, channel, list; the value of a field */
    bool is_prefix;   /* of text */
    enum bm_is is;
    const char *field;
    enum bm_compare compare; /* of a field */
    struct bm_range range;   /* of a time or a number */
    /* Of a tag, and of a field's text: as good as `text`. No query says so, the original's filter does. */
    const char *const *also;
    size_t n_also;
};

struct bm_query {
    struct bm_part *parts;
    size_t count;
    unsigned where; /* of enum bm_where */
};

/*
 * Takes `text` apart; the query lives in `arena`.
 *
 * BARQ_ERR_ARG    it makes no sense: the error says what, where (the first
 *                 character is 1), and what would
 * BARQ_ERR_NOMEM  `arena` is full
 */
enum barq_status bm_query_parse(struct barq_arena *arena, const char *text, struct bm_query *out,
                                struct barq_error *err) BARQ_MUST_CHECK;

#endif

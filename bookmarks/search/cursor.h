/*
 * cursor.h - where a page ended, as text that means nothing to whoever keeps it.
 */
#ifndef BM_SEARCH_CURSOR_H
#define BM_SEARCH_CURSOR_H

#include <barq/value.h>

#include "base/arena.h"

struct bm_cursor {
    const char *sort;
    bool descending;
    bool is_null;   /* the last video has no key: they are behind all others */
    const char *of; /* what was asked for: another question has other cursors */
    struct barq_scalar key;
    const char *id;
    int64_t total; /* of all pages; -1: they were not counted */
};

/* In `arena`; NULL when that is full. */
const char *bm_cursor_text(struct barq_arena *arena, const struct bm_cursor *cursor);
/* BARQ_ERR_ARG: this is none. */
enum barq_status bm_cursor_parse(struct barq_arena *arena, const char *text, struct bm_cursor *out,
                                 struct barq_error *err) BARQ_MUST_CHECK;

#endif

/*
 * arena.h - memory that belongs to one unit of work and ends with it.
 *
 * An arena hands out pieces of growing blocks and frees them all at once. It
 * never hands out more than its limit: hostile input stops there, and a tiny
 * limit is how out-of-memory paths are tested. One thread at a time.
 */
#ifndef BQ_BASE_ARENA_H
#define BQ_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include <barq/value.h> /* struct barq_arena is public as an opaque type */

#include "base/auto.h"

struct bq_arena_block;

struct barq_arena {
    struct bq_arena_block *block; /* newest; owned */
    size_t used_bytes;            /* handed out, with alignment */
    size_t limit_bytes;
};

/* An arena in the caller's memory; allocates nothing yet. */
void bq_arena_init(struct barq_arena *arena, size_t limit_bytes);
/* Frees everything; the arena can be used again. Takes NULL and zeroed arenas. */
void bq_arena_clear(struct barq_arena *arena);
/* Like clear, but keeps one block (of ordinary size) for the next unit of work. */
void bq_arena_reset(struct barq_arena *arena);

/* NULL when the limit or the heap is exhausted. Aligned for any type; contents are zero. */
void *bq_arena_alloc(struct barq_arena *arena, size_t bytes);
/* `count` items of `bytes`; NULL also when the product overflows. */
void *bq_arena_array(struct barq_arena *arena, size_t count, size_t bytes);
void *bq_arena_memdup(struct barq_arena *arena, const void *from, size_t bytes);
char *bq_arena_strdup(struct barq_arena *arena, const char *text);
/* Exactly `len` bytes, whatever they are, and a NUL. */
char *bq_arena_strndup(struct barq_arena *arena, const char *text, size_t len);
char *bq_arena_format(struct barq_arena *arena, const char *format, ...) BARQ_PRINTF(2, 3);
char *bq_arena_vformat(struct barq_arena *arena, const char *format, va_list values)
    BARQ_PRINTF(2, 0);

/* bq_auto(arena) struct barq_arena arena; (a local one, cleared on leaving the scope) */
void bq_arena_drop(struct barq_arena *arena);

#endif

#include "base/arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK_MIN_BYTES = 4 * 1024,
    BLOCK_MAX_BYTES = 256 * 1024,
    OWN_BLOCK_BYTES = 64 * 1024, /* a piece from here on gets a block of its own */
};

struct bq_arena_block {
    struct bq_arena_block *older; /* owned */
    size_t capacity;
    size_t used;
    alignas(max_align_t) char data[];
};

void bq_arena_init(struct barq_arena *arena, size_t limit_bytes)
{
    *arena = (struct barq_arena){.limit_bytes = limit_bytes};
}

/* Frees the blocks of a list but `kept`, which may be NULL. */
static void free_blocks(struct bq_arena_block *block, const struct bq_arena_block *kept)
{
    while (block) {
        struct bq_arena_block *older = block->older;

        if (block != kept) {
            free(block);
        }
        block = older;
    }
}

void bq_arena_clear(struct barq_arena *arena)
{
    if (!arena) {
        return;
    }
    free_blocks(arena->block, NULL);
    arena->block = NULL;
    arena->used_bytes = 0;
}

void bq_arena_reset(struct barq_arena *arena)
{
    struct bq_arena_block *kept = arena->block;
    while (kept && kept->capacity > BLOCK_MAX_BYTES) {
        kept = kept->older;
    }

    free_blocks(arena->block, kept);
    if (kept) {
        kept->older = NULL;
        kept->used = 0;
    }
    arena->block = kept;
    arena->used_bytes = 0;
}

void bq_arena_drop(struct barq_arena *arena)
{
    bq_arena_clear(arena);
}

/* A piece of this size comes from a new block; NULL when the heap is exhausted. */
static struct bq_arena_block *add_block(struct barq_arena *arena, size_t bytes)
{
    struct bq_arena_block *newest = arena->block;
    size_t capacity = newest ? newest->capacity * 2 : BLOCK_MIN_BYTES - sizeof(*newest);
    if (capacity > BLOCK_MAX_BYTES) {
        capacity = BLOCK_MAX_BYTES;
    }
    bool own = bytes >= OWN_BLOCK_BYTES;
    if (own || capacity < bytes) {
        capacity = bytes;
    }

    struct bq_arena_block *block = malloc(sizeof(*block) + capacity);
    if (!block) {
        return NULL;
    }
    block->capacity = capacity;
    block->used = 0;

    /* One for a big piece goes behind the newest, in which there is still room. */
    struct bq_arena_block **place = own && newest ? &newest->older : &arena->block;
    block->older = *place;
    *place = block;
    return block;
}

/* Like alloc, but with whatever was in the memory. */
static void *grab(struct barq_arena *arena, size_t bytes)
{
    size_t left = arena->limit_bytes - arena->used_bytes;
    if (bytes > left || bytes > PTRDIFF_MAX / 2) {
        return NULL;
    }
    size_t align = alignof(max_align_t);
    size_t size = (bytes + (bytes == 0) + align - 1) / align * align;
    if (size > left) {
        return NULL;
    }

    struct bq_arena_block *block = arena->block;
    if (!block || size > block->capacity - block->used) {
        block = add_block(arena, size);
    }
    if (!block) {
        return NULL;
    }
    void *piece = block->data + block->used;
    block->used += size;
    arena->used_bytes += size;
    return piece;
}

void *bq_arena_alloc(struct barq_arena *arena, size_t bytes)
{
    void *piece = grab(arena, bytes);

    return piece ? memset(piece, 0, bytes) : NULL;
}

void *bq_arena_array(struct barq_arena *arena, size_t count, size_t bytes)
{
    size_t product;

    if (__builtin_mul_overflow(count, bytes, &product)) {
        return NULL;
    }
    return bq_arena_alloc(arena, product);
}

void *bq_arena_memdup(struct barq_arena *arena, const void *from, size_t bytes)
{
    void *piece = grab(arena, bytes);

    if (piece && bytes > 0) {
        memcpy(piece, from, bytes);
    }
    return piece;
}

char *bq_arena_strdup(struct barq_arena *arena, const char *text)
{
    return bq_arena_memdup(arena, text, strlen(text) + 1);
}

char *bq_arena_strndup(struct barq_arena *arena, const char *text, size_t len)
{
    char *copy = len < SIZE_MAX ? grab(arena, len + 1) : NULL;

    if (!copy) {
        return NULL;
    }
    if (len > 0) {
        memcpy(copy, text, len);
    }
    copy[len] = '\0';
    return copy;
}

char *bq_arena_vformat(struct barq_arena *arena, const char *format, va_list values)
{
    va_list again;

    va_copy(again, values);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (len < 0) {
        return NULL;
    }

    size_t size = (size_t)len + 1;
    char *text = grab(arena, size);
    if (text) {
        vsnprintf(text, size, format, values);
    }
    return text;
}

char *bq_arena_format(struct barq_arena *arena, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    char *text = bq_arena_vformat(arena, format, values);
    va_end(values);
    return text;
}

struct barq_arena *barq_arena_new(size_t limit_bytes)
{
    struct barq_arena *arena = malloc(sizeof(*arena));

    if (arena) {
        bq_arena_init(arena, limit_bytes);
    }
    return arena;
}

void barq_arena_free(struct barq_arena *arena)
{
    bq_arena_clear(arena);
    free(arena);
}

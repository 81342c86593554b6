/*
 * fold.h - the words of a text, as they are compared: without case and diacritics.
 *
 *     struct bm_word word;
 *     for (size_t at = 0; bm_next_word(text, at, &word); at = word.end) ...
 *
 * Two words are the same when their hashes are; that is good enough for what is
 * shown, and needs no memory.
 */
#ifndef BM_FOLD_H
#define BM_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bm_word {
    size_t at;
    size_t end;
    size_t letters; /* marks do not count */
    uint64_t hash;
};

/* The small letter without its diacritics; 0 of a mark that combines. */
uint32_t bm_fold(uint32_t code);
/* The first word at or behind `from`; false when there is none. */
bool bm_next_word(const char *text, size_t from, struct bm_word *out);
/* What the hash would be if the word ended after so many letters. */
uint64_t bm_word_prefix(const char *text, const struct bm_word *word, size_t letters);

#define BM_WORD_START 14695981039346656037U
static inline uint64_t bm_word_add(uint64_t hash, uint32_t letter)
{
    return (hash ^ letter) * 1099511628211U;
}

#endif

/*
 * snippet.h - why a video was found: the words in what is around them.
 */
#ifndef BM_SNIPPET_H
#define BM_SNIPPET_H

#include "search/query.h"

enum {
    BM_PHRASES_MAX = 16,
    BM_PHRASE_WORDS_MAX = 12,
    BM_SNIPPET_BYTES = 240,
    BM_SNIPPET_PIECES_MAX = 31,
};

/* The words of a query that must be there, made ready to be looked for. */
struct bm_phrase {
    uint64_t words[BM_PHRASE_WORDS_MAX];
    size_t count;
    size_t letters; /* of the last word, which goes on; 0: it must be the whole word */
};
struct bm_phrases {
    struct bm_phrase all[BM_PHRASES_MAX];
    size_t count;
};
void bm_phrases_of(const struct bm_query *query, struct bm_phrases *out);

/* Where the first of them is at or behind `from`; false: nowhere. */
bool bm_phrases_find(const struct bm_phrases *phrases, const char *text, size_t from, size_t *at,
                     size_t *end);

/* Text, and by turns what is around the words, and the words: pieces[1], [3], ... */
struct bm_snippet {
    const char *text;
    const char *pieces[BM_SNIPPET_PIECES_MAX];
    size_t n_pieces;
};
/* About BM_SNIPPET_BYTES of `text` around its first hit, without line feeds; in `arena`. False: there
 * is no hit, or no room. */
bool bm_snippet_make(const struct bm_phrases *phrases, const char *text, struct barq_arena *arena,
                     struct bm_snippet *out);

#endif

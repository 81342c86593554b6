/*
 * Any bytes as a query: nothing crashes, what comes out is within what went in,
 * and its words make a snippet of any text.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "search/snippet.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void look(const struct bm_query *query, const char *text, struct barq_arena *arena)
{
    struct bm_phrases phrases;
    struct bm_snippet snippet;

    assert(query->count <= BM_QUERY_PARTS_MAX);
    for (size_t i = 0; i < query->count; i++) {
        const struct bm_part *part = &query->parts[i];
        assert(part->at < strlen(text));
        assert(!part->text || bq_utf8_valid(part->text, strlen(part->text)));
        assert(part->range.least <= part->range.below);
    }
    bm_phrases_of(query, &phrases);
    if (bm_snippet_make(&phrases, text, arena, &snippet)) {
        assert(snippet.n_pieces % 2 == 1 && snippet.n_pieces <= BM_SNIPPET_PIECES_MAX);
        assert(bq_utf8_valid(snippet.text, strlen(snippet.text)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    bq_auto(arena) struct barq_arena arena;
    struct barq_error err = {.text = ""};
    struct bm_query query;
    bq_arena_init(&arena, 1 << 20);

    char *text = bq_arena_strndup(&arena, (const char *)bytes, len);
    if (!text) {
        return 0;
    }
    if (bm_query_parse(&arena, text, &query, &err) == BARQ_OK) {
        look(&query, text, &arena);
    } else {
        assert(err.text[0] != '\0' && bq_utf8_valid(err.text, strlen(err.text)));
    }
    return 0;
}

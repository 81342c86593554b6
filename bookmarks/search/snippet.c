#include "search/snippet.h"

#include <string.h>

#include "base/text.h"
#include "search/fold.h"

enum { BEFORE_BYTES = 80 };
static const char MORE[] = "\xe2\x80\xa6"; /* an ellipsis */

void bm_phrases_of(const struct bm_query *query, struct bm_phrases *out)
{
    out->count = 0;
    for (size_t i = 0; i < query->count && out->count < BM_PHRASES_MAX; i++) {
        const struct bm_part *part = &query->parts[i];
        struct bm_phrase *phrase = &out->all[out->count];
        struct bm_word word;
        if (part->kind != BM_PART_TEXT || part->is_not) {
            continue;
        }
        *phrase = (struct bm_phrase){.count = 0};
        for (size_t at = 0;
             phrase->count < BM_PHRASE_WORDS_MAX && bm_next_word(part->text, at, &word);
             at = word.end) {
            phrase->words[phrase->count++] = word.hash;
            phrase->letters = part->is_prefix ? word.letters : 0;
        }
        out->count += phrase->count > 0;
    }
}

/* Does the phrase begin with the word that was read? */
static bool begins(const struct bm_phrase *phrase, const char *text, struct bm_word word,
                   size_t *end)
{
    for (size_t i = 0; i < phrase->count; i++) {
        bool is_last = i + 1 == phrase->count;
        if (i > 0 && !bm_next_word(text, word.end, &word)) {
            return false;
        }
        uint64_t hash = is_last && phrase->letters > 0
                            ? bm_word_prefix(text, &word, phrase->letters)
                            : word.hash;
        if (hash != phrase->words[i]) {
            return false;
        }
    }
    *end = word.end;
    return true;
}

bool bm_phrases_find(const struct bm_phrases *phrases, const char *text, size_t from, size_t *at,
                     size_t *end)
{
    struct bm_word word;

    for (size_t place = from; bm_next_word(text, place, &word); place = word.end) {
        for (size_t i = 0; i < phrases->count; i++) {
            if (begins(&phrases->all[i], text, word, end)) {
                *at = word.at;
                return true;
            }
        }
    }
    return false;
}

/* The begin of the last word that begins at most BEFORE_BYTES before `at`. */
static size_t begin_of(const char *text, size_t at)
{
    struct bm_word word;
    size_t from = at > BEFORE_BYTES ? at - BEFORE_BYTES : 0;

    if (from == 0) {
        return 0;
    }
    while (from < at && !((unsigned char)text[from] <= ' ')) { /* not within a word */
        from++;
    }
    return bm_next_word(text, from, &word) && word.at <= at ? word.at : at;
}

static size_t end_of(const char *text, size_t from, size_t at_least)
{
    size_t len = strnlen(text + from, BM_SNIPPET_BYTES + 1);

    if (len <= BM_SNIPPET_BYTES) {
        return from + len;
    }
    size_t end = from + bq_utf8_cut(text + from, len, BM_SNIPPET_BYTES);
    size_t blank = end;
    while (blank > at_least && (unsigned char)text[blank] > ' ') {
        blank--;
    }
    return blank > at_least ? blank : end > at_least ? end : at_least;
}

static const char *piece(struct barq_arena *arena, const char *before, const char *text, size_t len,
                         const char *after)
{
    char *out = bq_arena_format(arena, "%s%.*s%s", before, (int)len, text, after);

    for (char *at = out; at && *at != '\0'; at++) {
        if ((unsigned char)*at < ' ') {
            *at = ' ';
        }
    }
    return out;
}

bool bm_snippet_make(const struct bm_phrases *phrases, const char *text, struct barq_arena *arena,
                     struct bm_snippet *out)
{
    size_t at;
    size_t end;

    if (!bm_phrases_find(phrases, text, 0, &at, &end)) {
        return false;
    }
    size_t from = begin_of(text, at);
    size_t until = end_of(text, from, end);
    const char *before = from > 0 ? MORE : "";
    const char *after = text[until] != '\0' ? MORE : "";
    *out = (struct bm_snippet){.text = piece(arena, before, text + from, until - from, after)};
    bool good = out->text != NULL;
    size_t place = from;
    do {
        out->pieces[out->n_pieces] =
            piece(arena, place == from ? before : "", text + place, at - place, "");
        out->pieces[out->n_pieces + 1] = piece(arena, "", text + at, end - at, "");
        good = good && out->pieces[out->n_pieces] && out->pieces[out->n_pieces + 1];
        out->n_pieces += 2;
        place = end;
    } while (out->n_pieces + 2 < BM_SNIPPET_PIECES_MAX &&
             bm_phrases_find(phrases, text, place, &at, &end) && end <= until);
    out->pieces[out->n_pieces] = piece(arena, "", text + place, until - place, after);
    return good && out->pieces[out->n_pieces++];
}

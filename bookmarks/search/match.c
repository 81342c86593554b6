#include "search/match.h"

#include <string.h>

#include "search/fold.h"

enum { EXPRESSION_MAX_BYTES = 16 * 1024, PLACES = 4 };

/* In the order of enum bm_where. */
static const char *const places[PLACES] = {"title", "description", "transcript", "notes"};

static bool is_word(const struct bm_part *part)
{
    return part->kind == BM_PART_TEXT && !part->is_not;
}

bool bm_match_has_words(const struct bm_query *query)
{
    for (size_t i = 0; i < query->count; i++) {
        if (is_word(&query->parts[i])) {
            return true;
        }
    }
    return false;
}

/* -- SQLite: an expression of FTS5 -- */

/* Its words as a phrase: quotes and signs are no words, so none is left in it. */
static void put_phrase(struct bq_buf *out, const char *text, bool is_prefix)
{
    struct bm_word word;

    bq_buf_puts(out, "\"");
    for (size_t at = 0; bm_next_word(text, at, &word); at = word.end) {
        bq_buf_puts(out, at > 0 ? " " : "");
        bq_buf_put(out, text + word.at, word.end - word.at);
    }
    bq_buf_puts(out, is_prefix ? "\"*" : "\"");
}

static void put_columns(struct bq_buf *out, unsigned where)
{
    if (where == 0) {
        return;
    }
    bq_buf_puts(out, "{");
    for (unsigned i = 0; i < PLACES; i++) {
        if (where & 1U << i) {
            bq_buf_printf(out, " %s", places[i]);
        }
    }
    bq_buf_puts(out, "} : ");
}

static const char rows_of_texts[] = " FROM video_search s JOIN video_texts k ON k.number = s.rowid";

static void put_expression(struct bm_sql *sql, struct barq_arena *arena, const char *from,
                           struct bq_buf *expression)
{
    const char *text = bq_buf_cstr(expression);
    const char *copy = text ? bq_arena_strdup(arena, text) : NULL;

    sql->is_full |= !copy;
    bm_sql_put(sql, from);
    bm_sql_put(sql, " WHERE video_search MATCH ");
    bm_sql_text(sql, copy ? copy : "");
}

static void put_sqlite(struct bm_sql *sql, struct barq_arena *arena, const char *from,
                       const struct bm_query *query, const struct bm_part *only)
{
    bq_auto(buf) struct bq_buf expression;
    bq_buf_init(&expression, EXPRESSION_MAX_BYTES);

    put_columns(&expression, query->where);
    bq_buf_puts(&expression, "(");
    for (size_t i = 0, n = 0; i < query->count; i++) {
        const struct bm_part *part = &query->parts[i];
        if (only ? part == only : is_word(part)) {
            bq_buf_puts(&expression, n++ > 0 ? " AND " : "");
            put_phrase(&expression, part->text, part->is_prefix);
        }
    }
    bq_buf_puts(&expression, ")");
    put_expression(sql, arena, from, &expression);
}

/* -- PostgreSQL: a tsquery -- */

static void put_tsquery(struct bm_sql *sql, const struct bm_query *query,
                        const struct bm_part *only)
{
    size_t n = 0;

    bm_sql_put(sql, "(");
    for (size_t i = 0; i < query->count; i++) {
        const struct bm_part *part = &query->parts[i];
        if (only ? part != only : !is_word(part)) {
            continue;
        }
        bm_sql_put(sql, n++ > 0 ? " && " : "");
        if (part->is_prefix) { /* the words of a phrase, of which the last one goes on */
            bm_sql_put(sql, "to_tsquery('simple', replace(trim(bookmarks_fold(");
            bm_sql_text(sql, part->text);
            bm_sql_put(sql, ")), ' ', ' <-> ') || ':*')");
        } else {
            bm_sql_put(sql, "phraseto_tsquery('simple', bookmarks_fold(");
            bm_sql_text(sql, part->text);
            bm_sql_put(sql, "))");
        }
    }
    bm_sql_put(sql, ")");
}

static void put_postgresql(struct bm_sql *sql, const struct bm_query *query,
                           const struct bm_part *only)
{
    bm_sql_put(sql, " FROM video_texts k WHERE k.document @@ ");
    put_tsquery(sql, query, only);
    if (query->where == 0) {
        return;
    }
    /* The index knows that the words are there, and their texts, where. */
    bm_sql_put(sql, " AND to_tsvector('simple', bookmarks_fold(concat_ws(E'\\n'");
    for (unsigned i = 0; i < PLACES; i++) {
        if (query->where & 1U << i) {
            bm_sql_put(sql, ", k.");
            bm_sql_put(sql, places[i]);
        }
    }
    bm_sql_put(sql, "))) @@ ");
    put_tsquery(sql, query, only);
}

/* -- both -- */

void bm_match_put(struct bm_sql *sql, bool is_sqlite, struct barq_arena *arena,
                  const struct bm_query *query, const struct bm_part *only)
{
    if (is_sqlite) {
        put_sqlite(sql, arena, rows_of_texts, query, only);
    } else {
        put_postgresql(sql, query, only);
    }
}

void bm_match_put_hits(struct bm_sql *sql, bool is_sqlite, struct barq_arena *arena,
                       const struct bm_query *query, const struct bm_part *only)
{
    if (is_sqlite) {
        put_sqlite(sql, arena, " FROM video_search", query, only);
    } else {
        put_postgresql(sql, query, only);
    }
}

/* A word in a title says more of a video than one that is said in it. */
void bm_match_put_rank(struct bm_sql *sql, bool is_sqlite, const struct bm_query *query)
{
    if (is_sqlite) {
        bm_sql_put(sql, "bm25(video_search, 10.0, 4.0, 2.0, 1.0, 4.0, 4.0, 4.0)");
        return;
    }
    bm_sql_put(sql, "CAST(-ts_rank('{0.1, 0.2, 0.4, 1.0}', k.document, ");
    put_tsquery(sql, query, NULL);
    bm_sql_put(sql, ", 1) AS DOUBLE PRECISION)");
}

void bm_match_put_channel(struct bm_sql *sql, bool is_sqlite, struct barq_arena *arena,
                          const char *text)
{
    bq_auto(buf) struct bq_buf expression;
    struct bm_part part = {.kind = BM_PART_TEXT, .text = text};
    struct bm_query query = {.parts = &part, .count = 1};
    bq_buf_init(&expression, EXPRESSION_MAX_BYTES);

    if (is_sqlite) {
        bq_buf_puts(&expression, "channel : ");
        put_phrase(&expression, text, false);
        put_expression(sql, arena, rows_of_texts, &expression);
        return;
    }
    put_postgresql(sql, &query, NULL);
    bm_sql_put(sql, " AND to_tsvector('simple', bookmarks_fold(k.channel)) @@ ");
    put_tsquery(sql, &query, NULL);
}

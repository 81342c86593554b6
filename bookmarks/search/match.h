/*
 * match.h - the words of a query as full text search takes them: the one file
 * where SQLite and PostgreSQL differ.
 */
#ifndef BM_MATCH_H
#define BM_MATCH_H

#include "search/query.h"
#include "search/sql.h"

/* Has the query any words that must be there? */
bool bm_match_has_words(const struct bm_query *query);

/*
 * " FROM ... WHERE ..." of the rows k of video_texts that have all words of the
 * query which must be there; with `only`, the words of that part alone.
 */
void bm_match_put(struct bm_sql *sql, bool is_sqlite, struct barq_arena *arena,
                  const struct bm_query *query, const struct bm_part *only);
/* The same without a k, to be counted; on SQLite of the index alone, where a hit is its rowid: the number of a k. */
void bm_match_put_hits(struct bm_sql *sql, bool is_sqlite, struct barq_arena *arena,
                       const struct bm_query *query, const struct bm_part *only);
/* How well k fits the words: a number, smaller is better. */
void bm_match_put_rank(struct bm_sql *sql, bool is_sqlite, const struct bm_query *query);
/* The one phrase `text` in the names of channels. */
void bm_match_put_channel(struct bm_sql *sql, bool is_sqlite, struct barq_arena *arena,
                          const char *text);

#endif

/*
 * index.h - the index that search looks into, made anew.
 *
 * Triggers keep it (store/tables/3_sqlite.sql), in the transaction of what they
 * index. This is for one that is in doubt.
 */
#ifndef BM_SEARCH_INDEX_H
#define BM_SEARCH_INDEX_H

#include <barq/session.h>

/*
 * Empties the index, then fills it in short transactions of its own: others may
 * read and write, and find what is in it already. One that was interrupted is
 * done by calling again. `*count` is how many videos it has got.
 */
enum barq_status bm_reindex(struct barq_session *session, int64_t *count, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif

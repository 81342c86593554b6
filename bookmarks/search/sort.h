/*
 * sort.h - what videos can be sorted by. The order is total: what is equal goes by
 * id, and what is unknown comes last, whichever way.
 */
#ifndef BM_SEARCH_SORT_H
#define BM_SEARCH_SORT_H

#include "search/parts.h"

struct bm_sort {
    const char *name;  /* "title", "field:level", "rank" */
    const char *key;   /* SQL, of the videos v; of a field, and of the rank, of what is joined */
    const char *known; /* that it has a key, as an index says it; NULL: key IS NOT NULL */
    bool is_never_null;
    bool is_rank;
    const char *field; /* NULL: not by a field */
};

/*
 * Finds the sort of `name`, which may begin with a "-"; then `*descending` is set.
 *
 * BARQ_ERR_ARG  there is none: the error says which there are
 */
enum barq_status bm_sort_find(struct barq_session *session, struct barq_arena *arena,
                              const struct bm_scope *scope, const char *name, struct bm_sort *out,
                              bool *descending, struct barq_error *err) BARQ_MUST_CHECK;

#endif

/*
 * find.h - a page of the videos that a query means, in any order.
 *
 * A page goes on where the one before it ended (a cursor), not at a number: what
 * is added or taken away meanwhile moves nothing. Or it begins at a number: so a
 * scrollbar gets to the middle of 100,000 at once.
 */
#ifndef BM_SEARCH_FIND_H
#define BM_SEARCH_FIND_H

#include <barq/session.h>

#include "search/parts.h"

/* Where more videos than that have its words, they say too little to rank by. */
enum { BM_RANKED_MAX = 5000, BM_FIND_OFFSET_MAX = 10000000 };

struct bm_listing {
    struct bm_scope scope;
    const char *text; /* what the query was parsed from; "": all videos */
    const char *sort; /* see sort.h; NULL: by rank when there are words, else as below */
    bool descending;
    const char *cursor; /* NULL: from the first */
    size_t limit;       /* 1 to BM_PAGE_MAX */
    size_t offset;      /* videos to pass over, at most BM_FIND_OFFSET_MAX; without a cursor */
    bool is_counted;    /* how many there are in all is wanted */
};

struct bm_found {
    const char *const *ids;
    const double *ranks; /* smaller is better; 0 in other orders */
    size_t count;
    const char *next; /* the cursor of the next page; NULL: this is the last */
    int64_t total;    /* of all pages, as of the first one; -1: they were not counted */
};

/*
 * Without a sort: by rank; in a list by position; over all lists those that were
 * added last, first - which is also the order when there is nothing to rank by.
 *
 * BARQ_ERR_ARG    the sort or the cursor make no sense, or the query names what there is not
 * BARQ_ERR_LIMIT  it is too long for one statement
 */
enum barq_status bm_find(struct barq_session *session, struct barq_arena *arena,
                         const struct bm_listing *listing, struct bm_found *out,
                         struct barq_error *err) BARQ_MUST_CHECK;
/* The ids of all, by id, at most `max`. */
enum barq_status bm_find_ids(struct barq_session *session, struct barq_arena *arena,
                             const struct bm_scope *scope, size_t max, const char *const **out,
                             size_t *count, struct barq_error *err) BARQ_MUST_CHECK;

#endif

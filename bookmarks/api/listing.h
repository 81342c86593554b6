/*
 * listing.h - a page of videos as a request asks for it, and as it is answered.
 *
 *     ?q=tag:later dur:>10m&sort=published&order=desc&limit=50&cursor=...&count=true
 *     ?q=...&offset=50000&limit=50
 *
 * The answer is a list; what there is to know of it is in headers: Next-Cursor,
 * when there is a next page, and Total-Count, when it was asked for.
 */
#ifndef BM_API_LISTING_H
#define BM_API_LISTING_H

#include "api/request.h"
#include "search/find.h"

struct bm_api_listing {
    struct bm_query query;
    struct bm_listing listing; /* which points at it */
};
/* Reads the parameters. False: something is wrong with them, and refused; or `*status` is what the
 * handler returns. */
bool bm_api_read_listing(struct bm_api_request *request, size_t limit, struct bm_api_listing *out,
                         enum barq_status *status, struct barq_error *err);
/* Parses a query; false: it is refused, or `*status` is what the handler returns. */
bool bm_api_parse_query(struct bm_api_request *request, const char *text, struct bm_query *out,
                        enum barq_status *status, struct barq_error *err);
/* Adds a part to a query, if there is room. */
struct bm_part *bm_api_add_part(struct bm_query *query, enum bm_part_kind kind);

/* Answers with the page. What makes no sense is refused. */
enum barq_status bm_api_answer_listing(struct bm_api_request *request,
                                       const struct bm_api_listing *listing, struct barq_error *err)
    BARQ_MUST_CHECK;
/* The same as JSON, without headers; also for the command line. */
enum barq_status bm_api_listing_json(struct barq_session *session, struct barq_arena *arena,
                                     const struct bm_found *found, struct barq_value **out,
                                     struct barq_error *err) BARQ_MUST_CHECK;

#endif

/*
 * session.h - the database as the API's threads use it: each has its own
 * session, which is opened when it is needed, and anew when it is broken.
 */
#ifndef BM_API_SESSION_H
#define BM_API_SESSION_H

#include "api/request.h"

/*
 * Runs the route's handler in the transaction that it wants. A refusal leaves
 * nothing behind: only what is answered with success is committed.
 *
 * BARQ_ERR_BUSY, BARQ_ERR_CONN, BARQ_ERR_CONFLICT  another time it may work
 */
enum barq_status bm_api_run(struct bm_api_request *request, const struct bm_api_route *route,
                            struct barq_error *err) BARQ_MUST_CHECK;

#endif

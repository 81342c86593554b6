/*
 * usage_json.h - what was asked and spent, and what is left of it, for the API and its command.
 */
#ifndef BM_API_USAGE_JSON_H
#define BM_API_USAGE_JSON_H

#include <barq/session.h>

#include "base/arena.h"

/* As of now; in a transaction for reading. `*out` is in `arena`. */
enum barq_status bm_api_usage_json(struct barq_session *session, int64_t now_ms,
                                   struct barq_arena *arena, struct barq_value **out,
                                   struct barq_error *err) BARQ_MUST_CHECK;

#endif

/*
 * idempotency.h - what was answered to a request that may be sent again, by its key.
 *
 * A row is written in the transaction that did the work, so there is an answer if
 * and only if the work was done. Work in several transactions is noted before the
 * first and answered after the last; what was under way when its server died is
 * forgotten after an hour, and may then be done once more.
 */
#ifndef BM_IDEMPOTENCY_H
#define BM_IDEMPOTENCY_H

#include <barq/session.h>

#include "base/arena.h"

enum { BM_KEY_MAX_BYTES = 255 };
#define BM_KEPT_MS  (INT64_C(24) * 3600 * 1000)
#define BM_UNDER_MS (INT64_C(3600) * 1000) /* so long something may be under way */

struct bm_kept {
    const char *key;
    const char *principal; /* whose key it is */
    const char *method;
    const char *path; /* with its query */
    const char *body_hash;
    int64_t status;       /* 0: not answered yet */
    const char *location; /* NULL: none */
    const char *answer;   /* JSON; NULL: none */
};

/* The row of kept->key and kept->principal, in `arena`; BARQ_ERR_NOTFOUND when there is none that still counts. */
enum barq_status bm_kept_find(struct barq_session *session, const struct bm_kept *asked,
                              int64_t now_ms, struct barq_arena *arena, struct bm_kept *out,
                              struct barq_error *err) BARQ_MUST_CHECK;
/* Writes it, and throws old ones away. BARQ_ERR_EXISTS: somebody else was faster. */
enum barq_status bm_kept_add(struct barq_session *session, const struct bm_kept *kept,
                             int64_t now_ms, struct barq_error *err) BARQ_MUST_CHECK;
/* Puts the answer of one that was under way. */
enum barq_status bm_kept_answer(struct barq_session *session, const struct bm_kept *kept,
                                struct barq_error *err) BARQ_MUST_CHECK;
enum barq_status bm_kept_forget(struct barq_session *session, const struct bm_kept *kept,
                                struct barq_error *err) BARQ_MUST_CHECK;

#endif

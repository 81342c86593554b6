/*
 * holds.h - services that are not asked for a while, and what each has been asked today.
 *
 * A rate limit or a spent quota is the service's, not a job's. Whoever meets it
 * holds the service; nobody asks it before the hold is over. A job that meets a
 * hold ends and leaves its videos waiting. With the hold, in the same
 * transaction, one job is enqueued for its end, end_hold: it takes the hold
 * away, and enqueues what the runs have waiting (runs.h). So nothing is tried
 * again and again, and nothing has to be looked for.
 */
#ifndef BM_HOLDS_H
#define BM_HOLDS_H

#include <stdbool.h>
#include <stdint.h>

#include <barq/error.h>
#include <barq/session.h>

#include "base/arena.h"

struct bm_held {
    const char *service; /* "youtube", ... */
    int64_t since_at_ms;
    int64_t until_at_ms;
    const char *reason; /* in words, with when it resumes */
};

/* Holds a service until then, or for longer if it is held already; in a transaction for writing. */
enum barq_status bm_hold_put(struct barq_session *session, const char *service, int64_t until_at_ms,
                             const char *reason, int64_t now_ms, struct barq_error *err)
    BARQ_MUST_CHECK;
/* `*out` has service NULL when it is not held at `now_ms`. */
enum barq_status bm_hold_get(struct barq_session *session, const char *service, int64_t now_ms,
                             struct barq_arena *arena, struct bm_held *out, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Those at `now_ms`, by service; there are no more than BM_HOLDS_MAX. */
enum { BM_HOLDS_MAX = 16 };
enum barq_status bm_holds(struct barq_session *session, int64_t now_ms, struct barq_arena *arena,
                          const struct bm_held **out, size_t *count, struct barq_error *err)
    BARQ_MUST_CHECK;
/*
 * Takes the hold away, if it is over at `now_ms` (INT64_MAX: in any case, since
 * the person says so); then `*ended`. Whoever calls lets the runs go on.
 */
enum barq_status bm_hold_end(struct barq_session *session, const char *service, int64_t now_ms,
                             bool *ended, struct barq_error *err) BARQ_MUST_CHECK;

/* Enqueues end_hold(service) for that time: bm_hold_put() does; and whoever comes too early for a prolonged one. */
enum barq_status bm_hold_enqueue_end(struct barq_session *session, const char *service,
                                     int64_t until_at_ms, struct barq_error *err) BARQ_MUST_CHECK;

/* -- what was asked -- */

struct bm_used {
    const char *model; /* whose tokens they are; NULL: none. To be added only */
    int64_t calls;
    int64_t units; /* of YouTube's quota */
    int64_t tokens_in;
    int64_t tokens_out;
    int64_t cost_millionths; /* of a US dollar */
};
enum { BM_DAY_BYTES = 16 };

/* "2026-11-30", of a number of days since 1970-01-01. */
void bm_day_text(int64_t days, char out[BM_DAY_BYTES]);
/* `list_id` NULL: for no list. Adds to what is there. */
enum barq_status bm_usage_add(struct barq_session *session, const char *service, const char *day,
                              const char *list_id, const struct bm_used *more,
                              struct barq_error *err) BARQ_MUST_CHECK;
/* Of a service on a day, over all lists, or (`list_id`) for one; `service` NULL: all of them. */
enum barq_status bm_usage_of(struct barq_session *session, const char *service, const char *day,
                             const char *list_id, struct bm_used *out, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif

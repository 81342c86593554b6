/*
 * subscriptions.h - channels, playlists and words that a list is filled from, again and again.
 */
#ifndef BM_SUBSCRIPTIONS_H
#define BM_SUBSCRIPTIONS_H

#include "store/store.h"

struct bm_subscription {
    const char *id;
    const char *list_id;
    const char *kind;   /* "channel", "playlist", "keyword" */
    const char *target; /* the channel's or playlist's id, or the words */
    int64_t every_ms;
    int64_t last_at_ms; /* 0: not yet */
};

/* BARQ_ERR_NOTFOUND: there is none of this id, or it is not active. */
enum barq_status bm_subscription_get(struct barq_session *session, const char *id,
                                     struct barq_arena *arena, struct bm_subscription *out,
                                     struct barq_error *err) BARQ_MUST_CHECK;
/* Enqueues poll_subscription for each that is due, at most `limit`, and plans its next time; so many. */
enum barq_status bm_subscriptions_enqueue_due(struct barq_session *session, int64_t now_ms,
                                              size_t limit, int64_t *enqueued,
                                              struct barq_error *err) BARQ_MUST_CHECK;
/*
 * A video that was found: `*new` when it never was before, also not one that was thrown away since.
 */
enum barq_status bm_subscription_match(struct barq_session *session, const char *id,
                                       const char *youtube_id, int64_t now_ms, bool *new,
                                       struct barq_error *err) BARQ_MUST_CHECK;
/* It was polled; `error` NULL: well. */
enum barq_status bm_subscription_polled(struct barq_session *session, const char *id,
                                        const char *error, int64_t now_ms, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif

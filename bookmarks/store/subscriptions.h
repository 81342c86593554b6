/*
 * subscriptions.h - channels, playlists and words that a list is filled from, again and again.
 */
#ifndef BM_SUBSCRIPTIONS_H
#define BM_SUBSCRIPTIONS_H

#include "store/store.h"

enum {
    BM_SUBSCRIPTIONS_MAX = 1000,
    BM_TARGET_MAX_BYTES = 200,
    BM_SUBSCRIPTION_LEAST_HOURS = 1,
    BM_SUBSCRIPTION_MOST_HOURS = 24 * 30,
};

struct bm_subscription {
    const char *id;
    const char *list_id;
    const char *kind;   /* "channel", "playlist", "keyword" */
    const char *target; /* the channel's or playlist's id, or the words */
    const char *name;   /* for people */
    const char *error;  /* what went wrong the last time; NULL: nothing */
    int64_t every_ms;
    int64_t last_at_ms; /* 0: not yet */
    int64_t next_at_ms;
    bool is_active;
    int64_t matches; /* videos that it has ever found */
};

/*
 * Adds one that is due at once; its id goes to `id`. Of `new` the first four and every_ms count.
 *
 * BARQ_ERR_ARG     no such kind, or the target can be none
 * BARQ_ERR_EXISTS  the list has it
 */
enum barq_status bm_subscription_add(struct barq_session *session,
                                     const struct bm_subscription *new, int64_t now_ms,
                                     char id[BM_ID_BYTES], struct barq_error *err) BARQ_MUST_CHECK;
/* With what it has found; the videos stay. BARQ_ERR_NOTFOUND: there is none of this id. */
enum barq_status bm_subscription_delete(struct barq_session *session, const char *id,
                                        struct barq_error *err) BARQ_MUST_CHECK;
/* Due at once. BARQ_ERR_NOTFOUND: there is none of this id. */
enum barq_status bm_subscription_poll_now(struct barq_session *session, const char *id,
                                          int64_t now_ms, struct barq_error *err) BARQ_MUST_CHECK;
/* All of a list (NULL: of all), the oldest first. */
enum barq_status bm_subscriptions(struct barq_session *session, const char *list_id,
                                  struct barq_arena *arena, const struct bm_subscription **out,
                                  size_t *count, struct barq_error *err) BARQ_MUST_CHECK;

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

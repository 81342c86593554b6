/*
 * events.h - what has happened, in the order in which it was committed.
 *
 * Whoever changes a video, a run or a hold adds the event in the same
 * transaction: it is there if and only if the change is. The numbers grow by one;
 * the counter is held until COMMIT, so whoever has seen an event has seen all
 * before it. What is asked for often is added last, to hold it for a moment only.
 *
 *     run.started run.paused run.resumed run.retried run.cancelled run.finished run.previewed
 *     videos.described video.completed video.failed video.availability videos.added
 *     hold.began hold.ended
 *     source.expanded source.failed
 */
#ifndef BM_EVENTS_H
#define BM_EVENTS_H

#include <stdint.h>

#include <barq/error.h>
#include <barq/session.h>

#include "base/arena.h"

enum {
    BM_EVENT_DATA_MAX_BYTES = 64 * 1024,
    BM_EVENTS_PAGE_MAX = 1000,
    BM_EVENTS_KEPT_DAYS = 30,
};

struct bm_event {
    int64_t seq;
    int64_t at_ms;
    const char *kind;
    const char *list_id; /* NULL: none; likewise the next two. When it is added: that of these */
    const char *run_id;
    const char *video_id;
    const char *data; /* a JSON object; NULL when it is added: {} */
};

/* Needs a transaction for writing. `seq` is given here. BARQ_ERR_LIMIT: data is too long. */
enum barq_status bm_event_add(struct barq_session *session, const struct bm_event *event,
                              struct barq_error *err) BARQ_MUST_CHECK;
/* The same with `data` as a value; NULL: {}. */
enum barq_status bm_event_add_value(struct barq_session *session, const struct bm_event *event,
                                    const struct barq_value *data, struct barq_arena *arena,
                                    struct barq_error *err) BARQ_MUST_CHECK;

struct bm_event_filter {
    int64_t after;                /* only later ones */
    const char *list_id, *run_id; /* NULL: any */
};
/* The oldest `limit` (1 to BM_EVENTS_PAGE_MAX) of them. */
enum barq_status bm_events(struct barq_session *session, const struct bm_event_filter *filter,
                           size_t limit, struct barq_arena *arena, const struct bm_event **out,
                           size_t *count, struct barq_error *err) BARQ_MUST_CHECK;
/* The number of the newest; 0: there was none yet. */
enum barq_status bm_events_newest(struct barq_session *session, int64_t *out,
                                  struct barq_error *err) BARQ_MUST_CHECK;
/* Removes at most `limit` of those before `before_ms`, the oldest first; so many. */
enum barq_status bm_events_prune(struct barq_session *session, int64_t before_ms, int64_t limit,
                                 int64_t *pruned, struct barq_error *err) BARQ_MUST_CHECK;

#endif

/*
 * store.h - the application's tables: lists and videos. In files of their own: fields and their
 * values, runs, events, holds.
 *
 * A video is pending, completed or failed; that it is being processed is what
 * the queue says of its jobs, and no row. All functions work in the session
 * they are given, be it a job's or the application's own, with the transaction
 * that is open there; what changes rows needs one for writing. What they read
 * is in `arena`. Ids are UUIDv7 as text. Every call may also end with what
 * session.h says of barq_exec() and barq_query().
 */
#ifndef BM_STORE_H
#define BM_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include <barq/error.h>
#include <barq/session.h>

#include "base/arena.h"
#include "store/fields.h"
#include "store/id.h"
#include "store/lists.h"
#include "store/values.h"
#include "video/metadata.h"

enum { BM_PAGE_MAX = 1000 };

/* Opens the application's session, at DATABASE_URL, and brings its tables up to date. */
enum barq_status bm_store_open(struct barq_session **out, struct barq_error *err) BARQ_MUST_CHECK;
/* In any transaction: are the tables of this version? */
enum barq_status bm_tables_current(struct barq_session *session, bool *out, struct barq_error *err)
    BARQ_MUST_CHECK;
/* In a transaction for writing. `*from` and `*to` are versions (0: there were no tables). */
enum barq_status bm_migrate(struct barq_session *session, int *from, int *to,
                            struct barq_error *err) BARQ_MUST_CHECK;

/* -- videos -- */

enum bm_video_status { BM_PENDING, BM_COMPLETED, BM_FAILED, BM_VIDEO_STATUSES };
const char *bm_video_status_name(enum bm_video_status status); /* "pending", ... */
bool bm_video_status_parse(const char *name, enum bm_video_status *out);

struct bm_video {
    const char *id;
    const char *list_id;
    int64_t position; /* in its list, growing in the order of arrival */
    enum bm_video_status status;
    const char *error;           /* of a failed one; else NULL */
    struct bm_metadata metadata; /* found: it has been fetched; without its description in a page */
    int64_t metadata_at_ms;      /* when they were fetched; INT64_MIN: they were not */
    const char *availability;    /* "available", "private", "gone", "unknown" */
    int64_t checked_at_ms;       /* when that was last asked; INT64_MIN: never */
    const char *own_title;       /* a person's, which stands above the other; NULL: none */
    int64_t added_at_ms;         /* to where it was imported from; INT64_MIN: unknown */
    int64_t start_s;             /* the t= of its address; 0: none */
    int64_t watch_position_s;    /* -1: not begun */
    int64_t watched_at_ms;       /* INT64_MIN: not yet */
    int64_t priority;            /* higher first */
    int64_t created_at_ms;
    int64_t updated_at_ms;
};

/* The position behind the list's last video. Whoever adds has the write lock, so it stays free. */
enum barq_status bm_next_position(struct barq_session *session, const char *list_id, int64_t *out,
                                  struct barq_error *err) BARQ_MUST_CHECK;
/* Adds a pending video, unless it is in the list: then `*added` is false, and `*since_ms` is when it
 * came. */
enum barq_status bm_video_add(struct barq_session *session, const char *list_id,
                              const char *youtube_id, int64_t position, int64_t now_ms, bool *added,
                              int64_t *since_ms, struct barq_error *err) BARQ_MUST_CHECK;
/* BARQ_ERR_NOTFOUND: there is none of this id (any more). */
enum barq_status bm_video_get(struct barq_session *session, const char *id,
                              struct barq_arena *arena, struct bm_video *out,
                              struct barq_error *err) BARQ_MUST_CHECK;

struct bm_video_filter {
    const char *list_id;
    const char *run_id;     /* NULL: any */
    int status;             /* an enum bm_video_status; BARQ_OFF: any */
    int64_t after_position; /* 0: from the first */
};
/* At most `limit` (1 to BM_PAGE_MAX), by position. */
enum barq_status bm_videos(struct barq_session *session, const struct bm_video_filter *filter,
                           size_t limit, struct barq_arena *arena, const struct bm_video **out,
                           size_t *count, struct barq_error *err) BARQ_MUST_CHECK;

/* Those of the ids, at most BM_PAGE_MAX, in their order; what is gone meanwhile is left out. */
enum barq_status bm_videos_of(struct barq_session *session, const char *const *ids, size_t n_ids,
                              struct barq_arena *arena, const struct bm_video **out, size_t *count,
                              struct barq_error *err) BARQ_MUST_CHECK;

/* The next three change a pending video only; `*changed` (may be NULL) says whether it was one. */
enum barq_status bm_video_describe(struct barq_session *session, const char *id,
                                   const struct bm_metadata *metadata, int64_t now_ms,
                                   bool *changed, struct barq_error *err) BARQ_MUST_CHECK;
enum barq_status bm_video_complete(struct barq_session *session, const char *id, int64_t now_ms,
                                   bool *changed, struct barq_error *err) BARQ_MUST_CHECK;
enum barq_status bm_video_fail(struct barq_session *session, const char *id, const char *why,
                               int64_t now_ms, bool *changed, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif

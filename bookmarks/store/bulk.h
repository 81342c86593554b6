/*
 * bulk.h - one thing done to many videos.
 *
 * It goes by short transactions, so that nobody waits for it; what one video is
 * refused for is told, and the others go on.
 */
#ifndef BM_BULK_H
#define BM_BULK_H

#include <stdint.h>

#include <barq/session.h>
#include <barq/value.h>

#include "base/arena.h"

enum { BM_BULK_ALL_MAX = 100000 };

enum bm_bulk_action {
    BM_BULK_DELETE,
    BM_BULK_MOVE,
    BM_BULK_COPY,
    BM_BULK_WATCHED,
    BM_BULK_UNWATCHED,
    BM_BULK_SET,
    BM_BULK_TAG,
    BM_BULK_UNTAG,
};
/* What they are called, in that order; ended by NULL. */
extern const char *const bm_bulk_actions[];

typedef void bm_bulk_refused(void *context, const char *video_id, const char *why);

/* All is borrowed for the call. */
struct bm_bulk {
    struct barq_session *session; /* with no transaction open */
    enum bm_bulk_action action;
    const char *to_list;             /* of move and copy: its id */
    const struct barq_value *values; /* of set: by the field's name; null: none */
    const char *const *tags;         /* of tag and untag: from bm_bulk_tags() */
    size_t n_tags;
    const char *const *ids; /* of the videos */
    size_t count;
    bm_bulk_refused *refused; /* called for each that was */
    void *context;
    int64_t done; /* counted */
    int64_t failed;
};

/* What is returned is none of a video's: the database is away. What was done until then is. */
enum barq_status bm_bulk_run(struct bm_bulk *bulk, struct barq_error *err) BARQ_MUST_CHECK;

/*
 * The ids of tags by id or name, categories first: when a video has one already,
 * nothing is given. In a transaction. BARQ_ERR_NOTFOUND: there is no such tag.
 */
enum barq_status bm_bulk_tags(struct barq_session *session, const char *const *names, size_t count,
                              struct barq_arena *arena, const char *const **out,
                              struct barq_error *err) BARQ_MUST_CHECK;

#endif

/*
 * statistics.h - a list as numbers that are looked at rather than read.
 *
 * A fixed number of statements, whatever the list has: what they count is in an index.
 */
#ifndef BM_STATISTICS_H
#define BM_STATISTICS_H

#include "store/field_statistics.h"

enum {
    BM_STATISTICS_TOP = 10,  /* channels and tags */
    BM_STATISTICS_DAYS = 90, /* the last one is today, of UTC */
};

struct bm_counted {
    const char *id; /* of a channel or a tag */
    const char *name;
    const char *color; /* of a tag; NULL: none */
    int64_t count;     /* of its videos in the list */
};

struct bm_day_counts {
    int64_t day; /* since 1970-01-01 */
    int64_t added;
    int64_t completed; /* by runs; what was processed again counts again */
};

struct bm_statistics {
    int64_t n_watched;
    int64_t n_private; /* as was found when they were asked for last */
    int64_t n_gone;
    int64_t n_timed; /* whose duration is known */
    int64_t total_seconds;
    struct bm_field_statistics *fields; /* in their order */
    size_t n_fields;
    struct bm_counted channels[BM_STATISTICS_TOP]; /* those of most videos, most first */
    size_t n_channels;
    struct bm_counted tags[BM_STATISTICS_TOP]; /* likewise */
    size_t n_tags;
    struct bm_day_counts days[BM_STATISTICS_DAYS]; /* the oldest first, none left out */
};

/* Of the list of this id; all is in `arena`. In a transaction for reading. */
enum barq_status bm_statistics_of(struct barq_session *session, const char *list_id, int64_t now_ms,
                                  struct barq_arena *arena, struct bm_statistics *out,
                                  struct barq_error *err) BARQ_MUST_CHECK;

#endif

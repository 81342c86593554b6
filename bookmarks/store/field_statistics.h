/*
 * field_statistics.h - what the values of a list's fields are, all together.
 *
 * A fixed number of statements, whatever the list has: what they count is in an index.
 */
#ifndef BM_FIELD_STATISTICS_H
#define BM_FIELD_STATISTICS_H

#include "store/distribution.h"
#include "store/fields.h"
#include "store/values.h"

struct bm_option_count {
    const char *option;
    int64_t count;
};

struct bm_field_statistics {
    struct bm_field field;
    int64_t n_filled;
    int64_t by_source[BM_SOURCES];
    /* Of a select or multi-select: its options in their order, or, without any, those most used. */
    struct bm_option_count *options;
    size_t n_options; /* at most BM_FIELD_OPTIONS_MAX */
    int64_t n_other;  /* of what has no room there */
    int64_t n_true;   /* of a boolean, of those that are filled */
    /* Of numbers, and of dates as days since 1970-01-01. */
    struct bm_distribution distribution;
};

/* Of the list of this id, in the fields' order; all is in `arena`. */
enum barq_status bm_field_statistics_of(struct barq_session *session, const char *list_id,
                                        struct barq_arena *arena, struct bm_field_statistics **out,
                                        size_t *count, struct barq_error *err) BARQ_MUST_CHECK;

#endif

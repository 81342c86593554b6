/*
 * usage_report.h - what was asked and spent, by service, model and list, and day by day.
 */
#ifndef BM_USAGE_REPORT_H
#define BM_USAGE_REPORT_H

#include "store/holds.h"

enum {
    BM_USAGE_DAYS = 30,
    BM_USAGE_ROWS = 1000, /* those that cost most */
};

struct bm_spent {
    const char *service;
    const char *list_id;   /* NULL: for none */
    const char *list_name; /* NULL: for none, or it is gone */
    struct bm_used used;   /* with its model */
};
/* Of the days from `first` to `last` (bm_day_text()), in `arena`; of `service` alone or (`others`) of all but it. */
enum barq_status bm_usage_report(struct barq_session *session, const char *service, bool others,
                                 int64_t first, int64_t last, struct barq_arena *arena,
                                 const struct bm_spent **out, size_t *count, struct barq_error *err)
    BARQ_MUST_CHECK;
/* The sums of each of the BM_USAGE_DAYS that end with `last`, the oldest first; of all services. */
enum barq_status bm_usage_by_day(struct barq_session *session, int64_t last,
                                 struct bm_used out[BM_USAGE_DAYS], struct barq_error *err)
    BARQ_MUST_CHECK;

#endif

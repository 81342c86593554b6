/*
 * find.h - jobs that fit a filter, some at a time: a broker knows queues and states only, so the rest is
 * looked for among what it lists, and however few fit, a call looks at a bounded number.
 */
#ifndef BW_FIND_H
#define BW_FIND_H

#include <stdint.h>

#include "base/arena.h"
#include "web/call.h"

enum {
    BW_SEARCH_MAX_BYTES = 256,
    BW_CURSOR_MAX_BYTES = 4096,
    BW_SCAN_MAX = 5000, /* jobs that a call looks at, */
    BW_SCAN_MS = 1000,  /* and for how long, about */
};

/* In the order of openapi.json's AskedStatus; ended by a NULL. */
extern const char *const bw_statuses[];
/* The status of a word of these; BARQ_OFF: -1 was given. */
int bw_status_of(int word);

struct bw_filter {
    struct barq_list_filter list;
    const char *function; /* NULL: any */
    const char *search;   /* NULL: any */
};
bool bw_fits(const struct bw_filter *filter, const struct barq_job_info *job);

/* A look that may take several pages of the broker's. */
struct bw_find {
    const struct bw_filter *filter;
    const char *cursor;     /* of the next page, in the call's arena; NULL: there is none */
    bool is_over;           /* no page is left */
    struct barq_arena page; /* of the jobs below */
    struct barq_job_info *jobs;
    size_t count;
    size_t page_jobs; /* that are asked for next: more while jobs are small */
    size_t scanned;
    int64_t until_ms; /* by bq_mono_ms() */
};

void bw_find_init(struct bw_find *find, const struct bw_filter *filter, const char *cursor);
void bw_find_clear(struct bw_find *find);
/* Whether there is a page, and it may be read in this call. */
bool bw_find_goes_on(const struct bw_find *find);
/*
 * The next page, of `most` jobs at most, which may all not fit; they live until the next.
 *
 * BARQ_ERR_ARG  the cursor is none
 */
enum barq_status bw_find_page(struct bw_find *find, struct bw_call *call, size_t most,
                              struct barq_error *err) BARQ_MUST_CHECK;

#endif

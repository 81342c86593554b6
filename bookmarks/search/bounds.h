/*
 * bounds.h - ">10m", "5m..1h", "2024-03": which values a query means.
 */
#ifndef BM_BOUNDS_H
#define BM_BOUNDS_H

#include "search/query.h"

enum bm_measure { BM_SECONDS, BM_DAYS, BM_COUNT };

/* False when `text` is none of them. Writes to nothing but `out`. */
bool bm_bounds_parse(const char *text, enum bm_measure measure, struct bm_range *out);
/* "10m" or "600" as seconds, "10k" as 10000; the whole of `text`. */
bool bm_bounds_number(const char *text, enum bm_measure measure, int64_t *out);
/* What would have been right, for an error. */
const char *bm_bounds_help(enum bm_measure measure);

#endif

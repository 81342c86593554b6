/*
 * distribution.h - how many of many numbers are how large: buckets with edges that people would choose.
 *
 *     bm_distribution_begin(&d, BM_SPREAD_NUMBERS, 3, 97, count);
 *     bm_distribution_add(&d, 3, 1);      the values in ascending order, each with how often
 *     ...
 *
 * A bucket has what is at least its own edge and less than the next one.
 */
#ifndef BM_DISTRIBUTION_H
#define BM_DISTRIBUTION_H

#include <stddef.h>
#include <stdint.h>

enum { BM_BUCKETS_MAX = 26 };

enum bm_spread {
    BM_SPREAD_NUMBERS, /* at most 12 or so, each 1, 2 or 5 times a power of ten wide */
    BM_SPREAD_UNITS,   /* one for each whole number, while there is room for that */
    BM_SPREAD_DAYS,    /* days since 1970-01-01: by days, months, years, decades or centuries */
};

struct bm_distribution {
    int64_t count; /* of all that was added; 0: the next three say nothing */
    double min;
    double max;
    double median;
    size_t n_buckets;
    double edges[BM_BUCKETS_MAX + 1]; /* of bucket i: from edges[i] to edges[i + 1] */
    int64_t counts[BM_BUCKETS_MAX];

    int64_t expected; /* how many will be added: for the median */
    size_t at;        /* the bucket of the last one */
};

/* `count` values will be added, of which none is outside of `least` and `most`. */
void bm_distribution_begin(struct bm_distribution *distribution, enum bm_spread spread,
                           double least, double most, int64_t count);
/* `value` is no less than the one before. */
void bm_distribution_add(struct bm_distribution *distribution, double value, int64_t count);

#endif

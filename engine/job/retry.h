/*
 * retry.h - when a job that ended badly is tried again; pure arithmetic.
 */
#ifndef BQ_JOB_RETRY_H
#define BQ_JOB_RETRY_H

#include <stdint.h>

enum { BQ_RETRY_MIN_MS = 1000, BQ_RETRY_MAX_MS = 300000 }; /* of settings that do not say */

struct bq_retry_policy {
    int max_tries;
    int64_t min_ms; /* the bound of the delay after the first try; doubles with each */
    int64_t max_ms; /* and is never more than this */
};

/* Zero is the default; a policy that only says where it begins does not end before that. */
struct bq_retry_policy bq_retry_policy_of(int64_t max_tries, int64_t min_ms, int64_t max_ms);

/*
 * The delay after `tries` tries were used up (1 or more): exponential backoff with full jitter, that
 * is a uniform choice from 0 to the bound, by `random` (any 64 random bits). See "Exponential
 * Backoff And Jitter", AWS Architecture Blog, 2015.
 */
int64_t bq_retry_delay_ms(const struct bq_retry_policy *policy, int tries, uint64_t random);

#endif

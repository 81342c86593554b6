#include "job/retry.h"

#include <barq/worker.h>

struct bq_retry_policy bq_retry_policy_of(int64_t max_tries, int64_t min_ms, int64_t max_ms)
{
    int64_t longest_ms = min_ms > BQ_RETRY_MAX_MS ? min_ms : BQ_RETRY_MAX_MS;

    return (struct bq_retry_policy){
        .max_tries = max_tries != 0 ? (int)max_tries : BARQ_DEFAULT_MAX_TRIES,
        .min_ms = min_ms != 0 ? min_ms : BQ_RETRY_MIN_MS,
        .max_ms = max_ms != 0 ? max_ms : longest_ms,
    };
}

int64_t bq_retry_delay_ms(const struct bq_retry_policy *policy, int tries, uint64_t random)
{
    int64_t bound = policy->min_ms > 0 ? policy->min_ms : 0;

    for (int i = 1; i < tries && bound > 0 && bound < policy->max_ms; i++) {
        bound = bound > policy->max_ms / 2 ? policy->max_ms : 2 * bound;
    }
    if (bound > policy->max_ms) {
        bound = policy->max_ms;
    }
    return bound > 0 ? (int64_t)(random % ((uint64_t)bound + 1)) : 0;
}

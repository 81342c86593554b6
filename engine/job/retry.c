#include "job/retry.h"

int64_t bq_retry_delay_ms(const struct bq_retry_policy *policy, int tries, uint64_t random)
{
    int64_t bound = policy->min_ms;

    for (int i = 1; i < tries && bound < policy->max_ms; i++) {
        bound = bound > policy->max_ms / 2 ? policy->max_ms : 2 * bound;
        if (bound <= 0) {
            break;
        }
    }
    if (bound > policy->max_ms) {
        bound = policy->max_ms;
    }
    return bound > 0 ? (int64_t)(random % ((uint64_t)bound + 1)) : 0;
}

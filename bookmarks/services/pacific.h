/*
 * pacific.h - the day of Google's quotas, which ends at midnight in Los Angeles.
 */
#ifndef BM_PACIFIC_H
#define BM_PACIFIC_H

#include <stdint.h>

/* When the next day begins there. By the system's tzdata; without it, by the rule since 2007. */
int64_t bm_pacific_midnight_ms(int64_t now_ms);

/* The day that it is there, as days since 1970-01-01: what units are counted by. */
int64_t bm_pacific_day(int64_t now_ms);

#endif

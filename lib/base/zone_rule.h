/*
 * zone_rule.h - what a zone is made of, for zone*.c: the changes of its file,
 * and a rule for the time after them.
 */
#ifndef BQ_BASE_ZONE_RULE_H
#define BQ_BASE_ZONE_RULE_H

#include <stdbool.h>

#include "base/zone.h"

/* A day of each year, and a time of it by the clock until then. */
struct bq_zone_day {
    char kind; /* 'M': weekday `day` of week `week` (5: the last) of `month`; 'J': day 1 to 365,
                   29 February is never counted; 'N': day 0 to 365 */
    int month;
    int week;
    int day;
    int time_s; /* may lie in another day */
};

/* A POSIX TZ string. */
struct bq_zone_rule {
    int32_t offset_s;
    bool has_dst;
    int32_t dst_offset_s;
    struct bq_zone_day dst_begin;
    struct bq_zone_day dst_end;
};

struct bq_zone {
    const char *name;
    size_t n_changes;
    int64_t *changes_s; /* ascending */
    int32_t *offsets_s; /* from that change on */
    int32_t first_offset_s;
    bool has_rule; /* from the last change on; without one, its offset stays */
    struct bq_zone_rule rule;
};

/* False: it is no POSIX TZ string. */
bool bq_zone_rule_parse(const char *text, struct bq_zone_rule *out);
void bq_zone_rule_at(const struct bq_zone_rule *rule, int64_t at_s, struct bq_zone_span *out);

#endif

#include "base/zone_rule.h"

#include "base/time.h"

enum { DAY_S = 86400, YEARS = 4, CHANGES = 2 * YEARS };

/* -- reading one; each moves `*at` behind what it has read, false when that is not there -- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool take_char(const char **at, char c)
{
    if (**at != c) {
        return false;
    }
    *at += 1;
    return true;
}

/* "CET", or anything as in "<+0330>". */
static bool take_name(const char **at)
{
    const char *begin = *at;

    if (take_char(at, '<')) {
        begin = *at;
        while (is_letter(**at) || is_digit(**at) || **at == '+' || **at == '-') {
            *at += 1;
        }
        return *at - begin >= 1 && take_char(at, '>');
    }
    while (is_letter(**at)) {
        *at += 1;
    }
    return *at - begin >= 3;
}

static bool take_number(const char **at, int max, int *out)
{
    int number = 0;

    if (!is_digit(**at)) {
        return false;
    }
    while (is_digit(**at) && number <= max) {
        number = number * 10 + (**at - '0');
        *at += 1;
    }
    *out = number;
    return number <= max && !is_digit(**at);
}

/* hh[:mm[:ss]] with a sign. */
static bool take_time(const char **at, int max_hours, int *out_s)
{
    bool minus = **at == '-';
    int hours;
    int minutes = 0;
    int seconds = 0;

    if (minus || **at == '+') {
        *at += 1;
    }
    if (!take_number(at, max_hours, &hours)) {
        return false;
    }
    if (take_char(at, ':')) {
        if (!take_number(at, 59, &minutes) ||
            (take_char(at, ':') && !take_number(at, 59, &seconds))) {
            return false;
        }
    }
    *out_s = (hours * 60 + minutes) * 60 + seconds;
    *out_s = minus ? -*out_s : *out_s;
    return true;
}

static bool take_month_day(const char **at, struct bq_zone_day *day)
{
    return take_number(at, 12, &day->month) && day->month >= 1 && take_char(at, '.') &&
           take_number(at, 5, &day->week) && day->week >= 1 && take_char(at, '.') &&
           take_number(at, 6, &day->day);
}

/* ",M3.5.0/2", ",J60", ",59/-1" */
static bool take_day(const char **at, struct bq_zone_day *day)
{
    *day = (struct bq_zone_day){.kind = 'N', .time_s = 2 * 3600};
    bool good = take_char(at, ',');

    if (good && take_char(at, 'M')) {
        day->kind = 'M';
        good = take_month_day(at, day);
    } else if (good && take_char(at, 'J')) {
        day->kind = 'J';
        good = take_number(at, 365, &day->day) && day->day >= 1;
    } else {
        good = good && take_number(at, 365, &day->day);
    }
    return good && (!take_char(at, '/') || take_time(at, 167, &day->time_s));
}

bool bq_zone_rule_parse(const char *text, struct bq_zone_rule *out)
{
    static const char usual[] = ",M3.2.0,M11.1.0"; /* as everyone reads "EST5EDT" */
    struct bq_zone_rule rule = {.has_dst = false};
    const char *at = text;
    int west_s;

    if (!take_name(&at) || !take_time(&at, 24, &west_s)) {
        return false;
    }
    rule.offset_s = -west_s;
    if (*at != '\0') {
        rule.has_dst = true;
        rule.dst_offset_s = rule.offset_s + 3600;
        if (!take_name(&at)) {
            return false;
        }
        if (*at != ',' && *at != '\0') {
            if (!take_time(&at, 24, &west_s)) {
                return false;
            }
            rule.dst_offset_s = -west_s;
        }
        at = *at == '\0' ? usual : at;
        if (!take_day(&at, &rule.dst_begin) || !take_day(&at, &rule.dst_end) || *at != '\0') {
            return false;
        }
    }
    *out = rule;
    return true;
}

/* -- asking one -- */

/* Monday, 1970-01-05, was day 4; Sunday is 0. */
static int weekday_of(int64_t days)
{
    return (int)(((days + 4) % 7 + 7) % 7);
}

/* Days since 1970 of `day` in a year. */
static int64_t day_in(const struct bq_zone_day *day, int year)
{
    int64_t first = bq_date_days((struct bq_date){year, 1, 1});

    if (day->kind == 'N') {
        return first + day->day;
    }
    if (day->kind == 'J') {
        return first + day->day - 1 + (day->day >= 60 && bq_month_days(year, 2) == 29);
    }
    int64_t month = bq_date_days((struct bq_date){year, day->month, 1});
    int in_month = (day->day - weekday_of(month) + 7) % 7 + 7 * (day->week - 1);
    if (in_month >= bq_month_days(year, day->month)) {
        in_month -= 7;
    }
    return month + in_month;
}

struct change {
    int64_t at_s;
    int32_t offset_s;
};

/* Into their order, behind those of the same time: of these the last one counts. */
static void insert(struct change *changes, int count, struct change change)
{
    while (count > 0 && changes[count - 1].at_s > change.at_s) {
        changes[count] = changes[count - 1];
        count--;
    }
    changes[count] = change;
}

/* The changes of the years around `year`, those that change something only. */
static int collect(const struct bq_zone_rule *rule, int year, struct change *out)
{
    struct change all[CHANGES];
    int count = 0;
    int kept = 0;

    for (int i = 0; i < YEARS; i++) {
        int64_t begin_s = day_in(&rule->dst_begin, year - 2 + i) * DAY_S + rule->dst_begin.time_s;
        int64_t end_s = day_in(&rule->dst_end, year - 2 + i) * DAY_S + rule->dst_end.time_s;

        insert(all, count, (struct change){begin_s - rule->offset_s, rule->dst_offset_s});
        insert(all, count + 1, (struct change){end_s - rule->dst_offset_s, rule->offset_s});
        count += 2;
    }
    for (int i = 0; i < count; i++) {
        bool same_time = i + 1 < count && all[i + 1].at_s == all[i].at_s;
        if (!same_time && (kept == 0 || out[kept - 1].offset_s != all[i].offset_s)) {
            out[kept++] = all[i];
        }
    }
    return kept;
}

/* Daylight saving all year has no change at all: the first of what was collected is only the window's edge. */
void bq_zone_rule_at(const struct bq_zone_rule *rule, int64_t at_s, struct bq_zone_span *out)
{
    struct change changes[CHANGES];

    *out = (struct bq_zone_span){BQ_ZONE_BEGIN, BQ_ZONE_END, rule->offset_s, rule->offset_s};
    if (!rule->has_dst) {
        return;
    }
    int64_t in_day = (at_s % DAY_S + DAY_S) % DAY_S;
    int count = collect(rule, bq_days_date((at_s - in_day) / DAY_S).year, changes);

    out->offset_s = out->before_s = changes[0].offset_s;
    for (int i = 1; i < count; i++) {
        if (changes[i].at_s > at_s) {
            out->until_s = changes[i].at_s;
            break;
        }
        *out =
            (struct bq_zone_span){changes[i].at_s, BQ_ZONE_END, changes[i].offset_s, out->offset_s};
    }
}

#include <stdio.h>
#include <string.h>

#include "base/cron.h"
#include "base/cron_fields.h"

static const char *value_text(const struct bq_cron_field *field, int value, char *out, size_t size)
{
    if (field->names && value - field->min < field->n_names) {
        return field->names[value - field->min];
    }
    (void)snprintf(out, size, "%d", value);
    return out;
}

static char *put(char *out, const char *text)
{
    size_t len = strlen(text);

    memcpy(out, text, len + 1);
    return out + len;
}

static char *put_list(char *out, const struct bq_cron_field *field, int max, uint64_t bits)
{
    char number[12];
    bool first = true;

    for (int at = field->min; at <= max; at++) {
        int last = at;
        if (!(bits >> at & 1)) {
            continue;
        }
        while (last < max && (bits >> (last + 1) & 1)) {
            last++;
        }
        last = last == at + 1 ? at : last;
        out = put(out, first ? "" : ",");
        out = put(out, value_text(field, at, number, sizeof(number)));
        if (last > at) {
            out = put(out, "-");
            out = put(out, value_text(field, last, number, sizeof(number)));
        }
        first = false;
        at = last;
    }
    return out;
}

static uint64_t every(const struct bq_cron_field *field, int max, int step)
{
    uint64_t bits = 0;

    for (int at = field->min; at <= max; at += step) {
        bits |= UINT64_C(1) << at;
    }
    return bits;
}

/* Begins with a star, which has a meaning of its own, when it must; when it may, where it is shorter. */
static char *put_field(char *out, enum bq_cron_field_number number, uint64_t bits, bool must,
                       bool may)
{
    const struct bq_cron_field *field = &bq_cron_fields_of[number];
    int max = number == BQ_CRON_WEEKDAY ? 6 : field->max;
    char text[16];

    for (int step = 1; (must || may) && step <= (must ? field->max : max / 2); step++) {
        uint64_t stepped = every(field, max, step);
        if (stepped == bits || (must && (stepped & ~bits) == 0)) {
            (void)snprintf(text, sizeof(text), step == 1 ? "*" : "*/%d", step);
            out = put(out, text);
            bits &= ~stepped;
            return bits ? put_list(put(out, ","), field, max, bits) : out;
        }
    }
    return put_list(out, field, max, bits);
}

void bq_cron_text(const struct bq_cron *cron, char *out)
{
    bool all = !cron->either;

    if (cron->seconds != 1) {
        out = put(put_field(out, BQ_CRON_SECOND, cron->seconds, false, true), " ");
    }
    out = put(put_field(out, BQ_CRON_MINUTE, cron->minutes, false, true), " ");
    out = put(put_field(out, BQ_CRON_HOUR, cron->hours, cron->any_hour, cron->any_hour), " ");
    const char *day = out;
    out = put(put_field(out, BQ_CRON_DAY, cron->days, false, all), " ");
    out = put(put_field(out, BQ_CRON_MONTH, cron->months, false, true), " ");
    char *weekday = out;
    (void)put_field(out, BQ_CRON_WEEKDAY, cron->weekdays, false, all);
    if (all && day[0] != '*' && weekday[0] != '*') { /* then it must be said that both are meant */
        memmove(weekday + 1, weekday, strlen(weekday) + 1);
        weekday[0] = '+';
    }
}

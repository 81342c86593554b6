/*
 * pickle_time.c - datetime, date and time, as Python packs them into bytes:
 *
 *     year (two bytes, high first)  month  day  hour  minute  second  microseconds (three bytes)
 *
 * A date has the first four, a time the last six. The highest bit of a
 * datetime's month, or of a time's hour, says that it is the second of two
 * equal times when clocks are set back.
 */
#include <string.h>

#include <barq/value.h>

#include "codec/pickle.h"

enum { DATE_BYTES = 4, TIME_BYTES = 6, YEAR_MAX = 9999, DAY_MINUTES = 24 * 60 };

#define SECOND_US INT64_C(1000000)
#define DAY_US    (24 * INT64_C(3600) * SECOND_US)

/* Days since 1970-01-01, of the Gregorian calendar without beginning or end. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

struct date {
    int64_t year;
    int64_t month;
    int64_t day;
};

static struct date date_of(int64_t days)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t of_era = days - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    struct date date = {
        .day = of_year - (153 * month + 2) / 5 + 1,
        .month = month < 10 ? month + 3 : month - 9,
    };

    date.year = year + era * 400 + (date.month <= 2);
    return date;
}

static bool read_date(const uint8_t *bytes, struct date *out)
{
    struct date date = {.year = bytes[0] << 8 | bytes[1], .month = bytes[2], .day = bytes[3]};
    if (date.year < 1 || date.year > YEAR_MAX || date.month < 1 || date.month > 12) {
        return false;
    }
    struct date same = date_of(days_of(date.year, date.month, date.day));
    if (same.month != date.month || same.day != date.day) {
        return false;
    }
    *out = date;
    return true;
}

/* Microseconds since midnight. */
static bool read_time(const uint8_t *bytes, int64_t *out)
{
    int64_t us = bytes[3] << 16 | bytes[4] << 8 | bytes[5];
    if (bytes[0] > 23 || bytes[1] > 59 || bytes[2] > 59 || us >= SECOND_US) {
        return false;
    }
    *out = (INT64_C(3600) * bytes[0] + INT64_C(60) * bytes[1] + bytes[2]) * SECOND_US + us;
    return true;
}

/* The first argument, if it is bytes and so many. */
static const uint8_t *packed(const struct barq_value *args, size_t wanted)
{
    size_t len;
    const uint8_t *bytes = barq_as_bytes(barq_at(args, 0), &len);

    return barq_kind(barq_at(args, 0)) == BARQ_BYTES && len == wanted ? bytes : NULL;
}

static bool is_named(const struct barq_value *value, const char *name)
{
    return barq_kind(value) == BARQ_NAMED && strcmp(barq_name_of(value), name) == 0;
}

/* datetime.timezone(datetime.timedelta(days, seconds, 0)), if that is whole minutes; else it stays what it is. */
static bool read_zone(const struct barq_value *zone, int32_t *minutes)
{
    const struct barq_value *args = barq_content_of(zone);
    const struct barq_value *delta = barq_at(args, 0);
    const struct barq_value *parts = barq_content_of(delta);
    if (!is_named(zone, "datetime.timezone") || barq_count(args) != 1 ||
        !is_named(delta, "datetime.timedelta") || barq_count(parts) != 3) {
        return false;
    }

    int64_t days = barq_as_int(barq_at(parts, 0), DAY_MINUTES);
    int64_t seconds = barq_as_int(barq_at(parts, 1), 1);
    if (days < -1 || days > 0 || seconds < 0 || seconds >= INT64_C(60) * DAY_MINUTES ||
        seconds % 60 != 0 || barq_as_int(barq_at(parts, 2), 1) != 0) {
        return false;
    }
    *minutes = (int32_t)(days * DAY_MINUTES + seconds / 60);
    return true;
}

struct barq_value *bq_pickle_datetime(struct bq_pickle *in, const struct barq_value *args)
{
    const uint8_t *bytes = packed(args, BQ_PICKLE_DATETIME_BYTES);
    int32_t zone = BARQ_NO_ZONE;
    struct date date;
    int64_t us;
    if (!bytes || barq_count(args) > 2 ||
        (barq_count(args) == 2 && !read_zone(barq_at(args, 1), &zone)) || (bytes[2] & 0x80) != 0) {
        return NULL;
    }
    if (!read_date(bytes, &date) || !read_time(bytes + DATE_BYTES, &us)) {
        return bq_pickle_fail(in, BARQ_ERR_FORMAT, "a datetime that does not exist");
    }

    us += days_of(date.year, date.month, date.day) * DAY_US;
    if (zone != BARQ_NO_ZONE) {
        us -= zone * (60 * SECOND_US);
    }
    return bq_pickle_made(in, barq_timestamp(in->arena, us, zone));
}

/* A tuple of numbers. */
static struct barq_value *numbers(struct bq_pickle *in, const int64_t *numbers, size_t count)
{
    struct barq_value *tuple = bq_pickle_made(in, barq_tuple(in->arena));

    for (size_t i = 0; tuple && i < count; i++) {
        struct barq_value *number = bq_pickle_made(in, barq_int(in->arena, numbers[i]));
        if (!number || !bq_pickle_add(in, tuple, number)) {
            return NULL;
        }
    }
    return tuple;
}

struct barq_value *bq_pickle_date_args(struct bq_pickle *in, const struct barq_value *args)
{
    const uint8_t *bytes = packed(args, DATE_BYTES);
    struct date date;
    if (!bytes || barq_count(args) != 1) {
        return NULL;
    }
    if (!read_date(bytes, &date)) {
        return bq_pickle_fail(in, BARQ_ERR_FORMAT, "a date that does not exist");
    }
    return numbers(in, (int64_t[]){date.year, date.month, date.day}, 3);
}

struct barq_value *bq_pickle_time_args(struct bq_pickle *in, const struct barq_value *args)
{
    const uint8_t *bytes = packed(args, TIME_BYTES);
    int64_t us;
    if (!bytes || barq_count(args) != 1 || (bytes[0] & 0x80) != 0) {
        return NULL;
    }
    if (!read_time(bytes, &us)) {
        return bq_pickle_fail(in, BARQ_ERR_FORMAT, "a time that does not exist");
    }
    return numbers(in, (int64_t[]){bytes[0], bytes[1], bytes[2], us % SECOND_US}, 4);
}

bool bq_pickle_pack_datetime(int64_t wall_us, uint8_t out[BQ_PICKLE_DATETIME_BYTES])
{
    int64_t days = wall_us / DAY_US - (wall_us % DAY_US < 0);
    int64_t us = wall_us - days * DAY_US;
    struct date date = date_of(days);
    if (date.year < 1 || date.year > YEAR_MAX) {
        return false;
    }

    int64_t seconds = us / SECOND_US;
    int64_t fraction = us % SECOND_US;
    const int64_t bytes[BQ_PICKLE_DATETIME_BYTES] = {
        date.year >> 8,    date.year & 0xff, date.month,     date.day,      seconds / 3600,
        seconds / 60 % 60, seconds % 60,     fraction >> 16, fraction >> 8, fraction,
    };
    for (int i = 0; i < BQ_PICKLE_DATETIME_BYTES; i++) {
        out[i] = (uint8_t)(bytes[i] & 0xff);
    }
    return true;
}

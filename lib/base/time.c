#include "base/time.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/text.h"

/* The years 0000 to 9999: what RFC 3339 can write. */
static const int64_t first_ms = -62167219200000;
static const int64_t last_ms = 253402300799999;

static int64_t clock_us(clockid_t clock)
{
    struct timespec now;

    int failed = clock_gettime(clock, &now);
    assert(!failed);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t bq_wall_us(void)
{
    return clock_us(CLOCK_REALTIME);
}

int64_t bq_wall_ms(void)
{
    return bq_wall_us() / 1000;
}

int64_t bq_mono_us(void)
{
    return clock_us(CLOCK_BOOTTIME);
}

int64_t bq_mono_ms(void)
{
    return bq_mono_us() / 1000;
}

/*
 * Days since 1970-01-01 and dates of the Gregorian calendar. Years are counted
 * from March, so that the leap day comes last, and in eras of 400 years, which
 * are all equally long. 719468 days lie between 0000-03-01 and 1970-01-01.
 * (Not gmtime(): it reads TZ.)
 */
enum { ERA_DAYS = 146097, EPOCH_DAYS = 719468 };

int64_t bq_date_days(struct bq_date date)
{
    int year = date.year - (date.month <= 2) + 400; /* never negative */
    int month = (date.month + 9) % 12;              /* from March */
    int in_era = year % 400;
    int day = in_era * 365 + in_era / 4 - in_era / 100 + (153 * month + 2) / 5 + date.day - 1;

    return (int64_t)(year / 400 - 1) * ERA_DAYS + day - EPOCH_DAYS;
}

struct bq_date bq_days_date(int64_t days)
{
    int64_t from_zero = days + EPOCH_DAYS + ERA_DAYS; /* never negative */
    int day = (int)(from_zero % ERA_DAYS);
    int in_era = (day - day / 1460 + day / 36524 - day / (ERA_DAYS - 1)) / 365;
    int in_year = day - (in_era * 365 + in_era / 4 - in_era / 100);
    int month = (5 * in_year + 2) / 153;

    return (struct bq_date){
        .year = (int)(from_zero / ERA_DAYS - 1) * 400 + in_era + (month >= 10),
        .month = month < 10 ? month + 3 : month - 9,
        .day = in_year - (153 * month + 2) / 5 + 1,
    };
}

/* `count` decimal digits and one byte to follow them; returns what is after it. */
static char *put_digits(char *at, int number, int count, char after)
{
    for (int i = count - 1; i >= 0; i--) {
        at[i] = (char)('0' + number % 10);
        number /= 10;
    }
    at[count] = after;
    return at + count + 1;
}

void bq_time_text(int64_t at_ms, char *out)
{
    int64_t bounded = at_ms < first_ms ? first_ms : at_ms > last_ms ? last_ms : at_ms;
    int in_day = (int)(((bounded % BQ_DAY_MS) + BQ_DAY_MS) % BQ_DAY_MS);
    struct bq_date date = bq_days_date((bounded - in_day) / BQ_DAY_MS);

    out = put_digits(out, date.year, 4, '-');
    out = put_digits(out, date.month, 2, '-');
    out = put_digits(out, date.day, 2, 'T');
    out = put_digits(out, in_day / 3600000, 2, ':');
    out = put_digits(out, in_day / 60000 % 60, 2, ':');
    out = put_digits(out, in_day / 1000 % 60, 2, '.');
    out = put_digits(out, in_day % 1000, 3, 'Z');
    *out = '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Exactly `count` digits within [min, max]; moves `*at` behind them. */
static bool take_digits(const char **at, int count, int min, int max, int *out)
{
    int number = 0;

    for (int i = 0; i < count; i++) {
        if (!is_digit((*at)[i])) {
            return false;
        }
        number = number * 10 + ((*at)[i] - '0');
    }
    *at += count;
    *out = number;
    return number >= min && number <= max;
}

static bool take_one_of(const char **at, const char *set)
{
    if (**at == '\0' || !strchr(set, **at)) {
        return false;
    }
    *at += 1;
    return true;
}

int bq_month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

static bool take_date(const char **at, int64_t *ms)
{
    struct bq_date date;

    if (!take_digits(at, 4, 0, 9999, &date.year) || !take_one_of(at, "-") ||
        !take_digits(at, 2, 1, 12, &date.month) || !take_one_of(at, "-") ||
        !take_digits(at, 2, 1, bq_month_days(date.year, date.month), &date.day)) {
        return false;
    }
    *ms = bq_date_days(date) * BQ_DAY_MS;
    return true;
}

/* A fraction of a second, if there is one: digits below the millisecond are cut off. */
static bool take_fraction(const char **at, int *ms)
{
    *ms = 0;
    if (!take_one_of(at, ".")) {
        return true;
    }
    if (!is_digit(**at)) {
        return false;
    }
    for (int unit = 100; is_digit(**at); unit /= 10) {
        *ms += unit * (**at - '0');
        *at += 1;
    }
    return true;
}

/* A leap second, :60, is the second after it: POSIX time has no other place for it. */
static bool take_clock(const char **at, int64_t *ms)
{
    int hour;
    int minute;
    int second;
    int fraction;

    if (!take_digits(at, 2, 0, 23, &hour) || !take_one_of(at, ":") ||
        !take_digits(at, 2, 0, 59, &minute) || !take_one_of(at, ":") ||
        !take_digits(at, 2, 0, 60, &second) || !take_fraction(at, &fraction)) {
        return false;
    }
    *ms = ((int64_t)(hour * 60 + minute) * 60 + second) * 1000 + fraction;
    return true;
}

/* What a zone is ahead of UTC; none at all is UTC. */
static bool take_zone(const char **at, int64_t *ms)
{
    int hours;
    int minutes;
    int sign = **at == '-' ? -1 : 1;

    *ms = 0;
    if (**at == '\0' || take_one_of(at, "Zz")) {
        return true;
    }
    if (!take_one_of(at, "+-") || !take_digits(at, 2, 0, 23, &hours) || !take_one_of(at, ":") ||
        !take_digits(at, 2, 0, 59, &minutes)) {
        return false;
    }
    *ms = (int64_t)sign * (hours * 60 + minutes) * 60000;
    return true;
}

bool bq_time_parse(const char *text, int64_t *at_ms)
{
    const char *at = text;
    int64_t day;
    int64_t clock = 0;
    int64_t zone = 0;

    if (!take_date(&at, &day)) {
        return false;
    }
    if (*at != '\0' &&
        (!take_one_of(&at, "Tt ") || !take_clock(&at, &clock) || !take_zone(&at, &zone))) {
        return false;
    }
    if (*at != '\0') {
        return false;
    }
    *at_ms = day + clock - zone;
    return true;
}

void bq_random(void *out, size_t len)
{
    char *at = out;

    while (len > 0) {
        ssize_t got = getrandom(at, len, 0);
        assert(got > 0 || (got < 0 && errno == EINTR));
        if (got > 0) {
            at += got;
            len -= (size_t)got;
        }
    }
}

void bq_uuid7(int64_t now_ms, char *out)
{
    static const size_t parts[] = {4, 2, 2, 2, 6};
    unsigned char bytes[16];

    bq_random(bytes, sizeof(bytes));
    for (size_t i = 0; i < 6; i++) {
        bytes[i] = (unsigned char)(now_ms >> (40 - 8 * (int)i));
    }
    bytes[6] = (bytes[6] & 0x0f) | 0x70; /* version 7 */
    bytes[8] = (bytes[8] & 0x3f) | 0x80; /* the variant of RFC 9562 */

    const unsigned char *from = bytes;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        bq_hex(from, parts[i], out);
        from += parts[i];
        out += 2 * parts[i];
        *out++ = '-';
    }
    out[-1] = '\0';
}

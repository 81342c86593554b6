/*
 * time.h - clocks and dates. Pure code is handed `now_ms`; only loops ask.
 */
#ifndef BQ_BASE_TIME_H
#define BQ_BASE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int64_t bq_wall_ms(void); /* milliseconds since 1970-01-01 UTC */
int64_t bq_wall_us(void);
int64_t bq_mono_ms(
    void); /* of a clock that is never set; goes on while the machine sleeps (CLOCK_BOOTTIME) */
int64_t bq_mono_us(void);

#define BQ_DAY_MS INT64_C(86400000)

enum { BQ_TIME_TEXT_BYTES = 32 };
/* "2026-11-23T16:13:07.042Z" into `out` of BQ_TIME_TEXT_BYTES. */
void bq_time_text(int64_t at_ms, char *out);
/* RFC 3339, or a date alone (midnight UTC), or a date and time without a zone (UTC). */
bool bq_time_parse(const char *text, int64_t *at_ms);

/* A day of the Gregorian calendar, also before there was one: years 0 to 9999. */
struct bq_date {
    int year;
    int month; /* 1 to 12 */
    int day;   /* 1 to 31 */
};
/* Days since 1970-01-01, and back. */
int64_t bq_date_days(struct bq_date date);
struct bq_date bq_days_date(int64_t days);
int bq_month_days(int year, int month);

/* Random bytes from the kernel; never fails on a running system (asserts). */
void bq_random(void *out, size_t len);
/* A UUIDv7 (RFC 9562) as 36 characters and a NUL; grows with `now_ms`. */
enum { BQ_UUID_TEXT_BYTES = 37 };
void bq_uuid7(int64_t now_ms, char *out);

#endif

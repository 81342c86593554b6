#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/time.h"
#include "base/zone.h"
#include "support/folder.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char zones[] = "/usr/share/zoneinfo/";

static struct barq_arena arena;

static int begin(void **state)
{
    (void)state;
    unsetenv("TZ");
    unsetenv("TZDIR");
    bq_arena_init(&arena, BQ_ZONE_ARENA_BYTES);
    return 0;
}

static int end(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    return 0;
}

static struct bq_zone *open_zone(const char *name)
{
    struct bq_zone *zone = NULL;
    struct barq_error err = {0};

    if (bq_zone_open(&arena, name, &zone, &err) != BARQ_OK) {
        fail_msg("%s: %s", name ? name : "(the system's)", err.text);
    }
    return zone;
}

static enum barq_status try_zone(const char *name, struct barq_error *err)
{
    struct bq_zone *zone;

    return bq_zone_open(&arena, name, &zone, err);
}

static int64_t at(const char *text)
{
    int64_t ms = 0;

    assert_true(bq_time_parse(text, &ms));
    return ms / 1000;
}

static int32_t offset_at(const struct bq_zone *zone, const char *text)
{
    struct bq_zone_span span;

    bq_zone_at(zone, at(text), &span);
    return span.offset_s;
}

/* The same numbers each time. */
static uint64_t random_state;

static uint64_t next_random(void)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return random_state >> 16;
}

static void compare(const struct bq_zone *zone, const char *name, int64_t at_s)
{
    struct bq_zone_span span;
    struct tm tm;
    time_t seconds = (time_t)at_s;

    bq_zone_at(zone, at_s, &span);
    assert_non_null(localtime_r(&seconds, &tm));
    if (span.offset_s != tm.tm_gmtoff) {
        fail_msg("%s at %lld: libc says %ld, not %d", name, (long long)at_s, tm.tm_gmtoff,
                 span.offset_s);
    }
    assert_true(span.from_s <= at_s && at_s < span.until_s);
}

static int n_compared;

/* At each change, a second before it, and at a hundred instants between a year and 2300. */
static void compare_zone(const char *name, const char *from)
{
    struct bq_zone *zone = open_zone(name);
    int64_t from_s = at(from);
    int64_t until_s = at("2300-01-01");
    struct bq_zone_span span;

    setenv("TZ", name, 1);
    tzset();
    for (int i = 0; i < 100; i++) {
        compare(zone, name, from_s + (int64_t)(next_random() % (uint64_t)(until_s - from_s)));
    }
    for (int64_t at_s = from_s; at_s < until_s; at_s = span.until_s) {
        compare(zone, name, at_s);
        compare(zone, name, at_s - 1);
        bq_zone_at(zone, at_s, &span);
    }
    n_compared++;
}

static int visit(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
    const char *name = path + strlen(zones);
    char magic[4] = "";
    (void)stat;
    (void)ftw;

    if (type != FTW_F || strncmp(name, "right/", 6) == 0 || strncmp(name, "posix/", 6) == 0) {
        return 0;
    }
    FILE *file = fopen(path, "re");
    bool is_zone = file && fread(magic, 1, 4, file) == 4 && memcmp(magic, "TZif", 4) == 0;
    if (file) {
        fclose(file);
    }
    if (is_zone) {
        compare_zone(name, "1900-01-01");
        bq_arena_reset(&arena);
    }
    return 0;
}

static void every_zone_of_the_system_has_the_offsets_that_libc_finds(void **state)
{
    (void)state;
    random_state = 1;
    n_compared = 0;
    assert_int_equal(nftw("/usr/share/zoneinfo", visit, 8, FTW_PHYS), 0);
    assert_true(n_compared > 300);
}

static void a_posix_string_has_the_offsets_that_libc_finds(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "UTC0",
        "CET-1CEST,M3.5.0,M10.5.0/3",
        "CET-1CEST,M3.5.0/2,M10.5.0/3:00:00",
        "EST5EDT",
        "EST5EDT4,M3.2.0/2,M11.1.0",
        "NZST-12NZDT,M9.5.0,M4.1.0/3",
        "<+0330>-3:30",
        "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1",
        "AEST-10AEDT,M10.1.0,M4.1.0/3",
        "XXX3YYY,J60/1,J300/4",
        "XXX3YYY,59,299/23",
        "IST-2IDT,M3.4.4/26,M10.5.0",
        "IST-1GMT0,M10.5.0,M3.5.0/1",
    };

    random_state = 2;
    for (size_t i = 0; i < COUNT(texts); i++) {
        compare_zone(texts[i], "1971-01-01"); /* libc takes earlier years for 1970 */
    }
}

static void daylight_saving_all_year_has_no_change(void **state)
{
    (void)state;
    struct bq_zone_span span;
    struct bq_zone *zone = open_zone("EST5EDT,0/0,J365/25");

    bq_zone_at(zone, at("2026-12-31T12:00:00Z"), &span);
    assert_int_equal(span.offset_s, -4 * 3600);
    bq_zone_at(zone, at("2027-01-01T06:00:00Z"), &span);
    assert_int_equal(span.offset_s, -4 * 3600);
    assert_int_equal(span.before_s, -4 * 3600);
}

static void a_span_says_when_it_began_and_what_was_before(void **state)
{
    (void)state;
    struct bq_zone_span span;
    struct bq_zone *berlin = open_zone("Europe/Berlin");

    bq_zone_at(berlin, at("2026-07-01"), &span);
    assert_int_equal(span.from_s, at("2026-03-29T01:00:00Z"));
    assert_int_equal(span.until_s, at("2026-10-25T01:00:00Z"));
    assert_int_equal(span.offset_s, 7200);
    assert_int_equal(span.before_s, 3600);
    bq_zone_at(berlin, at("2100-12-01"), &span);
    assert_int_equal(span.from_s, at("2100-10-31T01:00:00Z"));
    assert_int_equal(span.offset_s, 3600);
    assert_int_equal(span.before_s, 7200);
    bq_zone_at(open_zone("UTC"), 0, &span);
    assert_true(span.from_s == BQ_ZONE_BEGIN && span.until_s == BQ_ZONE_END);
    assert_true(span.offset_s == 0 && span.before_s == 0);
}

static void a_name_that_leaves_the_folder_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "/etc/localtime", "..",    "../zoneinfo/UTC", "Europe/../UTC",
        "Europe//Berlin", "./UTC", "Europe/.",
    };
    struct barq_error err;

    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(try_zone(bad[i], &err), BARQ_ERR_ARG);
        assert_non_null(strstr(err.text, bad[i]));
    }
}

static void a_zone_that_is_not_there_is_named_and_without_tzdata_that_is(void **state)
{
    (void)state;
    struct barq_error err;

    assert_int_equal(try_zone("Europe/Bielefeld", &err), BARQ_ERR_NOTFOUND);
    assert_string_equal(err.text, "zone: 'Europe/Bielefeld' is neither a time zone in "
                                  "/usr/share/zoneinfo nor a POSIX TZ string");
    setenv("TZDIR", "/nowhere", 1);
    assert_int_equal(try_zone("Europe/Berlin", &err), BARQ_ERR_NOTFOUND);
    assert_string_equal(err.text, "zone: 'Europe/Berlin': there are no time zones in /nowhere; "
                                  "install the package tzdata");
    assert_int_equal(offset_at(open_zone("UTC"), "2026-07-01"), 0);
}

static void what_is_no_posix_string_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "CE-1",
        "CET",
        "CET-25",
        "CET-1CEST,",
        "CET-1CEST,M3.5.0",
        "CET-1:60",
        "<CET-1",
        "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,J0,J365",
        "CET-1CEST,366,1",
        "CET-1CEST,1/168,2",
        "CET-1CEST,1,2x",
        "CET-99999999999999999999",
    };
    struct bq_zone *zone;

    for (size_t i = 0; i < COUNT(bad); i++) {
        struct barq_error err;
        if (bq_zone_parse(&arena, bad[i], &zone, &err) != BARQ_ERR_FORMAT) {
            fail_msg("taken: %s", bad[i]);
        }
    }
}

static void the_systems_zone_is_tz_with_or_without_a_colon(void **state)
{
    (void)state;
    static const char *const same[] = {"Asia/Tokyo", ":Asia/Tokyo", "JST-9",
                                       ":/usr/share/zoneinfo/Asia/Tokyo"};

    for (size_t i = 0; i < COUNT(same); i++) {
        setenv("TZ", same[i], 1);
        assert_int_equal(offset_at(open_zone(NULL), "2026-07-01"), 9 * 3600);
    }
    assert_string_equal(bq_zone_name(open_zone(NULL)), "/usr/share/zoneinfo/Asia/Tokyo");
    setenv("TZ", ":Asia/Tokyo", 1);
    assert_string_equal(bq_zone_name(open_zone("")), "Asia/Tokyo");
    setenv("TZ", "", 1);
    assert_int_equal(offset_at(open_zone(NULL), "2026-07-01"), 0);
    unsetenv("TZ");
    assert_true(strlen(bq_zone_name(open_zone(NULL))) > 0);
}

static size_t read_berlin(unsigned char *bytes, size_t size)
{
    FILE *file = fopen("/usr/share/zoneinfo/Europe/Berlin", "re");

    assert_non_null(file);
    size_t len = fread(bytes, 1, size, file);
    fclose(file);
    assert_true(len > 500 && len < size);
    return len;
}

/* Reads it from a block of exactly its size, where a sanitizer sees one byte too much; asks what was taken. */
static bool take_bytes(const unsigned char *bytes, size_t len)
{
    unsigned char *exact = malloc(len + 1);
    struct bq_zone *zone = NULL;
    struct barq_error err;
    struct bq_zone_span span;

    memcpy(exact, bytes, len);
    bq_arena_reset(&arena);
    enum barq_status status = bq_zone_read(&arena, exact, len, &zone, &err);
    free(exact);
    assert_true(status == BARQ_OK || status == BARQ_ERR_FORMAT);
    if (status != BARQ_OK) {
        return false;
    }
    int64_t at_s = at("1800-01-01");
    for (int i = 0; i < 1000 && at_s < at("9990-01-01"); i++) {
        bq_zone_at(zone, at_s, &span);
        assert_true(span.from_s <= at_s && at_s < span.until_s);
        assert_true(abs(span.offset_s) < BQ_ZONE_OFFSET_MAX_S);
        at_s = span.until_s;
    }
    return true;
}

static void a_file_that_is_cut_anywhere_is_refused(void **state)
{
    (void)state;
    unsigned char bytes[8192];
    size_t len = read_berlin(bytes, sizeof(bytes));

    assert_true(take_bytes(bytes, len));
    for (size_t cut = 0; cut < len; cut++) {
        assert_false(take_bytes(bytes, cut));
    }
}

static void any_bytes_are_a_zone_or_are_refused(void **state)
{
    (void)state;
    unsigned char good[8192];
    unsigned char bytes[8192];
    size_t len = read_berlin(good, sizeof(good));
    int taken = 0;

    random_state = 3;
    for (int round = 0; round < 20000; round++) {
        memcpy(bytes, good, len);
        for (uint64_t i = next_random() % 4 + 1; i > 0; i--) {
            bytes[next_random() % (next_random() % 2 ? len : 100)] = (unsigned char)next_random();
        }
        taken += take_bytes(bytes, len);
    }
    assert_true(taken > 100);
}

/* Version 1: one change, at the epoch, from UTC to an hour east. */
static const unsigned char old_file[] = "TZif\0"
                                        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                        "\0\0\0\0"
                                        "\0\0\0\0"
                                        "\0\0\0\0"
                                        "\0\0\0\1"
                                        "\0\0\0\2"
                                        "\0\0\0\4"
                                        "\0\0\0\0"
                                        "\1"
                                        "\0\0\0\0\0\0"
                                        "\0\0\x0e\x10\0\0"
                                        "ABC\0";

static void a_file_of_version_1_keeps_its_last_offset(void **state)
{
    (void)state;
    struct bq_zone *zone = NULL;

    assert_int_equal(bq_zone_read(&arena, old_file, sizeof(old_file) - 1, &zone, NULL), BARQ_OK);
    assert_int_equal(offset_at(zone, "1969-12-31T23:59:59Z"), 0);
    assert_int_equal(offset_at(zone, "1970-01-01T00:00:00Z"), 3600);
    assert_int_equal(offset_at(zone, "9999-01-01"), 3600);
}

static void a_file_with_leap_seconds_is_refused(void **state)
{
    (void)state;
    unsigned char bytes[sizeof(old_file) + 8] = "";
    struct bq_zone *zone;
    struct barq_error err;

    memcpy(bytes, old_file, sizeof(old_file));
    bytes[31] = 1;
    assert_int_equal(bq_zone_read(&arena, bytes, sizeof(bytes) - 1, &zone, &err), BARQ_ERR_FORMAT);
    assert_non_null(strstr(err.text, "leap seconds"));
}

static void a_folder_of_ones_own_is_used_and_what_is_no_zone_there_is_refused(void **state)
{
    char path[PATH_MAX];
    struct barq_error err;

    assert_int_equal(folder_make(state), 0);
    setenv("TZDIR", folder_path(), 1);
    snprintf(path, sizeof(path), "%s/Mine", folder_path());
    FILE *file = fopen(path, "we");
    fwrite(old_file, 1, sizeof(old_file) - 1, file);
    fclose(file);
    snprintf(path, sizeof(path), "%s/Large", folder_path());
    file = fopen(path, "we");
    assert_int_equal(ftruncate(fileno(file), 1 << 20), 0);
    fclose(file);

    assert_int_equal(offset_at(open_zone("Mine"), "2026-01-01"), 3600);
    assert_int_equal(try_zone("Large", &err), BARQ_ERR_FORMAT);
    snprintf(path, sizeof(path), "%s/Folder", folder_path());
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(try_zone("Folder", &err), BARQ_ERR_IO);
    assert_int_equal(folder_remove(state), 0);
}

static void a_full_arena_is_an_error(void **state)
{
    (void)state;
    struct bq_zone *zone;
    struct barq_error err;
    bq_auto(arena) struct barq_arena small;

    bq_arena_init(&small, 300);
    assert_int_equal(bq_zone_open(&small, "Europe/Berlin", &zone, &err), BARQ_ERR_NOMEM);
}

#define ZONE_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ZONE_TEST(every_zone_of_the_system_has_the_offsets_that_libc_finds),
        ZONE_TEST(a_posix_string_has_the_offsets_that_libc_finds),
        ZONE_TEST(daylight_saving_all_year_has_no_change),
        ZONE_TEST(a_span_says_when_it_began_and_what_was_before),
        ZONE_TEST(a_name_that_leaves_the_folder_is_refused),
        ZONE_TEST(a_zone_that_is_not_there_is_named_and_without_tzdata_that_is),
        ZONE_TEST(what_is_no_posix_string_is_refused),
        ZONE_TEST(the_systems_zone_is_tz_with_or_without_a_colon),
        ZONE_TEST(a_file_that_is_cut_anywhere_is_refused),
        ZONE_TEST(any_bytes_are_a_zone_or_are_refused),
        ZONE_TEST(a_file_of_version_1_keeps_its_last_offset),
        ZONE_TEST(a_file_with_leap_seconds_is_refused),
        ZONE_TEST(a_folder_of_ones_own_is_used_and_what_is_no_zone_there_is_refused),
        ZONE_TEST(a_full_arena_is_an_error),
    };

    return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}

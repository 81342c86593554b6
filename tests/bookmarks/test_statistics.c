/* A list as numbers: what is counted, and how values are spread over buckets. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "fixture.h"
#include "store/statistics.h"
#include "store/tags.h"
#include "support/store.h"

static struct barq_error err;
static struct bm_statistics all;

enum { DAY_MS = 86400000 };

/* Noon of 30 November 2026. */
static const int64_t now_ms = 1795996800000 + DAY_MS / 2;

static void look(const char *list_id)
{
    check(barq_session_begin(session, false, &err), &err);
    check(bm_statistics_of(session, list_id, now_ms, &arena, &all, &err), &err);
    barq_session_rollback(session);
}

static void run_sql(const char *sql)
{
    begin_write();
    check(barq_exec(session, sql, BARQ_NO_PARAMS, &err), &err);
    commit();
}

/* "from..to:count" of each bucket, with blanks between. */
static const char *buckets(const struct bm_distribution *distribution)
{
    const char *text = "";

    for (size_t i = 0; i < distribution->n_buckets; i++) {
        text = bq_arena_format(&arena, "%s%s%g..%g:%lld", text, i > 0 ? " " : "",
                               distribution->edges[i], distribution->edges[i + 1],
                               (long long)distribution->counts[i]);
    }
    return text;
}

static const char *spread(enum bm_spread spread, const double *values, size_t count)
{
    static struct bm_distribution distribution;

    bm_distribution_begin(&distribution, spread, values[0], values[count - 1], (int64_t)count);
    for (size_t i = 0; i < count; i++) {
        bm_distribution_add(&distribution, values[i], 1);
    }
    return buckets(&distribution);
}

#define SPREAD(kind, ...)                                                                          \
    spread(kind, (const double[]){__VA_ARGS__},                                                    \
           sizeof((const double[]){__VA_ARGS__}) / sizeof(double))

static void buckets_have_edges_that_people_would_choose(void **state)
{
    (void)state;

    assert_string_equal(SPREAD(BM_SPREAD_NUMBERS, 7), "7..8:1");
    assert_string_equal(SPREAD(BM_SPREAD_NUMBERS, -3, 2), "-3..-2.5:1 -2.5..-2:0 -2..-1.5:0 "
                                                          "-1.5..-1:0 -1..-0.5:0 -0.5..0:0 "
                                                          "0..0.5:0 0.5..1:0 1..1.5:0 1.5..2:0 "
                                                          "2..2.5:1");
    assert_string_equal(SPREAD(BM_SPREAD_NUMBERS, 3, 17, 20, 59),
                        "0..5:1 5..10:0 10..15:0 15..20:1 20..25:1 25..30:0 30..35:0 35..40:0 "
                        "40..45:0 45..50:0 50..55:0 55..60:1");
    /* 3 times 0.1 is more than 0.3. */
    assert_string_equal(SPREAD(BM_SPREAD_NUMBERS, 0, 0.3, 0.3, 1),
                        "0..0.1:1 0.1..0.2:0 0.2..0.3:0 0.3..0.4:2 0.4..0.5:0 0.5..0.6:0 "
                        "0.6..0.7:0 0.7..0.8:0 0.8..0.9:0 0.9..1:0 1..1.1:1");
    assert_string_equal(SPREAD(BM_SPREAD_UNITS, 1, 1, 2, 4.5, 5),
                        "1..2:2 2..3:1 3..4:0 4..5:1 5..6:1");
}

/* The edges as days. */
static const char *edge_days(double least, double most)
{
    static struct bm_distribution distribution;
    const char *text = "";
    char at[BQ_TIME_TEXT_BYTES];

    bm_distribution_begin(&distribution, BM_SPREAD_DAYS, least, most, 0);
    for (size_t i = 0; i <= distribution.n_buckets; i++) {
        bq_time_text((int64_t)distribution.edges[i] * DAY_MS, at);
        text = bq_arena_format(&arena, "%s%s%.10s", text, i > 0 ? " " : "", at);
    }
    return text;
}

static void dates_are_counted_by_days_months_years_or_more(void **state)
{
    (void)state;
    static const struct bq_date day = {.year = 2024, .month = 12, .day = 30};
    double at = (double)bq_date_days(day);

    assert_string_equal(edge_days(at, at + 2), "2024-12-30 2024-12-31 2025-01-01 2025-01-02");
    assert_string_equal(edge_days(at, at + 40), "2024-12-01 2025-01-01 2025-02-01 2025-03-01");
    assert_string_equal(edge_days(at, at + 365 * 3),
                        "2024-01-01 2025-01-01 2026-01-01 2027-01-01 2028-01-01");
    assert_string_equal(edge_days(at - 36500, at), "1920-01-01 1930-01-01 1940-01-01 1950-01-01 "
                                                   "1960-01-01 1970-01-01 1980-01-01 1990-01-01 "
                                                   "2000-01-01 2010-01-01 2020-01-01 2030-01-01");
}

static void there_is_room_for_every_spread(void **state)
{
    (void)state;
    static const double ends[] = {-1.7e308, -1e300, -1e15, -7,  -0.001, 0,      1e-9,
                                  0.5,      3,      99,    1e7, 1e300,  1.7e308};
    struct bm_distribution distribution;

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        for (size_t k = i; k < sizeof(ends) / sizeof(ends[0]); k++) {
            for (int kind = BM_SPREAD_NUMBERS; kind <= BM_SPREAD_UNITS; kind++) {
                bm_distribution_begin(&distribution, (enum bm_spread)kind, ends[i], ends[k], 2);
                bm_distribution_add(&distribution, ends[i], 1);
                bm_distribution_add(&distribution, ends[k], 1);
                assert_in_range(distribution.n_buckets, 1, BM_BUCKETS_MAX);
                assert_true(distribution.edges[0] <= fmax(ends[i], -1e300));
                assert_true(isfinite(distribution.edges[distribution.n_buckets]));
                assert_true(isfinite(distribution.median));
                assert_int_equal(distribution.counts[distribution.at] > 0, true);
            }
        }
    }
    static const struct bq_date last = {.year = 9999, .month = 12, .day = 31};
    bm_distribution_begin(&distribution, BM_SPREAD_DAYS, 0, (double)bq_date_days(last), 1);
    assert_in_range(distribution.n_buckets, 1, BM_BUCKETS_MAX);
}

static void the_median_is_the_middle_one_or_between_two(void **state)
{
    (void)state;
    struct bm_distribution distribution;

    bm_distribution_begin(&distribution, BM_SPREAD_NUMBERS, 1, 9, 5);
    bm_distribution_add(&distribution, 1, 2);
    bm_distribution_add(&distribution, 4, 1);
    bm_distribution_add(&distribution, 9, 2);
    assert_true(distribution.median == 4);
    bm_distribution_begin(&distribution, BM_SPREAD_NUMBERS, 1, 9, 4);
    bm_distribution_add(&distribution, 1, 2);
    bm_distribution_add(&distribution, 9, 2);
    assert_true(distribution.median == 5);
    assert_true(distribution.min == 1 && distribution.max == 9);
}

/* -- of a list -- */

static const struct bm_field_statistics *field(const char *name)
{
    for (size_t i = 0; i < all.n_fields; i++) {
        if (strcmp(all.fields[i].field.name, name) == 0) {
            return &all.fields[i];
        }
    }
    fail_msg("no field %s", name);
    return NULL;
}

static void an_empty_list_has_every_number_and_day(void **state)
{
    (void)state;
    const char *list_id = make_list("list", "none");

    make_field(list_id, "{\"name\": \"depth\", \"type\": \"number\"}");
    look(list_id);
    assert_int_equal(all.total_seconds, 0);
    assert_int_equal(all.n_channels, 0);
    assert_int_equal(all.days[BM_STATISTICS_DAYS - 1].day, now_ms / DAY_MS);
    assert_int_equal(all.days[0].day, now_ms / DAY_MS - 89);
    assert_int_equal(field("depth")->n_filled, 0);
    assert_int_equal(field("depth")->distribution.count, 0);
}

static void fields_are_counted_by_their_values_and_who_said_them(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        const char *values[3];
    } fields[] = {
        {"{\"name\": \"level\", \"type\": \"select\", \"options\": [\"easy\", \"hard\", \"both\"]}",
         {"\"hard\"", "\"hard\"", "\"easy\""}},
        {"{\"name\": \"topics\", \"type\": \"multi-select\", \"options\": [\"a\", \"b\"]}",
         {"[\"a\", \"b\"]", "[\"b\"]", "[]"}},
        {"{\"name\": \"words\", \"type\": \"multi-select\"}", {"[\"x\", \"y\"]", "[\"y\"]", NULL}},
        {"{\"name\": \"stars\", \"type\": \"rating\"}", {"4", "4", "1"}},
        {"{\"name\": \"minutes\", \"type\": \"duration\"}", {"3", "5", "20"}},
        {"{\"name\": \"good\", \"type\": \"boolean\"}", {"true", "false", NULL}},
        {"{\"name\": \"made\", \"type\": \"date\"}",
         {"\"2024-05-06\"", "\"2024-05-06\"", "\"2024-05-08\""}},
        {"{\"name\": \"text\", \"type\": \"text\"}", {"\"one\"", NULL, NULL}},
    };
    static const char *const ids[] = {"aaaaaaaaa_1", "aaaaaaaaa_2", "aaaaaaaaa_3"};
    const char *list_id = make_list("list", "none");
    const char *other = make_list("other", "none");

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        make_field(list_id, fields[i].json);
        make_field(other, fields[i].json);
    }
    for (size_t i = 0; i < 3; i++) {
        const char *video = make_video(list_id, ids[i]);
        const char *foreign = make_video(other, ids[i]);
        for (size_t k = 0; k < sizeof(fields) / sizeof(fields[0]); k++) {
            const char *name = strstr(fields[k].json, "\"name\": \"") + 9;
            name = bq_arena_strndup(&arena, name, strcspn(name, "\""));
            if (fields[k].values[i]) {
                set_value(video, list_id, name, fields[k].values[i],
                          i == 0 ? BM_BY_PERSON : BM_BY_MODEL);
                set_value(foreign, other, name, fields[k].values[0], BM_BY_RULE);
            }
        }
    }
    look(list_id);
    assert_int_equal(all.n_fields, 8);
    assert_int_equal(field("level")->by_source[BM_BY_PERSON], 1);
    assert_int_equal(field("level")->by_source[BM_BY_MODEL], 2);
    assert_int_equal(field("level")->by_source[BM_BY_RULE], 0);
    assert_int_equal(field("level")->n_filled, 3);
    assert_string_equal(field("level")->options[0].option, "easy");
    assert_int_equal(field("level")->options[0].count, 1);
    assert_int_equal(field("level")->options[1].count, 2);
    assert_int_equal(field("level")->options[2].count, 0);
    assert_int_equal(field("topics")->options[0].count, 1);
    assert_int_equal(field("topics")->options[1].count, 2);
    assert_int_equal(field("topics")->n_filled, 3);
    assert_int_equal(field("words")->n_options, 2);
    assert_int_equal(field("words")->options[0].count + field("words")->options[1].count, 3);
    assert_string_equal(buckets(&field("stars")->distribution),
                        "0..1:0 1..2:1 2..3:0 3..4:0 4..5:2 5..6:0");
    assert_true(field("minutes")->distribution.median == 5);
    assert_true(field("minutes")->distribution.max == 20);
    assert_int_equal(field("good")->n_true, 1);
    assert_int_equal(field("good")->n_filled, 2);
    assert_int_equal(field("made")->distribution.n_buckets, 3);
    assert_int_equal(field("made")->distribution.counts[0], 2);
    assert_int_equal(field("text")->n_filled, 1);
}

static void videos_are_counted_by_what_they_are_and_when_they_came(void **state)
{
    (void)state;
    const char *list_id = make_list("list", "none");
    const char *tag;
    struct bm_tag label = {.name = "later", .color = "#00aaff"};
    char id[BM_ID_BYTES];
    const char *first = make_video(list_id, "aaaaaaaaa_1");
    const char *second = make_video(list_id, "aaaaaaaaa_2");

    make_video(list_id, "aaaaaaaaa_3");
    make_video(make_list("other", "none"), "aaaaaaaaa_1");
    begin_write();
    check(bm_tag_add(session, &label, 1, id, &err), &err);
    tag = bq_arena_strdup(&arena, id);
    check(bm_video_tag(session, first, tag, 1, &err), &err);
    check(bm_video_tag(session, second, tag, 1, &err), &err);
    commit();
    run_sql("INSERT INTO channels (id, name, created_at_ms, updated_at_ms) VALUES ('UC1', 'One', "
            "1, 1)");
    run_sql("UPDATE videos SET channel_id = 'UC1', duration_seconds = 100, availability = 'gone',"
            " watched_at_ms = 1 WHERE youtube_id = 'aaaaaaaaa_1'");
    run_sql("UPDATE videos SET channel_id = 'UC2', duration_seconds = 20, availability = 'private'"
            " WHERE youtube_id = 'aaaaaaaaa_2'");
    run_sql("UPDATE videos SET channel_id = 'UC1' WHERE youtube_id = 'aaaaaaaaa_3'");
    /* Today; yesterday, by where it came from; and before all that is shown. */
    run_sql("UPDATE videos SET created_at_ms = 1796040000000 WHERE youtube_id <> 'aaaaaaaaa_3'");
    run_sql("UPDATE videos SET added_at_ms = 1795996799999 WHERE youtube_id = 'aaaaaaaaa_2'");
    run_sql("UPDATE videos SET created_at_ms = 1 WHERE youtube_id = 'aaaaaaaaa_3'");
    run_sql("INSERT INTO runs (id, list_id, total, started_at_ms)"
            " SELECT 'r', id, 3, 1 FROM lists WHERE name = 'list'");
    run_sql(
        "INSERT INTO run_videos (run_id, video_id, state, updated_at_ms)"
        " SELECT 'r', id, CASE youtube_id WHEN 'aaaaaaaaa_2' THEN 'failed' ELSE 'completed' END,"
        " 1796040000000 FROM videos WHERE list_id = (SELECT id FROM lists WHERE name = 'list')");
    look(list_id);
    assert_int_equal(all.n_watched, 1);
    assert_int_equal(all.n_gone, 1);
    assert_int_equal(all.n_private, 1);
    assert_int_equal(all.n_timed, 2);
    assert_int_equal(all.total_seconds, 120);
    assert_int_equal(all.n_channels, 2);
    assert_string_equal(all.channels[0].name, "One");
    assert_int_equal(all.channels[0].count, 2);
    assert_string_equal(all.channels[1].name, "UC2");
    assert_int_equal(all.n_tags, 1);
    assert_string_equal(all.tags[0].id, tag);
    assert_string_equal(all.tags[0].color, "#00aaff");
    assert_int_equal(all.tags[0].count, 2);
    assert_int_equal(all.days[89].added, 1);
    assert_int_equal(all.days[88].added, 1);
    assert_int_equal(all.days[0].added, 0);
    assert_int_equal(all.days[89].completed, 2);
    assert_int_equal(all.days[88].completed, 0);
}

#define statistics_test(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)

int main(int argc, char **argv)
{
    store_main(argc, argv);
    const struct CMUnitTest tests[] = {
        statistics_test(buckets_have_edges_that_people_would_choose),
        statistics_test(dates_are_counted_by_days_months_years_or_more),
        statistics_test(there_is_room_for_every_spread),
        cmocka_unit_test(the_median_is_the_middle_one_or_between_two),
        statistics_test(an_empty_list_has_every_number_and_day),
        statistics_test(fields_are_counted_by_their_values_and_who_said_them),
        statistics_test(videos_are_counted_by_what_they_are_and_when_they_came),
    };

    return cmocka_run_group_tests_name("bookmarks/statistics", tests, NULL, store_end);
}

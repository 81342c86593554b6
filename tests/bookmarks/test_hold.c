#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "services/hold.h"

static struct barq_arena arena;
static struct bq_zone *berlin;
static struct bm_hold hold;

static int start(void **state)
{
    (void)state;
    bq_arena_init(&arena, BQ_ZONE_ARENA_BYTES);
    return bq_zone_parse(&arena, "CET-1CEST,M3.5.0,M10.5.0/3", &berlin, NULL);
}

static int stop(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    return 0;
}

static int64_t at(const char *text)
{
    int64_t at_ms = 0;

    assert_true(bq_time_parse(text, &at_ms));
    return at_ms;
}

static void a_spent_quota_holds_its_service_until_there_is_a_new_one(void **state)
{
    (void)state;
    struct bm_verdict verdict = {.outcome = BM_CALL_HELD,
                                 .service = BM_SERVICE_YOUTUBE,
                                 .retry_ms = 7000,
                                 .until_at_ms = at("2026-11-24T08:00:00Z")};

    assert_true(bm_hold_of(&verdict, "youtube: the day's quota is used up", 3,
                           at("2026-11-23T16:00:00Z"), berlin, &hold));
    assert_int_equal(hold.service, BM_SERVICE_YOUTUBE);
    assert_int_equal(hold.until_at_ms, at("2026-11-24T08:00:00Z"));
    assert_string_equal(hold.reason, "YouTube: the day's quota is used up; resumes at 09:00 on "
                                     "2026-11-24");
}

static void a_rate_limit_holds_as_long_as_the_server_asks(void **state)
{
    (void)state;
    struct bm_verdict verdict = {
        .outcome = BM_CALL_HELD, .service = BM_SERVICE_GEMINI, .retry_ms = 34400};

    assert_true(bm_hold_of(&verdict, "gemini: too many requests a minute", 0,
                           at("2026-11-23T16:00:00Z"), NULL, &hold));
    assert_int_equal(hold.until_at_ms, at("2026-11-23T16:00:34.400Z"));
    assert_string_equal(hold.reason, "Gemini: too many requests a minute; resumes at 16:01");
}

static void without_a_word_of_the_server_each_hold_is_twice_the_last(void **state)
{
    (void)state;
    struct bm_verdict verdict = {.outcome = BM_CALL_HELD, .service = BM_SERVICE_WEB};
    static const struct {
        int earlier;
        int64_t wait_ms;
    } cases[] = {{0, 30000}, {1, 60000}, {4, 480000}, {7, 3600000}, {1000, 3600000}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(bm_hold_of(&verdict, "why", cases[i].earlier, 5000, NULL, &hold));
        assert_int_equal(hold.until_at_ms, 5000 + cases[i].wait_ms);
    }
}

static void nothing_else_holds_a_service(void **state)
{
    (void)state;
    struct bm_verdict verdict = {.service = BM_SERVICE_GEMINI, .retry_ms = 1000};

    for (int outcome = 0; outcome < BM_CALL_OUTCOMES; outcome++) {
        verdict.outcome = (enum bm_outcome)outcome;
        assert_int_equal(bm_hold_of(&verdict, "why", 0, 5000, NULL, &hold),
                         outcome == BM_CALL_HELD);
    }
    verdict = (struct bm_verdict){.outcome = BM_CALL_HELD, .service = BM_SERVICE_NONE};
    assert_false(bm_hold_of(&verdict, "why", 0, 5000, NULL, &hold));
}

static void a_hold_is_never_over_before_it_begins(void **state)
{
    (void)state;
    struct bm_verdict verdict = {
        .outcome = BM_CALL_HELD, .service = BM_SERVICE_GEMINI, .until_at_ms = 4000};

    assert_true(bm_hold_of(&verdict, "why", 0, 5000, NULL, &hold));
    assert_int_equal(hold.until_at_ms, 6000);
}

static void every_service_and_refusal_has_a_name_of_its_own(void **state)
{
    (void)state;
    enum bm_service service;

    for (int i = 0; i < BM_SERVICES; i++) {
        assert_true(bm_service_parse(bm_service_name((enum bm_service)i), &service));
        assert_int_equal(service, i);
    }
    assert_false(bm_service_parse("Youtube", &service));
    for (int i = 0; i < BM_REFUSALS; i++) {
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(bm_refusal_name((enum bm_refusal)i),
                                    bm_refusal_name((enum bm_refusal)j));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spent_quota_holds_its_service_until_there_is_a_new_one),
        cmocka_unit_test(a_rate_limit_holds_as_long_as_the_server_asks),
        cmocka_unit_test(without_a_word_of_the_server_each_hold_is_twice_the_last),
        cmocka_unit_test(nothing_else_holds_a_service),
        cmocka_unit_test(a_hold_is_never_over_before_it_begins),
        cmocka_unit_test(every_service_and_refusal_has_a_name_of_its_own),
    };

    return cmocka_run_group_tests_name("bookmarks/hold", tests, start, stop);
}

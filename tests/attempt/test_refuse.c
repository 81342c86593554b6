/*
 * test_refuse.c - which jobs are not run, and which reason is told of several.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "attempt/attempt.h"

enum { NOW_MS = 1000, LIMIT_BYTES = 64 * 1024 };

static enum barq_status nothing(struct barq_context *ctx, struct barq_error *err)
{
    (void)ctx;
    (void)err;
    return BARQ_OK;
}

static const struct barq_function functions[] = {
    {.name = "f", .run = nothing},
    {.name = "once", .run = nothing, .max_tries = 1},
    {.name = NULL},
};

static const struct barq_settings settings = {.abi = BARQ_ABI, .functions = functions};
static struct bq_workplace place = {.settings = &settings};
static struct barq_arena arena;

static int set_up(void **state)
{
    (void)state;
    bq_arena_init(&arena, LIMIT_BYTES);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    return 0;
}

/* A job that has every reason to be refused; which of them are taken away, by a mask. */
enum {
    VERDICT = 1,
    EXPIRED = 2,
    UNREADABLE = 4,
    ABORTED = 8,
    UNKNOWN = 16,
    OUT_OF_TRIES = 32,
    ALL = 63,
};

static const char *refusal(int reasons)
{
    struct barq_context ctx = {
        .place = &place,
        .arena = &arena,
        .run = {.claimed = {.job = {.id = "a",
                                    .queue = "q",
                                    .expires_at_ms = reasons & EXPIRED ? NOW_MS - 1 : NOW_MS},
                            .aborted = reasons & ABORTED,
                            .tries = reasons & OUT_OF_TRIES ? BARQ_DEFAULT_MAX_TRIES : 0},
                .verdict = reasons & VERDICT ? "poison" : ""},
        .record = {.function = reasons & UNKNOWN ? "g" : "f"},
        .started_at_ms = NOW_MS,
    };

    bq_find_function(&ctx);
    bool leave;
    const char *why =
        bq_refusal(&ctx, reasons & UNREADABLE ? BQ_READ_IDENTITY : BQ_READ_ALL, "no", &leave);
    assert_false(leave);

    assert_int_equal(ctx.function != NULL, !(reasons & UNKNOWN));
    return why;
}

static void a_job_without_a_reason_is_run(void **state)
{
    (void)state;
    assert_null(refusal(0));
}

static void each_reason_is_told(void **state)
{
    (void)state;
    assert_string_equal(refusal(VERDICT), "poison");
    assert_string_equal(refusal(EXPIRED), "job expired");
    assert_string_equal(refusal(UNREADABLE), "unable to read the job: no");
    assert_string_equal(refusal(ABORTED), "aborted before start");
    assert_string_equal(refusal(UNKNOWN), "function 'g' not found");
    assert_string_equal(refusal(OUT_OF_TRIES), "max 5 tries exceeded");
}

static void of_several_reasons_the_first_is_told(void **state)
{
    (void)state;
    static const int in_order[] = {VERDICT, EXPIRED, UNREADABLE, ABORTED, UNKNOWN, OUT_OF_TRIES};
    int left = ALL;

    for (size_t i = 0; i < sizeof(in_order) / sizeof(in_order[0]); i++) {
        const char *why = refusal(left);
        assert_non_null(why);
        assert_string_equal(why, refusal(in_order[i] | (left & UNKNOWN)));
        left &= ~in_order[i];
    }
    assert_int_equal(left, 0);
}

static const char *judge_expiry(bool claimed_before, bool uncertain, int64_t expires_at_ms)
{
    struct barq_context ctx = {
        .place = &place,
        .arena = &arena,
        .run = {.claimed = {.job = {.id = "a",
                                    .queue = "q",
                                    .expires_at_ms = expires_at_ms,
                                    .uncertain = uncertain},
                            .claimed_before = claimed_before},
                .verdict = ""},
        .record = {.function = "f"},
        .started_at_ms = NOW_MS,
    };

    bool leave;
    bq_find_function(&ctx);
    return bq_refusal(&ctx, BQ_READ_ALL, "", &leave);
}

static void expiry_is_judged_at_the_first_start_only(void **state)
{
    (void)state;
    assert_non_null(judge_expiry(false, false, NOW_MS - 1));
    assert_null(judge_expiry(true, false, NOW_MS - 1));
    /* Only its relay was uncertain: nobody has seen it start. */
    assert_non_null(judge_expiry(true, true, NOW_MS - 1));
    assert_null(judge_expiry(false, false, NOW_MS));
    assert_null(judge_expiry(false, false, 0));
}

static void a_function_may_have_tries_of_its_own(void **state)
{
    (void)state;
    struct barq_context ctx = {
        .place = &place,
        .arena = &arena,
        .run = {.claimed = {.job = {.id = "a", .queue = "q"}, .tries = 1}, .verdict = ""},
        .record = {.function = "once"},
        .started_at_ms = NOW_MS,
    };

    bool leave;
    bq_find_function(&ctx);
    assert_string_equal(bq_refusal(&ctx, BQ_READ_ALL, "", &leave), "max 1 tries exceeded");
    ctx.run.claimed.tries = 0;
    assert_null(bq_refusal(&ctx, BQ_READ_ALL, "", &leave));
}

static void a_refusal_stays_one_when_memory_is_out(void **state)
{
    (void)state;
    static const int with_text[] = {UNREADABLE, UNKNOWN, OUT_OF_TRIES};

    bq_arena_clear(&arena);
    bq_arena_init(&arena, 1);
    for (size_t i = 0; i < sizeof(with_text) / sizeof(with_text[0]); i++) {
        assert_non_null(refusal(with_text[i]));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_job_without_a_reason_is_run),        TEST(each_reason_is_told),
        TEST(of_several_reasons_the_first_is_told), TEST(expiry_is_judged_at_the_first_start_only),
        TEST(a_function_may_have_tries_of_its_own), TEST(a_refusal_stays_one_when_memory_is_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "job/tally.h"

enum { ARENA_BYTES = 16 * 1024 * 1024, MANY = 1000 };

static struct barq_arena arena;

static int set_up(void **state)
{
    (void)state;
    bq_arena_init(&arena, ARENA_BYTES);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    return 0;
}

static struct bq_tally there_and_back(const struct bq_tally *tally, size_t *len)
{
    bq_auto(buf) struct bq_buf text;
    struct bq_tally back;

    bq_buf_init(&text, BQ_TALLY_MAX_BYTES);
    bq_tally_put(&text, tally);
    assert_false(text.failed);
    *len = text.len;
    assert_true(bq_tally_get(&arena, bq_buf_cstr(&text), &back));
    return back;
}

static void a_bucket_holds_what_took_no_longer_than_its_bound(void **state)
{
    (void)state;

    for (int i = 0; i < BARQ_BUCKETS - 1; i++) {
        struct barq_histogram histogram = {.count = 0};

        bq_histogram_add(&histogram, barq_bucket_ms(i) * 1000);
        assert_int_equal(histogram.buckets[i], 1);
        bq_histogram_add(&histogram, barq_bucket_ms(i) * 1000 + 1);
        assert_int_equal(histogram.buckets[i + 1], 1);
        assert_int_equal(histogram.count, 2);
        assert_int_equal(histogram.sum_us, 2 * barq_bucket_ms(i) * 1000 + 1);
        assert_true(barq_bucket_ms(i) < barq_bucket_ms(i + 1));
    }
    assert_true(barq_bucket_ms(BARQ_BUCKETS - 1) == INT64_MAX);
    assert_true(barq_bucket_ms(BARQ_BUCKETS) == INT64_MAX);
    assert_true(barq_bucket_ms(-1) == INT64_MAX);
}

static void what_took_no_time_or_for_ever_is_counted(void **state)
{
    (void)state;
    struct barq_histogram histogram = {.count = 0};

    bq_histogram_add(&histogram, INT64_MIN);
    bq_histogram_add(&histogram, 0);
    assert_int_equal(histogram.buckets[0], 2);
    assert_int_equal(histogram.sum_us, 0);
    bq_histogram_add(&histogram, INT64_MAX);
    bq_histogram_add(&histogram, INT64_MAX);
    assert_int_equal(histogram.buckets[BARQ_BUCKETS - 1], 2);
    assert_true(histogram.sum_us == INT64_MAX);
}

static void bytes_that_are_no_text_cost_nothing_behind_them(void **state)
{
    (void)state;
    static const char *const jobs[] = {"\xff"};
    const struct barq_function_stats functions[] = {{.function = "f\xff", .complete = 1},
                                                    {.function = "g", .complete = 2}};
    const struct barq_executor_info executors[] = {
        {.number = 1, .state = BARQ_EXECUTOR_BUSY, .running = jobs, .n_running = 1},
        {.number = 2, .state = BARQ_EXECUTOR_IDLE}};
    size_t len = 0;

    struct bq_tally back = there_and_back(
        &(struct bq_tally){
            .functions = functions, .n_functions = 2, .executors = executors, .n_executors = 2},
        &len);
    assert_int_equal(back.n_functions, 2);
    assert_string_equal(back.functions[0].function, "f?");
    assert_string_equal(back.functions[1].function, "g");
    assert_int_equal(back.n_executors, 2);
    assert_string_equal(back.executors[0].running[0], "?");
}

static void a_tally_comes_back_as_it_was_told(void **state)
{
    (void)state;
    static const char *const jobs[] = {"a", "b \"quoted\""};
    struct barq_function_stats function = {.function = "f\xc3\xbcnf",
                                           .complete = 1,
                                           .failed = 2,
                                           .retried = 3,
                                           .aborted = 4,
                                           .timed_out = 5,
                                           .crashed = 6,
                                           .receipts = 7};
    const struct barq_executor_info executors[] = {{.number = 0, .state = BARQ_EXECUTOR_OFF},
                                                   {.number = 1,
                                                    .pid = 17,
                                                    .state = BARQ_EXECUTOR_BUSY,
                                                    .started_at_ms = 18,
                                                    .memory_bytes = 19,
                                                    .jobs = 20,
                                                    .restarts = 21,
                                                    .crashes = 22,
                                                    .running = jobs,
                                                    .n_running = 2}};
    size_t len;

    bq_histogram_add(&function.waited, 1000);
    bq_histogram_add(&function.ran, 2000);
    bq_histogram_add(&function.ran, INT64_C(3600) * 1000 * 1000);
    const struct bq_tally told = {12345, &function, 1, executors, 2};
    struct bq_tally back = there_and_back(&told, &len);

    assert_int_equal(back.memory_bytes, 12345);
    assert_int_equal(back.n_functions, 1);
    assert_string_equal(back.functions[0].function, function.function);
    struct barq_function_stats same = back.functions[0];
    same.function = function.function;
    assert_memory_equal(&same, &function, sizeof(function));
    assert_int_equal(back.n_executors, 2);
    assert_int_equal(back.executors[0].number, 0);
    assert_int_equal(back.executors[0].state, BARQ_EXECUTOR_OFF);
    assert_int_equal(back.executors[0].n_running, 0);
    assert_int_equal(back.executors[1].pid, 17);
    assert_int_equal(back.executors[1].state, BARQ_EXECUTOR_BUSY);
    assert_int_equal(back.executors[1].started_at_ms, 18);
    assert_int_equal(back.executors[1].memory_bytes, 19);
    assert_int_equal(back.executors[1].jobs, 20);
    assert_int_equal(back.executors[1].restarts, 21);
    assert_int_equal(back.executors[1].crashes, 22);
    assert_int_equal(back.executors[1].n_running, 2);
    assert_string_equal(back.executors[1].running[1], jobs[1]);
}

static void each_state_has_its_name(void **state)
{
    (void)state;

    for (int i = BARQ_EXECUTOR_OFF; i <= BARQ_EXECUTOR_STOPPING; i++) {
        struct barq_executor_info executor = {.state = (enum barq_executor_state)i};
        size_t len;
        struct bq_tally back =
            there_and_back(&(struct bq_tally){.executors = &executor, .n_executors = 1}, &len);

        assert_int_equal(back.executors[0].state, i);
    }
    assert_string_equal(barq_executor_state_name(BARQ_EXECUTOR_STOPPING), "stopping");
}

/* The largest that there can be. */
static void what_is_too_much_is_left_out(void **state)
{
    (void)state;
    static char names[BARQ_FUNCTIONS_MAX][BARQ_FUNCTION_MAX_BYTES + 1];
    static char id[BARQ_JOB_ID_MAX_BYTES + 1];
    static struct barq_function_stats functions[BARQ_FUNCTIONS_MAX];
    static struct barq_executor_info executors[MANY];
    const char *ids[BARQ_EXECUTOR_JOBS_MAX];
    size_t len;

    memset(id, '"', BARQ_JOB_ID_MAX_BYTES);
    for (int i = 0; i < BARQ_EXECUTOR_JOBS_MAX; i++) {
        ids[i] = id;
    }
    for (int i = 0; i < BARQ_FUNCTIONS_MAX; i++) {
        memset(names[i], '"', BARQ_FUNCTION_MAX_BYTES);
        functions[i] = (struct barq_function_stats){.function = names[i], .complete = INT64_MAX};
        for (int b = 0; b < BARQ_BUCKETS; b++) {
            functions[i].ran.buckets[b] = 1000000;
        }
        functions[i].ran.count = 1;
    }
    for (int i = 0; i < MANY; i++) {
        executors[i] = (struct barq_executor_info){
            .number = i, .pid = 1, .running = ids, .n_running = BARQ_EXECUTOR_JOBS_MAX};
    }
    const struct bq_tally told = {1, functions, BARQ_FUNCTIONS_MAX, executors, MANY};
    struct bq_tally back = there_and_back(&told, &len);

    assert_true(len <= BQ_TALLY_MAX_BYTES);
    assert_int_equal(back.n_functions, BARQ_FUNCTIONS_MAX);
    assert_int_equal(back.executors[0].n_running, BARQ_EXECUTOR_JOBS_MAX);
    assert_true(back.n_executors > 100 && back.n_executors < MANY);
    assert_int_equal(back.executors[back.n_executors - 1].n_running, 0);
}

static void nonsense_tells_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {
        NULL,
        "",
        "no",
        "[]",
        "{\"memory\":\"much\"}",
        "{\"memory\":-5,\"functions\":7,\"executors\":{}}",
        "{\"functions\":[]} and more",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct bq_tally tally;

        assert_true(bq_tally_get(&arena, texts[i], &tally));
        assert_int_equal(tally.memory_bytes, 0);
        assert_int_equal(tally.n_functions, 0);
        assert_int_equal(tally.n_executors, 0);
    }
}

static void what_a_newer_worker_tells_is_read_as_far_as_it_is_known(void **state)
{
    (void)state;
    struct bq_tally tally;

    assert_true(
        bq_tally_get(&arena,
                     "{\"new\":1,\"functions\":[{\"function\":\"f\",\"complete\":2,\"failed\":-1,"
                     "\"ran\":[1,2,\"x\",3,0,0,0,0,0,0,0,0,0,0,4,5,6,7]},null],"
                     "\"executors\":[{\"state\":\"dreaming\",\"running\":[1,\"a\"]}]}",
                     &tally));
    assert_int_equal(tally.n_functions, 2);
    assert_int_equal(tally.functions[0].complete, 2);
    assert_int_equal(tally.functions[0].failed, 0);
    assert_int_equal(tally.functions[0].ran.count, 2 + 3 + 4);
    assert_string_equal(tally.functions[1].function, "");
    assert_int_equal(tally.executors[0].state, BARQ_EXECUTOR_OFF);
    assert_string_equal(tally.executors[0].running[1], "a");
}

static void no_room_for_a_tally_is_said(void **state)
{
    (void)state;
    struct barq_arena tiny;
    struct bq_tally tally;

    bq_arena_init(&tiny, 16);
    assert_false(bq_tally_get(&tiny, "{\"functions\":[{\"function\":\"f\"}]}", &tally));
    assert_false(bq_tally_get(&tiny, "{\"executors\":[{\"number\":1}]}", &tally));
    bq_arena_clear(&tiny);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_bucket_holds_what_took_no_longer_than_its_bound),
        TEST(what_took_no_time_or_for_ever_is_counted),
        TEST(a_tally_comes_back_as_it_was_told),
        TEST(bytes_that_are_no_text_cost_nothing_behind_them),
        TEST(each_state_has_its_name),
        TEST(what_is_too_much_is_left_out),
        TEST(nonsense_tells_nothing),
        TEST(what_a_newer_worker_tells_is_read_as_far_as_it_is_known),
        TEST(no_room_for_a_tally_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <barq/client.h>

#include "base/arena.h"
#include "job/record.h"

enum { PLENTY = 64 * 1024 * 1024, DEFAULT_MAX = 1024 * 1024 };

static const int64_t now_ms = INT64_C(1700000000000);

static struct barq_arena arena;
static struct barq_enqueue_options options;
static struct bq_job_request request;

static int set_up(void **state)
{
    (void)state;
    bq_arena_init(&arena, PLENTY);
    options = (struct barq_enqueue_options){0};
    request = (struct bq_job_request){
        .function = "add",
        .options = &options,
        .default_queue = "barq",
        .now_ms = now_ms,
    };
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    return 0;
}

static struct bq_job make(void)
{
    struct bq_job job = {0};
    struct barq_error err;

    if (bq_job_make(&arena, &request, &job, &err) != BARQ_OK) {
        fail_msg("%s", err.text);
    }
    return job;
}

/* The request is refused with this status and a sentence that has `hint` in it. */
static void assert_refused(enum barq_status status, const char *hint)
{
    struct bq_job job = {.id = "kept"};
    struct barq_error err = {0};

    assert_int_equal(bq_job_make(&arena, &request, &job, &err), status);
    assert_string_equal(job.id, "kept");
    assert_int_equal(strncmp(err.text, "enqueue: ", 9), 0);
    if (!strstr(err.text, hint)) {
        fail_msg("\"%s\" does not say \"%s\"", err.text, hint);
    }
}

static void a_request_becomes_a_job_with_an_identity(void **state)
{
    (void)state;
    struct bq_job job = make();
    struct bq_job other = make();
    struct bq_job_record record;
    struct bq_job_record other_record;

    assert_int_equal(strlen(job.id), 36);
    assert_int_equal(job.id[14], '7');
    assert_string_equal(job.queue, "barq");
    assert_int_equal(job.enqueued_at_ms, now_ms);
    assert_int_equal(job.due_at_ms, now_ms);
    assert_int_equal(job.expires_at_ms, 0);
    assert_false(job.uncertain);
    assert_int_equal(bq_job_decode(&arena, job.payload, job.payload_bytes, &record, NULL),
                     BQ_READ_ALL);
    assert_int_equal(bq_job_decode(&arena, other.payload, other.payload_bytes, &other_record, NULL),
                     BQ_READ_ALL);
    assert_int_equal(record.enqueued_at_ms, now_ms);
    assert_int_equal(strlen(record.nonce), 16);
    assert_int_equal(record.first_try, 0);
    assert_string_not_equal(job.id, other.id);
    assert_string_not_equal(record.nonce, other_record.nonce);
}

static void id_and_queue_are_those_asked_for_and_copied(void **state)
{
    (void)state;
    char id[] = "my id";
    char queue[] = "mail";
    options.id = id;
    options.queue = queue;

    struct bq_job job = make();
    id[0] = queue[0] = 'X';
    assert_string_equal(job.id, "my id");
    assert_string_equal(job.queue, "mail");
}

static void a_job_is_due_when_asked_and_never_before_now(void **state)
{
    (void)state;
    options.defer_ms = 5000;
    assert_int_equal(make().due_at_ms, now_ms + 5000);
    options.defer_ms = 0;
    options.defer_until_ms = now_ms + 7;
    assert_int_equal(make().due_at_ms, now_ms + 7);
    options.defer_until_ms = 1;
    assert_int_equal(make().due_at_ms, now_ms);
    options.defer_until_ms = 0;
    options.expires_ms = 100;
    assert_int_equal(make().expires_at_ms, now_ms + 100);
    options.expires_ms = BARQ_OFF;
    assert_int_equal(make().expires_at_ms, 0);
    request.options = NULL;
    assert_int_equal(make().due_at_ms, now_ms);
}

static void times_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    options.defer_ms = 1;
    options.defer_until_ms = now_ms + 1;
    assert_refused(BARQ_ERR_ARG, "both given");
    options = (struct barq_enqueue_options){.defer_ms = -2};
    assert_refused(BARQ_ERR_ARG, "defer_ms");
    options = (struct barq_enqueue_options){.defer_ms = INT64_MAX};
    assert_refused(BARQ_ERR_ARG, "defer_ms");
    options = (struct barq_enqueue_options){.defer_until_ms = INT64_MIN};
    assert_refused(BARQ_ERR_ARG, "defer_until_ms");
    options = (struct barq_enqueue_options){.defer_until_ms = INT64_MAX};
    assert_refused(BARQ_ERR_ARG, "defer_until_ms");
    options = (struct barq_enqueue_options){.expires_ms = INT64_MIN};
    assert_refused(BARQ_ERR_ARG, "expires_ms");
    options = (struct barq_enqueue_options){.expires_ms = INT64_MAX};
    assert_refused(BARQ_ERR_ARG, "expires_ms");
}

static void names_are_checked(void **state)
{
    (void)state;
    char too_long[BARQ_JOB_ID_MAX_BYTES + 2];
    memset(too_long, 'x', sizeof(too_long) - 1);
    too_long[sizeof(too_long) - 1] = '\0';
    static const char *const bad[] = {"", "a\nb", "\x7f", "\xc2\x85", "\xff", "tab\t"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        request.function = bad[i];
        assert_refused(BARQ_ERR_ARG, "function's name");
        request.function = "add";
        options.id = bad[i];
        assert_refused(BARQ_ERR_ARG, "job's id");
        options.id = NULL;
        options.queue = bad[i];
        assert_refused(BARQ_ERR_ARG, "queue's name");
        options.queue = NULL;
    }
    options.id = too_long;
    assert_refused(BARQ_ERR_ARG, "job's id");
    options.id = too_long + 1;
    assert_string_equal(make().id, too_long + 1);
    request.function = NULL;
    assert_refused(BARQ_ERR_ARG, "function's name");
}

static void names_may_be_as_long_as_allowed_and_in_any_script(void **state)
{
    (void)state;
    char name[BARQ_FUNCTION_MAX_BYTES + 2];
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';

    assert_false(bq_name_valid(name));
    assert_true(bq_name_valid(name + 1));
    assert_true(bq_name_valid("\xd8\xa8\xd8\xb1\xd9\x82"));
    assert_true(bq_job_id_valid("\xc2\xa0"));
    assert_false(bq_name_valid(NULL));
    assert_false(bq_job_id_valid(NULL));
}

static void arguments_of_the_wrong_kind_are_refused(void **state)
{
    (void)state;
    request.args = barq_map(&arena);
    assert_refused(BARQ_ERR_TYPE, "of kind map; they must be a list or tuple");
    request.args = barq_string(&arena, "[]");
    assert_refused(BARQ_ERR_TYPE, "of kind string");
    request.args = NULL;
    request.kwargs = barq_list(&arena);
    assert_refused(BARQ_ERR_TYPE, "of kind list; they must be a map");
}

static void arguments_that_json_cannot_hold_are_refused_with_their_path(void **state)
{
    (void)state;
    struct barq_value *args = barq_list(&arena);
    struct barq_value *kwargs = barq_map(&arena);

    barq_add(args, barq_bytes(&arena, "x", 1));
    request.args = args;
    assert_refused(BARQ_ERR_TYPE, "$.a[0]: ");
    request.args = NULL;
    barq_set_key(kwargs, "when", barq_timestamp(&arena, 0, 0));
    request.kwargs = kwargs;
    assert_refused(BARQ_ERR_TYPE, "$.k.when: ");
}

static void a_job_is_written_in_the_serializer_that_was_asked_for(void **state)
{
    (void)state;
    static const struct bq_codec *const codecs[] = {&bq_codec_json, &bq_codec_msgpack,
                                                    &bq_codec_pickle};
    struct barq_value *args = barq_list(&arena);
    struct barq_value *set = barq_set(&arena);

    barq_add(args, barq_int(&arena, 7));
    for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
        struct bq_job_record record;

        request.codec = codecs[i];
        request.args = args;
        struct bq_job job = make();
        assert_ptr_equal(bq_codec_of(job.payload, job.payload_bytes), codecs[i]);
        assert_int_equal(bq_job_decode(&arena, job.payload, job.payload_bytes, &record, NULL),
                         BQ_READ_ALL);
        assert_int_equal(barq_as_int(barq_at(record.args, 0), 0), 7);
        request.payload_max_bytes = job.payload_bytes - 1;
        assert_refused(BARQ_ERR_LIMIT, "bytes encoded; at most");
        request.payload_max_bytes = 0;
    }

    barq_add(args, set);
    assert_true(make().payload_bytes > 0); /* a pickle can hold it */
    request.codec = &bq_codec_msgpack;
    assert_refused(BARQ_ERR_TYPE, "$.a[1]: ");
}

static void the_try_that_a_job_begins_with_is_in_its_bytes(void **state)
{
    (void)state;
    struct bq_job_record record;

    options.job_try = 3;
    struct bq_job job = make();
    assert_int_equal(bq_job_decode(&arena, job.payload, job.payload_bytes, &record, NULL),
                     BQ_READ_ALL);
    assert_int_equal(record.first_try, 3);
    options.job_try = -1;
    assert_refused(BARQ_ERR_ARG, "job_try is -1");
    options.job_try = BARQ_JOB_TRY_MAX + 1;
    assert_refused(BARQ_ERR_ARG, "job_try is 1000000001");
}

static void broken_arguments_are_refused_with_their_path(void **state)
{
    (void)state;
    struct barq_value *args = barq_list(&arena);
    struct barq_value *kwargs = barq_map(&arena);

    barq_set_key(kwargs, "x", NULL);
    barq_add(args, kwargs);
    request.args = args;
    assert_refused(BARQ_ERR_NOMEM, "$.a[0]");
}

static struct barq_value *nested(int depth)
{
    struct barq_value *value = barq_list(&arena);

    for (int i = 1; i < depth; i++) {
        struct barq_value *outer = barq_list(&arena);
        barq_add(outer, value);
        value = outer;
    }
    return value;
}

static void arguments_may_be_one_level_less_deep_than_values(void **state)
{
    (void)state;
    struct bq_job_record record;

    request.args = nested(BARQ_VALUE_MAX_DEPTH - 1);
    struct bq_job job = make();
    assert_int_equal(bq_job_decode(&arena, job.payload, job.payload_bytes, &record, NULL),
                     BQ_READ_ALL);
    request.args = nested(BARQ_VALUE_MAX_DEPTH);
    assert_refused(BARQ_ERR_LIMIT, "more than 63 containers");
    request.args = nested(BARQ_VALUE_MAX_DEPTH + 1);
    assert_refused(BARQ_ERR_LIMIT, "nested too deep");
}

static struct barq_value *text_of(size_t len)
{
    struct barq_value *args = barq_list(&arena);
    char *text = bq_arena_alloc(&arena, len + 1);

    assert_non_null(text);
    memset(text, 'x', len);
    barq_add(args, barq_string(&arena, text));
    return args;
}

static void a_payload_over_the_limit_is_refused_with_its_size(void **state)
{
    (void)state;
    request.args = text_of(1000);
    size_t bytes = make().payload_bytes;
    char hint[128];

    request.payload_max_bytes = bytes;
    assert_int_equal(make().payload_bytes, bytes);
    request.payload_max_bytes = bytes - 1;
    (void)snprintf(hint, sizeof(hint), "are %zu bytes encoded; at most %zu bytes are allowed",
                   bytes, bytes - 1);
    assert_refused(BARQ_ERR_LIMIT, hint);
    request.payload_max_bytes = 10;
    assert_refused(BARQ_ERR_LIMIT, "are more than 160 bytes encoded; at most 10 bytes");
    request.payload_max_bytes = 0;
    request.args = text_of(DEFAULT_MAX);
    assert_refused(BARQ_ERR_LIMIT, "at most 1048576 bytes are allowed");
}

static void a_full_arena_stops_the_making_anywhere(void **state)
{
    (void)state;
    enum barq_status status = BARQ_ERR_NOMEM;
    size_t limit = 0;

    request.args = text_of(100);
    for (; status != BARQ_OK; limit += 16) {
        bq_auto(arena) struct barq_arena small;
        bq_arena_init(&small, limit);
        struct bq_job job = {.id = "kept"};
        status = bq_job_make(&small, &request, &job, NULL);
        if (status != BARQ_OK) {
            assert_int_equal(status, BARQ_ERR_NOMEM);
            assert_string_equal(job.id, "kept");
        }
    }
    assert_true(limit > 200);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void what_a_job_waits_for_is_checked(void **state)
{
    (void)state;
    static const char *ids[BARQ_AFTER_MAX + 1];
    char large[BARQ_JOB_ID_MAX_BYTES + 1];
    memset(large, 'a', BARQ_JOB_ID_MAX_BYTES);
    large[BARQ_JOB_ID_MAX_BYTES] = '\0';
    for (int i = 0; i <= BARQ_AFTER_MAX; i++) {
        ids[i] = large;
    }
    options = (struct barq_enqueue_options){.id = "me", .after = ids, .n_after = 2};

    assert_int_equal(make().n_after, 2);
    ids[1] = "me";
    assert_refused(BARQ_ERR_ARG, "wait for itself");
    ids[1] = "";
    assert_refused(BARQ_ERR_ARG, "number 2 of the jobs");
    ids[1] = NULL;
    assert_refused(BARQ_ERR_ARG, "number 2 of the jobs");
    ids[1] = large;
    options.n_after = BARQ_AFTER_MAX_BYTES / BARQ_JOB_ID_MAX_BYTES;
    assert_int_equal(make().n_after, 1024);
    options.n_after++;
    assert_refused(BARQ_ERR_LIMIT, "524800 bytes together");
    options.n_after = BARQ_AFTER_MAX + 1;
    assert_refused(BARQ_ERR_LIMIT, "10001 jobs; at most 10000");
}

static void a_trace_is_in_its_bytes(void **state)
{
    (void)state;
    struct bq_job_record record;
    options = (struct barq_enqueue_options){
        .traceparent = "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        .tracestate = "congo=t61rcWkgMzE"};

    struct bq_job job = make();
    assert_int_equal(bq_job_decode(&arena, job.payload, job.payload_bytes, &record, NULL),
                     BQ_READ_ALL);
    assert_string_equal(record.traceparent,
                        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    assert_string_equal(record.tracestate, "congo=t61rcWkgMzE");
}

static void a_trace_that_is_none_is_refused(void **state)
{
    (void)state;
    const char *good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    options.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01";
    assert_refused(BARQ_ERR_ARG, "traceparent");
    options = (struct barq_enqueue_options){.tracestate = "a=1"};
    assert_refused(BARQ_ERR_ARG, "without a traceparent");
    options = (struct barq_enqueue_options){.traceparent = good, .tracestate = "a"};
    assert_refused(BARQ_ERR_ARG, "512 bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_request_becomes_a_job_with_an_identity),
        TEST(id_and_queue_are_those_asked_for_and_copied),
        TEST(a_job_is_due_when_asked_and_never_before_now),
        TEST(times_that_make_no_sense_are_refused),
        TEST(names_are_checked),
        TEST(names_may_be_as_long_as_allowed_and_in_any_script),
        TEST(arguments_of_the_wrong_kind_are_refused),
        TEST(arguments_that_json_cannot_hold_are_refused_with_their_path),
        TEST(a_job_is_written_in_the_serializer_that_was_asked_for),
        TEST(the_try_that_a_job_begins_with_is_in_its_bytes),
        TEST(broken_arguments_are_refused_with_their_path),
        TEST(arguments_may_be_one_level_less_deep_than_values),
        TEST(what_a_job_waits_for_is_checked),
        TEST(a_trace_is_in_its_bytes),
        TEST(a_trace_that_is_none_is_refused),
        TEST(a_payload_over_the_limit_is_refused_with_its_size),
        TEST(a_full_arena_stops_the_making_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

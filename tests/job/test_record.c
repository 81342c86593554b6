#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "job/record.h"

enum { PLENTY = 64 * 1024 * 1024 };

static const int64_t now_ms = INT64_C(1700000000000);

static struct barq_arena arena;
static struct bq_buf bytes;

static int set_up(void **state)
{
    (void)state;
    bq_arena_init(&arena, PLENTY);
    bq_buf_init(&bytes, PLENTY);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    bq_buf_clear(&bytes);
    return 0;
}

static struct barq_value *two_args(void)
{
    struct barq_value *args = barq_tuple(&arena);

    barq_add(args, barq_int(&arena, 1));
    barq_add(args, barq_string(&arena, "two"));
    return args;
}

static struct barq_value *one_kwarg(void)
{
    struct barq_value *kwargs = barq_map(&arena);

    barq_set_key(kwargs, "list_id", barq_int(&arena, 7));
    return kwargs;
}

static enum bq_readable read_job(const char *text, struct bq_job_record *out,
                                 struct barq_error *err)
{
    return bq_job_decode(&arena, text, strlen(text), out, err);
}

static void a_job_is_written_in_the_order_of_arq(void **state)
{
    (void)state;
    struct bq_job_record record = {
        .function = "add",
        .args = two_args(),
        .kwargs = one_kwarg(),
        .enqueued_at_ms = now_ms,
        .nonce = "0123456789abcdef",
    };

    assert_int_equal(bq_job_encode(&bq_codec_json, &record, &bytes, NULL), BARQ_OK);
    assert_string_equal(bq_buf_cstr(&bytes),
                        "{\"t\":null,\"f\":\"add\",\"a\":[1,\"two\"],\"k\":{\"list_id\":7},"
                        "\"et\":1700000000000,\"n\":\"0123456789abcdef\"}");
}

static void a_job_without_arguments_or_nonce_is_what_arq_would_write(void **state)
{
    (void)state;
    struct bq_job_record record = {.function = "tick", .enqueued_at_ms = 5, .first_try = 2};

    assert_int_equal(bq_job_encode(&bq_codec_json, &record, &bytes, NULL), BARQ_OK);
    assert_string_equal(bq_buf_cstr(&bytes), "{\"t\":2,\"f\":\"tick\",\"a\":[],\"k\":{},\"et\":5}");
}

static void what_was_written_is_read_again(void **state)
{
    (void)state;
    struct bq_job_record record = {
        .function = "add",
        .args = two_args(),
        .kwargs = one_kwarg(),
        .enqueued_at_ms = now_ms,
        .nonce = "n",
        .first_try = 3,
    };
    struct bq_job_record again;

    assert_int_equal(bq_job_encode(&bq_codec_json, &record, &bytes, NULL), BARQ_OK);
    assert_int_equal(bq_job_decode(&arena, bytes.data, bytes.len, &again, NULL), BQ_READ_ALL);
    assert_string_equal(again.function, "add");
    assert_int_equal(barq_count(again.args), 2);
    assert_true(barq_equal(again.kwargs, record.kwargs));
    assert_int_equal(again.enqueued_at_ms, now_ms);
    assert_string_equal(again.nonce, "n");
    assert_int_equal(again.first_try, 3);
}

static void arguments_stay_open_when_they_are_written(void **state)
{
    (void)state;
    struct barq_value *args = two_args();
    struct bq_job_record record = {.function = "add", .args = args, .kwargs = one_kwarg()};

    assert_int_equal(bq_job_encode(&bq_codec_json, &record, &bytes, NULL), BARQ_OK);
    barq_add(args, barq_int(&arena, 3));
    assert_int_equal(barq_value_check(args, NULL), BARQ_OK);
    assert_int_equal(barq_count(args), 3);
}

static void a_job_of_an_arq_client_has_the_empty_nonce(void **state)
{
    (void)state;
    struct bq_job_record record;

    assert_int_equal(
        read_job("{\"t\":null,\"f\":\"f\",\"a\":[],\"k\":{},\"et\":9,\"x\":1}", &record, NULL),
        BQ_READ_ALL);
    assert_string_equal(record.nonce, "");
    assert_int_equal(record.enqueued_at_ms, 9);
}

static void bytes_without_a_readable_identity_have_none(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "\x80\x04",
        "{",
        "[]",
        "7",
        "{}",
        "{\"f\":\"f\",\"a\":[],\"k\":{},\"t\":null}",
        "{\"et\":null}",
        "{\"et\":\"5\"}",
        "{\"et\":5.0}",
        "{\"et\":-1}",
        "{\"et\":9223372036854775808}",
        "{\"et\":5,\"n\":7}",
        "{\"et\":5,\"n\":null}",
        "{\"et\":5,\"n\":\"a\\u0000b\"}",
        "{\"et\":5,\"n\":\"0123456789012345678901234567890123456789012345678901234567890123x\"}",
        "{\"et\":5,\"et\":6}",
        "{\"et\":5}}",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct bq_job_record record;
        struct barq_error err = {0};
        assert_int_equal(read_job(texts[i], &record, &err), BQ_READ_NOTHING);
        assert_int_equal(strncmp(err.text, "job: ", 5), 0);
        assert_string_equal(record.function, "<unknown>");
        assert_string_equal(record.nonce, "");
        assert_int_equal(barq_count(record.args), 0);
        assert_int_equal(barq_kind(record.kwargs), BARQ_MAP);
    }
}

static void an_identity_is_read_however_broken_the_rest_is(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *key; /* that the error names */
        const char *function;
    } cases[] = {
        {"{\"et\":5,\"n\":\"n\"}", "key f", "<unknown>"},
        {"{\"et\":5,\"n\":\"n\",\"f\":1,\"a\":[],\"k\":{}}", "key f", "<unknown>"},
        {"{\"et\":5,\"n\":\"n\",\"f\":\"\",\"a\":[],\"k\":{}}", "key f", "<unknown>"},
        {"{\"et\":5,\"n\":\"n\",\"f\":\"a\\u0000b\",\"a\":[],\"k\":{}}", "key f", "<unknown>"},
        {"{\"et\":5,\"n\":\"n\",\"f\":\"f\",\"k\":{}}", "key a", "f"},
        {"{\"et\":5,\"n\":\"n\",\"f\":\"f\",\"a\":{},\"k\":{}}", "key a", "f"},
        {"{\"et\":5,\"n\":\"n\",\"f\":\"f\",\"a\":[]}", "key k", "f"},
        {"{\"et\":5,\"n\":\"n\",\"f\":\"f\",\"a\":[],\"k\":[]}", "key k", "f"},
        {"{\"et\":5,\"n\":\"n\",\"f\":\"f\",\"a\":[],\"k\":{},\"t\":-1}", "key t", "f"},
        {"{\"et\":5,\"n\":\"n\",\"f\":\"f\",\"a\":[],\"k\":{},\"t\":\"1\"}", "key t", "f"},
        {"{\"et\":5,\"n\":\"n\",\"f\":\"f\",\"a\":[],\"k\":{},\"t\":2147483648}", "key t", "f"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bq_job_record record;
        struct barq_error err = {0};
        assert_int_equal(read_job(cases[i].text, &record, &err), BQ_READ_IDENTITY);
        assert_non_null(strstr(err.text, cases[i].key));
        assert_string_equal(record.function, cases[i].function);
        assert_int_equal(record.enqueued_at_ms, 5);
        assert_string_equal(record.nonce, "n");
        assert_int_equal(barq_count(record.args), 0);
        assert_int_equal(barq_kind(record.kwargs), BARQ_MAP);
    }
}

static void what_is_readable_of_a_broken_call_is_read(void **state)
{
    (void)state;
    struct bq_job_record record;

    assert_int_equal(
        read_job("{\"et\":5,\"f\":1,\"a\":[1,2],\"k\":{\"x\":1},\"t\":4}", &record, NULL),
        BQ_READ_IDENTITY);
    assert_int_equal(barq_count(record.args), 2);
    assert_int_equal(barq_count(record.kwargs), 1);
    assert_int_equal(record.first_try, 4);
}

static struct bq_result_record some_result(bool success)
{
    return (struct bq_result_record){
        .job = {.function = "add", .args = two_args(), .enqueued_at_ms = 1, .nonce = "n"},
        .queue = "barq",
        .id = "id",
        .job_try = 2,
        .success = success,
        .result = success ? barq_double(&arena, 3) : NULL,
        .error = success ? NULL : "add: no",
        .started_at_ms = 2,
        .finished_at_ms = 3,
    };
}

static void a_result_is_written_in_the_order_of_arq(void **state)
{
    (void)state;
    struct bq_result_record record = some_result(true);

    assert_int_equal(bq_result_encode(&bq_codec_json, &record, &bytes, NULL), BARQ_OK);
    assert_string_equal(bq_buf_cstr(&bytes),
                        "{\"t\":2,\"f\":\"add\",\"a\":[1,\"two\"],\"k\":{},\"et\":1,\"s\":true,"
                        "\"r\":3.0,\"st\":2,\"ft\":3,\"q\":\"barq\",\"id\":\"id\",\"n\":\"n\"}");
}

static void what_a_failure_is_can_be_read_in_every_format(void **state)
{
    (void)state;
    static const struct bq_codec *const codecs[] = {&bq_codec_json, &bq_codec_msgpack,
                                                    &bq_codec_pickle};
    static const enum bq_failure failures[] = {BQ_FAILURE_ERROR, BQ_FAILURE_REFUSED,
                                               BQ_FAILURE_ABORTED, BQ_FAILURE_TIMEOUT};

    for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
        for (size_t j = 0; j < sizeof(failures) / sizeof(failures[0]); j++) {
            struct bq_result_record record = some_result(false);
            struct bq_result_record again;

            record.failure = failures[j];
            bq_buf_reset(&bytes);
            assert_int_equal(bq_result_encode(codecs[i], &record, &bytes, NULL), BARQ_OK);
            assert_int_equal(bq_result_decode(&arena, bytes.data, bytes.len, &again, NULL),
                             BARQ_OK);
            assert_int_equal(again.failure, failures[j]);
            assert_string_equal(again.error, "add: no");
        }
    }
}

static void a_result_is_read_as_it_was_written(void **state)
{
    (void)state;

    for (int success = 0; success < 2; success++) {
        struct bq_result_record record = some_result(success);
        struct bq_result_record again;
        bq_buf_reset(&bytes);
        assert_int_equal(bq_result_encode(&bq_codec_json, &record, &bytes, NULL), BARQ_OK);
        assert_int_equal(bq_result_decode(&arena, bytes.data, bytes.len, &again, NULL), BARQ_OK);
        assert_int_equal(again.success, success);
        assert_string_equal(again.id, "id");
        assert_string_equal(again.queue, "barq");
        assert_string_equal(again.job.function, "add");
        assert_string_equal(again.job.nonce, "n");
        assert_int_equal(again.job_try, 2);
        assert_int_equal(again.started_at_ms, 2);
        assert_int_equal(again.finished_at_ms, 3);
        assert_true(barq_equal(again.result, record.result));
        assert_string_equal(success ? "add: no" : again.error, "add: no");
    }
}

static void an_error_of_any_bytes_becomes_a_short_text(void **state)
{
    (void)state;
    char error[2000];
    struct bq_result_record record = some_result(false);
    struct bq_result_record again;
    memset(error, 'x', sizeof(error));
    error[sizeof(error) - 1] = '\0';
    error[3] = '\xff';
    record.error = error;

    assert_int_equal(bq_result_encode(&bq_codec_json, &record, &bytes, NULL), BARQ_OK);
    assert_int_equal(bq_result_decode(&arena, bytes.data, bytes.len, &again, NULL), BARQ_OK);
    assert_int_equal(strncmp(again.error, "xxx?xxx", 7), 0);
    assert_int_equal(strlen(again.error), BQ_ERROR_TEXT_MAX_BYTES);
}

static void a_result_that_cannot_be_written_leaves_the_buffer_as_it_was(void **state)
{
    (void)state;
    struct bq_result_record record = some_result(true);
    struct barq_error err;

    record.result = barq_bytes(&arena, "x", 1);
    assert_int_equal(bq_result_encode(&bq_codec_json, &record, &bytes, &err), BARQ_ERR_TYPE);
    assert_non_null(strstr(err.text, "$.r: "));
    assert_int_equal(bytes.len, 0);

    bq_buf_clear(&bytes);
    bq_buf_init(&bytes, 20);
    record.result = barq_null(&arena);
    assert_int_equal(bq_result_encode(&bq_codec_json, &record, &bytes, &err), BARQ_ERR_LIMIT);
    assert_int_equal(bytes.len, 0);
    assert_false(bytes.failed);
}

static void bytes_that_are_no_result_are_refused_and_leave_out_alone(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "[]",
        "{}",
        "{\"et\":1,\"s\":1,\"r\":1,\"st\":1,\"ft\":1}",
        "{\"et\":1,\"s\":true,\"st\":1,\"ft\":1}",
        "{\"et\":1,\"s\":false,\"r\":1,\"st\":1,\"ft\":1}",
        "{\"et\":1,\"s\":true,\"r\":1,\"ft\":1}",
        "{\"et\":1,\"s\":true,\"r\":1,\"st\":1,\"ft\":\"1\"}",
        "{\"s\":true,\"r\":1,\"st\":1,\"ft\":1}",
        "{\"et\":1,\"s\":true,\"r\":1,\"st\":1,\"ft\":1,\"t\":-1}",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct bq_result_record out = {.id = "kept"};
        assert_int_equal(bq_result_decode(&arena, texts[i], strlen(texts[i]), &out, NULL),
                         BARQ_ERR_FORMAT);
        assert_string_equal(out.id, "kept");
    }
}

static void a_result_without_queue_and_id_is_read_as_arq_does(void **state)
{
    (void)state;
    static const char text[] = "{\"et\":1,\"s\":true,\"r\":null,\"st\":1,\"ft\":1}";
    struct bq_result_record out;

    assert_int_equal(bq_result_decode(&arena, text, strlen(text), &out, NULL), BARQ_OK);
    assert_string_equal(out.queue, "<unknown>");
    assert_string_equal(out.id, "<unknown>");
    assert_string_equal(out.job.function, "<unknown>");
    assert_true(barq_is_null(out.result));
}

static void nonces_are_sixteen_hex_digits_and_differ(void **state)
{
    (void)state;
    char one[BQ_NONCE_TEXT_BYTES];
    char two[BQ_NONCE_TEXT_BYTES];

    bq_nonce(one);
    bq_nonce(two);
    assert_int_equal(strlen(one), 16);
    assert_int_equal(strspn(one, "0123456789abcdef"), 16);
    assert_string_not_equal(one, two);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void a_trace_is_written_last_and_read_in_every_format(void **state)
{
    (void)state;
    const struct bq_codec *const codecs[] = {&bq_codec_json, &bq_codec_msgpack, &bq_codec_pickle};
    struct bq_job_record record = {
        .function = "add",
        .enqueued_at_ms = now_ms,
        .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        .tracestate = "congo=t61rcWkgMzE",
    };
    struct bq_job_record again;

    for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
        bq_buf_reset(&bytes);
        assert_int_equal(bq_job_encode(codecs[i], &record, &bytes, NULL), BARQ_OK);
        assert_int_equal(bq_job_decode(&arena, bytes.data, bytes.len, &again, NULL), BQ_READ_ALL);
        assert_string_equal(again.traceparent, record.traceparent);
        assert_string_equal(again.tracestate, record.tracestate);
    }
    bq_buf_reset(&bytes);
    assert_int_equal(bq_job_encode(&bq_codec_json, &record, &bytes, NULL), BARQ_OK);
    assert_string_equal(bq_buf_cstr(&bytes),
                        "{\"t\":null,\"f\":\"add\",\"a\":[],\"k\":{},\"et\":1700000000000,"
                        "\"tp\":\"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\","
                        "\"ts\":\"congo=t61rcWkgMzE\"}");
}

static void a_broken_trace_counts_as_none(void **state)
{
    (void)state;
#define TRACED "{\"t\":null,\"f\":\"add\",\"a\":[],\"k\":{},\"et\":5,"
    static const char *const broken[] = {
        TRACED "\"tp\":7,\"ts\":\"a=1\"}",
        TRACED "\"tp\":\"00-zz\",\"ts\":\"a=1\"}",
        TRACED "\"ts\":\"a=1\"}",
    };
    struct bq_job_record job;

    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        assert_int_equal(read_job(broken[i], &job, NULL), BQ_READ_ALL);
        assert_null(job.traceparent);
        assert_null(job.tracestate);
    }
    assert_int_equal(read_job(TRACED
                              "\"tp\":\"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\","
                              "\"ts\":\"\\u00e4\"}",
                              &job, NULL),
                     BQ_READ_ALL);
    assert_non_null(job.traceparent);
    assert_null(job.tracestate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_job_is_written_in_the_order_of_arq),
        TEST(a_job_without_arguments_or_nonce_is_what_arq_would_write),
        TEST(what_was_written_is_read_again),
        TEST(arguments_stay_open_when_they_are_written),
        TEST(a_job_of_an_arq_client_has_the_empty_nonce),
        TEST(bytes_without_a_readable_identity_have_none),
        TEST(an_identity_is_read_however_broken_the_rest_is),
        TEST(what_is_readable_of_a_broken_call_is_read),
        TEST(a_result_is_written_in_the_order_of_arq),
        TEST(what_a_failure_is_can_be_read_in_every_format),
        TEST(a_result_is_read_as_it_was_written),
        TEST(an_error_of_any_bytes_becomes_a_short_text),
        TEST(a_result_that_cannot_be_written_leaves_the_buffer_as_it_was),
        TEST(bytes_that_are_no_result_are_refused_and_leave_out_alone),
        TEST(a_result_without_queue_and_id_is_read_as_arq_does),
        TEST(nonces_are_sixteen_hex_digits_and_differ),
        TEST(a_trace_is_written_last_and_read_in_every_format),
        TEST(a_broken_trace_counts_as_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Jobs and results as arq's clients and workers know them: recorded from arq
 * itself (tests/data/arq.txt), and written for it.
 *
 *     test_arq PYTHON ARQ_CLIENT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "codec/show.h"
#include "job/record.h"
#include "support/folder.h"

enum { PLENTY = 64 * 1024 * 1024, LINE_MAX_BYTES = 16 * 1024 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *python;
static const char *arq_client;

static struct barq_arena arena;
static struct bq_buf bytes;
static struct bq_buf shown;
static char line[LINE_MAX_BYTES];

static int set_up(void **state)
{
    bq_arena_init(&arena, PLENTY);
    bq_buf_init(&bytes, PLENTY);
    bq_buf_init(&shown, PLENTY);
    return folder_make(state);
}

static int tear_down(void **state)
{
    bq_arena_clear(&arena);
    bq_buf_clear(&bytes);
    bq_buf_clear(&shown);
    return folder_remove(state);
}

static const char *text_of(const struct barq_value *value)
{
    bq_buf_reset(&shown);
    show(&shown, value);
    return bq_buf_cstr(&shown);
}

/* The bytes that were recorded: FORMAT|job or result|WHICH|HEX */
static void recorded(const char *which)
{
    char path[4096];
    (void)snprintf(path, sizeof(path), "%s/tests/data/arq.txt", getenv("SOURCE_ROOT"));
    FILE *in = fopen(path, "re");
    const char *hex = NULL;
    assert_non_null(in);
    while (!hex && fgets(line, sizeof(line), in)) {
        if (strncmp(line, which, strlen(which)) == 0 && line[strlen(which)] == '|') {
            hex = line + strlen(which) + 1;
        }
    }
    (void)fclose(in);
    assert_non_null(hex);

    bq_buf_reset(&bytes);
    for (unsigned byte; sscanf(hex, "%2x", &byte) == 1; hex += 2) {
        bq_buf_put_u8(&bytes, (uint8_t)byte);
    }
}

static struct bq_job_record recorded_job(const char *which)
{
    struct bq_job_record job;
    struct barq_error err = {.text = "none"};

    recorded(which);
    if (bq_job_decode(&arena, bytes.data, bytes.len, &job, &err) != BQ_READ_ALL) {
        fail_msg("%s: %s", which, err.text);
    }
    assert_string_equal(job.nonce, "");
    return job;
}

static struct bq_result_record recorded_result(const char *which)
{
    struct bq_result_record result;
    struct barq_error err = {.text = "none"};

    recorded(which);
    if (bq_result_decode(&arena, bytes.data, bytes.len, &result, &err) != BARQ_OK) {
        fail_msg("%s: %s", which, err.text);
    }
    assert_string_equal(result.queue, "arq:queue");
    return result;
}

static void a_job_of_an_arq_client_is_read(void **state)
{
    (void)state;
    static const char *const formats[] = {"pickle", "msgpack"};

    for (size_t i = 0; i < COUNT(formats); i++) {
        char which[64];
        (void)snprintf(which, sizeof(which), "%s|job|add", formats[i]);
        struct bq_job_record job = recorded_job(which);
        assert_string_equal(job.function, "add");
        assert_int_equal(barq_count(job.args), 2);
        assert_int_equal(barq_as_int(barq_at(job.args, 1), 0), 2);
        assert_string_equal(text_of(job.kwargs), "{'scale': 2}");
        assert_int_equal(job.first_try, 1);
        (void)snprintf(which, sizeof(which), "%s|job|bad", formats[i]);
        job = recorded_job(which);
        assert_string_equal(job.function, "bad");
        assert_int_equal(job.first_try, 0);
    }
}

static void typed_arguments_of_an_arq_client_are_read(void **state)
{
    (void)state;
    struct bq_job_record job = recorded_job("pickle|job|echo");

    assert_string_equal(text_of(job.args),
                        "(datetime(1714953600000000, 0), decimal.Decimal('1.5'), "
                        "uuid.UUID('00000000-0000-0000-0000-000000000007'), b'78', <1>, (2,))");
    assert_string_equal(text_of(job.kwargs), "{'d': datetime.date(2024, 5, 6)}");
}

static void a_job_that_is_read_is_written_as_it_was(void **state)
{
    (void)state;
    struct bq_job_record job = recorded_job("msgpack|job|add");
    bq_auto(buf) struct bq_buf again;
    bq_buf_init(&again, PLENTY);

    assert_int_equal(bq_job_encode(bq_codec_of(bytes.data, bytes.len), &job, &again, NULL),
                     BARQ_OK);
    assert_int_equal(again.len, bytes.len);
    assert_memory_equal(again.data, bytes.data, bytes.len);
}

static void a_result_of_an_arq_worker_is_read(void **state)
{
    (void)state;
    struct bq_result_record result = recorded_result("pickle|result|add");

    assert_true(result.success);
    assert_int_equal(barq_as_int(result.result, 0), 6);
    assert_string_equal(result.id, "pickle-add");
    assert_int_equal(result.job_try, 1);
    result = recorded_result("msgpack|result|add");
    assert_true(result.success);
    assert_int_equal(barq_as_int(result.result, 0), 6);
}

static void an_exception_of_an_arq_worker_is_read_as_its_text(void **state)
{
    (void)state;
    static const struct {
        const char *which;
        const char *error;
        enum bq_failure failure;
    } failures[] = {
        {"pickle|result|bad", "ValueError: bad value", BQ_FAILURE_ERROR},
        {"pickle|result|missing", "function 'missing' not found", BQ_FAILURE_REFUSED},
        {"pickle|result|slow", "TimeoutError", BQ_FAILURE_TIMEOUT},
        {"pickle|result|again", "max 2 retries exceeded", BQ_FAILURE_REFUSED},
        {"pickle|result|aborted", "CancelledError", BQ_FAILURE_ABORTED},
        {"pickle|result|expired", "job expired", BQ_FAILURE_REFUSED},
        {"msgpack|result|bad", "unable to serialize result", BQ_FAILURE_ERROR},
        {"msgpack|result|returns_set", "unable to serialize result", BQ_FAILURE_ERROR},
    };

    for (size_t i = 0; i < COUNT(failures); i++) {
        struct bq_result_record result = recorded_result(failures[i].which);
        assert_false(result.success);
        assert_string_equal(result.error, failures[i].error);
        assert_int_equal(result.failure, failures[i].failure);
    }
}

static void put_message(FILE *out)
{
    for (int i = 0; i < 4; i++) {
        (void)fputc((int)(bytes.len >> (8 * i) & 0xff), out);
    }
    assert_int_equal(fwrite(bytes.data, 1, bytes.len, out), bytes.len);
}

static struct bq_job_record some_job(void)
{
    struct barq_value *args = barq_list(&arena); /* arq wants a tuple */
    struct barq_value *kwargs = barq_map(&arena);

    barq_add(args, barq_int(&arena, 1));
    barq_add(args, barq_string(&arena, "two"));
    barq_set_key(kwargs, "x", barq_bytes(&arena, "\0", 1));
    return (struct bq_job_record){
        .function = "f",
        .args = args,
        .kwargs = kwargs,
        .enqueued_at_ms = 5,
        .nonce = "n",
        .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        .tracestate = "congo=t61rcWkgMzE",
    };
}

static void put_result(FILE *out, bool success, enum bq_failure failure)
{
    struct barq_value *sum = barq_map(&arena);
    barq_set_key(sum, "sum", barq_double(&arena, 3));
    struct bq_result_record result = {
        .job = some_job(),
        .queue = "q",
        .id = "id",
        .job_try = 1,
        .success = success,
        .result = sum,
        .error = "what went wrong",
        .failure = failure,
    };
    struct bq_result_record again;

    bq_buf_reset(&bytes);
    assert_int_equal(bq_result_encode(&bq_codec_pickle, &result, &bytes, NULL), BARQ_OK);
    put_message(out);
    assert_int_equal(bq_result_decode(&arena, bytes.data, bytes.len, &again, NULL), BARQ_OK);
    assert_string_equal(success ? "what went wrong" : again.error, "what went wrong");
    assert_int_equal(again.failure, success ? BQ_FAILURE_ERROR : failure);
}

static void an_arq_client_reads_the_right_objects_and_exceptions(void **state)
{
    (void)state;
    const char *path = folder_text("%s/messages", folder_path());
    FILE *out = fopen(path, "wbe");
    struct bq_job_record job = some_job();
    int status;
    assert_non_null(out);

    assert_int_equal(bq_job_encode(&bq_codec_pickle, &job, &bytes, NULL), BARQ_OK);
    put_message(out);
    put_result(out, true, BQ_FAILURE_ERROR);
    put_result(out, false, BQ_FAILURE_ERROR);
    put_result(out, false, BQ_FAILURE_REFUSED);
    put_result(out, false, BQ_FAILURE_ABORTED);
    put_result(out, false, BQ_FAILURE_TIMEOUT);
    assert_int_equal(fclose(out), 0);

    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        execl(python, python, arq_client, path, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void a_failure_is_text_where_there_are_no_exceptions(void **state)
{
    (void)state;
    struct bq_result_record result = {.error = "gone", .failure = BQ_FAILURE_TIMEOUT};
    struct barq_value *map;

    assert_int_equal(bq_result_encode(&bq_codec_msgpack, &result, &bytes, NULL), BARQ_OK);
    assert_int_equal(bq_codec_msgpack.decode(&arena, bytes.data, bytes.len, &map, NULL), BARQ_OK);
    assert_string_equal(barq_as_string(barq_get(map, "r"), ""), "gone");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_job_of_an_arq_client_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(typed_arguments_of_an_arq_client_are_read, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_job_that_is_read_is_written_as_it_was, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_result_of_an_arq_worker_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_exception_of_an_arq_worker_is_read_as_its_text, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_arq_client_reads_the_right_objects_and_exceptions,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_failure_is_text_where_there_are_no_exceptions, set_up,
                                        tear_down),
    };
    if (argc != 3) {
        return 2;
    }

    python = argv[1];
    arq_client = argv[2];
    return cmocka_run_group_tests(tests, NULL, NULL);
}

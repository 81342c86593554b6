#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "http/multipart.h"

enum { ARENA_BYTES = 1024 * 1024 };

static struct barq_arena arena;
static struct bq_multipart form;
static struct bq_multipart_part part;
static struct barq_error err;

static int make_arena(void **state)
{
    (void)state;
    bq_arena_init(&arena, ARENA_BYTES);
    return 0;
}

static int clear_arena(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    return 0;
}

static enum barq_status open_form(const char *type, const char *body)
{
    return bq_multipart_open(&form, type, body, strlen(body), &err);
}

static enum barq_status next(bool *more)
{
    return bq_multipart_next(&form, &arena, &part, more, &err);
}

/* To its end, or to what is wrong with it. */
static enum barq_status read_all(const char *body)
{
    bool more = true;

    enum barq_status status = open_form("multipart/form-data; boundary=b", body);
    while (status == BARQ_OK && more) {
        status = next(&more);
    }
    return status;
}

static void the_parts_of_a_form_are_read(void **state)
{
    (void)state;
    bool more = false;
    const char *body = "--b\r\n"
                       "Content-Disposition: form-data; name=\"list\"\r\n\r\n"
                       "talks\r\n"
                       "--b  \r\n"
                       "content-disposition:Form-Data;filename=\"a \\\"b\\\".csv\" ; name=file\r\n"
                       "Content-Type: text/csv; charset=utf-8\r\n\r\n"
                       "url\r\n--bx\r\n-b\r\n\r\n--b\r\n"
                       "Content-Disposition: form-data; name=\"none\"\r\n\r\n"
                       "\r\n--b--\r\nwhatever";

    assert_int_equal(open_form("multipart/form-data; boundary=b", body), BARQ_OK);
    assert_int_equal(next(&more), BARQ_OK);
    assert_true(more);
    assert_string_equal(part.name, "list");
    assert_null(part.filename);
    assert_null(part.content_type);
    assert_int_equal(part.len, 5);
    assert_memory_equal(part.data, "talks", 5);
    assert_int_equal(next(&more), BARQ_OK);
    assert_int_equal(part.len, 3);
    assert_int_equal(next(&more), BARQ_ERR_FORMAT); /* "--bx" begins like the boundary: it is one */

    body = "--b\r\n"
           "content-disposition:Form-Data;filename=\"a \\\"b\\\".csv\" ; name=file\r\n"
           "Content-Type: text/csv; charset=utf-8\r\n\r\n"
           "url\r\n-b\r\n\r\n--b\r\n"
           "Content-Disposition: form-data; name=\"none\"\r\n\r\n"
           "\r\n--b--\r\nwhatever";
    assert_int_equal(open_form("multipart/form-data; boundary=b", body), BARQ_OK);
    assert_int_equal(next(&more), BARQ_OK);
    assert_string_equal(part.name, "file");
    assert_string_equal(part.filename, "a \"b\".csv");
    assert_string_equal(part.content_type, "text/csv; charset=utf-8");
    assert_int_equal(part.len, 9);
    assert_memory_equal(part.data, "url\r\n-b\r\n", 9);
    assert_int_equal(next(&more), BARQ_OK);
    assert_true(more);
    assert_string_equal(part.name, "none");
    assert_int_equal(part.len, 0);
    assert_int_equal(next(&more), BARQ_OK);
    assert_false(more);
    assert_string_equal(part.name, "none");
}

static void a_content_type_has_its_boundary(void **state)
{
    (void)state;
    const char *body = "--a b--";
    static const char *const bad[] = {
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"a",
        "multipart/form-data; boundary=\"a b \"",
        "multipart/form-data; boundary=a;boundary=b",
        "multipart/form-data; boundary=a\"b\"",
        "multipart/form-data; boundary=\"a\\r\\nb\"",
        "multipart/mixed; boundary=a",
        "multipart/form-datax; boundary=a",
        "application/json",
        NULL,
    };

    assert_int_equal(open_form("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\"", body),
                     BARQ_OK);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(open_form(bad[i], body), BARQ_ERR_FORMAT);
    }
    char type[128];
    snprintf(type, sizeof(type), "multipart/form-data; boundary=%0*d",
             BQ_MULTIPART_BOUNDARY_MAX_BYTES + 1, 0);
    assert_int_equal(open_form(type, body), BARQ_ERR_FORMAT);
}

#define HEAD "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"

/* A part "a", so far as it is good, and then `rest`. */
static enum barq_status read_part(const char *rest)
{
    char body[256];

    snprintf(body, sizeof(body), "%s%s", HEAD, rest);
    return read_all(body);
}

static void a_malformed_form_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "-",
        "--",
        "--b",
        "--b-",
        "--b\r",
        "--bx\r\n",
        "--c--",
        "\r\n--b--",
        "--b\r\n",
        "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n",
        "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n",
        "--b\r\n\r\n\r\ndata\r\n--b--",
        "--b\r\nContent-Type: text/plain\r\n\r\ndata\r\n--b--",
        "--b\r\nContent-Disposition: form-data\r\n\r\ndata\r\n--b--",
        "--b\r\nContent-Disposition: file; name=\"a\"\r\n\r\ndata\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"a\r\n\r\ndata\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\ndata\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"a\"x\r\n\r\ndata\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"\xff\"\r\n\r\ndata\r\n--b--",
        "--b\r\nContent-Disposition : form-data; name=\"a\"\r\n\r\ndata\r\n--b--",
        "--b\r\n: form-data; name=\"a\"\r\n\r\ndata\r\n--b--",
        "--b\r\nContent-Disposition form-data; name=\"a\"\r\n\r\ndata\r\n--b--",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(read_all(bad[i]), BARQ_ERR_FORMAT);
    }
    static const char *const bad_ends[] = {"data", "data\r\n--b", "data\r\n--b-", "data\r\n--bb--",
                                           "data\n--b--"};
    for (size_t i = 0; i < sizeof(bad_ends) / sizeof(bad_ends[0]); i++) {
        assert_int_equal(read_part(bad_ends[i]), BARQ_ERR_FORMAT);
    }
    assert_int_equal(read_all("--b--"), BARQ_OK);
    assert_int_equal(read_part("\r\n--b--"), BARQ_OK);
}

static void a_nul_in_a_head_is_refused_and_in_data_is_data(void **state)
{
    (void)state;
    static const char body[] = HEAD "a\0b\r\n--b--";
    static const char bad[] =
        "--b\r\nContent-Disposition: form-data; name=\"a\0\"\r\n\r\n\r\n--b--";
    bool more = false;

    assert_int_equal(
        bq_multipart_open(&form, "multipart/form-data; boundary=b", body, sizeof(body) - 1, &err),
        BARQ_OK);
    assert_int_equal(next(&more), BARQ_OK);
    assert_int_equal(part.len, 3);
    assert_int_equal(
        bq_multipart_open(&form, "multipart/form-data; boundary=b", bad, sizeof(bad) - 1, &err),
        BARQ_OK);
    assert_int_equal(next(&more), BARQ_ERR_FORMAT);
}

static void a_form_is_no_larger_than_it_may_be(void **state)
{
    (void)state;
    static char body[64 * 1024];
    char *to = body;

    for (int i = 0; i <= BQ_MULTIPART_MAX_PARTS; i++) {
        to = stpcpy(to, HEAD "\r\n");
    }
    memcpy(to, "--b--", sizeof("--b--"));
    assert_int_equal(read_all(body), BARQ_ERR_LIMIT);

    snprintf(body, sizeof(body), "--b\r\nX: %*d\r\n\r\n\r\n--b--", BQ_MULTIPART_HEAD_MAX_BYTES, 1);
    assert_int_equal(read_all(body), BARQ_ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_parts_of_a_form_are_read),
        cmocka_unit_test(a_content_type_has_its_boundary),
        cmocka_unit_test(a_malformed_form_is_refused),
        cmocka_unit_test(a_nul_in_a_head_is_refused_and_in_data_is_data),
        cmocka_unit_test(a_form_is_no_larger_than_it_may_be),
    };

    return cmocka_run_group_tests_name("http/multipart", tests, make_arena, clear_arena);
}

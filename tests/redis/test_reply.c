#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "redis/reply.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { MAX_BYTES = 1024 * 1024 };

static struct bq_redis_reader *reader;

static int make_reader(void **state)
{
    (void)state;
    return bq_redis_reader_new(MAX_BYTES, &reader, NULL) == BARQ_OK ? 0 : -1;
}

static int free_reader(void **state)
{
    (void)state;
    bq_redis_reader_free(reader);
    return 0;
}

static void give(const char *bytes, size_t len)
{
    size_t room = 0;
    char *at = bq_redis_reader_room(reader, &room);

    assert_true(room >= len);
    memcpy(at, bytes, len);
    bq_redis_reader_filled(reader, len);
}

static const struct bq_redis_reply *next(void)
{
    const struct bq_redis_reply *reply = NULL;
    struct barq_error err;

    if (bq_redis_reader_next(reader, &reply, &err) != BARQ_OK) {
        fail_msg("%s", err.text);
    }
    return reply;
}

static const struct bq_redis_reply *read_text(const char *text)
{
    give(text, strlen(text));
    return next();
}

static void each_kind_is_read(void **state)
{
    (void)state;
    const struct bq_redis_reply *reply = read_text("+OK\r\n");
    assert_int_equal(reply->kind, BQ_REDIS_STATUS);
    assert_string_equal(reply->text, "OK");
    assert_int_equal(reply->len, 2);

    reply = read_text("-ERR no\r\n");
    assert_int_equal(reply->kind, BQ_REDIS_ERROR);
    assert_string_equal(reply->text, "ERR no");

    reply = read_text(":-9223372036854775808\r\n");
    assert_int_equal(reply->kind, BQ_REDIS_INT);
    assert_true(reply->number == INT64_MIN);
    assert_string_equal(reply->text, "");

    give("$5\r\na\0\r\nb\r\n", 11);
    reply = next();
    assert_int_equal(reply->kind, BQ_REDIS_TEXT);
    assert_int_equal(reply->len, 5);
    assert_memory_equal(reply->text, "a\0\r\nb", 6);

    assert_int_equal(read_text("$-1\r\n")->kind, BQ_REDIS_NIL);
    assert_int_equal(read_text("*-1\r\n")->kind, BQ_REDIS_NIL);
    reply = read_text("*0\r\n");
    assert_int_equal(reply->kind, BQ_REDIS_ARRAY);
    assert_int_equal(reply->len, 0);
    assert_null(next());
    assert_true(bq_redis_reader_is_empty(reader));
}

static const char nested[] = "*4\r\n$3\r\nabc\r\n*2\r\n:1\r\n*1\r\n+x\r\n$-1\r\n-E\r\n";

static void check_nested(const struct bq_redis_reply *reply)
{
    assert_int_equal(reply->kind, BQ_REDIS_ARRAY);
    assert_int_equal(reply->len, 4);
    assert_string_equal(reply->items[0].text, "abc");
    assert_int_equal(reply->items[1].len, 2);
    assert_int_equal(reply->items[1].items[0].number, 1);
    assert_string_equal(reply->items[1].items[1].items[0].text, "x");
    assert_int_equal(reply->items[2].kind, BQ_REDIS_NIL);
    assert_string_equal(reply->items[3].text, "E");
}

static void arrays_nest(void **state)
{
    (void)state;
    check_nested(read_text(nested));
}

static void a_reply_may_come_in_two_pieces_cut_anywhere(void **state)
{
    (void)state;
    for (size_t cut = 1; cut < sizeof(nested) - 1; cut++) {
        give(nested, cut);
        assert_null(next());
        give(nested + cut, sizeof(nested) - 1 - cut);
        check_nested(next());
        assert_null(next());
    }
}

static void a_reply_may_come_byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(nested) - 2; i++) {
        give(nested + i, 1);
        assert_null(next());
        assert_false(bq_redis_reader_is_empty(reader));
    }
    give(nested + sizeof(nested) - 2, 1);
    check_nested(next());
}

static void many_replies_may_come_at_once(void **state)
{
    (void)state;
    for (int i = 0; i < 10000; i++) {
        give(":7\r\n", 4);
    }
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(next()->number, 7);
    }
    assert_null(next());
}

static void a_large_reply_needs_no_large_pieces(void **state)
{
    (void)state;
    size_t len = MAX_BYTES - 100;
    char head[32];
    char piece[1000];

    memset(piece, 'x', sizeof(piece));
    snprintf(head, sizeof(head), "$%zu\r\n", len);
    assert_null(read_text(head));
    for (size_t left = len; left > 0;) {
        size_t now = left < sizeof(piece) ? left : sizeof(piece);
        give(piece, now);
        assert_null(next());
        left -= now;
    }
    const struct bq_redis_reply *reply = read_text("\r\n");
    assert_int_equal(reply->len, len);
    assert_int_equal(strlen(reply->text), len);
}

static void hostile_bytes_end_it_with_a_reason(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        enum barq_status status;
        const char *says;
    } cases[] = {
        {"HTTP/1.1 400 Bad Request\r\n", BARQ_ERR_FORMAT, "Redis"},
        {"\r\n", BARQ_ERR_FORMAT, "Redis"},
        {"\x15\x03\x03", BARQ_ERR_FORMAT, "rediss://"},
        {":12x\r\n", BARQ_ERR_FORMAT, "Redis"},
        {":\r\n", BARQ_ERR_FORMAT, "Redis"},
        {"$x\r\n", BARQ_ERR_FORMAT, "Redis"},
        {"$-2\r\n", BARQ_ERR_FORMAT, "Redis"},
        {"$1048577\r\n", BARQ_ERR_LIMIT, "1048576"},
        {"$9223372036854775807\r\nabc\r\n", BARQ_ERR_LIMIT, "1048576"},
        {"$9223372036854775805\r\nabc\r\n", BARQ_ERR_LIMIT, "1048576"},
        {"*1073741825\r\n", BARQ_ERR_LIMIT, "1048576"},
        {"*1000000\r\n", BARQ_ERR_LIMIT, "1048576"},
        {"*2147483647\r\n", BARQ_ERR_LIMIT, "1048576"},
        {"*9223372036854775807\r\n", BARQ_ERR_FORMAT, "Redis"},
        {"*-2\r\n", BARQ_ERR_FORMAT, "Redis"},
        {"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n", BARQ_ERR_FORMAT, "Redis"},
        {"*20000\r\n*20000\r\n", BARQ_ERR_LIMIT, "1048576"},
        {"$123456789012345678901234567890123456789", BARQ_ERR_FORMAT, "line"},
        {"%1\r\n+a\r\n+b\r\n", BARQ_ERR_FORMAT, "Redis"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct bq_redis_reply *reply = NULL;
        struct barq_error err;
        bq_redis_reader_reset(reader);
        give(cases[i].bytes, strlen(cases[i].bytes));
        enum barq_status status = bq_redis_reader_next(reader, &reply, &err);
        if (status != cases[i].status || !strstr(err.text, cases[i].says)) {
            fail_msg("%zu: %s: %s", i, barq_status_name(status), err.text);
        }
        assert_int_not_equal(bq_redis_reader_next(reader, &reply, &err), BARQ_OK);
    }
    bq_redis_reader_reset(reader);
    assert_string_equal(read_text("+OK\r\n")->text, "OK");
}

static enum barq_status pour(const char *piece, size_t times)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < times; i++) {
        const struct bq_redis_reply *reply = NULL;
        give(piece, strlen(piece));
        status = bq_redis_reader_next(reader, &reply, NULL);
        assert_null(reply);
    }
    return status;
}

static void what_never_ends_is_ended(void **state)
{
    (void)state;
    char line[1001] = "";
    memset(line, 'x', sizeof(line) - 1);

    assert_null(read_text("+"));
    assert_int_equal(pour(line, 100), BARQ_ERR_FORMAT);

    bq_redis_reader_reset(reader);
    assert_null(read_text("*2\r\n:"));
    assert_int_equal(pour(line, 100), BARQ_ERR_FORMAT);
}

static void an_array_of_many_small_things_is_bounded(void **state)
{
    (void)state;
    assert_null(read_text("*20000\r\n"));
    assert_int_equal(pour("*100\r\n$1000\r\n", 1), BARQ_OK);
    for (int i = 0; i < 1100; i++) {
        char text[1003];
        memset(text, 'x', sizeof(text));
        memcpy(text + 1000, "\r\n", 3);
        give(text, 1002);
        const struct bq_redis_reply *reply = NULL;
        enum barq_status status = bq_redis_reader_next(reader, &reply, NULL);
        if (status == BARQ_ERR_LIMIT) {
            return;
        }
        assert_int_equal(status, BARQ_OK);
        give("$1000\r\n", 7);
    }
    fail();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_reader, free_reader)
    static const struct CMUnitTest tests[] = {
        TEST(each_kind_is_read),
        TEST(arrays_nest),
        TEST(a_reply_may_come_in_two_pieces_cut_anywhere),
        TEST(a_reply_may_come_byte_by_byte),
        TEST(many_replies_may_come_at_once),
        TEST(a_large_reply_needs_no_large_pieces),
        TEST(hostile_bytes_end_it_with_a_reason),
        TEST(what_never_ends_is_ended),
        TEST(an_array_of_many_small_things_is_bounded),
    };

    return cmocka_run_group_tests_name("redis/reply", tests, NULL, NULL);
}

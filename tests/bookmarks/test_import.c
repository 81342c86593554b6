#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "auto.h"
#include "base/buf.h"
#include "base/time.h"
#include "fixture.h"
#include "intake/import.h"
#include "support/store.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Ten good ids. */
#define ID0 "aaaaaaaaa_0"
#define ID1 "aaaaaaaaa_1"
#define ID2 "aaaaaaaaa_2"

static struct bm_import_report report;
static struct barq_error err;

/* An import of `len` bytes in pieces of `piece` into the list. */
static enum barq_status import(const char *list_id, const char *bytes, size_t len, size_t piece,
                               int64_t now_ms)
{
    bm_auto(import) struct bm_import *import = NULL;
    const struct bm_import_options options = {.list_id = list_id, .now_ms = now_ms};
    check(bm_import_open(session, &options, &import, &err), &err);

    enum barq_status status = BARQ_OK;
    for (size_t at = 0; status == BARQ_OK && at < len; at += piece) {
        size_t left = len - at;
        status = bm_import_push(import, bytes + at, left < piece ? left : piece, &err);
    }
    if (status == BARQ_OK) {
        status = bm_import_end(import, &err);
    }
    report = *bm_import_report(import);
    return status;
}

static enum barq_status import_text(const char *text)
{
    return import(make_list("list", "none"), text, strlen(text), 7, 1000);
}

static void assert_counts(int64_t added, int64_t present, int64_t failed)
{
    assert_int_equal(report.added, added);
    assert_int_equal(report.present, present);
    assert_int_equal(report.failed, failed);
    assert_int_equal(report.rows, added + present + failed + report.expanding + report.skipped);
}

static void assert_failure(size_t index, int64_t line, const char *reason)
{
    assert_true(index < report.n_failures);
    assert_int_equal(report.failures[index].line, line);
    if (!strstr(report.failures[index].reason, reason)) {
        fail_msg("%s", report.failures[index].reason);
    }
}

static void our_own_format_is_taken_with_its_errors(void **state)
{
    (void)state;
    check(import_text("# Fields: level (select), kind\n"
                      "status,url,created_at,field_level\n"
                      "completed,https://www.youtube.com/watch?v=" ID0 ",2026,beginner\n"
                      "pending,,2026,\n"
                      "pending,https://youtu.be/" ID0 ",2026,\n"
                      "# a comment, \"in between\n"
                      "pending,https://www.youtube.com/watch?v=short,2026,\n"
                      "pending," ID1 ",2026,\n"),
          &err);

    assert_counts(2, 0, 3);
    assert_failure(0, 4, "no address");
    assert_failure(1, 5, "already");
    assert_failure(2, 7, "an id has 11 characters");
    assert_string_equal(report.failures[2].url, "https://www.youtube.com/watch?v=short");
}

static void a_column_is_found_in_any_csv(void **state)
{
    (void)state;
    static const char *const files[] = {
        "url\n" ID0 "\n" ID1 "\n",
        "Rank,video_id,title\n0," ID0 ",Programming\n1," ID1 ",x\n",
        "\"Video ID\",\"Added\"\r\n" ID0 ",x\r\n" ID1 ",y\r\n",
        "id,Video URL\n1,https://youtu.be/" ID0 "\n2,https://youtu.be/" ID1 "\n",
        "title;where\nx;https://youtu.be/" ID0 "\ny;https://youtu.be/" ID1 "\n",
        "title\twhere\nx\thttps://youtu.be/" ID0 "\ny\thttps://youtu.be/" ID1 "\n",
        "x,https://youtu.be/" ID0 "\ny,https://youtu.be/" ID1 "\n",
        "\xef\xbb\xbfurl\r\nhttps://youtu.be/" ID0 "\r\nhttps://youtu.be/" ID1,
        "a,b\n\"multi\nline, text\",https://youtu.be/" ID0 "\n,https://youtu.be/" ID1 "\n",
        "title,URL\rx,https://youtu.be/" ID0 "\ry,https://youtu.be/" ID1 "\r",
        "#,title,video_id\n1,x," ID0 "\n2,y," ID1 "\n",
    };

    for (size_t i = 0; i < COUNT(files); i++) {
        char name[16];
        snprintf(name, sizeof(name), "list %zu", i);
        if (import(make_list(name, "none"), files[i], strlen(files[i]), 5, 1000) != BARQ_OK) {
            fail_msg("%s: %s", files[i], err.text);
        }
        assert_counts(2, 0, 0);
    }
}

static void a_list_of_addresses_is_taken(void **state)
{
    (void)state;
    check(import_text("# my videos\n\nhttps://www.youtube.com/watch?a=b,c&v=" ID0 "\n"
                      "  " ID1 "  \n\n"
                      "https://www.youtube.com/clip/UgkxA\n"
                      "https://youtu.be/" ID2),
          &err);

    assert_counts(3, 0, 1);
    assert_failure(0, 6, "a clip");
}

static void a_list_may_begin_with_a_bad_address(void **state)
{
    (void)state;
    check(import_text("https://www.youtube.com/hashtag/c\nhttps://youtu.be/" ID0 "\n"), &err);

    assert_counts(1, 0, 1);
    assert_failure(0, 1, "a hashtag");
}

static void what_was_there_before_is_no_failure(void **state)
{
    (void)state;
    const char *list_id = make_list("list", "none");

    check(import(list_id, "url\n" ID0 "\n", 16, 99, 1000), &err);
    assert_counts(1, 0, 0);
    check(import(list_id, "url\n" ID0 "\n" ID1 "\n", 28, 99, 2000), &err);
    assert_counts(1, 1, 0);
    check(import(list_id, "url\n" ID0 "\n" ID1 "\n", 28, 99, 3000), &err);
    assert_counts(0, 2, 0);
}

static void a_file_that_cannot_be_right_is_refused_whole(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        enum barq_status status;
        const char *why;
    } cases[] = {
        {"", 0, BARQ_ERR_ARG, "empty"},
        {"\n\n\n", 3, BARQ_ERR_ARG, "empty"},
        {"# only a comment\n", 17, BARQ_ERR_ARG, "empty"},
        {"url\n", 4, BARQ_ERR_ARG, "only a header"},
        {"url", 3, BARQ_ERR_ARG, "only a header"},
        {"title,when\nx,y\n", 15, BARQ_ERR_FORMAT, "(columns: title, when); name it url"},
        {"title\nx\ny\n", 10, BARQ_ERR_FORMAT, "no YouTube address or id"},
        {"\xff\xfeu\0r\0l\0\n\0", 10, BARQ_ERR_FORMAT, "UTF-16"},
        {"u\0r\0l\0\n\0a\0", 10, BARQ_ERR_FORMAT, "UTF-16"},
        {"\0u\0r\0l\0\n", 8, BARQ_ERR_FORMAT, "UTF-16"},
        {"url,title\n" ID0 ",caf\xe9\n", 26, BARQ_ERR_FORMAT, "WINDOWS-1252"},
        {"PK\x03\x04\x14\0\x06\0", 8, BARQ_ERR_FORMAT, "ZIP archive that is damaged"},
        {"url,\"open\n" ID0 "\n", 22, BARQ_ERR_FORMAT, "first line is no row"},
    };
    const char *list_id = make_list("list", "none");

    for (size_t i = 0; i < COUNT(cases); i++) {
        if (import(list_id, cases[i].bytes, cases[i].len, 3, 1000) != cases[i].status) {
            fail_msg("case %zu is taken", i);
        }
        if (!strstr(err.text, cases[i].why)) {
            fail_msg("case %zu: %s", i, err.text);
        }
        assert_counts(0, 0, 0);
    }
}

static void hostile_rows_cost_themselves_only(void **state)
{
    (void)state;
    enum { BIG = 10 * 1024 * 1024, ALL = 2 * BIG };
    bq_auto(buf) struct bq_buf file;
    bq_auto(memory) char *big = malloc(BIG);
    bq_buf_init(&file, ALL);
    memset(big, 'x', BIG);

    bq_buf_puts(&file, "url,note\n" ID0 ",first\n");
    bq_buf_put(&file, big, BIG);
    bq_buf_puts(&file, "\n");
    bq_buf_put(&file, ID1 ",nul\0nul\n", 20);
    bq_buf_puts(&file, ID1 ",\"bad\"quote\n");
    bq_buf_puts(&file, ID1 ",\xff\xff\n");
    bq_buf_puts(&file, ID1 ",\"a\nb\"\n");
    bq_buf_puts(&file, ID2 ",last\nx,\"open\n" ID2 "\n");
    assert_false(file.failed);

    check(import(make_list("list", "none"), file.data, file.len, 65536, 1000), &err);
    assert_counts(3, 0, 5);
    assert_failure(0, 3, "longer than 1024 KiB");
    assert_failure(1, 4, "a NUL byte");
    assert_failure(2, 5, "after a closing quote");
    assert_failure(3, 6, "not UTF-8");
    assert_failure(4, 10, "never closed: lines 10 to 12");
}

static void failures_are_all_counted_and_100_kept(void **state)
{
    (void)state;
    bq_auto(buf) struct bq_buf file;
    bq_buf_init(&file, 1 << 20);
    bq_buf_puts(&file, "url\n");
    for (int i = 0; i < 1000; i++) {
        bq_buf_printf(&file, "bad %d\n", i);
    }
    bq_buf_puts(&file, ID0 "\n");

    check(import(make_list("list", "none"), file.data, file.len, 999, 1000), &err);
    assert_counts(1, 0, 1000);
    assert_int_equal(report.n_failures, BM_IMPORT_FAILURES_KEPT);
    assert_failure(0, 2, "white space");
    assert_failure(99, 101, "white space");
}

static void the_shipped_shape_of_1000_rows_is_counted_right(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof(path), "%s/tests/data/import_1000.csv", getenv("SOURCE_ROOT"));
    bq_auto(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);

    const struct bm_import_options options = {.list_id = make_list("list", "none"), .now_ms = 1000};
    check(bm_import_file(session, &options, fd, &report, &err), &err);
    assert_counts(1000, 0, 10);
    assert_int_equal(report.expanding, 2);
    assert_failure(1, 336, "no address");
    assert_failure(9, 1013, "in line ");
}

static void rows_keep_their_order(void **state)
{
    (void)state;
    const char *list_id = make_list("list", "none");
    bq_auto(buf) struct bq_buf file;
    bq_buf_init(&file, 1 << 20);
    for (int i = 0; i < 1200; i++) {
        bq_buf_printf(&file, "https://youtu.be/aaaaaa_%04d\n", 1200 - i);
    }
    check(import(list_id, file.data, file.len, 4096, 1000), &err);
    assert_counts(1200, 0, 0);

    struct bm_video_filter filter = {.list_id = list_id, .status = BARQ_OFF};
    const struct bm_video *videos;
    size_t count;
    check(barq_session_begin(session, false, &err), &err);
    check(bm_videos(session, &filter, 1000, &arena, &videos, &count, &err), &err);
    assert_int_equal(count, 1000);
    assert_string_equal(videos[0].metadata.youtube_id, "aaaaaa_1200");
    assert_string_equal(videos[999].metadata.youtube_id, "aaaaaa_0201");
    barq_session_rollback(session);
}

static void new_ones_among_old_ones_come_behind_them_in_order(void **state)
{
    (void)state;
    static const char first[] = "url\n" ID1 "\n";
    static const char more[] = "url\n" ID2 "\n" ID1 "\n" ID0 "\n";
    const char *list = make_list("list", "none");
    check(import(list, first, strlen(first), 7, 1000), &err);
    check(import(list, more, strlen(more), 7, 2000), &err);
    assert_counts(2, 1, 0);

    const struct bm_video_filter filter = {.list_id = list, .status = BARQ_OFF};
    const struct bm_video *videos = NULL;
    size_t count = 0;
    check(barq_session_begin(session, false, &err), &err);
    check(bm_videos(session, &filter, 10, &arena, &videos, &count, &err), &err);
    assert_int_equal(count, 3);
    assert_string_equal(videos[0].metadata.youtube_id, ID1);
    assert_string_equal(videos[1].metadata.youtube_id, ID2);
    assert_string_equal(videos[2].metadata.youtube_id, ID0);
    barq_session_rollback(session);
}

/* How many videos PostgreSQL plans with: -1, before it has counted them. */
static int64_t planned_videos(void)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    bool more = false;

    check(barq_session_begin(session, false, &err), &err);
    check(barq_query(session,
                     "SELECT CAST(reltuples AS BIGINT) FROM pg_class"
                     " WHERE oid = CAST('videos' AS regclass)",
                     BARQ_NO_PARAMS, &rows, &err),
          &err);
    check(barq_rows_next(rows, &more, &err), &err);
    int64_t count = more ? barq_column_int(rows, 0) : -1;
    barq_rows_close(bq_take(rows));
    barq_session_rollback(session);
    return count;
}

static void ten_thousand_rows_are_added(void **state)
{
    (void)state;
    bq_auto(buf) struct bq_buf file;
    bq_buf_init(&file, 1 << 20);
    bq_buf_puts(&file, "url\n");
    for (int i = 0; i < 10000; i++) {
        bq_buf_printf(&file, "https://www.youtube.com/watch?v=%05d_%05d\n", i * 7919 % 10000, i);
    }
    check(import(make_list("list", "none"), file.data, file.len, 65536, 1000), &err);
    assert_counts(10000, 0, 0);
    if (strcmp(barq_session_database(session), "postgresql") == 0) {
        assert_int_equal(planned_videos(), 10000);
    }
}

/* The lock is let go only when the import is over. */
static void an_import_does_not_fail_where_its_table_is_locked(void **state)
{
    (void)state;
    struct barq_session *other = NULL;
    const char *list_id = make_list("list", "none");
    bq_auto(buf) struct bq_buf file;
    bq_buf_init(&file, 1 << 20);
    for (int i = 0; i < 1000; i++) {
        bq_buf_printf(&file, "https://youtu.be/aaaaaa_%04d\n", i);
    }
    bool locks = strcmp(barq_session_database(session), "postgresql") == 0;
    check(bm_store_open(&other, &err), &err);
    check(barq_session_begin(other, false, &err), &err);
    if (locks) { /* as a vacuum has it: rows can be written meanwhile */
        check(barq_exec(other, "LOCK TABLE videos IN SHARE UPDATE EXCLUSIVE MODE", BARQ_NO_PARAMS,
                        &err),
              &err);
    }
    check(import(list_id, file.data, file.len, 65536, 1000), &err);
    assert_counts(1000, 0, 0);
    if (locks) {
        assert_int_equal(planned_videos(), -1);
    }
    barq_session_close(other);
}

#define IMPORT_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)

int main(int argc, char **argv)
{
    store_main(argc, argv);
    const struct CMUnitTest tests[] = {
        IMPORT_TEST(our_own_format_is_taken_with_its_errors),
        IMPORT_TEST(a_column_is_found_in_any_csv),
        IMPORT_TEST(a_list_of_addresses_is_taken),
        IMPORT_TEST(a_list_may_begin_with_a_bad_address),
        IMPORT_TEST(what_was_there_before_is_no_failure),
        IMPORT_TEST(a_file_that_cannot_be_right_is_refused_whole),
        IMPORT_TEST(hostile_rows_cost_themselves_only),
        IMPORT_TEST(failures_are_all_counted_and_100_kept),
        IMPORT_TEST(the_shipped_shape_of_1000_rows_is_counted_right),
        IMPORT_TEST(rows_keep_their_order),
        IMPORT_TEST(new_ones_among_old_ones_come_behind_them_in_order),
        IMPORT_TEST(ten_thousand_rows_are_added),
        IMPORT_TEST(an_import_does_not_fail_where_its_table_is_locked),
    };

    return cmocka_run_group_tests_name("bookmarks/import", tests, NULL, store_end);
}

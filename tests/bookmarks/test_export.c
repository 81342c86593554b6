#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auto.h"
#include "export/export.h"
#include "fixture.h"
#include "formats/csv.h"
#include "support/store.h"

static struct barq_error err;

/* What all readers of CSV stumble over. */
static const char title[] = "A \"quoted\", title;\r\nof two\nlines # \xc3\xa9";

/* A list with two videos: one completed, with a value in its first field; one failed. */
static const char *make_example(void)
{
    static const char *const tags[] = {"a", "#b"};
    struct bm_metadata metadata = {.title = title,
                                   .channel = "#channel",
                                   .duration_s = 1759,
                                   .published_at_ms = 1556841600000,
                                   .language = " en",
                                   .tags = tags,
                                   .n_tags = 2};
    const char *list_id = make_list("A \"list\"", "talks");
    const char *good = make_video(list_id, "aaaaaaaaa_0");
    const char *bad = make_video(list_id, "-aaaaaaaa_1");

    begin_write();
    check(bm_video_describe(session, good, &metadata, 1, NULL, &err), &err);
    check(bm_video_complete(session, good, 1, NULL, &err), &err);
    check(bm_video_fail(session, bad, "gone", 1, NULL, &err), &err);
    commit();
    set_value(good, list_id, "level", "\"advanced\"", BM_BY_PERSON);
    return list_id;
}

/* The export as text, in `arena`. */
static const char *export(const char *list_id, enum bm_format format)
{
    char *text = NULL;
    size_t len = 0;
    struct bm_list list;
    FILE *file = open_memstream(&text, &len);
    assert_non_null(file);

    check(barq_session_begin(session, false, &err), &err);
    check(bm_list_find(session, list_id, &arena, &list, &err), &err);
    barq_session_rollback(session);
    check(bm_export(session, &list, format, file, &err), &err);
    assert_int_equal(fclose(file), 0);
    char *copy = bq_arena_strndup(&arena, text, len);
    free(text);
    return copy;
}

/* The cell of a row in the column of this name. */
static const char *cell(const char *text, size_t row_wanted, const char *name)
{
    const char *end = text + strlen(text);
    bm_auto(csv) struct bm_csv csv;
    size_t column = BM_CSV_MAX_FIELDS;
    bm_csv_init(&csv, ',');

    for (size_t row = 0; row <= row_wanted; row++) {
        bool whole = false;
        text = bm_csv_push(&csv, text, end, &whole);
        assert_true(whole);
        assert_null(csv.problem);
        for (size_t c = 0; row == 0 && c < csv.n_fields; c++) {
            column = strcmp(bm_csv_field(&csv, c), name) == 0 ? c : column;
        }
    }
    assert_true(column < csv.n_fields);
    return bq_arena_strdup(&arena, bm_csv_field(&csv, column));
}

static void csv_has_a_row_for_each_video(void **state)
{
    (void)state;
    static const char *const cells[][3] = {
        {"url", "https://www.youtube.com/watch?v=aaaaaaaaa_0",
         "https://www.youtube.com/watch?v=-aaaaaaaa_1"},
        {"status", "completed", "failed"},
        {"title", title, ""},
        {"channel", "#channel", ""},
        {"duration_seconds", "1759", ""},
        {"published", "2019-05-03T00:00:00.000Z", ""},
        {"language", " en", ""},
        {"youtube_tags", "a|#b", ""},
        {"error", "", "gone"},
        {"field_level", "advanced", ""},
    };
    const char *text = export(make_example(), BM_CSV);

    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        assert_string_equal(cell(text, 1, cells[i][0]), cells[i][1]);
        assert_string_equal(cell(text, 2, cells[i][0]), cells[i][2]);
    }
}

static void text_is_no_formula_in_a_spreadsheet(void **state)
{
    (void)state;
    static const char *const tags[] = {"+1", "-2"};
    struct bm_metadata metadata = {.title = "=cmd|' /C calc'!A0",
                                   .channel = "@SUM(1+1)",
                                   .duration_s = 60,
                                   .published_at_ms = INT64_MIN,
                                   .language = "\tde",
                                   .tags = tags,
                                   .n_tags = 2};
    const char *list_id = make_list("list", "talks");
    const char *video = make_video(list_id, "aaaaaaaaa_0");
    begin_write();
    check(bm_video_describe(session, video, &metadata, 1, NULL, &err), &err);
    check(bm_video_fail(session, video, "-gone", 1, NULL, &err), &err);
    commit();
    make_field(list_id, "{\"name\": \"said\", \"type\": \"text\"}");
    set_value(video, list_id, "said", "\"=1\"", BM_BY_PERSON);
    set_value(video, list_id, "year", "-5", BM_BY_PERSON);

    const char *text = export(list_id, BM_CSV);
    assert_string_equal(cell(text, 1, "title"), "'=cmd|' /C calc'!A0");
    assert_string_equal(cell(text, 1, "channel"), "'@SUM(1+1)");
    assert_string_equal(cell(text, 1, "language"), "'\tde");
    assert_string_equal(cell(text, 1, "youtube_tags"), "'+1|-2");
    assert_string_equal(cell(text, 1, "error"), "'-gone");
    assert_string_equal(cell(text, 1, "field_said"), "'=1");
    assert_string_equal(cell(text, 1, "field_year"), "-5");
    assert_non_null(strstr(export(list_id, BM_JSON), "\"=cmd|' /C calc'!A0\""));
}

static void json_holds_everything(void **state)
{
    (void)state;
    const char *text = export(make_example(), BM_JSON);
    struct barq_value *whole = NULL;

    check(barq_from_json(&arena, text, strlen(text), &whole, &err), &err);
    assert_string_equal(barq_as_string(barq_get(barq_get(whole, "list"), "name"), ""),
                        "A \"list\"");
    assert_int_equal(barq_count(barq_get(whole, "fields")), 6);
    const struct barq_value *videos = barq_get(whole, "videos");
    assert_int_equal(barq_count(videos), 2);
    const struct barq_value *good = barq_at(videos, 0);
    assert_string_equal(barq_as_string(barq_get(good, "title"), ""), title);
    assert_int_equal(barq_count(barq_get(good, "youtube_tags")), 2);
    const struct barq_value *level = barq_get(barq_get(good, "fields"), "level");
    assert_string_equal(barq_as_string(barq_get(level, "value"), ""), "advanced");
    assert_string_equal(barq_as_string(barq_get(level, "source"), ""), "person");
    const struct barq_value *bad = barq_at(videos, 1);
    assert_string_equal(barq_as_string(barq_get(bad, "error"), ""), "gone");
    assert_true(barq_is_null(barq_get(bad, "duration_seconds")));
}

static void an_empty_list_is_whole_too(void **state)
{
    (void)state;
    struct barq_value *whole = NULL;
    const char *list_id = make_list("empty", "none");
    const char *text = export(list_id, BM_JSON);

    check(barq_from_json(&arena, text, strlen(text), &whole, &err), &err);
    assert_int_equal(barq_count(barq_get(whole, "videos")), 0);
    assert_int_equal(strncmp(export(list_id, BM_CSV), "url,status,", strlen("url,status,")), 0);
    assert_non_null(strstr(export(list_id, BM_HTML), "</DL>"));
    assert_non_null(strstr(export(list_id, BM_FEED), "</feed>"));
}

static void markup_in_words_is_no_markup(void **state)
{
    (void)state;
    struct bm_metadata metadata = {.title = "<script>\"&'\x01",
                                   .channel = "</name>",
                                   .duration_s = 60,
                                   .published_at_ms = INT64_MIN};
    const char *list_id = make_list("<b>", "none");
    const char *video = make_video(list_id, "aaaaaaaaa_0");
    begin_write();
    check(bm_video_describe(session, video, &metadata, 1, NULL, &err), &err);
    commit();

    const char *html = export(list_id, BM_HTML);
    assert_non_null(strstr(html, "<H3>&lt;b&gt;</H3>"));
    assert_non_null(strstr(html, ">&lt;script&gt;&quot;&amp;'</A>"));
    const char *feed = export(list_id, BM_FEED);
    assert_non_null(strstr(feed, "<title>&lt;b&gt;</title>"));
    assert_non_null(strstr(feed, "<name>&lt;/name&gt;</name>"));
    assert_non_null(strstr(feed, "<title>&lt;script&gt;&quot;&amp;'</title>"));
}

static void a_full_disk_is_told(void **state)
{
    (void)state;
    struct bm_list list;
    const char *list_id = make_example();
    FILE *full = fopen("/dev/full", "we");
    assert_non_null(full);

    check(barq_session_begin(session, false, &err), &err);
    check(bm_list_find(session, list_id, &arena, &list, &err), &err);
    barq_session_rollback(session);
    assert_int_equal(bm_export(session, &list, BM_CSV, full, &err), BARQ_ERR_FULL);
    fclose(full);
}

/* Where the export goes: while it takes its time, others may write. */
static ssize_t write_elsewhere(void *cookie, const char *bytes, size_t len)
{
    int *writes = cookie;

    (void)bytes;
    begin_write();
    barq_session_rollback(session);
    *writes += 1;
    return (ssize_t)len;
}

static void a_slow_reader_holds_no_transaction(void **state)
{
    (void)state;
    struct bm_list list;
    int writes = 0;
    FILE *slow = fopencookie(&writes, "w", (cookie_io_functions_t){.write = write_elsewhere});
    assert_non_null(slow);
    setvbuf(slow, NULL, _IONBF, 0);
    const char *list_id = make_example();

    check(barq_session_begin(session, false, &err), &err);
    check(bm_list_find(session, list_id, &arena, &list, &err), &err);
    barq_session_rollback(session);
    check(bm_export(session, &list, BM_CSV, slow, &err), &err);
    check(bm_export(session, &list, BM_JSON, slow, &err), &err);
    assert_true(writes > 0);
    fclose(slow);
}

#define EXPORT_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)

int main(int argc, char **argv)
{
    store_main(argc, argv);
    const struct CMUnitTest tests[] = {
        EXPORT_TEST(csv_has_a_row_for_each_video),
        EXPORT_TEST(text_is_no_formula_in_a_spreadsheet),
        EXPORT_TEST(json_holds_everything),
        EXPORT_TEST(an_empty_list_is_whole_too),
        EXPORT_TEST(markup_in_words_is_no_markup),
        EXPORT_TEST(a_full_disk_is_told),
        EXPORT_TEST(a_slow_reader_holds_no_transaction),
    };

    return cmocka_run_group_tests_name("bookmarks/export", tests, NULL, store_end);
}

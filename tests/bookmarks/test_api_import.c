#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ask.h"
#include "auto.h"
#include "fixture.h"

static int64_t number(const struct asked *asked, const char *key)
{
    return barq_as_int(barq_get(asked->json, key), -1);
}

static const char *line_says(const struct asked *asked, size_t index, const char *key)
{
    return barq_as_string(barq_get(barq_at(barq_get(asked->json, "lines"), index), key), "");
}

static const char paste[] = "{\"text\": \"https://youtu.be/aaaaaaaaa_0?t=42\\n"
                            "https://youtu.be/aaaaaaaaa_1\\nnonsense\\n@PyConUS\"}";

static int64_t videos_of(const char *list)
{
    char path[256];
    snprintf(path, sizeof(path), "/api/lists/%s", list);
    struct asked asked = ask("GET", path, NULL, NULL);

    return number(&asked, "video_count");
}

static void a_preview_tells_line_by_line_and_stores_nothing(void **state)
{
    (void)state;
    const char *list_id = make_list("talks", "none");
    (void)make_video(list_id, "aaaaaaaaa_1");

    struct asked asked = ask("POST", "/api/lists/talks/import/preview", NULL, paste);
    assert_int_equal(asked.status, 200);
    assert_int_equal(number(&asked, "added"), 1);
    assert_int_equal(number(&asked, "present"), 1);
    assert_int_equal(number(&asked, "failed"), 1);
    assert_int_equal(number(&asked, "expanding"), 1);
    assert_string_equal(line_says(&asked, 0, "outcome"), "added");
    assert_string_equal(line_says(&asked, 0, "id"), "aaaaaaaaa_0");
    assert_string_equal(line_says(&asked, 1, "outcome"), "present");
    assert_string_equal(line_says(&asked, 2, "text"), "nonsense");
    assert_non_null(strstr(line_says(&asked, 2, "reason"), "11 characters"));
    assert_string_equal(line_says(&asked, 3, "kind"), "channel");
    assert_int_equal(videos_of("talks"), 1);
}

static void an_import_does_what_its_preview_said(void **state)
{
    (void)state;
    (void)make_list("talks", "none");

    struct asked asked = ask("POST", "/api/lists/talks/import", NULL, paste);
    assert_int_equal(asked.status, 200);
    assert_int_equal(number(&asked, "added"), 2);
    assert_int_equal(barq_count(barq_get(asked.json, "lines")), 1);
    assert_string_equal(line_says(&asked, 0, "outcome"), "failed");
    assert_int_equal(videos_of("talks"), 2);
    asked = ask("POST", "/api/lists/talks/import", NULL, paste);
    assert_int_equal(number(&asked, "present"), 2);
}

static void one_video_alone_goes_ahead_of_many(void **state)
{
    (void)state;
    (void)make_list("talks", "none");
    (void)ask("POST", "/api/lists/talks/import", NULL, paste);
    (void)ask("POST", "/api/lists/talks/import", NULL, "{\"text\": \"aaaaaaaaa_9\\n\"}");

    bm_auto(rows) struct barq_rows *rows = NULL;
    struct barq_error err;
    bool more = false;
    check(barq_query(session, "SELECT youtube_id FROM videos ORDER BY priority DESC, position",
                     BARQ_NO_PARAMS, &rows, &err),
          &err);
    check(barq_rows_next(rows, &more, &err), &err);
    assert_string_equal(barq_column_text(rows, 0), "aaaaaaaaa_9");
}

static void a_file_is_taken_from_a_form_and_as_a_body(void **state)
{
    (void)state;
    static const char *const form[] = {"Content-Type: multipart/form-data; boundary=x", NULL};
    static const char *const csv[] = {"Content-Type: text/csv", NULL};
    (void)make_list("talks", "none");

    struct asked asked =
        ask("POST", "/api/lists/talks/videos/bulk", form,
            "--x\r\nContent-Disposition: form-data; name=\"file\"; "
            "filename=\"a.csv\"\r\n\r\nurl\r\naaaaaaaaa_0\r\nbad\r\n\r\n--x--\r\n");
    assert_int_equal(asked.status, 201);
    assert_int_equal(number(&asked, "created_count"), 1);
    assert_int_equal(number(&asked, "failed_count"), 1);
    const struct barq_value *failure = barq_at(barq_get(asked.json, "failures"), 0);
    assert_int_equal(barq_as_int(barq_get(failure, "row"), 0), 3);
    assert_string_equal(barq_as_string(barq_get(failure, "url"), ""), "bad");

    asked = ask("POST", "/api/lists/talks/import", csv, "url\naaaaaaaaa_0\naaaaaaaaa_1\n");
    assert_int_equal(number(&asked, "added"), 1);
    assert_int_equal(number(&asked, "present"), 1);
}

static void a_file_that_cannot_be_right_is_a_problem(void **state)
{
    (void)state;
    static const char *const csv[] = {"Content-Type: text/csv", NULL};
    (void)make_list("talks", "none");

    struct asked asked = ask("POST", "/api/lists/talks/import", csv, "a,b\n1,2\n");
    assert_int_equal(asked.status, 422);
    assert_string_equal(said(&asked, "code"), "unreadable_file");
    assert_non_null(strstr(said(&asked, "detail"), "name it url"));
    asked = ask("POST", "/api/lists/talks/import", csv, NULL);
    assert_int_equal(asked.status, 422);
    asked = ask("POST", "/api/lists/nobody/import", csv, "url\naaaaaaaaa_0\n");
    assert_int_equal(asked.status, 404);
    assert_string_equal(said(&asked, "code"), "list_not_found");
}

static void one_video_is_added_once_and_goes_ahead(void **state)
{
    (void)state;
    const char *list_id = make_list("talks", "none");

    struct asked asked = ask("POST", "/api/lists/talks/videos", NULL,
                             "{\"url\": \"https://m.youtube.com/watch?v=aaaaaaaaa_0&t=1m\"}");
    assert_int_equal(asked.status, 201);
    assert_string_equal(said(&asked, "youtube_id"), "aaaaaaaaa_0");
    assert_string_equal(said(&asked, "list_id"), list_id);
    assert_non_null(strstr(answered("Location"), "/api/videos/"));

    bm_auto(rows) struct barq_rows *rows = NULL;
    struct barq_error err;
    bool more = false;
    check(barq_query(session, "SELECT priority, start_seconds FROM videos", BARQ_NO_PARAMS, &rows,
                     &err),
          &err);
    check(barq_rows_next(rows, &more, &err), &err);
    assert_int_equal(barq_column_int(rows, 0), 1);
    assert_int_equal(barq_column_int(rows, 1), 60);

    asked = ask("POST", "/api/lists/talks/videos", NULL, "{\"url\": \"aaaaaaaaa_0\"}");
    assert_int_equal(asked.status, 409);
    assert_string_equal(said(&asked, "code"), "video_exists");
    assert_non_null(strstr(answered("Location"), "/api/videos/"));
}

static void what_is_no_video_is_refused_with_the_reason(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        const char *why;
    } bad[] = {
        {"{\"url\": \"https://vimeo.com/1\"}", "not a YouTube address"},
        {"{\"url\": \"https://youtu.be/aaaaaaaaa_01\"}", "this one 12"},
        {"{\"url\": \"@PyConUS\"}", "a channel: import it"},
        {"{}", "url"},
    };
    (void)make_list("talks", "none");

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct asked asked = ask("POST", "/api/lists/talks/videos", NULL, bad[i].body);
        assert_int_equal(asked.status, 422);
        if (!strstr(asked.body, bad[i].why)) {
            fail_msg("%s", asked.body);
        }
    }
}

static void exports_come_as_files(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *type;
        const char *holds;
    } files[] = {
        {"/api/lists/t%20%22x/export/csv", "text/csv; charset=utf-8", "url,status,"},
        {"/api/lists/t%20%22x/export/json", "application/json", "\"format\": \"bookmarks\""},
        {"/api/lists/t%20%22x/export/html", "text/html; charset=utf-8", "NETSCAPE-Bookmark"},
        {"/api/lists/t%20%22x/feed.xml", "application/atom+xml; charset=utf-8", "<feed "},
    };
    (void)make_video(make_list("t \"x", "none"), "aaaaaaaaa_0");

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct asked asked = ask("GET", files[i].path, NULL, NULL);
        assert_int_equal(asked.status, 200);
        assert_non_null(strstr(asked.body, files[i].holds));
        assert_non_null(strstr(asked.body, "aaaaaaaaa_0"));
    }
    (void)ask("GET", files[0].path, NULL, NULL);
    assert_string_equal(answered("Content-Disposition"),
                        "attachment; filename*=UTF-8''videos_t%20%22x.csv");
    struct asked missing = ask("GET", "/api/lists/nobody/export/csv", NULL, NULL);
    assert_int_equal(missing.status, 404);
}

#define API_TEST(name) cmocka_unit_test_setup_teardown(name, ask_make, ask_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(a_preview_tells_line_by_line_and_stores_nothing),
        API_TEST(an_import_does_what_its_preview_said),
        API_TEST(one_video_alone_goes_ahead_of_many),
        API_TEST(a_file_is_taken_from_a_form_and_as_a_body),
        API_TEST(a_file_that_cannot_be_right_is_a_problem),
        API_TEST(one_video_is_added_once_and_goes_ahead),
        API_TEST(what_is_no_video_is_refused_with_the_reason),
        API_TEST(exports_come_as_files),
    };

    return cmocka_run_group_tests_name("bookmarks/api_import", tests, NULL, NULL);
}

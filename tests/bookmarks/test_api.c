#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/problem.h"
#include "api/read.h"
#include "api/upload.h"
#include "ask.h"
#include "base/error.h"
#include "base/time.h"
#include "fixture.h"

/* -- a topic that fails as it is told -- */

static enum barq_status outcome;
static struct barq_session *used; /* by the last call */

static enum barq_status end_so(struct bm_api_request *request, struct barq_error *err)
{
    used = request->session;
    request->answer = barq_map(request->arena);
    return outcome == BARQ_OK ? BARQ_OK : bq_fail(err, outcome, "test: told to fail");
}

/* Adds a list, and is then answered with the status that the path says. */
static enum barq_status add_list(struct bm_api_request *request, struct barq_error *err)
{
    char id[BM_ID_BYTES];

    enum barq_status status =
        bm_list_add(request->session, "added", "talks", bq_wall_ms(), id, err);
    if (status == BARQ_OK && strcmp(request->ids[0], "refused") == 0) {
        bm_api_refuse(request, BM_PROBLEM_INVALID, "Not so");
    }
    return status;
}

static enum barq_status begin_and_forget(struct bm_api_request *request, struct barq_error *err)
{
    char id[BM_ID_BYTES];

    enum barq_status status = barq_session_begin(request->session, true, err);
    if (status == BARQ_OK) {
        status = bm_list_add(request->session, "forgotten", "talks", bq_wall_ms(), id, err);
    }
    return status;
}

static enum barq_status take_file(struct bm_api_request *request, struct barq_error *err)
{
    struct bm_api_upload upload;

    (void)err;
    if (!bm_api_upload(request, "file", &upload)) {
        return BARQ_OK;
    }
    const char *list = bm_api_form_text(request, "list", 10, "none");
    if (bm_api_good(request)) {
        request->answer = barq_map(request->arena);
        barq_set_key(request->answer, "bytes",
                     barq_string_of(request->arena, upload.bytes, upload.len));
        barq_set_key(request->answer, "filename", barq_string(request->arena, upload.filename));
        barq_set_key(request->answer, "list", barq_string(request->arena, list));
    }
    return BARQ_OK;
}

static const struct bm_api_route routes[] = {
    {"GET", "/end", end_so, BM_READING},
    {"POST", "/end", end_so, BM_WRITING},
    {"POST", "/add/{how}", add_list, BM_WRITING},
    {"POST", "/forget", begin_and_forget, BM_BY_HAND},
    {"POST", "/file", take_file, BM_NO_SESSION | BM_TAKES_FILES},
};
static const struct bm_api_topic topic = BM_API_TOPIC(routes);

static int make(void **state)
{
    ask_make(state);
    ask_only(&topic);
    outcome = BARQ_OK;
    return 0;
}

static size_t count_lists(void)
{
    const struct bm_list *lists = NULL;
    size_t count = 0;
    struct barq_error err;

    check(barq_session_begin(session, false, &err), &err);
    check(bm_lists(session, &arena, &lists, &count, &err), &err);
    barq_session_rollback(session);
    return count;
}

/* -- sessions -- */

static void a_thread_keeps_its_session(void **state)
{
    (void)state;

    assert_int_equal(ask("GET", "/end", NULL, NULL).status, 200);
    struct barq_session *first = used;
    assert_non_null(first);
    assert_int_equal(ask("POST", "/end", NULL, NULL).status, 200);
    assert_ptr_equal(used, first);
    assert_ptr_equal(api.sessions[0], first);
    assert_null(api.sessions[1]);
}

static void a_broken_session_is_not_used_again(void **state)
{
    (void)state;
    static const enum barq_status breaks[] = {BARQ_ERR_CONN, BARQ_ERR_CONFLICT, BARQ_ERR_SQL};

    for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++) {
        outcome = breaks[i];
        assert_int_equal(ask("GET", "/end", NULL, NULL).status,
                         breaks[i] == BARQ_ERR_SQL ? 500 : 503);
        assert_null(api.sessions[0]);
        outcome = BARQ_OK;
        assert_int_equal(ask("GET", "/end", NULL, NULL).status, 200);
        assert_non_null(api.sessions[0]);
    }
}

static void what_may_work_another_time_says_when(void **state)
{
    (void)state;
    static const enum barq_status away[] = {BARQ_ERR_BUSY, BARQ_ERR_CONN, BARQ_ERR_CONFLICT};

    for (size_t i = 0; i < sizeof(away) / sizeof(away[0]); i++) {
        outcome = away[i];
        struct asked asked = ask("POST", "/end", NULL, NULL);
        assert_int_equal(asked.status, 503);
        assert_string_equal(said(&asked, "code"), "database_busy");
        assert_string_equal(answered("Retry-After"), "1");
    }
}

static void a_failure_of_ours_is_not_told_in_detail(void **state)
{
    (void)state;

    outcome = BARQ_ERR_CORRUPT;
    struct asked asked = ask("GET", "/end", NULL, NULL);
    assert_int_equal(asked.status, 500);
    assert_null(strstr(asked.body, "told to fail"));
    assert_null(answered("Retry-After"));
    outcome = BARQ_ERR_FULL;
    asked = ask("GET", "/end", NULL, NULL);
    assert_int_equal(asked.status, 507);
    assert_string_equal(said(&asked, "code"), "disk_full");
}

static void only_success_is_committed(void **state)
{
    (void)state;

    assert_int_equal(ask("POST", "/add/refused", NULL, NULL).status, 422);
    assert_int_equal(count_lists(), 0);
    assert_int_equal(ask("POST", "/forget", NULL, NULL).status, 200);
    assert_int_equal(count_lists(), 0);
    assert_int_equal(ask("POST", "/add/good", NULL, NULL).status, 200);
    assert_int_equal(count_lists(), 1);
    assert_int_equal(ask("POST", "/add/good", NULL, NULL).status,
                     500); /* there is one of this name */
    assert_int_equal(count_lists(), 1);
}

/* -- files -- */

#define FORM "Content-Type: multipart/form-data; boundary=b"

static void a_file_comes_in_a_form_or_as_the_body(void **state)
{
    (void)state;
    static const char *const form[] = {FORM, NULL};
    static const char *const csv[] = {"Content-Type: text/csv", NULL};

    struct asked asked =
        ask("POST", "/file", form,
            "--b\r\nContent-Disposition: form-data; name=\"list\"\r\n\r\ntalks\r\n"
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../a\""
            "\r\n\r\nurl\n\r\n--b--");
    assert_int_equal(asked.status, 200);
    assert_string_equal(asked.body,
                        "{\"bytes\":\"url\\n\",\"filename\":\"../a\",\"list\":\"talks\"}");
    asked = ask("POST", "/file?list=talks", csv, "url\n");
    assert_int_equal(asked.status, 200);
    assert_string_equal(asked.body, "{\"bytes\":\"url\\n\",\"filename\":null,\"list\":\"talks\"}");
}

static void what_is_no_file_is_refused(void **state)
{
    (void)state;
    static const char *const form[] = {FORM, NULL};
    static const char *const csv[] = {"Content-Type: text/csv", NULL};

    struct asked asked = ask("POST", "/file", form, "--b\r\nbroken");
    assert_int_equal(asked.status, 422);
    assert_string_equal(said(&asked, "code"), "malformed_form");
    asked = ask("POST", "/file", form, "--b--");
    assert_int_equal(asked.status, 422);
    assert_string_equal(said(&asked, "code"), "no_file");
    asked = ask("POST", "/file", csv, NULL);
    assert_string_equal(said(&asked, "code"), "no_file");
    asked = ask("POST", "/file?list=12345678901", csv, "url");
    assert_int_equal(asked.status, 422);
    asked = ask("POST", "/end", csv, "url");
    assert_int_equal(asked.status, 415);
}

static void the_limit_of_a_body_is_its_routes(void **state)
{
    (void)state;

    assert_int_equal(bm_api_body_limit(&api, "POST", "/file"), BM_API_FILE_MAX_BYTES);
    assert_int_equal(bm_api_body_limit(&api, "POST", "/end"), BM_API_BODY_MAX_BYTES);
    assert_int_equal(bm_api_body_limit(&api, "GET", "/file"), BM_API_BODY_MAX_BYTES);
    assert_int_equal(bm_api_body_limit(&api, "GET", "/%zz"), BM_API_BODY_MAX_BYTES);
    api.base_path = "/videos";
    assert_int_equal(bm_api_body_limit(&api, "POST", "/videos/file"), BM_API_FILE_MAX_BYTES);
    assert_int_equal(bm_api_body_limit(&api, "POST", "/videos/end"), BM_API_BODY_MAX_BYTES);
}

#define api_test(name) cmocka_unit_test_setup_teardown(name, make, ask_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        api_test(a_thread_keeps_its_session),
        api_test(a_broken_session_is_not_used_again),
        api_test(what_may_work_another_time_says_when),
        api_test(a_failure_of_ours_is_not_told_in_detail),
        api_test(only_success_is_committed),
        api_test(a_file_comes_in_a_form_or_as_the_body),
        api_test(what_is_no_file_is_refused),
        api_test(the_limit_of_a_body_is_its_routes),
    };

    return cmocka_run_group_tests_name("bookmarks/api", tests, NULL, NULL);
}

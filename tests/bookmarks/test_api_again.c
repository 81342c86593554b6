/* Requests that are sent again, and those that depend on what there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/problem.h"
#include "api/read.h"
#include "ask.h"
#include "base/error.h"
#include "base/time.h"
#include "fixture.h"
#include "store/idempotency.h"
#include "store/settings.h"
#include "support/store.h"

/* -- one thing, which is a setting -- */

static int runs;                 /* of handlers that change it */
static enum barq_status outcome; /* that they have after their work */

static enum barq_status show(struct bm_api_request *request, struct barq_error *err)
{
    const char *value = NULL;

    enum barq_status status = bm_setting(request->session, "thing", request->arena, &value, err);
    if (status == BARQ_OK && !value) {
        bm_api_refuse(request, BM_PROBLEM_NOT_FOUND, NULL);
    } else {
        request->answer = barq_map(request->arena);
        barq_set_key(request->answer, "value", barq_string(request->arena, value));
    }
    return status;
}

static enum barq_status change(struct bm_api_request *request, struct barq_error *err)
{
    const struct barq_value *body = bm_api_body(request);
    const char *value = bm_api_need_text(request, body, "value", 99);

    runs++;
    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    request->answer = barq_map(request->arena);
    barq_set_key(request->answer, "run", barq_int(request->arena, runs));
    bm_api_created(request, "/thing/%d", runs);
    enum barq_status status =
        bm_setting_put(request->session, "thing", value, false, bq_wall_ms(), err);
    return status == BARQ_OK && outcome != BARQ_OK ? bq_fail(err, outcome, "test: as told")
                                                   : status;
}

/* The same in a transaction of its own. */
static enum barq_status change_by_hand(struct bm_api_request *request, struct barq_error *err)
{
    enum barq_status status = barq_session_begin(request->session, true, err);

    if (status == BARQ_OK) {
        status = change(request, err);
    }
    return status == BARQ_OK && request->status < 400 ? barq_session_commit(request->session, err)
                                                      : status;
}

static const struct bm_api_route routes[] = {
    {"GET", "/thing", show, BM_READING},
    {"PUT", "/thing", change, BM_WRITING},
    {"POST", "/thing", change, BM_WRITING},
    {"POST", "/by-hand", change_by_hand, BM_BY_HAND},
    {"POST", "/secret", change, BM_WRITING | BM_NOT_KEPT},
    {"PUT", "/only", change, BM_WRITING},
};
static const struct bm_api_topic topic = BM_API_TOPIC(routes);

static int make(void **state)
{
    ask_make(state);
    ask_only(&topic);
    runs = 0;
    outcome = BARQ_OK;
    return 0;
}

static const char *thing(void)
{
    struct asked asked = ask("GET", "/thing", NULL, NULL);

    return asked.status == 200 ? said(&asked, "value") : "none";
}

#define VALUE(word) "{\"value\": \"" word "\"}"

static struct asked put(const char *header, const char *body)
{
    const char *headers[] = {header, NULL};

    return ask("PUT", "/thing", headers, body);
}

static const char *etag(void)
{
    assert_int_equal(ask("GET", "/thing", NULL, NULL).status, 200);
    return bq_arena_strdup(&arena, answered("ETag"));
}

/* -- conditions -- */

static void what_is_known_is_not_sent_again(void **state)
{
    (void)state;
    put(NULL, VALUE("a"));
    const char *known = etag();
    const char *const lists[] = {"", "\"x\", ", "W/", "\"x\",\t W/"};

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        const char *headers[] = {bq_arena_format(&arena, "If-None-Match: %s%s", lists[i], known),
                                 NULL};
        struct asked asked = ask("GET", "/thing", headers, NULL);
        assert_int_equal(asked.status, 304);
        assert_string_equal(asked.body, "");
        assert_string_equal(answered("ETag"), known);
        assert_int_equal(ask("HEAD", "/thing", headers, NULL).status, 304);
    }
    put(NULL, VALUE("b"));
    const char *headers[] = {bq_arena_format(&arena, "If-None-Match: %s", known), NULL};
    assert_int_equal(ask("GET", "/thing", headers, NULL).status, 200);
    assert_string_not_equal(answered("ETag"), known);
}

static void a_refusal_has_no_etag(void **state)
{
    (void)state;
    static const char *const headers[] = {"If-None-Match: *", NULL};

    assert_int_equal(ask("GET", "/thing", headers, NULL).status, 404);
    assert_null(answered("ETag"));
}

static void a_change_of_what_has_changed_is_refused(void **state)
{
    (void)state;
    put(NULL, VALUE("a"));
    const char *match = bq_arena_format(&arena, "If-Match: %s", etag());

    assert_int_equal(put(match, VALUE("b")).status, 201);
    struct asked asked = put(match, VALUE("c"));
    assert_int_equal(asked.status, 412);
    assert_string_equal(said(&asked, "code"), "changed");
    assert_string_equal(thing(), "b");
    assert_int_equal(put("If-Match: *", VALUE("d")).status, 201);
    assert_int_equal(put("If-Match: \"x\", y", VALUE("e")).status, 412);
    assert_int_equal(runs, 3);
}

static void nothing_matches_what_is_not_there(void **state)
{
    (void)state;
    const char *headers[] = {"If-Match: *", NULL};

    assert_int_equal(put("If-Match: *", VALUE("a")).status, 412);
    assert_int_equal(ask("PUT", "/only", headers, VALUE("a")).status, 412);
    assert_int_equal(runs, 0);
}

/* -- keys -- */

static struct asked post(const char *path, const char *key, const char *body)
{
    const char *headers[] = {bq_arena_format(&arena, "Idempotency-Key: %s", key), NULL};

    return ask("POST", path, headers, body);
}

static void what_is_sent_again_is_done_once(void **state)
{
    (void)state;
    static const char *const paths[] = {"/thing", "/by-hand"};

    for (int i = 0; i < 2; i++) {
        const char *key = i == 0 ? "k" : "l";
        struct asked first = post(paths[i], key, VALUE("a"));
        assert_int_equal(first.status, 201);
        assert_null(answered("Idempotent-Replayed"));
        const char *location = bq_arena_strdup(&arena, answered("Location"));
        for (int again = 0; again < 2; again++) {
            struct asked asked = post(paths[i], key, VALUE("a"));
            assert_int_equal(asked.status, 201);
            assert_string_equal(asked.body, first.body);
            assert_string_equal(answered("Location"), location);
            assert_string_equal(answered("Idempotent-Replayed"), "true");
        }
        assert_int_equal(runs, i + 1);
    }
    post("/thing", "other", VALUE("a"));
    assert_int_equal(runs, 3);
}

static void a_key_belongs_to_one_request(void **state)
{
    (void)state;

    assert_int_equal(post("/thing", "k", VALUE("a")).status, 201);
    struct asked asked = post("/thing", "k", VALUE("b"));
    assert_int_equal(asked.status, 422);
    assert_string_equal(said(&asked, "code"), "key_reused");
    assert_int_equal(post("/by-hand", "k", VALUE("a")).status, 422);
    assert_int_equal(post("/thing?x=1", "k", VALUE("a")).status, 422);
    assert_string_equal(thing(), "a");
    assert_int_equal(runs, 1);
}

static void what_failed_may_be_tried_again_by_its_key(void **state)
{
    (void)state;
    static const char *const paths[] = {"/thing", "/by-hand"};

    for (int i = 0; i < 2; i++) {
        const char *key = i == 0 ? "k" : "l";
        outcome = BARQ_ERR_CONN;
        assert_int_equal(post(paths[i], key, VALUE("a")).status, 503);
        outcome = BARQ_OK;
        assert_int_equal(post(paths[i], key, VALUE("a")).status, 201);
        assert_int_equal(post(paths[i], key, VALUE("a")).status, 201);
        assert_int_equal(runs, 2 * (i + 1));
    }
    assert_int_equal(post("/thing", "m", "{}").status, 422);
    assert_int_equal(post("/thing", "m", VALUE("a")).status, 201); /* nothing was done before */
}

static void note(int64_t status, int64_t at_ms)
{
    struct barq_error err;
    struct bm_kept kept = {.key = "k",
                           .principal = "owner",
                           .method = "POST",
                           .path = "/thing",
                           .body_hash = "h",
                           .status = status};
    begin_write();
    check(bm_kept_add(session, &kept, at_ms, &err), &err);
    commit();
}

static void what_is_under_way_is_not_begun_again(void **state)
{
    (void)state;

    assert_int_equal(post("/thing", "first", VALUE("a")).status, 201);
    struct barq_error err;
    begin_write();
    check(barq_exec(session, "UPDATE idempotency SET status = NULL", BARQ_NO_PARAMS, &err), &err);
    commit();
    struct asked asked = post("/thing", "first", VALUE("a"));
    assert_int_equal(asked.status, 409);
    assert_string_equal(said(&asked, "code"), "under_way");
    assert_string_equal(answered("Retry-After"), "1");
    assert_int_equal(runs, 1);
}

static void keys_are_forgotten_in_time(void **state)
{
    (void)state;
    int64_t now_ms = bq_wall_ms();

    note(0, now_ms - BM_UNDER_MS); /* its server has died, an hour ago */
    assert_int_equal(post("/thing", "k", VALUE("a")).status, 201);
    begin_write();
    struct barq_error err;
    check(barq_exec(session, "DELETE FROM idempotency", BARQ_NO_PARAMS, &err), &err);
    commit();
    note(201, now_ms - BM_KEPT_MS);
    assert_int_equal(post("/thing", "k", VALUE("a")).status, 201);
    assert_int_equal(runs, 2);
}

static void a_secret_is_not_kept(void **state)
{
    (void)state;

    assert_int_equal(post("/secret", "k", VALUE("a")).status, 201);
    assert_int_equal(post("/secret", "k", VALUE("a")).status, 201);
    assert_int_equal(runs, 2);
}

static void what_is_no_key_is_refused(void **state)
{
    (void)state;
    char key[BM_KEY_MAX_BYTES + 2];

    memset(key, 'k', sizeof(key) - 1);
    key[sizeof(key) - 1] = '\0';
    assert_int_equal(post("/thing", key, VALUE("a")).status, 422);
    assert_int_equal(post("/thing", "", VALUE("a")).status, 422);
    struct asked asked = post("/thing", "a b", VALUE("a"));
    assert_string_equal(said(&asked, "code"), "invalid_key");
    assert_int_equal(runs, 0);
    assert_int_equal(post("/thing", key + 1, VALUE("a")).status, 201);
}

#define again_test(name) cmocka_unit_test_setup_teardown(name, make, ask_remove)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        again_test(what_is_known_is_not_sent_again),
        again_test(a_refusal_has_no_etag),
        again_test(a_change_of_what_has_changed_is_refused),
        again_test(nothing_matches_what_is_not_there),
        again_test(what_is_sent_again_is_done_once),
        again_test(a_key_belongs_to_one_request),
        again_test(what_failed_may_be_tried_again_by_its_key),
        again_test(what_is_under_way_is_not_begun_again),
        again_test(keys_are_forgotten_in_time),
        again_test(a_secret_is_not_kept),
        again_test(what_is_no_key_is_refused),
    };

    store_main(argc, argv);
    return cmocka_run_group_tests_name("bookmarks/api_again", tests, NULL, store_end);
}

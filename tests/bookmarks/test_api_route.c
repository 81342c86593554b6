#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/problem.h"
#include "api/routes.h"
#include "base/arena.h"

enum { ARENA_BYTES = 64 * 1024 };

static struct barq_arena arena;

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

static const struct bm_api_route things[] = {
    {"GET", "/", NULL, BM_NO_SESSION},           {"GET", "/things", NULL, BM_READING},
    {"POST", "/things", NULL, BM_WRITING},       {"GET", "/things/{id}", NULL, BM_READING},
    {"PATCH", "/things/{id}", NULL, BM_WRITING}, {"DELETE", "/things/{id}", NULL, BM_WRITING},
};
static const struct bm_api_route parts[] = {
    {"GET", "/things/newest", NULL, BM_READING},
    {"GET", "/things/{id}/parts/{part}", NULL, BM_READING},
    {"PUT", "/things/{id}/parts/{part}/{n}/{m}", NULL, BM_WRITING},
    {"DELETE", "/things/{id}/parts/all", NULL, BM_WRITING},
};
static const struct bm_api_topic things_topic = BM_API_TOPIC(things);
static const struct bm_api_topic parts_topic = BM_API_TOPIC(parts);
static const struct bm_api_topic *const topics[] = {&things_topic, &parts_topic};

static const struct bm_api_route *found;
static const char *ids[BM_API_MAX_IDS];
static const char *allowed;

static enum bm_api_found find(const char *method, const char *path)
{
    found = NULL;
    return bm_api_find(topics, 2, method, path, &arena, &found, ids, &allowed);
}

static void a_path_leads_to_its_route_and_has_its_ids(void **state)
{
    (void)state;

    assert_int_equal(find("GET", "/"), BM_API_FOUND);
    assert_ptr_equal(found, &things[0]);
    assert_int_equal(find("GET", "/things/7"), BM_API_FOUND);
    assert_ptr_equal(found, &things[3]);
    assert_string_equal(ids[0], "7");
    assert_null(ids[1]);
    assert_int_equal(find("PUT", "/things/a/parts/b/c/d"), BM_API_FOUND);
    assert_ptr_equal(found, &parts[2]);
    assert_string_equal(ids[0], "a");
    assert_string_equal(ids[3], "d");
}

static void escapes_are_decoded_in_their_part_alone(void **state)
{
    (void)state;

    assert_int_equal(find("GET", "/%74hings/a%2Fparts%2fb"), BM_API_FOUND);
    assert_ptr_equal(found, &things[3]);
    assert_string_equal(ids[0], "a/parts/b");
    assert_int_equal(find("GET", "/things/%2e%2e"), BM_API_FOUND);
    assert_string_equal(ids[0], "..");
}

static void a_path_that_is_spelled_out_comes_before_an_id(void **state)
{
    (void)state;

    assert_int_equal(find("GET", "/things/newest"), BM_API_FOUND);
    assert_ptr_equal(found, &parts[0]);
    assert_int_equal(find("GET", "/things/newest2"), BM_API_FOUND);
    assert_ptr_equal(found, &things[3]);
    assert_int_equal(find("DELETE", "/things/newest"), BM_API_FOUND);
    assert_ptr_equal(found, &things[5]);
}

static void another_path_is_none(void **state)
{
    (void)state;
    static const char *const none[] = {
        "",
        "/thing",
        "/things/",
        "//things",
        "things",
        "/things//parts/b",
        "/things/a/parts",
        "/things/a/b/c/d",
        "/things/%00",
        "/things/../a",
    };

    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        assert_int_equal(find("GET", none[i]), BM_API_NO_PATH);
        assert_null(found);
    }
}

static void another_method_is_told_those_that_are_there(void **state)
{
    (void)state;

    assert_int_equal(find("DELETE", "/things"), BM_API_NO_METHOD);
    assert_string_equal(allowed, "GET, HEAD, POST, OPTIONS");
    assert_int_equal(find("OPTIONS", "/things/newest"), BM_API_NO_METHOD);
    assert_string_equal(allowed, "GET, HEAD, PATCH, DELETE, OPTIONS");
    assert_int_equal(find("get", "/"), BM_API_NO_METHOD);
    assert_int_equal(find("HEAD", "/things"), BM_API_FOUND);
    assert_ptr_equal(found, &things[1]);
    assert_int_equal(find("HEAD", "/things/a/parts/all"), BM_API_FOUND);
    assert_ptr_equal(found, &parts[1]);
}

static void a_full_arena_is_told(void **state)
{
    (void)state;
    size_t limit = arena.limit_bytes;

    arena.limit_bytes = arena.used_bytes + 8;
    assert_int_not_equal(find("GET", "/things/a"), BM_API_FOUND);
    arena.limit_bytes = limit;
}

/* -- the real tables -- */

static bool is_known_method(const char *method)
{
    static const char *const known[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(method, known[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Each can be reached, and nothing that only asks may write. */
static void every_route_is_found_by_its_own_path(void **state)
{
    (void)state;

    for (size_t i = 0; i < bm_api_n_topics; i++) {
        for (size_t k = 0; k < bm_api_topics[i]->count; k++) {
            const struct bm_api_route *route = &bm_api_topics[i]->routes[k];
            assert_int_equal(bm_api_find(bm_api_topics, bm_api_n_topics, route->method, route->path,
                                         &arena, &found, ids, &allowed),
                             BM_API_FOUND);
            assert_ptr_equal(found, route);
            assert_true(is_known_method(route->method));
            assert_non_null(route->run);
            if (strcmp(route->method, "GET") == 0) {
                assert_int_not_equal(route->how & BM_SESSION, BM_WRITING);
            }
        }
    }
}

static void every_problem_has_a_code_of_its_own(void **state)
{
    (void)state;

    for (int i = 0; i < BM_PROBLEMS; i++) {
        const struct bq_http_problem *kind = bm_problem_kind((enum bm_problem)i);
        assert_in_range(kind->status, 400, 599);
        assert_non_null(kind->title);
        assert_int_equal(strspn(kind->code, "abcdefghijklmnopqrstuvwxyz_"), strlen(kind->code));
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(kind->code, bm_problem_kind((enum bm_problem)k)->code);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_leads_to_its_route_and_has_its_ids),
        cmocka_unit_test(escapes_are_decoded_in_their_part_alone),
        cmocka_unit_test(a_path_that_is_spelled_out_comes_before_an_id),
        cmocka_unit_test(another_path_is_none),
        cmocka_unit_test(another_method_is_told_those_that_are_there),
        cmocka_unit_test(a_full_arena_is_told),
        cmocka_unit_test(every_route_is_found_by_its_own_path),
        cmocka_unit_test(every_problem_has_a_code_of_its_own),
    };

    return cmocka_run_group_tests_name("bookmarks/api_route", tests, make_arena, clear_arena);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/assets.h"
#include "world.h"

static const char script[] = "plain script";
static const char script_gzip[] = "gzip script";
static const char script_br[] = "br script";
static const char page[] = "<head><base href=\"/\" /><title>t</title>";
static const char picture[] = "picture";

static const struct bq_http_asset assets[] = {
    {.path = "assets/a-1.js",
     .type = "text/javascript",
     .etag = "\"a\"",
     .is_lasting = true,
     .plain = script,
     .plain_end = script + sizeof(script) - 1,
     .gzip = script_gzip,
     .gzip_end = script_gzip + sizeof(script_gzip) - 1,
     .br = script_br,
     .br_end = script_br + sizeof(script_br) - 1},
    {.path = "index.html",
     .type = "text/html",
     .etag = "\"i\"",
     .plain = page,
     .plain_end = page + sizeof(page) - 1},
    {.path = "icon.png",
     .type = "image/png",
     .etag = "\"p\"",
     .plain = picture,
     .plain_end = picture + sizeof(picture) - 1},
    {.path = NULL},
};

static void handle(struct bq_http_call *call)
{
    if (!bq_http_answer_page(call, assets, call->path, "/sub/path", "default-src 'none'")) {
        bq_http_answer(call, 404, NULL, "", 0);
    }
}

/* All of the answer to a GET with these headers. */
static const char *get(const char *path, const char *headers)
{
    char text[512];
    int fd = world_connect();

    snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: h\r\n%sConnection: close\r\n\r\n", path,
             headers);
    world_say(fd, text);
    const char *heard = world_hear(fd, "never");
    close(fd);
    return heard;
}

static int start(void **state)
{
    (void)state;
    world_start((struct bq_http_server_options){.handle = handle});
    return 0;
}

static void the_best_form_that_is_taken_is_sent(void **state)
{
    (void)state;
    static const struct {
        const char *headers, *body;
    } cases[] = {
        {"", "\r\n\r\nplain script"},
        {"Accept-Encoding: gzip\r\n", "\r\n\r\ngzip script"},
        {"Accept-Encoding: gzip, deflate, br, zstd\r\n", "\r\n\r\nbr script"},
        {"Accept-Encoding: GZIP;q=0.5\r\n", "\r\n\r\ngzip script"},
        {"Accept-Encoding: br;q=0, gzip\r\n", "\r\n\r\ngzip script"},
        {"Accept-Encoding: br;q=0.000,gzip;q=0\r\n", "\r\n\r\nplain script"},
        {"Accept-Encoding: brotli, gzipped\r\n", "\r\n\r\nplain script"},
        {"Accept-Encoding: ,;,q=0\r\n", "\r\n\r\nplain script"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *heard = get("/assets/a-1.js", cases[i].headers);
        assert_non_null(strstr(heard, "HTTP/1.1 200 "));
        assert_non_null(strstr(heard, cases[i].body));
        assert_non_null(strstr(heard, "Vary: Accept-Encoding\r\n"));
    }
    assert_non_null(strstr(get("/icon.png", "Accept-Encoding: gzip\r\n"), "\r\n\r\npicture"));
}

static void only_what_has_its_hash_in_its_name_is_kept(void **state)
{
    (void)state;
    assert_non_null(strstr(get("/assets/a-1.js", ""), "immutable"));
    assert_non_null(strstr(get("/icon.png", ""), "Cache-Control: no-cache\r\n"));
    assert_non_null(strstr(get("/", ""), "Cache-Control: no-store\r\n"));
}

static void what_a_browser_has_is_not_sent_again(void **state)
{
    (void)state;
    const char *heard = get("/icon.png", "If-None-Match: \"x\", \"p\"\r\n");
    assert_non_null(strstr(heard, "HTTP/1.1 304 "));
    assert_null(strstr(heard, "picture"));
    assert_non_null(strstr(get("/icon.png", "If-None-Match: \"x\"\r\n"), "picture"));
}

static void a_page_is_told_where_it_is(void **state)
{
    (void)state;
    const char *heard = get("/", "");
    assert_non_null(strstr(heard, "<head><base href=\"/sub/path/\" /><title>t</title>"));
    assert_non_null(strstr(heard, "Content-Security-Policy: default-src 'none'\r\n"));
    assert_non_null(strstr(get("/assets/a-1.js", ""), "Content-Security-Policy: "));
}

static void a_browser_gets_the_page_at_its_own_addresses(void **state)
{
    (void)state;
    static const char browser[] = "Accept: text/html,*/*;q=0.8\r\n";

    assert_non_null(strstr(get("/lists/1", browser), "<title>t</title>"));
    assert_non_null(strstr(get("/apiary", browser), "<title>t</title>"));
    assert_non_null(strstr(get("/lists/1", "Accept: */*\r\n"), "HTTP/1.1 404 "));
    assert_non_null(strstr(get("/api", browser), "HTTP/1.1 404 "));
    assert_non_null(strstr(get("/api/none", browser), "HTTP/1.1 404 "));
    assert_non_null(strstr(get("/assets/old.js", browser), "HTTP/1.1 404 "));
}

static void what_is_not_there_is_no_asset(void **state)
{
    (void)state;
    assert_non_null(strstr(get("/assets", ""), "HTTP/1.1 404 "));
    assert_non_null(strstr(get("/assets/../index.html", ""), "HTTP/1.1 404 "));
    assert_null(bq_http_asset_find(assets, ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_best_form_that_is_taken_is_sent, start, world_stop),
        cmocka_unit_test_setup_teardown(only_what_has_its_hash_in_its_name_is_kept, start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(what_a_browser_has_is_not_sent_again, start, world_stop),
        cmocka_unit_test_setup_teardown(a_page_is_told_where_it_is, start, world_stop),
        cmocka_unit_test_setup_teardown(a_browser_gets_the_page_at_its_own_addresses, start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(what_is_not_there_is_no_asset, start, world_stop),
    };

    return cmocka_run_group_tests_name("http/assets", tests, world_make, world_clear);
}

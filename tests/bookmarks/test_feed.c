#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/auto.h"
#include "formats/feed.h"
#include "formats/xml.h"
#include "support/data.h"

static struct barq_arena arena;
static struct barq_error err;
static struct bm_feed feed;

static int make_arena(void **state)
{
    (void)state;
    bq_arena_init(&arena, 4000000);
    return 0;
}

static int clear_arena(void **state)
{
    (void)state;
    bq_arena_clear(&arena);
    return 0;
}

static enum barq_status read_text(const char *text)
{
    return bm_feed_read(text, strlen(text), &arena, &feed, &err);
}

static void a_real_feed_is_read(void **state)
{
    (void)state;
    size_t len = 0;
    bq_auto(memory) char *text = data_read("feeds/nasa_channel_feed.xml", &len);

    assert_int_equal(bm_feed_read(text, len, &arena, &feed, &err), BARQ_OK);
    assert_string_equal(feed.title, "NASA");
    assert_string_equal(feed.channel_id, "UCLA_DiR1FfKNvjuUpBHmylQ");
    assert_int_equal(feed.count, 15);
    const struct bm_metadata *video = &feed.videos[0];
    assert_true(video->found);
    assert_string_equal(video->youtube_id, "I_GUQdY01b0");
    assert_string_equal(video->title, "Special Event Announcement (Aug. 14, 2026)");
    assert_string_equal(video->channel, "NASA");
    assert_string_equal(video->channel_id, "UCLA_DiR1FfKNvjuUpBHmylQ");
    assert_string_equal(video->thumbnail_url, "https://i2.ytimg.com/vi/I_GUQdY01b0/hqdefault.jpg");
    assert_int_equal(video->published_at_ms, 1786734876000);
    assert_int_equal(video->views, 66195);
    assert_int_equal(video->duration_s, -1);
    assert_non_null(strstr(video->description, "America\xe2\x80\x99s"));
}

static void shorts_are_told_apart(void **state)
{
    (void)state;
    size_t len = 0;
    bq_auto(memory) char *text = data_read("feeds/nasa_channel_feed.xml", &len);
    size_t shorts = 0;

    assert_int_equal(bm_feed_read(text, len, &arena, &feed, &err), BARQ_OK);
    for (size_t i = 0; i < feed.count; i++) {
        shorts += feed.shorts[i];
    }
    assert_true(shorts > 0 && shorts < feed.count);
}

static void entries_without_a_video_are_left_out(void **state)
{
    (void)state;

    assert_int_equal(read_text("<feed><title>a &amp; &#x62;</title>"
                               "<entry><yt:videoId>tooshort</yt:videoId></entry>"
                               "<entry><title>none</title></entry>"
                               "<entry><yt:videoId>aaaaaaaaaaa</yt:videoId>"
                               "<title><![CDATA[1 &amp; <2>]]></title>"
                               "<published>yesterday</published>"
                               "<media:statistics views='-1'/></entry></feed>"),
                     BARQ_OK);
    assert_string_equal(feed.title, "a & b");
    assert_int_equal(feed.count, 1);
    assert_string_equal(feed.videos[0].title, "1 &amp; <2>");
    assert_true(feed.videos[0].published_at_ms == INT64_MIN);
    assert_int_equal(feed.videos[0].views, -1);
}

static void what_is_no_feed_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "<html><body>Welcome</body></html>",
        "<feed><entry><yt:videoId>aaaaaaaaaaa</yt:videoId></entry>",
        "<feed><entry><yt:videoId>aaaaaaaaaaa</yt:videoId></entry></fee",
        "<feed><title a='></title></feed>",
        "<feed><!-- </feed>",
        "<feed>\xff</feed>",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        feed.count = 77;
        assert_int_equal(read_text(bad[i]), BARQ_ERR_FORMAT);
        assert_int_equal(feed.count, 77);
    }
}

static void no_entity_is_looked_up_anywhere(void **state)
{
    (void)state;

    assert_int_equal(read_text("<!DOCTYPE feed [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"
                               "<feed><title>&x; &lt;</title></feed>"),
                     BARQ_OK);
    assert_non_null(strstr(feed.title, "&x; <"));
}

static void entities_are_decoded_once(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *decoded;
    } cases[] = {
        {"a&amp;b", "a&b"},
        {"&amp;lt;", "&lt;"},
        {"&#39;&apos;&quot;", "''\""},
        {"&#x1F600;", "\xf0\x9f\x98\x80"},
        {"&#0;", "\xef\xbf\xbd"},
        {"&#xD800;", "\xef\xbf\xbd"},
        {"&nbsp;", "\xc2\xa0"},
        {"&", "&"},
        {"&;", "&;"},
        {"&#;", "&#;"},
        {"&#x;", "&#x;"},
        {"&#12a;", "&#12a;"},
        {"&bogus;", "&bogus;"},
        {"&amp", "&amp"},
        {"&#9999999;", "\xef\xbf\xbd"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bq_auto(buf) struct bq_buf out;
        bq_buf_init(&out, 100);
        bm_put_decoded(&out, cases[i].text, strlen(cases[i].text));
        assert_string_equal(bq_buf_cstr(&out), cases[i].decoded);
    }
}

static void a_full_arena_is_an_error(void **state)
{
    (void)state;
    size_t len = 0;
    bq_auto(memory) char *text = data_read("feeds/nasa_channel_feed.xml", &len);

    for (size_t limit = 0; limit < 60000; limit += 1000) {
        bq_auto(arena) struct barq_arena tiny;
        bq_arena_init(&tiny, limit);
        enum barq_status status = bm_feed_read(text, len, &tiny, &feed, &err);
        assert_int_equal(status, limit < 50000 ? BARQ_ERR_NOMEM : status);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_arena, clear_arena)
    const struct CMUnitTest tests[] = {
        TEST(a_real_feed_is_read),
        TEST(shorts_are_told_apart),
        TEST(entries_without_a_video_are_left_out),
        TEST(what_is_no_feed_is_refused),
        TEST(no_entity_is_looked_up_anywhere),
        TEST(entities_are_decoded_once),
        TEST(a_full_arena_is_an_error),
    };

    return cmocka_run_group_tests_name("bookmarks/feed", tests, NULL, NULL);
}

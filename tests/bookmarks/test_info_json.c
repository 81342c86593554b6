#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/auto.h"
#include "formats/info_json.h"
#include "support/data.h"

static struct barq_arena arena;
static struct barq_error err;
static struct bm_info info;

static int make_arena(void **state)
{
    (void)state;
    bq_arena_init(&arena, 1000000);
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
    return bm_info_read(text, strlen(text), &arena, &info, &err);
}

static void all_that_yt_dlp_knows_is_taken(void **state)
{
    (void)state;
    size_t len = 0;
    bq_auto(memory) char *text = data_read("ytdlp-info/made_full.info.json", &len);

    assert_int_equal(bm_info_read(text, len, &arena, &info, &err), BARQ_OK);
    assert_true(info.video.found);
    assert_string_equal(info.video.youtube_id, "bGOghkY_a7Q");
    assert_string_equal(info.video.title, "A talk about sorting");
    assert_string_equal(info.video.channel, "Invented Talks");
    assert_string_equal(info.video.channel_id, "UCaaaaaaaaaaaaaaaaaaaaaa");
    assert_int_equal(info.video.duration_s, 1662);
    assert_int_equal(info.video.published_at_ms, 1729987200000);
    assert_int_equal(info.video.views, 1234);
    assert_int_equal(info.video.comments, -1);
    assert_int_equal(info.video.n_tags, 2);
    assert_string_equal(info.video.category_id, "28");
    assert_string_equal(bm_category_name("28"), "Science & Technology");
    assert_null(bm_category_name("99"));
    assert_null(bm_category_id(NULL));
    assert_string_equal(info.video.live, "was");
    assert_int_equal(info.video.live_at_ms, 1730030400000);
    assert_string_equal(info.video.privacy, "public");
    assert_int_equal(info.video.embeddable, BM_YES);
    assert_int_equal(info.video.captioned, BM_YES);
    assert_int_equal(info.n_chapters, 2);
    assert_int_equal(info.chapters[0].end_ms, 61500);
    assert_string_equal(info.chapters[1].title, "Merge sort");
    assert_int_equal(info.chapters[1].end_ms, -1);
}

static void what_is_missing_is_unknown(void **state)
{
    (void)state;
    static const char *const sparse[] = {
        "{\"id\": \"bGOghkY_a7Q\"}",
        "{\"id\": \"bGOghkY_a7Q\", \"title\": null, \"duration\": \"long\", \"upload_date\": 7,"
        " \"tags\": {}, \"chapters\": 1, \"view_count\": -1, \"subtitles\": [],"
        " \"live_status\": \"new\", \"availability\": \"needs_auth\"}",
        ("{\"id\": \"bGOghkY_a7Q\", \"duration\": 1e300, \"upload_date\": \"20249999\","
         " \"timestamp\": 99999999999999, \"chapters\": [{\"start_time\": -1, \"title\": \"x\"}]}"),
    };

    for (size_t i = 0; i < sizeof(sparse) / sizeof(sparse[0]); i++) {
        assert_int_equal(read_text(sparse[i]), BARQ_OK);
        assert_null(info.video.title);
        assert_null(info.video.live);
        assert_null(info.video.privacy);
        assert_int_equal(info.video.duration_s, -1);
        assert_true(info.video.published_at_ms == INT64_MIN);
        assert_int_equal(info.video.views, -1);
        assert_int_equal(info.video.captioned, BM_UNKNOWN);
        assert_int_equal(info.n_chapters, 0);
    }
}

static void chapters_are_found_in_the_description_when_it_lists_none(void **state)
{
    (void)state;

    assert_int_equal(read_text("{\"id\": \"bGOghkY_a7Q\", \"duration\": 100, \"chapters\": null,"
                               " \"description\": \"0:00 a\\n0:10 b\\n0:20 c\"}"),
                     BARQ_OK);
    assert_int_equal(info.n_chapters, 3);
    assert_int_equal(info.chapters[2].end_ms, 100000);
}

static void what_is_no_video_of_youtube_is_refused(void **state)
{
    (void)state;
    size_t len = 0;
    bq_auto(memory) char *short_id = data_read("ytdlp-info/ytcap_sample.info.json", &len);
    const char *const bad[] = {
        "",
        "[]",
        "{}",
        "{\"id\": \"123\", \"extractor_key\": \"Vimeo\"}",
        "{\"id\": \"aaaaaaaaaaa\", \"extractor_key\": \"Vimeo\"}",
        "{\"id\": 7}",
        short_id,
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(read_text(bad[i]), BARQ_ERR_FORMAT);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_arena, clear_arena)
    const struct CMUnitTest tests[] = {
        TEST(all_that_yt_dlp_knows_is_taken),
        TEST(what_is_missing_is_unknown),
        TEST(chapters_are_found_in_the_description_when_it_lists_none),
        TEST(what_is_no_video_of_youtube_is_refused),
    };

    return cmocka_run_group_tests_name("bookmarks/info_json", tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "video/url.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void every_form_gives_the_id(void **state)
{
    (void)state;
    static const char *const good[] = {
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "http://youtube.com/watch?v=dQw4w9WgXcQ&t=1m30s",
        "https://www.youtube.com/watch?feature=youtu.be&v=dQw4w9WgXcQ",
        "https://www.youtube.com/watch/?v=dQw4w9WgXcQ",
        "https://www.youtube.com/watch?feature=x;v=dQw4w9WgXcQ",
        "https://www.youtube.com/watch?a=b&amp;v=dQw4w9WgXcQ&amp;c=d",
        "https://www.youtube.com/?v=dQw4w9WgXcQ",
        "https://www.youtube.com/#/watch?v=dQw4w9WgXcQ",
        "https://www.youtube.com/watch#!v=dQw4w9WgXcQ",
        "https://www.youtube.com/watch_popup?v=dQw4w9WgXcQ",
        "https://www.youtube.com/watch/dQw4w9WgXcQ",
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ&list=PLabcdefghijklmnop&index=2",
        "https://youtu.be/dQw4w9WgXcQ",
        "https://youtu.be/dQw4w9WgXcQ?si=abc&t=42",
        "https://youtu.be/dQw4w9WgXcQ#t=3",
        "https://youtu.be/watch?v=dQw4w9WgXcQ",
        "https://www.youtube.com/shorts/dQw4w9WgXcQ",
        "https://www.youtube.com/live/dQw4w9WgXcQ?feature=shared",
        "https://www.youtube.com/embed/dQw4w9WgXcQ?start=10",
        "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ",
        "https://www.youtube.com/v/dQw4w9WgXcQ?version=3",
        "https://www.youtube.com/e/dQw4w9WgXcQ",
        "https://youtube.googleapis.com/v/dQw4w9WgXcQ",
        "https://www.youtubekids.com/watch?v=dQw4w9WgXcQ",
        "https://music.youtube.com/watch?v=dQw4w9WgXcQ&list=RDAMVMdQw4w9WgXcQ",
        "https://gaming.youtube.com/watch?v=dQw4w9WgXcQ",
        "HTTPS://M.YouTube.COM/watch?v=dQw4w9WgXcQ",
        "https://www.youtube.com:443/watch?v=dQw4w9WgXcQ",
        "https://www.youtube.com./watch?v=dQw4w9WgXcQ",
        "//www.youtube.com/watch?v=dQw4w9WgXcQ",
        "youtube.com/watch?v=dQw4w9WgXcQ",
        "youtu.be/dQw4w9WgXcQ",
        "youtube.com/attribution_link?a=x&u=%2Fwatch%3Fv%3DdQw4w9WgXcQ%26feature%3Dshare",
        "https://www.youtube.com/redirect?q=https%3A%2F%2Fyoutu.be%2FdQw4w9WgXcQ",
        "https://www.youtube.com/oembed?url=https%3A//www.youtube.com/watch%3Fv%3DdQw4w9WgXcQ",
        "https://consent.youtube.com/m?continue=https%3A%2F%2Fyoutu.be%2FdQw4w9WgXcQ",
        "https://i.ytimg.com/vi/dQw4w9WgXcQ/hqdefault.jpg",
        "https://img.youtube.com/vi/dQw4w9WgXcQ/0.jpg",
        "https://i.ytimg.com/vi_webp/dQw4w9WgXcQ/maxresdefault.webp",
        "dQw4w9WgXcQ",
        "  https://youtu.be/dQw4w9WgXcQ\r\n",
    };

    for (size_t i = 0; i < COUNT(good); i++) {
        char id[BM_VIDEO_ID_BYTES] = "";
        struct barq_error err = {.text = ""};
        if (bm_video_url_parse(good[i], strlen(good[i]), id, &err) != BARQ_OK) {
            fail_msg("%s: %s", good[i], err.text);
        }
        assert_string_equal(id, "dQw4w9WgXcQ");
    }
}

static void what_is_no_video_says_what_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *why;
    } bad[] = {
        {"", "empty"},
        {" \t", "empty"},
        {"https://www.youtube.com/playlist?list=PLabcdefghijklmnop", "a playlist"},
        {"https://www.youtube.com/watch?list=PLabcdefghijklmnop", "a playlist"},
        {"https://www.youtube.com/embed/videoseries?list=PLabc", "a playlist"},
        {"PL2Uw4_HvXqvYeXy8ab7iRHjA-9HiYhRQl", "a playlist"},
        {"https://www.youtube.com/@PyConUS", "a channel"},
        {"https://www.youtube.com/channel/UCuAXFkgsw1L7xaCfnd5JJOw", "a channel"},
        {"UCuAXFkgsw1L7xaCfnd5JJOw", "a channel"},
        {"@PyConUS", "a channel"},
        {"https://www.youtube.com/c/PyCon", "a channel"},
        {"https://www.youtube.com/user/PyCon/videos", "a channel"},
        {"https://www.youtube.com/embed/live_stream?channel=UCx", "a channel's live stream"},
        {"https://www.youtube.com/clip/UgkxabcdefghijklmnopQ", "a clip"},
        {"https://www.youtube.com/results?search_query=c", "a search"},
        {"https://www.youtube.com/feed/history", "a feed"},
        {"https://www.youtube.com/post/Ugkx", "a post"},
        {"https://www.youtube.com/hashtag/c", "a hashtag"},
        {"https://www.youtube.com/", "without the id"},
        {"https://www.youtube.com/about/press", "no video"},
        {"https://www.youtube.com/watch?v=dQw4w9WgXc", "11 characters, this one 10"},
        {"https://www.youtube.com/watch?v=dQw4w9WgXcQQ", "11 characters, this one 12"},
        {"https://youtu.be/dQw4w9WgXcQQ", "11 characters, this one 12"},
        {"dQw4w9WgXc", "11 characters, this one 10"},
        {"https://www.youtube.com/watch?v=", "without the id"},
        {"https://www.youtube.com/watch?v=%zz", "without the id"},
        {"https://youtube.com.evil.com/watch?v=dQw4w9WgXcQ", "not a YouTube address"},
        {"https://notyoutube.com/watch?v=dQw4w9WgXcQ", "not a YouTube address"},
        {"https://youtube.com@evil.com/watch?v=dQw4w9WgXcQ", "not a YouTube address"},
        {"https://evil.com@youtube.com/watch?v=dQw4w9WgXcQ", "not a YouTube address"},
        {"https://a:b@youtube.com/watch?v=dQw4w9WgXcQ", "not a YouTube address"},
        {"https://evil.com/?u=https://youtu.be/dQw4w9WgXcQ", "not a YouTube address"},
        {"ftp://youtube.com/watch?v=dQw4w9WgXcQ", "not a YouTube address"},
        {"javascript://youtube.com/watch?v=dQw4w9WgXcQ", "not a YouTube address"},
        {"https://vimeo.com/12345", "not a YouTube address"},
        {"https://www.youtube.com/watch?v=dQw4 w9WgXcQ", "white space"},
        {"https://www.youtube.com/redirect?q=https%3A%2F%2Fexample.org", "not a YouTube address"},
        {"https://www.youtube.com/redirect", "missing or broken"},
    };

    for (size_t i = 0; i < COUNT(bad); i++) {
        char id[BM_VIDEO_ID_BYTES] = "kept";
        struct barq_error err = {.text = ""};
        assert_int_not_equal(bm_video_url_parse(bad[i].text, strlen(bad[i].text), id, &err),
                             BARQ_OK);
        if (!strstr(err.text, bad[i].why)) {
            fail_msg("%s: %s", bad[i].text, err.text);
        }
        assert_string_equal(id, "kept");
    }
}

static void playlists_and_channels_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum bm_target_kind kind;
        const char *id;
    } good[] = {
        {"https://www.youtube.com/playlist?list=PLabcdefghijklmnop", BM_TARGET_PLAYLIST,
         "PLabcdefghijklmnop"},
        {"https://music.youtube.com/playlist?list=OLAK5uy_abcdefghij", BM_TARGET_PLAYLIST,
         "OLAK5uy_abcdefghij"},
        {"https://www.youtube.com/embed/videoseries?list=PLabcdefghijklmnop", BM_TARGET_PLAYLIST,
         "PLabcdefghijklmnop"},
        {"https://www.youtube.com/feeds/videos.xml?playlist_id=PLabcdefghijklmnop",
         BM_TARGET_PLAYLIST, "PLabcdefghijklmnop"},
        {"RDCLAK5uy_abcdefghij", BM_TARGET_PLAYLIST, "RDCLAK5uy_abcdefghij"},
        {"https://www.youtube.com/channel/UCuAXFkgsw1L7xaCfnd5JJOw/videos", BM_TARGET_CHANNEL,
         "UCuAXFkgsw1L7xaCfnd5JJOw"},
        {"https://www.youtube.com/@PyConUS/streams?x=y", BM_TARGET_CHANNEL, "@PyConUS"},
        {"https://www.youtube.com/@caf%C3%A9", BM_TARGET_CHANNEL, "@caf\xc3\xa9"},
        {"https://www.youtube.com/c/PyCon", BM_TARGET_CHANNEL, "c/PyCon"},
        {"https://www.youtube.com/user/PyCon/videos", BM_TARGET_CHANNEL, "user/PyCon"},
        {"@PyConUS", BM_TARGET_CHANNEL, "@PyConUS"},
        {"https://www.youtube.com/watch?v=dQw4w9WgXcQ&list=PLabcdefghijklmnop", BM_TARGET_VIDEO,
         "dQw4w9WgXcQ"},
    };

    for (size_t i = 0; i < COUNT(good); i++) {
        struct bm_target target;
        struct barq_error err = {.text = ""};
        if (bm_target_parse(good[i].text, strlen(good[i].text), &target, &err) != BARQ_OK) {
            fail_msg("%s: %s", good[i].text, err.text);
        }
        assert_int_equal(target.kind, good[i].kind);
        assert_string_equal(target.id, good[i].id);
    }
}

static void lists_that_only_their_owner_reads_say_so(void **state)
{
    (void)state;
    static const char *const denied[] = {"WL",
                                         "LL",
                                         "LM",
                                         "RDMM",
                                         "RDdQw4w9WgXcQ",
                                         "https://www.youtube.com/playlist?list=TLGGabcdefghijkl",
                                         "https://www.youtube.com/playlist?list=LL"};

    for (size_t i = 0; i < COUNT(denied); i++) {
        struct bm_target target;
        struct barq_error err = {.text = ""};
        assert_int_equal(bm_target_parse(denied[i], strlen(denied[i]), &target, &err),
                         BARQ_ERR_DENIED);
    }
}

static void where_to_begin_is_read_in_every_form(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t start_s;
    } begins[] = {
        {"https://youtu.be/dQw4w9WgXcQ?t=42", 42},
        {"https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=1m30s", 90},
        {"https://www.youtube.com/watch?t=1h2m3s&v=dQw4w9WgXcQ", 3723},
        {"https://www.youtube.com/embed/dQw4w9WgXcQ?start=10", 10},
        {"https://www.youtube.com/watch?v=dQw4w9WgXcQ#t=7s", 7},
        {"https://youtu.be/dQw4w9WgXcQ?t=soon", 0},
        {"https://youtu.be/dQw4w9WgXcQ?t=99999999999", 0},
        {"https://youtu.be/dQw4w9WgXcQ", 0},
    };

    for (size_t i = 0; i < COUNT(begins); i++) {
        struct bm_target target;
        assert_int_equal(bm_target_parse(begins[i].text, strlen(begins[i].text), &target, NULL),
                         BARQ_OK);
        assert_int_equal(target.start_s, begins[i].start_s);
    }
}

static void links_within_links_end(void **state)
{
    (void)state;
    char id[BM_VIDEO_ID_BYTES];
    struct barq_error err;
    static const char link[] =
        "/redirect?q=/redirect?q=/redirect?q=/redirect?q=/watch?v=dQw4w9WgXcQ";
    char text[sizeof(link) + 16];
    snprintf(text, sizeof(text), "youtube.com%s", link);

    assert_int_equal(bm_video_url_parse(text, strlen(text), id, &err), BARQ_ERR_FORMAT);
}

static void too_long_or_with_a_nul_is_refused(void **state)
{
    (void)state;
    char id[BM_VIDEO_ID_BYTES];
    struct barq_error err;
    char text[BM_URL_MAX_BYTES + 2];
    memset(text, 'a', sizeof(text));

    assert_int_equal(bm_video_url_parse(text, BM_URL_MAX_BYTES + 1, id, &err), BARQ_ERR_LIMIT);
    assert_int_equal(bm_video_url_parse(text, BM_URL_MAX_BYTES, id, &err), BARQ_ERR_FORMAT);
    assert_int_equal(bm_video_url_parse("dQw4w\0WgXcQ", 11, id, &err), BARQ_ERR_FORMAT);
}

static void all_of_500_mixed_addresses_are_understood(void **state)
{
    (void)state;
    char path[512];
    snprintf(path, sizeof(path), "%s/tests/data/urls_500.txt", getenv("SOURCE_ROOT"));
    FILE *file = fopen(path, "re");
    assert_non_null(file);

    char line[BM_URL_MAX_BYTES];
    int good = 0;
    while (fgets(line, sizeof(line), file)) {
        char id[BM_VIDEO_ID_BYTES];
        struct barq_error err = {.text = ""};
        if (bm_video_url_parse(line, strlen(line), id, &err) != BARQ_OK) {
            fail_msg("%s: %s", line, err.text);
        }
        good++;
    }
    fclose(file);
    assert_int_equal(good, 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_gives_the_id),
        cmocka_unit_test(what_is_no_video_says_what_it_is),
        cmocka_unit_test(playlists_and_channels_are_told_apart),
        cmocka_unit_test(lists_that_only_their_owner_reads_say_so),
        cmocka_unit_test(where_to_begin_is_read_in_every_form),
        cmocka_unit_test(links_within_links_end),
        cmocka_unit_test(too_long_or_with_a_nul_is_refused),
        cmocka_unit_test(all_of_500_mixed_addresses_are_understood),
    };

    return cmocka_run_group_tests_name("bookmarks/video_url", tests, NULL, NULL);
}

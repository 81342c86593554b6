#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/auto.h"
#include "services/youtube_lists.h"
#include "support/outside.h"

static struct outside stand_in;
static struct barq_arena arena;
static struct barq_error err;
static struct bm_verdict verdict;
static struct bm_listed_page page;
static struct bm_list_source found;
static struct bm_youtube_source source;
static struct bm_youtube_call call;

static int start(void **state)
{
    (void)state;
    unsetenv("http_proxy");
    outside_start(&stand_in);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    outside_stop(&stand_in);
    return 0;
}

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

/* The stand-in, or a file of tests/data in its place. */
static const struct bm_youtube_call *at(const char *base_url)
{
    source = (struct bm_youtube_source){.base_url = base_url, .key = "hunter2"};
    call = (struct bm_youtube_call){
        .source = &source, .cancel_fd = -1, .now_ms = 1795449600000, .arena = &arena};
    return &call;
}

static const struct bm_youtube_call *live(void)
{
    return at(outside_url(&stand_in, "youtube/v3", ""));
}

static const struct bm_youtube_call *recorded(int status, const char *path)
{
    return at(outside_recorded(&stand_in, status, path));
}

/* -- playlists -- */

static void a_playlist_is_read_page_by_page(void **state)
{
    (void)state;
    const char *token = NULL;
    size_t count = 0;
    int64_t units = 0;

    do {
        assert_int_equal(bm_youtube_playlist_page(live(), "PL120", token, &page, &verdict, &err),
                         BARQ_OK);
        assert_int_equal(page.total, 120);
        units += verdict.units;
        count += page.count;
        token = page.next;
    } while (token);
    assert_int_equal(count, 120);
    assert_int_equal(units, 3);
    assert_string_equal(page.videos[0].youtube_id, "v0000000100");
    assert_string_equal(page.videos[0].channel, "Invented Talks");
    assert_int_equal(page.videos[0].added_at_ms, 1709287200000);
    assert_int_equal(page.videos[0].dead, BM_REFUSAL_NONE);
}

static void a_recorded_page_is_read(void **state)
{
    (void)state;

    assert_int_equal(
        bm_youtube_playlist_page(recorded(200, "youtube-api/playlist_items_paged_1.json"),
                                 "PLOU2XLYxmsIJXsH2htG1g0NUjHGq62Q7i", NULL, &page, &verdict, &err),
        BARQ_OK);
    assert_int_equal(page.count, 10);
    assert_int_equal(page.total, 13);
    assert_string_equal(page.next, "CAoQAA");
    assert_string_equal(page.videos[0].youtube_id, "CvTApw9X8aA");
}

static void what_a_list_keeps_of_the_dead_is_told(void **state)
{
    (void)state;

    assert_int_equal(bm_youtube_playlist_page(recorded(200, "youtube-api/dead_entries.json"),
                                              "PLmade", NULL, &page, &verdict, &err),
                     BARQ_OK);
    assert_int_equal(page.count, 4);
    assert_int_equal(page.videos[0].dead, BM_REFUSAL_GONE);
    assert_int_equal(page.videos[1].dead, BM_REFUSAL_PRIVATE);
    assert_int_equal(page.videos[2].dead, BM_REFUSAL_PRIVATE);
    assert_int_equal(page.videos[3].dead, BM_REFUSAL_NONE); /* somebody's own title */
    assert_null(page.next);
}

static void only_its_owner_can_read_some_lists(void **state)
{
    (void)state;
    static const char *const own[] = {"WL", "LL", "LM", "HL", "RDMM", "RDabc"};

    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        /* At an address where nobody is: no call is made. */
        assert_int_equal(
            bm_youtube_playlist_page(at("http://127.0.0.1:1"), own[i], NULL, &page, &verdict, &err),
            BARQ_ERR_DENIED);
        assert_int_equal(verdict.outcome, BM_CALL_REFUSED);
        assert_int_equal(verdict.refusal, BM_REFUSAL_UNREADABLE);
        assert_non_null(strstr(err.text, "Takeout"));
    }
}

static void a_name_that_cannot_be_is_not_asked_for(void **state)
{
    (void)state;
    static const char *const names[] = {"", "P", "PL a", "PL&key=x", "PL%41"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(bm_youtube_playlist_page(at("http://127.0.0.1:1"), names[i], NULL, &page,
                                                  &verdict, &err),
                         BARQ_ERR_DENIED);
        assert_int_equal(verdict.refusal, BM_REFUSAL_REQUEST);
    }
    assert_int_equal(
        bm_youtube_channel(at("http://127.0.0.1:1"), "UCtooshort", &found, &verdict, &err),
        BARQ_ERR_DENIED);
    assert_int_equal(verdict.refusal, BM_REFUSAL_REQUEST);
}

static void a_playlist_that_is_gone_is_refused(void **state)
{
    (void)state;

    assert_int_equal(
        bm_youtube_playlist_page(recorded(404, "youtube-api/playlistNotFound_404.json"), "PLgone",
                                 NULL, &page, &verdict, &err),
        BARQ_ERR_DENIED);
    assert_int_equal(verdict.outcome, BM_CALL_REFUSED);
    assert_int_equal(verdict.refusal, BM_REFUSAL_GONE);
    assert_int_equal(verdict.units, 1);
    assert_null(strstr(err.text, "<code>"));
    assert_int_equal(bm_youtube_playlist_page(live(), "PL120", "notatoken", &page, &verdict, &err),
                     BARQ_ERR_DENIED);
    assert_int_equal(verdict.refusal, BM_REFUSAL_REQUEST);
}

/* -- what a list or a channel is -- */

static void a_playlist_and_a_channel_say_what_they_are(void **state)
{
    (void)state;

    assert_int_equal(bm_youtube_playlist(live(), "PL120", &found, &verdict, &err), BARQ_OK);
    assert_string_equal(found.title, "Playlist PL120");
    assert_int_equal(found.videos, 120);
    assert_int_equal(bm_youtube_channel(recorded(200, "youtube-api/info.json"), "@googledevelopers",
                                        &found, &verdict, &err),
                     BARQ_OK);
    assert_string_equal(found.id, "UC_x5XG1OV2P6uZZ5FSM9Ttw");
    assert_string_equal(found.channel_id, "UC_x5XG1OV2P6uZZ5FSM9Ttw");
    assert_string_equal(found.title, "Google Developers");
    assert_string_equal(found.handle, "@googledevelopers");
    assert_null(found.uploads);
    assert_int_equal(found.videos, -1);
    assert_int_equal(bm_youtube_channel(live(), "UC_x5XG1OV2P6uZZ5FSM9Ttw", &found, &verdict, &err),
                     BARQ_OK);
    assert_string_equal(found.uploads, "UU_x5XG1OV2P6uZZ5FSM9Ttw");
}

static void who_is_not_there_is_told(void **state)
{
    (void)state;

    assert_int_equal(bm_youtube_playlist(live(), "PLunknown", &found, &verdict, &err),
                     BARQ_ERR_DENIED);
    assert_int_equal(verdict.outcome, BM_CALL_REFUSED);
    assert_int_equal(verdict.refusal, BM_REFUSAL_ABSENT);
    assert_int_equal(verdict.units, 1);
}

static void uploads_are_a_playlist_that_needs_no_call(void **state)
{
    (void)state;
    char uploads[BM_CHANNEL_ID_BYTES + 1];

    assert_true(bm_youtube_uploads("UC_x5XG1OV2P6uZZ5FSM9Ttw", uploads));
    assert_string_equal(uploads, "UU_x5XG1OV2P6uZZ5FSM9Ttw");
    assert_false(bm_youtube_uploads("UC_x5XG1OV2P6uZZ5FSM9Tt", uploads));
    assert_false(bm_youtube_uploads("XX_x5XG1OV2P6uZZ5FSM9Ttw", uploads));
    assert_false(bm_youtube_uploads("UC_x5XG1OV2P6uZZ5FSM9Tt/", uploads));
}

/* -- search -- */

static void a_search_is_dear_and_its_titles_are_plain_text(void **state)
{
    (void)state;
    struct bm_youtube_search words = {.words = "c & barq", .published_after_ms = 1709287200000};

    assert_int_equal(bm_youtube_search_page(live(), &words, NULL, &page, &verdict, &err), BARQ_OK);
    assert_int_equal(verdict.units, 100);
    assert_int_equal(page.count, 3);
    assert_string_equal(page.videos[0].title, "c & barq & more 0");
    assert_string_equal(page.next, "more");

    assert_int_equal(
        bm_youtube_search_page(recorded(200, "youtube-api/search_videos_by_channel.json"), &words,
                               NULL, &page, &verdict, &err),
        BARQ_OK);
    assert_int_equal(page.count, 5);
    assert_string_equal(page.videos[1].title, "YouTube's API and The News");
}

static void an_answer_of_another_kind_is_not_taken(void **state)
{
    (void)state;

    assert_int_equal(bm_youtube_playlist_page(recorded(200, "youtube-api/info.json"), "PL120", NULL,
                                              &page, &verdict, &err),
                     BARQ_ERR_FORMAT);
    assert_int_equal(verdict.outcome, BM_CALL_RETRY);
    assert_int_equal(verdict.units, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_arena, clear_arena)
    const struct CMUnitTest tests[] = {
        TEST(a_playlist_is_read_page_by_page),
        TEST(a_recorded_page_is_read),
        TEST(what_a_list_keeps_of_the_dead_is_told),
        TEST(only_its_owner_can_read_some_lists),
        TEST(a_name_that_cannot_be_is_not_asked_for),
        TEST(a_playlist_that_is_gone_is_refused),
        TEST(a_playlist_and_a_channel_say_what_they_are),
        TEST(who_is_not_there_is_told),
        TEST(uploads_are_a_playlist_that_needs_no_call),
        TEST(a_search_is_dear_and_its_titles_are_plain_text),
        TEST(an_answer_of_another_kind_is_not_taken),
    };

    return cmocka_run_group_tests_name("bookmarks/youtube_lists", tests, start, stop);
}

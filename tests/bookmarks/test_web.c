#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "auto.h"
#include "base/arena.h"
#include "base/auto.h"
#include "services/web.h"
#include "support/outside.h"

static struct outside stand_in;
static struct barq_arena arena;
static struct barq_error err;
static struct bm_verdict verdict;
static struct bm_metadata video;
static struct bm_feed feed;

static int start(void **state)
{
    (void)state;
    unsetenv("http_proxy");
    bq_arena_init(&arena, 4000000);
    outside_start(&stand_in);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    outside_stop(&stand_in);
    bq_arena_clear(&arena);
    return 0;
}

static enum barq_status ask(const char *base_url, const char *id, int64_t timeout_ms, int cancel_fd)
{
    bm_auto(web_call) struct bm_web_call call = {
        .base_url = base_url, .timeout_ms = timeout_ms, .cancel_fd = cancel_fd, .arena = &arena};

    return bm_oembed_fetch(&call, id, &video, &verdict, &err);
}

static enum barq_status ask_feed(const char *base_url, const char *source)
{
    bm_auto(web_call) struct bm_web_call call = {
        .base_url = base_url, .cancel_fd = -1, .arena = &arena};

    return bm_feed_fetch(&call, source, &feed, &verdict, &err);
}

static void oembed_knows_title_channel_and_picture(void **state)
{
    (void)state;

    assert_int_equal(
        ask(outside_recorded(&stand_in, 200, "oembed/video.json"), "bGOghkY_a7Q", 0, -1), BARQ_OK);
    assert_int_equal(verdict.outcome, BM_CALL_OK);
    assert_int_equal(verdict.service, BM_SERVICE_WEB);
    assert_true(video.found);
    assert_string_equal(video.title, "A talk about sorting");
    assert_string_equal(video.channel, "Invented Talks");
    assert_string_equal(video.thumbnail_url, "https://i.ytimg.com/vi/bGOghkY_a7Q/hqdefault.jpg");
    assert_int_equal(video.duration_s, -1);
}

static void what_it_says_by_its_status_is_an_answer(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body;
        bool found;
        enum bm_refusal refusal;
        enum bm_answer embeddable;
    } cases[] = {
        {404, "oembed/not_found.txt", false, BM_REFUSAL_GONE, BM_UNKNOWN},
        {403, "oembed/forbidden.txt", false, BM_REFUSAL_PRIVATE, BM_UNKNOWN},
        {401, "oembed/unauthorized.txt", true, BM_REFUSAL_NONE, BM_NO},
        {200, "oembed/not_found.txt", false, BM_REFUSAL_GONE, BM_UNKNOWN},
        {200, "oembed/forbidden.txt", false, BM_REFUSAL_PRIVATE, BM_UNKNOWN},
        {200, "oembed/unauthorized.txt", true, BM_REFUSAL_NONE, BM_NO},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(
            ask(outside_recorded(&stand_in, cases[i].status, cases[i].body), "bGOghkY_a7Q", 0, -1),
            BARQ_OK);
        assert_int_equal(verdict.outcome, BM_CALL_OK);
        assert_int_equal(video.found, cases[i].found);
        assert_int_equal(video.refusal, cases[i].refusal);
        assert_int_equal(video.embeddable, cases[i].embeddable);
        assert_int_equal(video.reason != NULL, !cases[i].found);
        assert_string_equal(video.youtube_id, "bGOghkY_a7Q");
    }
}

static void each_failure_of_oembed_has_its_outcome(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body;
        enum barq_status returned;
        enum bm_outcome outcome;
        enum bm_refusal refusal;
        int64_t retry_ms;
    } cases[] = {
        {400, "oembed/bad_request.txt", BARQ_ERR_DENIED, BM_CALL_REFUSED, BM_REFUSAL_REQUEST, 0},
        {200, "oembed/bad_request.txt", BARQ_ERR_DENIED, BM_CALL_REFUSED, BM_REFUSAL_REQUEST, 0},
        {429, "oembed/bad_request.txt", BARQ_ERR_BUSY, BM_CALL_HELD, BM_REFUSAL_NONE, 7000},
        {500, "oembed/video.json", BARQ_ERR_CONN, BM_CALL_RETRY, BM_REFUSAL_NONE, 0},
        {503, "oembed/video.json", BARQ_ERR_CONN, BM_CALL_RETRY, BM_REFUSAL_NONE, 7000},
        {302, "oembed/video.json", BARQ_ERR_CONN, BM_CALL_RETRY, BM_REFUSAL_NONE, 0},
        {200, "youtube-api/info.json", BARQ_ERR_FORMAT, BM_CALL_RETRY, BM_REFUSAL_NONE, 0},
        {200, "feeds/nasa_channel_feed.xml", BARQ_ERR_FORMAT, BM_CALL_RETRY, BM_REFUSAL_NONE, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        video.title = "kept";
        assert_int_equal(
            ask(outside_recorded(&stand_in, cases[i].status, cases[i].body), "bGOghkY_a7Q", 0, -1),
            cases[i].returned);
        assert_int_equal(verdict.outcome, cases[i].outcome);
        assert_int_equal(verdict.refusal, cases[i].refusal);
        assert_int_equal(verdict.retry_ms, cases[i].retry_ms);
        assert_string_equal(video.title, "kept");
    }
}

static void a_bad_line_is_for_a_later_try(void **state)
{
    (void)state;
    static const struct {
        const char *deed;
        enum barq_status returned;
    } cases[] = {
        {"cut", BARQ_ERR_CONN},          {"hang_up", BARQ_ERR_CONN},
        {"silent", BARQ_ERR_TIMEOUT},    {"huge", BARQ_ERR_LIMIT},
        {"not_json", BARQ_ERR_FORMAT},   {"empty", BARQ_ERR_FORMAT},
        {"slow:2000", BARQ_ERR_TIMEOUT},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        print_message("# %s\n", cases[i].deed);
        int64_t timeout_ms = cases[i].returned == BARQ_ERR_TIMEOUT ? 200 : 0;
        assert_int_equal(
            ask(outside_url(&stand_in, "web", cases[i].deed), "aaaaaaaaaaa", timeout_ms, -1),
            cases[i].returned);
        assert_int_equal(verdict.outcome, BM_CALL_RETRY);
    }
    int fd = eventfd(1, EFD_CLOEXEC);
    assert_int_equal(ask(outside_url(&stand_in, "web", ""), "aaaaaaaaaaa", 0, fd),
                     BARQ_ERR_CANCELED);
    assert_int_equal(verdict.outcome, BM_CALL_CANCELED);
    close(fd);
}

static void feeds_are_of_channels_and_playlists(void **state)
{
    (void)state;

    assert_int_equal(ask_feed(outside_url(&stand_in, "web", ""), "UC_x5XG1OV2P6uZZ5FSM9Ttw"),
                     BARQ_OK);
    assert_int_equal(feed.count, 15);
    assert_string_equal(feed.channel_id, "UC_x5XG1OV2P6uZZ5FSM9Ttw");
    assert_string_equal(feed.videos[3].title, "News 3 & more");
    assert_int_equal(ask_feed(outside_url(&stand_in, "web", ""), "PLabc"), BARQ_OK);

    assert_int_equal(ask_feed(outside_url(&stand_in, "web", ""), "PLgone"), BARQ_ERR_DENIED);
    assert_int_equal(verdict.outcome, BM_CALL_REFUSED);
    assert_int_equal(verdict.refusal, BM_REFUSAL_GONE);
    assert_int_equal(ask_feed(outside_url(&stand_in, "web", "not_json"), "PLabc"), BARQ_ERR_FORMAT);
    assert_int_equal(verdict.outcome, BM_CALL_RETRY);
    assert_int_equal(ask_feed(outside_url(&stand_in, "web", "429"), "PLabc"), BARQ_ERR_BUSY);
    assert_int_equal(verdict.outcome, BM_CALL_HELD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(oembed_knows_title_channel_and_picture),
        cmocka_unit_test(what_it_says_by_its_status_is_an_answer),
        cmocka_unit_test(each_failure_of_oembed_has_its_outcome),
        cmocka_unit_test(a_bad_line_is_for_a_later_try),
        cmocka_unit_test(feeds_are_of_channels_and_playlists),
    };

    return cmocka_run_group_tests_name("bookmarks/web", tests, start, stop);
}

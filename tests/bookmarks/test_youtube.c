#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/buf.h"
#include "base/time.h"
#include "services/pacific.h"
#include "services/youtube.h"
#include "services/youtube_answer.h"
#include "services/youtube_ask.h"
#include "support/outside.h"

static const char *const ids[] = {"bGOghkY_a7Q", "aaaaaaaaaaa", "dwILgDsbmto"};

static struct outside stand_in;
static struct barq_arena arena;
static struct barq_error err;
static const struct bm_metadata *videos;
static struct bm_verdict verdict;

static int start(void **state)
{
    (void)state;
    unsetenv("http_proxy");
    bq_arena_init(&arena, 1000000);
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

/* Asks the stand-in, which does `deed` (see outside.py; "": nothing wrong). */
static enum barq_status ask(const char *deed, int64_t timeout_ms)
{
    struct bm_youtube_source source = {.base_url = outside_url(&stand_in, "youtube/v3", deed),
                                       .key = "hunter2",
                                       .timeout_ms = timeout_ms};
    int64_t now_ms = 1795449600000; /* 2026-11-23 16:00 UTC */

    return bm_youtube_fetch(&source, ids, 3, -1, now_ms, &arena, &videos, &verdict, &err);
}

/* -- good answers -- */

static void metadata_comes_in_the_order_of_the_ids(void **state)
{
    (void)state;

    assert_int_equal(ask("", 0), BARQ_OK);

    assert_int_equal(verdict.outcome, BM_CALL_OK);
    assert_int_equal(verdict.units, 1);
    assert_true(videos[0].found);
    assert_string_equal(videos[0].youtube_id, "bGOghkY_a7Q");
    assert_string_equal(videos[0].channel, "PyCon Korea 2024");
    assert_int_equal(strlen(videos[0].channel_id), 24);
    assert_int_equal(videos[0].duration_s, 1662);
    assert_int_equal(videos[0].published_at_ms, 1730030400000);
    assert_string_equal(videos[0].thumbnail_url,
                        "https://i.ytimg.com/vi/bGOghkY_a7Q/mqdefault.jpg");
    assert_true(videos[2].found);
    assert_string_equal(videos[2].title, "Making the most of test-time compute in LLMs");
    assert_string_equal(videos[2].language, "eng");
}

static void a_missing_video_is_an_answer(void **state)
{
    (void)state;

    assert_int_equal(ask("", 0), BARQ_OK);
    assert_false(videos[1].found);
    assert_string_equal(videos[1].youtube_id, "aaaaaaaaaaa");
    assert_non_null(strstr(videos[1].reason, "private"));
    assert_int_equal(videos[1].duration_s, -1);

    assert_int_equal(ask("missing", 0), BARQ_OK);
    assert_false(videos[0].found || videos[1].found || videos[2].found);
}

/* -- bad answers -- */

static void each_failure_has_its_class(void **state)
{
    (void)state;
    static const struct {
        const char *deed;
        enum barq_status status;
        enum bm_outcome outcome;
        int64_t retry_ms;
        bool daily;
    } cases[] = {
        {"quotaExceeded", BARQ_ERR_BUSY, BM_CALL_HELD, 0, true},
        {"queriesPerDay", BARQ_ERR_BUSY, BM_CALL_HELD, 7000, true},
        {"rateLimitExceeded", BARQ_ERR_BUSY, BM_CALL_HELD, 0, false},
        {"429", BARQ_ERR_BUSY, BM_CALL_HELD, 7000, false},
        {"500", BARQ_ERR_CONN, BM_CALL_RETRY, 0, false},
        {"503", BARQ_ERR_CONN, BM_CALL_RETRY, 7000, false},
        {"backendError", BARQ_ERR_CONN, BM_CALL_RETRY, 0, false},
        {"coreError", BARQ_ERR_CONN, BM_CALL_RETRY, 0, false},
        {"cut", BARQ_ERR_CONN, BM_CALL_RETRY, 0, false},
        {"hang_up", BARQ_ERR_CONN, BM_CALL_RETRY, 0, false},
        {"not_json", BARQ_ERR_FORMAT, BM_CALL_RETRY, 0, false},
        {"not_list", BARQ_ERR_FORMAT, BM_CALL_RETRY, 0, false},
        {"redirect", BARQ_ERR_FORMAT, BM_CALL_RETRY, 0, false},
        {"keyInvalid", BARQ_ERR_DENIED, BM_CALL_SETUP, 0, false},
        {"API_KEY_INVALID", BARQ_ERR_DENIED, BM_CALL_SETUP, 0, false},
        {"accessNotConfigured", BARQ_ERR_DENIED, BM_CALL_SETUP, 0, false},
        {"forbidden", BARQ_ERR_DENIED, BM_CALL_REFUSED, 0, false},
        {"badRequest", BARQ_ERR_DENIED, BM_CALL_REFUSED, 0, false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        print_message("# %s\n", cases[i].deed);
        assert_int_equal(ask(cases[i].deed, 0), cases[i].status);
        assert_int_equal(verdict.outcome, cases[i].outcome);
        assert_int_equal(verdict.retry_ms, cases[i].retry_ms);
        assert_int_equal(err.status, cases[i].status);
        assert_null(strstr(err.text, "hunter2"));
        assert_null(strstr(err.text, "href"));
        /* 2026-11-24 00:00 in Los Angeles */
        int64_t until_at_ms = cases[i].daily ? 1795507200000 : 0;
        assert_int_equal(verdict.until_at_ms, until_at_ms);
    }
}

static void what_is_slow_or_too_much_is_ended(void **state)
{
    (void)state;

    assert_int_equal(ask("slow:100", 5000), BARQ_OK);
    assert_int_equal(ask("slow:2000", 100), BARQ_ERR_TIMEOUT);
    assert_int_equal(verdict.outcome, BM_CALL_RETRY);
    assert_int_equal(ask("silent", 100), BARQ_ERR_TIMEOUT);
    assert_int_equal(ask("huge", 0), BARQ_ERR_LIMIT);
    assert_int_equal(verdict.outcome, BM_CALL_RETRY);
    assert_int_equal(ask("empty", 0), BARQ_ERR_FORMAT);
    assert_int_equal(verdict.outcome, BM_CALL_RETRY);
    assert_null(strstr(err.text, "hunter2"));
}

static void a_call_is_canceled_at_once(void **state)
{
    (void)state;
    struct bm_youtube_source source = {.base_url = outside_url(&stand_in, "youtube/v3", ""),
                                       .key = "hunter2"};
    int fd = eventfd(1, EFD_CLOEXEC);

    assert_int_equal(bm_youtube_fetch(&source, ids, 3, fd, 0, &arena, &videos, &verdict, &err),
                     BARQ_ERR_CANCELED);
    assert_int_equal(verdict.outcome, BM_CALL_CANCELED);
    close(fd);
}

static void a_base_url_that_leads_nowhere_is_told_without_the_key(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        enum barq_status status;
        enum bm_outcome outcome;
    } cases[] = {
        {"http://127.0.0.1:1", BARQ_ERR_CONN, BM_CALL_RETRY},
        {"ftp://127.0.0.1", BARQ_ERR_DENIED, BM_CALL_SETUP},
        {"", BARQ_ERR_DENIED, BM_CALL_SETUP},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bm_youtube_source source = {.base_url = cases[i].url, .key = "hunter2"};
        assert_int_equal(bm_youtube_fetch(&source, ids, 3, -1, 0, &arena, &videos, &verdict, &err),
                         cases[i].status);
        assert_int_equal(verdict.outcome, cases[i].outcome);
        assert_null(strstr(err.text, "hunter2"));
    }
}

static void every_recorded_answer_has_its_outcome(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *path;
        enum bm_outcome outcome;
        enum bm_refusal refusal;
        bool daily;
        int64_t units;
    } cases[] = {
        {200, "youtube-api/videos_info_single.json", BM_CALL_OK, BM_REFUSAL_NONE, false, 1},
        {200, "youtube-api/videos_info_multi.json", BM_CALL_OK, BM_REFUSAL_NONE, false, 1},
        {200, "youtube-api/videos_chart_paged_1.json", BM_CALL_OK, BM_REFUSAL_NONE, false, 1},
        {403, "youtube-api/quotaExceeded_403.json", BM_CALL_HELD, BM_REFUSAL_NONE, true, 0},
        {404, "youtube-api/playlistNotFound_404.json", BM_CALL_REFUSED, BM_REFUSAL_GONE, false, 1},
        {403, "youtube-api/error_permission_resp.json", BM_CALL_RETRY, BM_REFUSAL_NONE, false, 0},
        {400, "youtube-api/error_response.json", BM_CALL_SETUP, BM_REFUSAL_NONE, false, 0},
        {200, "youtube-api/playlists_single.json", BM_CALL_RETRY, BM_REFUSAL_NONE, false, 1},
        {200, "youtube-api/subscription_zero.json", BM_CALL_RETRY, BM_REFUSAL_NONE, false, 1},
        {200, "oembed/video.json", BM_CALL_RETRY, BM_REFUSAL_NONE, false, 1},
        {200, "feeds/nasa_channel_feed.xml", BM_CALL_RETRY, BM_REFUSAL_NONE, false, 1},
        {401, "oembed/unauthorized.txt", BM_CALL_SETUP, BM_REFUSAL_NONE, false, 0},
        {403, "oembed/forbidden.txt", BM_CALL_REFUSED, BM_REFUSAL_UNREADABLE, false, 1},
        {404, "oembed/not_found.txt", BM_CALL_REFUSED, BM_REFUSAL_GONE, false, 1},
        {408, "oembed/not_found.txt", BM_CALL_RETRY, BM_REFUSAL_NONE, false, 0},
        {429, "oembed/not_found.txt", BM_CALL_HELD, BM_REFUSAL_NONE, false, 0},
        {502, "oembed/not_found.txt", BM_CALL_RETRY, BM_REFUSAL_NONE, false, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bm_youtube_source source = {
            .base_url = outside_recorded(&stand_in, cases[i].status, cases[i].path),
            .key = "hunter2"};
        print_message("# %d %s\n", cases[i].status, cases[i].path);
        (void)!bm_youtube_fetch(&source, ids, 3, -1, 1795449600000, &arena, &videos, &verdict,
                                &err);
        assert_int_equal(verdict.outcome, cases[i].outcome);
        assert_int_equal(verdict.refusal, cases[i].refusal);
        assert_int_equal(verdict.until_at_ms != 0, cases[i].daily);
        assert_int_equal(verdict.units, cases[i].units);
        assert_int_equal(verdict.service, BM_SERVICE_YOUTUBE);
    }
}

/* -- what is read of an answer -- */

static enum barq_status read_one(const char *text)
{
    bq_auto(arena) struct barq_arena scratch;
    struct barq_value *answer = NULL;
    bq_arena_init(&scratch, BM_YOUTUBE_PARSED_MAX_BYTES);

    enum barq_status status = bm_youtube_read(text, strlen(text), "youtube#videoListResponse",
                                              &scratch, &answer, &verdict, &err);
    return status == BARQ_OK ? bm_youtube_take_videos(answer, ids, 1, &arena, &videos, &err)
                             : status;
}

static void whatever_is_missing_or_of_another_kind_is_unknown(void **state)
{
    (void)state;
    static const char *const answers[] = {
        "{\"items\": [{\"id\": \"bGOghkY_a7Q\"}]}",
        "{\"items\": [null, 7, [], {\"id\": 7}, {\"id\": \"bGOghkY_a7Q\", \"snippet\": [],"
        " \"contentDetails\": 1}]}",
        "{\"items\": [{\"id\": \"bGOghkY_a7Q\", \"snippet\": {\"title\": 1, \"tags\": {},"
        " \"channelTitle\": \"\", \"publishedAt\": \"today\", \"thumbnails\": {\"medium\": 1}},"
        " \"contentDetails\": {\"duration\": \"long\"}}]}",
    };

    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        assert_int_equal(read_one(answers[i]), BARQ_OK);
        assert_true(videos[0].found);
        assert_null(videos[0].title);
        assert_null(videos[0].channel);
        assert_null(videos[0].tags);
        assert_null(videos[0].thumbnail_url);
        assert_int_equal(videos[0].duration_s, -1);
        assert_true(videos[0].published_at_ms == INT64_MIN);
    }
}

static void tags_and_the_spoken_language_are_taken(void **state)
{
    (void)state;

    assert_int_equal(
        read_one("{\"items\": [{\"id\": \"bGOghkY_a7Q\", \"snippet\": {\"defaultLanguage\": \"en\","
                 " \"defaultAudioLanguage\": \"de-DE\", \"tags\": [\"a\", 1, \"\", \"b c\"]}}]}"),
        BARQ_OK);
    assert_string_equal(videos[0].language, "de-DE");
    assert_int_equal(videos[0].n_tags, 2);
    assert_string_equal(videos[0].tags[0], "a");
    assert_string_equal(videos[0].tags[1], "b c");
}

static void counts_region_and_live_times_are_taken(void **state)
{
    (void)state;

    assert_int_equal(
        read_one(
            "{\"items\": [{\"id\": \"bGOghkY_a7Q\", \"snippet\": {\"description\": \"0:00 a\\nb\","
            " \"categoryId\": \"28\", \"liveBroadcastContent\": \"upcoming\"},"
            " \"contentDetails\": {\"duration\": \"P0D\", \"definition\": \"hd\","
            " \"caption\": \"true\", \"regionRestriction\": {\"blocked\": [\"DE\", 1, \"AT\","
            " \"x,y\"]}},"
            " \"statistics\": {\"viewCount\": \"12\", \"likeCount\": \"-3\"},"
            " \"status\": {\"privacyStatus\": \"unlisted\", \"embeddable\": false},"
            " \"liveStreamingDetails\": {\"scheduledStartTime\": \"2026-11-24T08:00:00Z\"}}]}"),
        BARQ_OK);
    assert_string_equal(videos[0].description, "0:00 a\nb");
    assert_string_equal(videos[0].category_id, "28");
    assert_string_equal(videos[0].live, "upcoming");
    assert_int_equal(videos[0].live_at_ms, 1795507200000);
    assert_int_equal(videos[0].duration_s, 0);
    assert_string_equal(videos[0].definition, "hd");
    assert_int_equal(videos[0].captioned, BM_YES);
    assert_int_equal(videos[0].embeddable, BM_NO);
    assert_int_equal(videos[0].region, BM_NOT_IN);
    assert_string_equal(videos[0].countries, "DE,AT");
    assert_int_equal(videos[0].views, 12);
    assert_int_equal(videos[0].likes, -1);
    assert_int_equal(videos[0].comments, -1);
    assert_string_equal(videos[0].privacy, "unlisted");

    assert_int_equal(read_one("{\"items\": [{\"id\": \"bGOghkY_a7Q\", \"contentDetails\":"
                              " {\"regionRestriction\": {\"allowed\": []}}}]}"),
                     BARQ_OK);
    assert_int_equal(videos[0].region, BM_ONLY_IN);
    assert_string_equal(videos[0].countries, "");
    assert_int_equal(videos[0].captioned, BM_UNKNOWN);
    assert_null(videos[0].live);
}

static void what_is_too_large_is_cut(void **state)
{
    (void)state;
    enum { LONG = 1000000, TAGS = 600 };
    bq_auto(memory) char *x = malloc(LONG + 1);
    bq_auto(buf) struct bq_buf text;
    assert_non_null(x);
    memset(x, 'x', LONG);
    x[LONG] = '\0';
    bq_buf_init(&text, (size_t)8 * LONG);
    bq_buf_printf(&text,
                  "{\"items\": [{\"id\": \"bGOghkY_a7Q\", \"contentDetails\": {\"duration\":"
                  " \"P999999999W\"}, \"snippet\": {\"title\": \"%s\", \"tags\": [\"x\"",
                  x);
    for (size_t i = 1; i < TAGS; i++) {
        bq_buf_printf(&text, ", \"%zu%.2000s\"", i, x);
    }
    bq_buf_puts(&text, "]}}]}");

    assert_int_equal(read_one(bq_buf_cstr(&text)), BARQ_OK);
    assert_int_equal(strlen(videos[0].title), BM_METADATA_TEXT_BYTES);
    assert_int_equal(videos[0].n_tags, 250);
    assert_int_equal(strlen(videos[0].tags[1]), BM_METADATA_TEXT_BYTES);
    assert_int_equal(videos[0].duration_s, -1);
}

static void only_what_was_asked_for_is_taken_and_only_once(void **state)
{
    (void)state;

    assert_int_equal(read_one("{\"items\": [{\"id\": \"ccccccccccc\"},"
                              " {\"id\": \"bGOghkY_a7Q\", \"snippet\": {\"title\": \"first\"}},"
                              " {\"id\": \"bGOghkY_a7Q\", \"snippet\": {\"title\": \"second\"}}]}"),
                     BARQ_OK);
    assert_string_equal(videos[0].title, "first");

    assert_int_equal(read_one("{\"kind\": \"youtube#videoListResponse\"}"), BARQ_OK);
    assert_false(videos[0].found);
    assert_int_equal(read_one("{}"), BARQ_ERR_FORMAT);
    assert_int_equal(read_one("[]"), BARQ_ERR_FORMAT);
    assert_int_equal(read_one(""), BARQ_ERR_FORMAT);
}

static void every_part_of_a_duration_is_optional(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t seconds;
    } good[] = {
        {"PT15M33S", 933}, {"PT7S", 7},     {"PT1H", 3600},    {"PT1H5S", 3605},
        {"P0D", 0},        {"PT0S", 0},     {"P1D", 86400},    {"P1DT2H", 93600},
        {"PT90M", 5400},   {"P1W", 604800}, {"P1DT1S", 86401}, {"PT100H", 360000},
    };
    static const char *const bad[] = {
        "",     "P",      "15M",   "PT15",  "PTM",  "PT1S1M", "P1S",
        "PT1D", "PT1.5S", "PT-1S", "PT1M ", "pt1m", "PT1M1M", "PT9999999999S",
    };
    int64_t seconds = 0;

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(bm_duration_parse(good[i].text, &seconds));
        assert_int_equal(seconds, good[i].seconds);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(bm_duration_parse(bad[i], &seconds));
    }
}

static void the_quota_is_new_at_midnight_in_los_angeles(void **state)
{
    (void)state;
    static const struct {
        const char *now;
        const char *midnight;
    } cases[] = {
        {"2026-11-23T16:00:00Z", "2026-11-24T08:00:00Z"}, /* winter */
        {"2026-07-01T06:59:59Z", "2026-07-01T07:00:00Z"}, /* summer */
        {"2026-07-01T07:00:00Z", "2026-07-02T07:00:00Z"},
        {"2026-03-08T07:59:59Z", "2026-03-08T08:00:00Z"}, /* the clocks go forward */
        {"2026-03-08T08:00:00Z", "2026-03-09T07:00:00Z"},
        {"2026-03-08T10:00:00Z", "2026-03-09T07:00:00Z"},
        {"2026-11-01T06:59:59Z", "2026-11-01T07:00:00Z"}, /* and back */
        {"2026-11-01T08:59:59Z", "2026-11-02T08:00:00Z"},
        {"2026-11-01T09:00:00Z", "2026-11-02T08:00:00Z"},
        {"2026-12-31T23:59:59Z", "2027-01-01T08:00:00Z"},
        {"2027-01-01T00:00:00Z", "2027-01-01T08:00:00Z"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t now_ms = 0;
        int64_t midnight_ms = 0;
        assert_true(bq_time_parse(cases[i].now, &now_ms));
        assert_true(bq_time_parse(cases[i].midnight, &midnight_ms));
        assert_int_equal(bm_pacific_midnight_ms(now_ms), midnight_ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metadata_comes_in_the_order_of_the_ids),
        cmocka_unit_test(a_missing_video_is_an_answer),
        cmocka_unit_test(each_failure_has_its_class),
        cmocka_unit_test(what_is_slow_or_too_much_is_ended),
        cmocka_unit_test(a_call_is_canceled_at_once),
        cmocka_unit_test(a_base_url_that_leads_nowhere_is_told_without_the_key),
        cmocka_unit_test(every_recorded_answer_has_its_outcome),
        cmocka_unit_test(whatever_is_missing_or_of_another_kind_is_unknown),
        cmocka_unit_test(tags_and_the_spoken_language_are_taken),
        cmocka_unit_test(counts_region_and_live_times_are_taken),
        cmocka_unit_test(what_is_too_large_is_cut),
        cmocka_unit_test(only_what_was_asked_for_is_taken_and_only_once),
        cmocka_unit_test(every_part_of_a_duration_is_optional),
        cmocka_unit_test(the_quota_is_new_at_midnight_in_los_angeles),
    };

    return cmocka_run_group_tests_name("bookmarks/youtube", tests, start, stop);
}

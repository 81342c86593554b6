#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auto.h"
#include "base/arena.h"
#include "base/auto.h"
#include "formats/tracks.h"
#include "services/player.h"
#include "services/transcript.h"
#include "support/folder.h"
#include "support/outside.h"

static struct outside stand_in;
static struct barq_arena arena;
static struct barq_error err;
static struct bm_verdict verdict;
static struct bm_tracks tracks;
static struct bm_transcript transcript;

static int start(void **state)
{
    (void)state;
    unsetenv("http_proxy");
    bq_arena_init(&arena, 8000000);
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

static enum barq_status ask_player(const char *base_url)
{
    bm_auto(web_call) struct bm_web_call call = {
        .base_url = base_url, .cancel_fd = -1, .arena = &arena};

    return bm_player_fetch(&call, "aaaaaaaaaaa", &tracks, &verdict, &err);
}

static enum barq_status ask(const char *id, const char *languages, const char *deed)
{
    struct bm_services_settings settings = {
        .online = true,
        .web_url = outside_url(&stand_in, "web", deed),
        .ytdlp = "",
        .languages = languages,
    };

    return bm_transcript_fetch(&settings, id, -1, &arena, &transcript, &verdict, &err);
}

/* -- the player -- */

static void the_player_knows_the_tracks(void **state)
{
    (void)state;

    assert_int_equal(ask_player(outside_recorded(&stand_in, 200, "innertube/player_ok.json")),
                     BARQ_OK);
    assert_true(tracks.count > 2);
    assert_string_equal(tracks.tracks[0].language, "zh");
    assert_non_null(bm_track_choose(tracks.tracks, tracks.count, "en"));
    assert_false(bm_track_choose(tracks.tracks, tracks.count, "en")->is_auto);
}

static void why_nothing_is_played_is_understood(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum bm_outcome outcome;
        enum bm_refusal refusal;
    } cases[] = {
        {"innertube/player_video_unavailable.json", BM_CALL_REFUSED, BM_REFUSAL_GONE},
        {"innertube/player_age_restricted.json", BM_CALL_REFUSED, BM_REFUSAL_AGE},
        {"innertube/player_unplayable.json", BM_CALL_HELD, BM_REFUSAL_NONE}, /* "not a bot" */
        {"innertube/made_private.json", BM_CALL_REFUSED, BM_REFUSAL_PRIVATE},
        {"innertube/made_country.json", BM_CALL_REFUSED, BM_REFUSAL_REGION},
        {"innertube/made_unknown.json", BM_CALL_REFUSED, BM_REFUSAL_ABSENT},
        {"innertube/made_silent.json", BM_CALL_REFUSED, BM_REFUSAL_NO_TEXT},
        {"oembed/video.json", BM_CALL_RETRY, BM_REFUSAL_NONE},
        {"oembed/forbidden.txt", BM_CALL_RETRY, BM_REFUSAL_NONE},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        print_message("# %s\n", cases[i].path);
        assert_int_not_equal(ask_player(outside_recorded(&stand_in, 200, cases[i].path)), BARQ_OK);
        assert_int_equal(verdict.outcome, cases[i].outcome);
        assert_int_equal(verdict.refusal, cases[i].refusal);
    }
}

/* -- which track -- */

static void the_first_language_that_there_is_is_read_and_people_before_machines(void **state)
{
    (void)state;
    static const struct bm_track some[] = {
        {.url = "0", .language = "fr", .is_auto = false},
        {.url = "1", .language = "en", .is_auto = true},
        {.url = "2", .language = "en-GB", .is_auto = false},
        {.url = "3", .language = "de", .is_auto = true},
        {.url = "4", .language = "pt-BR", .is_auto = false},
    };
    static const struct {
        const char *languages;
        const char *url;
    } cases[] = {
        {"en,de", "2"},    {"de,en", "3"}, {"es, de", "3"}, {"pt", "4"}, {"EN", "2"},
        {"en-US,en", "2"}, {"es", "0"},    {"", "0"},       {",,", "0"}, {"e", "0"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(bm_track_choose(some, 5, cases[i].languages)->url, cases[i].url);
    }
    assert_string_equal(bm_track_choose(some + 1, 1, "fr")->url, "1");
    assert_null(bm_track_choose(some, 0, "en"));
}

static void a_track_at_another_host_is_not_fetched(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "https://evil.example/api/timedtext",
        "http://www.youtube.com/api/timedtext", /* not https */
        "https://www.youtube.com@evil.example/",
        "https://www.youtube.com.evil.example/",
        "https://www.youtube.com:8443/",
        "file:///etc/passwd",
        "//evil.example/",
        "",
    };
    bm_auto(web_call) struct bm_web_call call = {.cancel_fd = -1, .arena = &arena};
    struct bm_captions captions;

    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        struct bm_track track = {.url = urls[i], .language = "en"};
        assert_int_equal(bm_track_fetch(&call, &track, &captions, &verdict, &err), BARQ_ERR_DENIED);
        assert_int_equal(verdict.outcome, BM_CALL_REFUSED);
        assert_int_equal(verdict.refusal, BM_REFUSAL_BAD_ANSWER);
    }
}

/* -- all of it -- */

static void a_video_is_heard_by_way_of_the_player(void **state)
{
    (void)state;

    assert_int_equal(ask("aaaaaaaaaaa", NULL, ""), BARQ_OK);
    assert_string_equal(transcript.source, "player");
    assert_string_equal(transcript.language, "en");
    assert_false(transcript.is_auto);
    assert_int_equal(transcript.captions.count, 60);
    assert_string_equal(transcript.captions.cues[1].text, "sentence 1 of this video");
    assert_int_equal(ask("aaaaaaaaaaa", "de", ""), BARQ_OK);
    assert_string_equal(transcript.language, "de");
    assert_true(transcript.is_auto);
}

static void what_goes_wrong_has_its_outcome(void **state)
{
    (void)state;
    static const struct {
        const char *id;
        const char *deed;
        enum bm_outcome outcome;
        enum bm_refusal refusal;
    } cases[] = {
        {"goneaaaaaaa", "", BM_CALL_REFUSED, BM_REFUSAL_GONE},
        {"agelimitaaa", "", BM_CALL_REFUSED, BM_REFUSAL_AGE},
        {"silentaaaaa", "", BM_CALL_REFUSED, BM_REFUSAL_NO_TEXT},
        {"aaaaaaaaaaa", "429", BM_CALL_HELD, BM_REFUSAL_NONE},
        {"aaaaaaaaaaa", "503", BM_CALL_RETRY, BM_REFUSAL_NONE},
        {"aaaaaaaaaaa", "cut", BM_CALL_RETRY, BM_REFUSAL_NONE},
        {"aaaaaaaaaaa", "huge", BM_CALL_RETRY, BM_REFUSAL_NONE},
        {"aaaaaaaaaaa", "redirect", BM_CALL_RETRY, BM_REFUSAL_NONE},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_not_equal(ask(cases[i].id, "en", cases[i].deed), BARQ_OK);
        assert_int_equal(verdict.outcome, cases[i].outcome);
        assert_int_equal(verdict.refusal, cases[i].refusal);
    }
}

static void captions_that_come_empty_are_kept_back(void **state)
{
    (void)state;
    bm_auto(web_call) struct bm_web_call call = {
        .base_url = stand_in.host, .cancel_fd = -1, .arena = &arena};
    struct bm_captions captions;
    char url[OUTSIDE_URL_BYTES + 32];
    struct bm_track track = {.url = url, .language = "en"};

    snprintf(url, sizeof(url), "%s/api/timedtext?v=x", outside_url(&stand_in, "web", "empty"));
    assert_int_equal(bm_track_fetch(&call, &track, &captions, &verdict, &err), BARQ_ERR_DENIED);
    assert_int_equal(verdict.refusal, BM_REFUSAL_NO_TEXT);
}

static void offline_nobody_is_asked(void **state)
{
    (void)state;
    struct bm_services_settings settings = {.online = false};

    assert_int_equal(
        bm_transcript_fetch(&settings, "aaaaaaaaaaa", -1, &arena, &transcript, &verdict, &err),
        BARQ_ERR_DENIED);
    assert_int_equal(verdict.outcome, BM_CALL_SETUP);
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(folder_text("%s/%s", folder_path(), name), "we");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static void captions_in_a_folder_are_read_before_anybody_is_asked(void **state)
{
    struct bm_services_settings settings = {.languages = "de,en"};
    assert_int_equal(folder_make(state), 0);
    settings.info_folder = folder_path();

    write_file("Talk [aaaaaaaaaaa].fr.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nbonjour\n");
    write_file("Talk [aaaaaaaaaaa].en-GB.srt", "1\n00:00:01,000 --> 00:00:02,000\nhello\n");
    write_file("Talk [aaaaaaaaaaa].es.vtt", "no captions");
    write_file("Other [bbbbbbbbbbb].de.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nhallo\n");
    write_file("Talk [aaaaaaaaaaa].info.json",
               "{\"id\": \"aaaaaaaaaaa\", \"description\": \"0:00 a\\n0:10 b\\n0:20 c\"}");
    assert_int_equal(
        bm_transcript_fetch(&settings, "aaaaaaaaaaa", -1, &arena, &transcript, &verdict, &err),
        BARQ_OK);
    assert_string_equal(transcript.source, "file");
    assert_string_equal(transcript.language, "en-GB");
    assert_string_equal(transcript.captions.cues[0].text, "hello");
    assert_int_equal(transcript.n_chapters, 3);
    assert_int_equal(verdict.service, BM_SERVICE_NONE);

    assert_int_equal(
        bm_transcript_fetch(&settings, "ccccccccccc", -1, &arena, &transcript, &verdict, &err),
        BARQ_ERR_DENIED); /* offline */
    settings.info_folder = "/nowhere/at/all";
    assert_int_equal(
        bm_transcript_fetch(&settings, "aaaaaaaaaaa", -1, &arena, &transcript, &verdict, &err),
        BARQ_ERR_NOTFOUND);
    assert_int_equal(verdict.outcome, BM_CALL_SETUP);
    assert_int_equal(folder_remove(state), 0);
}

static void a_transcript_as_text_says_when(void **state)
{
    (void)state;
    static const struct bm_cue cues[] = {
        {.start_ms = 0, .end_ms = 900, .text = "a"},
        {.start_ms = 4000, .end_ms = 5000, .text = "b"},
        {.start_ms = 61500, .end_ms = 62000, .text = "c"},
    };
    bool cut = true;

    assert_string_equal(bm_transcript_text(cues, 3, 10000, 1000, &arena, &cut), "[0] a b\n[61] c");
    assert_false(cut);
    assert_string_equal(bm_transcript_text(cues, 3, 10000, 9, &arena, &cut), "[0] a b");
    assert_true(cut);
    assert_string_equal(bm_transcript_text(cues, 0, 10000, 9, &arena, &cut), "");
    assert_false(cut);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_player_knows_the_tracks),
        cmocka_unit_test(why_nothing_is_played_is_understood),
        cmocka_unit_test(the_first_language_that_there_is_is_read_and_people_before_machines),
        cmocka_unit_test(a_track_at_another_host_is_not_fetched),
        cmocka_unit_test(a_video_is_heard_by_way_of_the_player),
        cmocka_unit_test(what_goes_wrong_has_its_outcome),
        cmocka_unit_test(captions_that_come_empty_are_kept_back),
        cmocka_unit_test(offline_nobody_is_asked),
        cmocka_unit_test(captions_in_a_folder_are_read_before_anybody_is_asked),
        cmocka_unit_test(a_transcript_as_text_says_when),
    };

    return cmocka_run_group_tests_name("bookmarks/transcript", tests, start, stop);
}

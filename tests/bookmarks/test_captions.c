#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/buf.h"
#include "formats/captions.h"
#include "support/data.h"

static struct barq_arena arena;
static struct barq_error err;
static struct bm_captions captions;

static int make_arena(void **state)
{
    (void)state;
    bq_arena_init(&arena, 64000000);
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
    return bm_captions_read(text, strlen(text), &arena, &captions, &err);
}

/* "1000-3500 words|4250-6000 more words" */
static const char *shown(void)
{
    static char text[8192];
    size_t len = 0;

    text[0] = '\0';
    for (size_t i = 0; i < captions.count; i++) {
        const struct bm_cue *cue = &captions.cues[i];
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%lld-%lld %s", i ? "|" : "",
                                (long long)cue->start_ms, (long long)cue->end_ms, cue->text);
    }
    return text;
}

static const char *shown_file(const char *path)
{
    size_t len = 0;
    bq_auto(memory) char *text = data_read(path, &len);

    assert_int_equal(bm_captions_read(text, len, &arena, &captions, &err), BARQ_OK);
    return shown();
}

static void each_kind_of_file_is_told_apart_and_read(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *cues;
    } golden[] = {
        {"captions/ytcap_sample.en.vtt",
         "1000-3500 Hello from the first VTT cue.|4250-6000 Second cue line one. Second cue line "
         "two.|3723004-3725006 Long timestamp cue."},
        {"captions/ytcap_sample.en.srt",
         "1000-3500 Hello from the first cue.|4250-6000 Second cue line one. Second cue line "
         "two.|3723004-3725006 Long timestamp cue."},
        {"captions/made.srt",
         "0-2500 The first of two lines, and the second.|3000-6000 I <3 SubRip & "
         "1 < 2|7000-7000 ends before it begins"},
        {"captions/timedtext.xml",
         "0-1540 Hey, this is just a test|1540-5700 this is not the original transcript|5700-8939 "
         "just something shorter, I made up for testing"},
        {"captions/made.srv3.xml", "120-4600 so we sort|2200-6200 by merging & lists"},
        {"captions/made.json3", "120-4600 so we sort|2200-6200 by merging"},
        {"captions/test_8_chapters.vtt",
         "0-10700 Title Slide|10700-47600 Introduction by Naomi Black|47600-110100 Impact of "
         "Captions on the Web|110100-213000 Requirements of a Video text format"},
        {"captions/test_5_position.vtt",
         "0-4000 Where did he go?|3000-6500 I think he went down this lane.|4000-6500 What are you "
         "waiting for?"},
        {"captions/test_7_comment.vtt",
         "1000-4000 Never drink liquid nitrogen.|5000-9000 \xe2\x80\x94 It will perforate your "
         "stomach. \xe2\x80\x94 You could die."},
    };

    for (size_t i = 0; i < sizeof(golden) / sizeof(golden[0]); i++) {
        print_message("# %s\n", golden[i].path);
        assert_string_equal(shown_file(golden[i].path), golden[i].cues);
    }
}

static void rolling_captions_say_every_word_once(void **state)
{
    (void)state;

    assert_string_equal(shown_file("captions/made_rolling.vtt"),
                        "0-2000 so we sort by|2010-4480 merging R&D lists|4490-7000 [Music]|"
                        "7000-9000 and that is it");
    assert_string_equal(captions.language, "en");
}

static void people_may_say_the_same_twice(void **state)
{
    (void)state;

    assert_int_equal(read_text("WEBVTT\n\n00:01.000 --> 00:02.000\nNo!\n\n"
                               "00:02.000 --> 00:03.000\nNo!\n"),
                     BARQ_OK);
    assert_string_equal(shown(), "1000-2000 No!|2000-3000 No!");
}

static void comments_are_not_said(void **state)
{
    (void)state;

    shown_file("captions/test_3_contain_comment.vtt");
    assert_int_equal(captions.count, 12);
    for (size_t i = 0; i < captions.count; i++) {
        assert_null(strstr(captions.cues[i].text, "comment"));
    }
    shown_file("captions/test_2_no_index_number.vtt");
    assert_int_equal(captions.count, 13);
    assert_string_equal(captions.cues[6].text, "[Intro] So, population was rising in 18th century");
}

static void cues_are_in_the_order_of_their_start(void **state)
{
    (void)state;

    assert_int_equal(
        read_text("WEBVTT\n\n00:03.000 --> 00:04.000\nc\n\n00:01.000 --> 00:02.000\na\n\n"
                  "00:02.000 --> 00:03.000\nb1\n\n00:02.000 --> 00:03.000\nb2\n"),
        BARQ_OK);
    assert_string_equal(shown(), "1000-2000 a|2000-3000 b1|2000-3000 b2|3000-4000 c");
}

static void what_is_said_becomes_one_line_of_plain_text(void **state)
{
    (void)state;

    assert_int_equal(
        read_text("\xef\xbb\xbf\r\nWEBVTT - a title\r\nKind: captions\r\n\r\n"
                  "00:01.000 --> 00:02.000 align:start\r\n"
                  "- <v Ada>a\xc2\xa0 b</v>\t&lt;b&gt;\xe2\x80\x8b\r\n  &#39;c&#39; \r\n"),
        BARQ_OK);
    assert_string_equal(shown(), "1000-2000 - a b <b> 'c'");
}

static void a_file_that_says_nothing_is_refused(void **state)
{
    (void)state;
    size_t len = 0;
    bq_auto(memory) char *malformed = data_read("captions/ytcap_malformed.vtt", &len);
    const char *const bad[] = {
        "",
        "WEBVTT",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n\n",
        malformed,
        "hello",
        "{",
        "{}",
        "{\"events\": 7}",
        "<html><body><p>Sign in</p></body></html>",
        "WEBVTT\n\n00:01.000 --> 00:02.000\n\xff\n",
        "WEBVTT\n\n00:99.000 --> 00:02.000\nx\n\n1.5 --> 2\ny\n\n00:01.000 -> 00:02.000\nz\n",
        "1\n99999:00:00,000 --> 99999:00:01,000\nlate\n",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        captions.count = 77;
        print_message("# %zu\n", i);
        assert_int_equal(read_text(bad[i]), BARQ_ERR_FORMAT);
        assert_int_equal(captions.count, 77);
    }
}

static void there_are_limits(void **state)
{
    (void)state;
    bq_auto(buf) struct bq_buf text;
    bq_buf_init(&text, (size_t)64 << 20);

    bq_buf_puts(&text, "WEBVTT\n\n00:01.000 --> 00:02.000\n");
    for (size_t i = 0; i < 1000; i++) {
        bq_buf_puts(&text, "<a<a<a<a \xe2\x82\xac ");
    }
    assert_int_equal(bm_captions_read(text.data, text.len, &arena, &captions, &err), BARQ_OK);
    assert_int_equal(captions.count, 1);
    assert_true(strlen(captions.cues[0].text) <= BM_CUE_TEXT_BYTES);

    bq_buf_reset(&text);
    bq_buf_puts(&text, "WEBVTT\n\n");
    for (size_t i = 0; i <= BM_CAPTIONS_MAX_CUES; i++) {
        bq_buf_puts(&text, "00:01.000 --> 00:02.000\nx\n\n");
    }
    assert_int_equal(bm_captions_read(text.data, text.len, &arena, &captions, &err),
                     BARQ_ERR_LIMIT);
    assert_int_equal(
        bm_captions_read(text.data, BM_CAPTIONS_MAX_BYTES + 1, &arena, &captions, &err),
        BARQ_ERR_LIMIT);
}

static void a_full_arena_is_an_error(void **state)
{
    (void)state;
    size_t len = 0;
    bq_auto(memory) char *text = data_read("captions/made_rolling.vtt", &len);

    for (size_t limit = 0; limit < 1600; limit += 100) {
        bq_auto(arena) struct barq_arena tiny;
        bq_arena_init(&tiny, limit);
        assert_int_equal(bm_captions_read(text, len, &tiny, &captions, &err), BARQ_ERR_NOMEM);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_arena, clear_arena)
    const struct CMUnitTest tests[] = {
        TEST(each_kind_of_file_is_told_apart_and_read),
        TEST(rolling_captions_say_every_word_once),
        TEST(people_may_say_the_same_twice),
        TEST(comments_are_not_said),
        TEST(cues_are_in_the_order_of_their_start),
        TEST(what_is_said_becomes_one_line_of_plain_text),
        TEST(a_file_that_says_nothing_is_refused),
        TEST(there_are_limits),
        TEST(a_full_arena_is_an_error),
    };

    return cmocka_run_group_tests_name("bookmarks/captions", tests, NULL, NULL);
}

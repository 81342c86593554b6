#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/time.h"
#include "services/origin.h"
#include "services/ytdlp.h"
#include "support/data.h"
#include "support/folder.h"
#include "support/outside.h"

static struct outside stand_in;
static struct barq_arena arena;
static struct barq_error err;
static struct bm_verdict verdict;
static const struct bm_metadata *videos;
static struct bm_info info;
enum { PATH_BYTES = 512 };
static const char *folder;
static char program[PATH_BYTES];

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

static int make(void **state)
{
    bq_arena_init(&arena, 4000000);
    assert_int_equal(folder_make(state), 0);
    folder = folder_path();
    snprintf(program, sizeof(program), "%s/yt-dlp", folder);
    return 0;
}

static int clear(void **state)
{
    assert_int_equal(folder_remove(state), 0);
    bq_arena_clear(&arena);
    return 0;
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

/* A yt-dlp that does this, in place of the real one. */
static void make_ytdlp(const char *script)
{
    char text[4096];

    snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", script);
    write_file(program, text, 0755);
}

static enum barq_status fetch_one(int64_t timeout_ms, int cancel_fd)
{
    struct bm_ytdlp_call call = {
        .path = program, .timeout_ms = timeout_ms, .cancel_fd = cancel_fd, .arena = &arena};

    return bm_ytdlp_fetch(&call, "bGOghkY_a7Q", &info, &verdict, &err);
}

/* -- yt-dlp -- */

static void yt_dlp_is_asked_for_one_video_without_a_shell(void **state)
{
    (void)state;
    char script[2048];

    snprintf(script, sizeof(script),
             "for word; do echo \"$word\" >> '%s/words'; done; env > '%s/environment';"
             " cat \"$SOURCE_ROOT/tests/data/ytdlp-info/made_full.info.json\"",
             folder, folder);
    make_ytdlp(script);
    setenv("YOUTUBE_API_KEY", "hunter2", 1);

    assert_int_equal(fetch_one(0, -1), BARQ_OK);
    unsetenv("YOUTUBE_API_KEY");
    assert_string_equal(info.video.title, "A talk about sorting");
    assert_int_equal(info.n_chapters, 2);

    char path[PATH_BYTES];
    char text[8192] = "";
    snprintf(path, sizeof(path), "%s/words", folder);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    assert_true(len > 0);
    assert_non_null(strstr(text, "--ignore-config\n"));
    assert_non_null(strstr(text, "--\nhttps://www.youtube.com/watch?v=bGOghkY_a7Q\n"));

    snprintf(path, sizeof(path), "%s/environment", folder);
    file = fopen(path, "re");
    assert_non_null(file);
    memset(text, 0, sizeof(text));
    assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
    fclose(file);
    assert_null(strstr(text, "hunter2"));
}

static void what_it_says_when_it_fails_is_understood(void **state)
{
    (void)state;
    static const struct {
        const char *said;
        enum bm_outcome outcome;
        enum bm_refusal refusal;
    } cases[] = {
        {"ERROR: [youtube] aaa: Video unavailable", BM_CALL_OK, BM_REFUSAL_GONE},
        {"ERROR: [youtube] aaa: Video unavailable. This video has been removed by the uploader",
         BM_CALL_OK, BM_REFUSAL_GONE},
        {"ERROR: [youtube] aaa: Private video. Sign in if you have been granted access", BM_CALL_OK,
         BM_REFUSAL_PRIVATE},
        {"ERROR: [youtube] aaa: Join this channel to get access to members-only content",
         BM_CALL_OK, BM_REFUSAL_PRIVATE},
        {"ERROR: [youtube] aaa: Sign in to confirm your age. This video may be inappropriate",
         BM_CALL_OK, BM_REFUSAL_AGE},
        {"ERROR: [youtube] aaa: Video unavailable. The uploader has not made this video available "
         "in your country",
         BM_CALL_OK, BM_REFUSAL_REGION},
        {"ERROR: [youtube] aaa: Sign in to confirm you\xe2\x80\x99re not a bot.", BM_CALL_HELD,
         BM_REFUSAL_NONE},
        {"ERROR: Unable to download API page: HTTP Error 429: Too Many Requests", BM_CALL_HELD,
         BM_REFUSAL_NONE},
        {"ERROR: Unable to download webpage: <urlopen error timed out>", BM_CALL_RETRY,
         BM_REFUSAL_NONE},
        {"Traceback (most recent call last):", BM_CALL_RETRY, BM_REFUSAL_NONE},
        {"", BM_CALL_RETRY, BM_REFUSAL_NONE},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char script[1024];
        snprintf(script, sizeof(script), "echo '%s' >&2; exit 1", cases[i].said);
        make_ytdlp(script);
        print_message("# %s\n", cases[i].said);
        enum barq_status status = fetch_one(0, -1);
        assert_int_equal(status == BARQ_OK, cases[i].outcome == BM_CALL_OK);
        assert_int_equal(verdict.outcome, cases[i].outcome);
        assert_int_equal(verdict.service, BM_SERVICE_YTDLP);
        if (status == BARQ_OK) {
            assert_false(info.video.found);
            assert_int_equal(info.video.refusal, cases[i].refusal);
            assert_non_null(info.video.reason);
        }
    }
}

static void a_bad_run_is_for_a_later_try(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        enum barq_status status;
    } cases[] = {
        {"echo nonsense", BARQ_ERR_FORMAT}, {"echo '{}'", BARQ_ERR_FORMAT},
        {"exit 0", BARQ_ERR_FORMAT},        {"kill -SEGV $$", BARQ_ERR_CONN},
        {"cat /dev/zero", BARQ_ERR_LIMIT},  {"cat /dev/zero >&2 & sleep 60", BARQ_ERR_TIMEOUT},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        print_message("# %s\n", cases[i].script);
        make_ytdlp(cases[i].script);
        assert_int_equal(fetch_one(cases[i].status == BARQ_ERR_TIMEOUT ? 300 : 20000, -1),
                         cases[i].status);
        assert_int_equal(verdict.outcome, BM_CALL_RETRY);
    }
}

static void a_run_is_canceled_at_once(void **state)
{
    (void)state;
    int fd = eventfd(1, EFD_CLOEXEC);

    make_ytdlp("sleep 60");
    assert_int_equal(fetch_one(0, fd), BARQ_ERR_CANCELED);
    assert_int_equal(verdict.outcome, BM_CALL_CANCELED);
    close(fd);
}

static void without_it_nothing_is_run(void **state)
{
    (void)state;
    char path[BM_PROGRAM_PATH_BYTES];

    assert_false(bm_ytdlp_find("", path));
    assert_false(bm_ytdlp_find(program, path));
    assert_int_equal(fetch_one(0, -1), BARQ_ERR_DENIED);
    assert_int_equal(verdict.outcome, BM_CALL_SETUP);
    make_ytdlp("exit 0");
    assert_true(bm_ytdlp_find(program, path));
    assert_string_equal(path, program);
}

static void a_playlist_comes_line_by_line(void **state)
{
    (void)state;
    struct bm_ytdlp_call call = {.path = program, .cancel_fd = -1, .arena = &arena};
    struct bm_listed_page page;

    make_ytdlp("echo '{\"id\": \"aaaaaaaaaaa\", \"title\": \"One\", \"channel\": \"C\"}';"
               "echo '{\"id\": \"bbbbbbbbbbb\", \"title\": \"[Private video]\"}';"
               "echo '{\"id\": \"UCxyz\"}'");
    assert_int_equal(bm_ytdlp_playlist(&call, "PLabc", &page, &verdict, &err), BARQ_OK);
    assert_int_equal(page.count, 2);
    assert_string_equal(page.videos[0].title, "One");
    assert_int_equal(page.videos[1].dead, BM_REFUSAL_PRIVATE);
    assert_int_equal(bm_ytdlp_playlist(&call, "PL&x=$(id)", &page, &verdict, &err),
                     BARQ_ERR_DENIED);
    assert_int_equal(verdict.refusal, BM_REFUSAL_REQUEST);

    make_ytdlp("echo 'ERROR: [youtube:tab] PLabc: The playlist does not exist.' >&2; exit 1");
    assert_int_equal(bm_ytdlp_playlist(&call, "PLabc", &page, &verdict, &err), BARQ_ERR_DENIED);
    assert_int_equal(verdict.outcome, BM_CALL_REFUSED);
    assert_int_equal(verdict.refusal, BM_REFUSAL_GONE);
}

/* -- which of all -- */

static enum barq_status fetch(const struct bm_services_settings *settings, const char *const *ids,
                              size_t count)
{
    return bm_origin_fetch(settings, ids, count, -1, 1795449600000, &arena, &videos, &verdict,
                           &err);
}

static void a_folder_is_asked_before_anybody(void **state)
{
    (void)state;
    static const char *const ids[] = {"aaaaaaaaaaa", "bGOghkY_a7Q"};
    struct bm_services_settings settings = {.info_folder = folder};
    size_t len = 0;
    bq_auto(memory) char *text = data_read("ytdlp-info/made_full.info.json", &len);
    char path[PATH_BYTES];

    snprintf(path, sizeof(path), "%s/Invented Talks", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/Invented Talks/Sorting [bGOghkY_a7Q].info.json", folder);
    write_file(path, text, 0600);
    snprintf(path, sizeof(path), "%s/Other [aaaaaaaaaaa].info.json", folder);
    write_file(path, text, 0600); /* whose id is another one */

    assert_int_equal(fetch(&settings, ids, 2), BARQ_OK);
    assert_string_equal(videos[1].title, "A talk about sorting");
    assert_string_equal(videos[1].origin, "file");
    assert_string_equal(videos[1].youtube_id, "bGOghkY_a7Q");
    assert_false(videos[0].found); /* not shipped either */
    assert_non_null(videos[0].reason);

    settings.info_folder = "/nowhere/at/all";
    assert_int_equal(fetch(&settings, ids, 2), BARQ_ERR_NOTFOUND);
    assert_int_equal(verdict.outcome, BM_CALL_SETUP);
}

static void with_a_key_the_api_is_asked_for_what_is_left(void **state)
{
    (void)state;
    static const char *const ids[] = {"bGOghkY_a7Q", "aaaaaaaaaaa"};
    struct bm_services_settings settings = {
        .online = true,
        .youtube = {.base_url = outside_url(&stand_in, "youtube/v3", ""), .key = "hunter2"},
        .ytdlp = "",
    };

    assert_int_equal(fetch(&settings, ids, 2), BARQ_OK);
    assert_true(videos[0].found);
    assert_string_equal(videos[0].origin, "api");
    assert_false(videos[1].found);
    assert_int_equal(videos[1].refusal, BM_REFUSAL_ABSENT);
    assert_int_equal(verdict.units, 1);
    assert_int_equal(bm_origin_service(&settings), BM_SERVICE_YOUTUBE);
}

static void without_a_key_oembed_is_asked_one_by_one(void **state)
{
    (void)state;
    static const char *const ids[] = {"aaaaaaaaaaa", "goneaaaaaaa", "privaaaaaaa"};
    struct bm_services_settings settings = {
        .online = true, .web_url = outside_url(&stand_in, "web", ""), .ytdlp = ""};

    assert_int_equal(fetch(&settings, ids, 3), BARQ_OK);
    assert_string_equal(videos[0].title, "Talk aaaaaaaaaaa");
    assert_string_equal(videos[0].origin, "oembed");
    assert_int_equal(videos[1].refusal, BM_REFUSAL_GONE);
    assert_int_equal(videos[2].refusal, BM_REFUSAL_PRIVATE);
    assert_int_equal(bm_origin_service(&settings), BM_SERVICE_WEB);
}

static void a_yt_dlp_that_is_taken_for_a_bot_is_not_asked_again(void **state)
{
    (void)state;
    static const char *const ids[] = {"aaaaaaaaaaa", "bbbbbbbbbbb"};
    char script[PATH_BYTES + 128];
    char path[PATH_BYTES];
    struct stat is;
    struct bm_services_settings settings = {
        .online = true, .web_url = outside_url(&stand_in, "web", ""), .ytdlp = program};

    snprintf(script, sizeof(script), "echo x >> '%s/runs'; echo 'not a bot' >&2; exit 1", folder);
    make_ytdlp(script);
    assert_int_equal(bm_origin_service(&settings), BM_SERVICE_YTDLP);
    assert_int_equal(fetch(&settings, ids, 2), BARQ_OK);
    assert_string_equal(videos[0].title, "Talk aaaaaaaaaaa");
    assert_string_equal(videos[1].title, "Talk bbbbbbbbbbb");
    snprintf(path, sizeof(path), "%s/runs", folder);
    assert_int_equal(stat(path, &is), 0);
    assert_int_equal(is.st_size, 2);
}

static void a_spent_quota_may_be_gone_around(void **state)
{
    (void)state;
    static const char *const ids[] = {"aaaaaaaaaaa"};
    char api[OUTSIDE_URL_BYTES];
    struct bm_services_settings settings = {
        .online = true, .youtube = {.base_url = api, .key = "hunter2"}, .ytdlp = ""};

    snprintf(api, sizeof(api), "%s", outside_url(&stand_in, "youtube/v3", "quotaExceeded"));
    settings.web_url = outside_url(&stand_in, "web", "");
    assert_int_equal(fetch(&settings, ids, 1), BARQ_ERR_BUSY);
    assert_int_equal(verdict.outcome, BM_CALL_HELD);
    settings.keyless_when_held = true;
    assert_int_equal(fetch(&settings, ids, 1), BARQ_OK);
    assert_string_equal(videos[0].title, "Talk aaaaaaaaaaa");

    snprintf(api, sizeof(api), "%s", outside_url(&stand_in, "youtube/v3", "keyInvalid"));
    assert_int_equal(fetch(&settings, ids, 1), BARQ_ERR_DENIED);
    assert_int_equal(verdict.outcome, BM_CALL_SETUP);
}

static void offline_only_the_shipped_talks_are_known(void **state)
{
    (void)state;
    static const char *const ids[] = {"bGOghkY_a7Q", "aaaaaaaaaaa"};
    struct bm_services_settings settings = {.online = false};

    assert_int_equal(fetch(&settings, ids, 2), BARQ_OK);
    assert_string_equal(videos[0].channel, "PyCon Korea 2024");
    assert_string_equal(videos[0].origin, "shipped");
    assert_non_null(strstr(videos[1].reason, "key"));
    assert_int_equal(bm_origin_service(&settings), BM_SERVICE_NONE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, clear)
    const struct CMUnitTest tests[] = {
        TEST(yt_dlp_is_asked_for_one_video_without_a_shell),
        TEST(what_it_says_when_it_fails_is_understood),
        TEST(a_bad_run_is_for_a_later_try),
        TEST(a_run_is_canceled_at_once),
        TEST(without_it_nothing_is_run),
        TEST(a_playlist_comes_line_by_line),
        TEST(a_folder_is_asked_before_anybody),
        TEST(with_a_key_the_api_is_asked_for_what_is_left),
        TEST(without_a_key_oembed_is_asked_one_by_one),
        TEST(a_yt_dlp_that_is_taken_for_a_bot_is_not_asked_again),
        TEST(a_spent_quota_may_be_gone_around),
        TEST(offline_only_the_shipped_talks_are_known),
    };

    return cmocka_run_group_tests_name("bookmarks/origin", tests, start, stop);
}

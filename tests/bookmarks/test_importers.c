/*
 * The table of importers: every file of tests/data that videos can be read
 * from, what comes of it, and why something does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auto.h"
#include "fixture.h"
#include "intake/import.h"
#include "support/data.h"
#include "support/store.h"

enum { WHYS_MAX = 8 };

struct why {
    int64_t line;
    const char *reason;
};

static const struct importer {
    const char *file;
    int64_t added;
    int64_t present;
    int64_t expanding;
    int64_t skipped;
    const char *refused;       /* the whole file, with this in the reason; NULL: it is taken */
    struct why whys[WHYS_MAX]; /* of the first failures; all, if there are fewer */
} importers[] = {
    /* addresses and prose */
    {.file = "urls_500.txt", .added = 500},
    {.file = "intake/addresses.txt",
     .added = 4,
     .expanding = 6,
     .whys = {{11, "Watch later"},
              {12, "a mix"},
              {13, "this one 10"},
              {14, "not a YouTube address"},
              {15, "not a YouTube address"},
              {16, "a clip"},
              {17, "in line 2 already"}}},
    {.file = "intake/ids.txt", .added = 3},
    {.file = "intake/prose.txt",
     .added = 2,
     .expanding = 2,
     .skipped = 1,
     .whys = {{8, "a search, not a video"}}},
    {.file = "intake/prose_and_handle.txt", .added = 1, .expanding = 1},
    {.file = "intake/ytdlp_archive.txt", .added = 2, .skipped = 1},
    {.file = "intake/shortcut.url", .added = 1},
    {.file = "intake/shortcut.webloc", .added = 1, .skipped = 1},
    /* tables */
    {.file = "import_1000.csv",
     .added = 1000,
     .expanding = 2,
     .whys = {{158, "this one 5"},
              {336, "no address"},
              {408, "not a YouTube address"},
              {670, "white space"},
              {977, "not a YouTube address"},
              {1009, "in line 2 already"},
              {1010, "in line 3 already"},
              {1011, "in line 4 already"}}},
    {.file = "csv/pyvideo_talks_main.csv", .added = 1689},
    {.file = "csv/pyvideo_all_large.csv", .added = 19515},
    {.file = "intake/trending_multiline.csv", .added = 2},
    {.file = "intake/trending_rank.csv", .added = 2, .whys = {{4, "this one 13"}}},
    {.file = "intake/original_october.csv", .added = 2},
    {.file = "intake/original_december.csv",
     .added = 2,
     .whys = {{5, "no address"}, {6, "in line 3 already"}}},
    {.file = "intake/semicolons.csv", .added = 2},
    {.file = "intake/pocket.csv", .added = 2, .skipped = 1},
    {.file = "intake/raindrop.csv", .added = 1, .skipped = 1},
    {.file = "intake/instapaper.csv", .added = 1, .skipped = 1},
    {.file = "intake/no_videos.csv", .refused = "(columns: name, amount); name it url"},
    {.file = "intake/utf16.csv", .refused = "UTF-16"},
    {.file = "intake/latin1.csv", .refused = "Windows-1252"},
    /* Google Takeout */
    {.file = "takeout/en-new/playlists/Watch later-videos.csv", .added = 120},
    {.file = "takeout/en-new/playlists/Learning, Python-videos.csv", .added = 30},
    {.file = "takeout/en-new/playlists/playlists.csv",
     .expanding = 2}, /* of a Takeout as a whole they are skipped: see test_archives.c */
    {.file = "takeout/en-old/playlists/Watch later.csv", .added = 50},
    {.file = "takeout/en-old/playlists/Road trip.csv", .added = 20},
    {.file = "takeout/es-new/listas de reproducci\xc3\xb3n/Mis favoritos-v\xc3\xad"
             "deos.csv",
     .added = 12},
    {.file = "takeout/crlf-bom/Watch later-videos.csv", .added = 8},
    {.file = "takeout/empty/Empty-videos.csv", .refused = "no videos in it"},
    {.file = "intake/takeout_between.csv", .added = 2},
    {.file = "intake/takeout_es419.csv", .added = 1},
    {.file = "intake/takeout_german.csv", .added = 2},
    {.file = "intake/takeout_unknown_language.csv", .added = 2},
    {.file = "intake/subscriptions.csv", .expanding = 2},
    {.file = "intake/watch_history.json",
     .added = 2,
     .skipped = 1,
     .whys = {{20, "removed"}, {45, "a post"}}},
    {.file = "intake/watch_history.html", .added = 2},
    /* bookmarks */
    {.file = "bookmarks/youtube_chrome_style.html", .added = 80, .skipped = 1},
    {.file = "bookmarks/youtube_firefox_style.html", .added = 80, .skipped = 1},
    {.file = "bookmarks/flyingwolfox_test.html", .skipped = 2},
    {.file = "bookmarks/linkding_simple_valid_import_file.html", .skipped = 3},
    {.file = "bookmarks/shaarli_delicious.htm", .skipped = 5},
    {.file = "bookmarks/shaarli_empty.htm", .refused = "empty"},
    {.file = "bookmarks/shaarli_google_bookmarks_nested.htm", .skipped = 6},
    {.file = "bookmarks/shaarli_internet_explorer_11_flat.htm", .added = 1, .skipped = 17},
    {.file = "bookmarks/shaarli_netscape_basic.htm", .skipped = 2},
    {.file = "bookmarks/shaarli_netscape_extended.htm", .skipped = 1},
    {.file = "bookmarks/shaarli_netscape_multiline.htm", .skipped = 3},
    {.file = "bookmarks/shaarli_netscape_nested.htm", .skipped = 8},
    {.file = "bookmarks/shaarli_safari_folded.htm", .skipped = 3},
    {.file = "bookmarks/shaarli_shaarli.htm", .skipped = 6},
    /* JSON */
    {.file = "pyvideo/talks_main_descriptions.jsonl", .added = 400},
    {.file = "ytdlp-info/made_full.info.json", .added = 1},
    {.file = "ytdlp-info/ytcap_sample.info.json", .whys = {{1, "this one 6"}}},
    {.file = "intake/playlist.info.json", .expanding = 1},
    {.file = "intake/other_site.info.json", .whys = {{1, "not a YouTube address"}}},
    {.file = "intake/without_id.info.json", .whys = {{1, "no address in it"}}},
    {.file = "intake/dump.jsonl", .added = 2},
    {.file = "intake/addresses.json", .added = 2, .whys = {{1, "not a YouTube address"}}},
    {.file = "intake/broken.json", .added = 1, .whys = {{1, "breaks off at line 1"}}},
    {.file = "intake/freetube_playlists.db", .added = 3},
    {.file = "intake/freetube_subscriptions.db", .expanding = 2},
    {.file = "intake/karakeep.json", .added = 1, .skipped = 2},
    {.file = "intake/linkwarden.json", .added = 1, .skipped = 2},
};

enum { N_IMPORTERS = sizeof(importers) / sizeof(importers[0]) };

static struct barq_error err;
static struct bm_import_report report;

/* In pieces that cut everything that can be cut. */
static enum barq_status import(const char *file, const struct bm_import_options *options,
                               size_t piece)
{
    bm_auto(import) struct bm_import *run = NULL;
    size_t len = 0;
    bq_auto(memory) char *bytes = data_read(file, &len);

    check(bm_import_open(session, options, &run, &err), &err);
    enum barq_status status = BARQ_OK;
    for (size_t at = 0; status == BARQ_OK && at < len; at += piece) {
        status = bm_import_push(run, bytes + at, len - at < piece ? len - at : piece, &err);
    }
    if (status == BARQ_OK) {
        status = bm_import_end(run, &err);
    }
    report = *bm_import_report(run);
    return status;
}

static size_t count_whys(const struct importer *importer)
{
    size_t count = 0;

    while (count < WHYS_MAX && importer->whys[count].reason) {
        count++;
    }
    return count;
}

static void assert_failures(const struct importer *importer)
{
    size_t count = count_whys(importer);

    if (count < WHYS_MAX && report.failed != (int64_t)count) {
        fail_msg("%s: %lld failed, the first: %s", importer->file, (long long)report.failed,
                 report.n_failures > 0 ? report.failures[0].reason : "");
    }
    for (size_t i = 0; i < count; i++) {
        const struct bm_import_failure *failure = &report.failures[i];
        if (i >= report.n_failures || failure->line != importer->whys[i].line ||
            !strstr(failure->reason, importer->whys[i].reason)) {
            fail_msg("%s: line %lld: %s", importer->file, (long long)failure->line,
                     failure->reason);
        }
    }
}

static void assert_outcome(const struct importer *importer, enum barq_status status)
{
    if (importer->refused) {
        if (status == BARQ_OK || !strstr(err.text, importer->refused)) {
            fail_msg("%s: %s", importer->file, status == BARQ_OK ? "taken" : err.text);
        }
        assert_int_equal(report.added, 0);
        return;
    }
    if (status != BARQ_OK) {
        fail_msg("%s: %s", importer->file, err.text);
    }
    if (report.added != importer->added || report.present != importer->present ||
        report.expanding != importer->expanding || report.skipped != importer->skipped) {
        fail_msg("%s: %lld added, %lld present, %lld expanding, %lld skipped", importer->file,
                 (long long)report.added, (long long)report.present, (long long)report.expanding,
                 (long long)report.skipped);
    }
    assert_failures(importer);
}

static void every_file_comes_to_what_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_IMPORTERS; i++) {
        char name[32];
        snprintf(name, sizeof(name), "list %zu", i);
        const struct bm_import_options options = {.list_id = make_list(name, "none"),
                                                  .now_ms = 1000};
        assert_outcome(&importers[i], import(importers[i].file, &options, 4093));
    }
}

static void a_preview_says_the_same_of_all_and_stores_nothing(void **state)
{
    (void)state;
    const struct bm_import_options options = {
        .list_name = "not there", .template = "none", .now_ms = 1000, .preview = true};
    const struct bm_list *lists;
    size_t count;

    for (size_t i = 0; i < N_IMPORTERS; i++) {
        assert_outcome(&importers[i], import(importers[i].file, &options, SIZE_MAX));
    }
    check(barq_session_begin(session, false, &err), &err);
    check(bm_lists(session, &arena, &lists, &count, &err), &err);
    barq_session_rollback(session);
    assert_int_equal(count, 0);
}

static const char *query(const char *sql, const char *id)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    const char *all = "";
    bool more = true;

    check(barq_query(session, sql, BARQ_PARAMS(barq_sql_text(id)), &rows, &err), &err);
    for (;;) {
        check(barq_rows_next(rows, &more, &err), &err);
        if (!more) {
            return all;
        }
        const char *text = barq_column_text(rows, 0);
        if (barq_column(rows, 0).kind == BARQ_INT) {
            text = bq_arena_format(&arena, "%lld", (long long)barq_column_int(rows, 0));
        }
        all = bq_arena_format(&arena, "%s%s%s", all, *all ? "|" : "", text ? text : "null");
    }
}

static void import_into(const char *name, const char *file)
{
    const struct bm_import_options options = {
        .list_name = name, .template = "none", .now_ms = 1000};

    check(import(file, &options, 4093), &err);
}

#define VIDEO "(SELECT id FROM videos WHERE youtube_id = ?1)"

static const char *labels_of(const char *id)
{
    return query("SELECT name FROM tags WHERE id IN (SELECT tag_id FROM video_tags WHERE video_id ="
                 " " VIDEO ") ORDER BY name_key",
                 id);
}

static void what_a_person_has_said_of_a_video_comes_along(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        const char *labels;
        const char *title;
        const char *added;
        const char *note;
    } said[] = {
        {"intake/pocket.csv", "python|talks", "A talk", "1556883000000", ""},
        {"intake/raindrop.csv", "Python|Talks", "A talk", "1708950129000", "see again"},
        {"intake/instapaper.csv", "Archive", "A talk", "1556883000000", "words that were marked"},
        {"intake/karakeep.json", "python|talks", "A talk", "1708950129000", "see again"},
        {"intake/linkwarden.json", "python|Talks", "A talk", "1708950129000", "see again"},
        {"intake/freetube_playlists.db", "Favorites", "A talk", "1708950129000", ""},
        {"intake/takeout_german.csv", "", "null", "1708950129000", ""},
        {"intake/takeout_between.csv", "Road trip", "null", "1619870400000", ""},
        {"intake/watch_history.json", "", "A talk", "1708950129123", ""},
        {"intake/trending_multiline.csv", "", "A talk, with a comma", "null", ""},
        {"intake/dump.jsonl", "", "T", "null", ""},
    };

    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        import_into("said", said[i].file);
        const char *id = "dqDnB6jKzcE";
        assert_string_equal(query("SELECT title FROM videos WHERE youtube_id = ?1", id),
                            said[i].title);
        assert_string_equal(query("SELECT added_at_ms FROM videos WHERE youtube_id = ?1", id),
                            said[i].added);
        assert_string_equal(query("SELECT text FROM notes WHERE video_id = " VIDEO, id),
                            said[i].note);
        if (strcasecmp(labels_of(id), said[i].labels) != 0) {
            fail_msg("%s: %s", said[i].file, labels_of(id));
        }
        begin_write();
        check(barq_exec_script(session, "DELETE FROM lists; DELETE FROM tags", &err), &err);
        commit();
    }
}

static void where_an_address_begins_is_kept(void **state)
{
    (void)state;
    import_into("list", "intake/prose.txt");

    assert_string_equal(
        query("SELECT start_seconds FROM videos WHERE youtube_id = ?1", "j6IOuD5WD8c"), "90");
}

static void bookmarks_have_folders_times_and_notes(void **state)
{
    (void)state;
    import_into("list", "bookmarks/youtube_firefox_style.html");

    assert_string_equal(labels_of("Fe3MerZSbBE"), "Bookmarks bar|EuroPython 2023");
    assert_string_equal(
        query("SELECT added_at_ms FROM videos WHERE youtube_id = ?1", "Fe3MerZSbBE"),
        "1600104147000");
    assert_string_equal(query("SELECT title FROM videos WHERE youtube_id = ?1", "Fe3MerZSbBE"),
                        "From Algorithms to Agendas: A Beginner's Guide to Integer Programming");
    assert_non_null(strstr(query("SELECT text FROM notes WHERE video_id = " VIDEO, "Fe3MerZSbBE"),
                           "North Hall on 2023-07-19"));
}

static void a_field_takes_what_it_allows_and_the_rest_is_counted(void **state)
{
    (void)state;
    const char *list_id = make_list("list", "none");
    make_field(list_id, "{\"name\": \"rating\", \"type\": \"rating\", \"max\": 5}");
    make_field(list_id, "{\"name\": \"watched\", \"type\": \"boolean\"}");

    import_into("list", "intake/original_december.csv");
    assert_int_equal(report.added, 2);
    assert_int_equal(report.values_refused, 1); /* a rating of 9 */
    assert_string_equal(query("SELECT value FROM field_values WHERE video_id = " VIDEO
                              " ORDER BY value",
                              "dqDnB6jKzcE"),
                        "4|true");
    assert_string_equal(
        query("SELECT source FROM field_values WHERE video_id = " VIDEO, "dqDnB6jKzcE"),
        "import|import");
}

/* What expands in the background is a job in the same transaction. */
static void a_playlist_is_a_job_behind_what_people_wait_for(void **state)
{
    (void)state;
    import_into("list", "intake/playlist.info.json");

    assert_string_equal(query("SELECT count(*) FROM barq_outbox WHERE ?1 = ?1", ""), "1");
}

static void whoever_listens_to_the_list_is_told(void **state)
{
    (void)state;
    import_into("list", "intake/addresses.txt");
    import_into("list", "intake/addresses.txt");

    assert_string_equal(
        query("SELECT data FROM events WHERE kind = 'videos.added' AND ?1 = ?1", ""),
        "{\"added\":4}");
}

#define TABLE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)

int main(int argc, char **argv)
{
    store_main(argc, argv);
    const struct CMUnitTest tests[] = {
        TABLE_TEST(every_file_comes_to_what_the_table_says),
        TABLE_TEST(a_preview_says_the_same_of_all_and_stores_nothing),
        TABLE_TEST(what_a_person_has_said_of_a_video_comes_along),
        TABLE_TEST(where_an_address_begins_is_kept),
        TABLE_TEST(bookmarks_have_folders_times_and_notes),
        TABLE_TEST(a_field_takes_what_it_allows_and_the_rest_is_counted),
        TABLE_TEST(whoever_listens_to_the_list_is_told),
        TABLE_TEST(a_playlist_is_a_job_behind_what_people_wait_for),
    };

    return cmocka_run_group_tests_name("bookmarks/importers", tests, NULL, store_end);
}

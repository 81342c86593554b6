#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "fixture.h"
#include "store/rows.h"
#include "store/video_edit.h"
#include "store/video_put.h"
#include "support/store.h"

static struct barq_error err;

static int64_t count_of(const char *sql, const char *id)
{
    int64_t count = -1;

    check(barq_session_begin(session, false, &err), &err);
    check(bm_query_int(session, sql, BARQ_PARAMS(barq_sql_text(id)), &count, &err), &err);
    barq_session_rollback(session);
    return count;
}

static void run(const char *sql, const char *id)
{
    begin_write();
    check(barq_exec(session, sql, BARQ_PARAMS(barq_sql_text(id)), &err), &err);
    commit();
}

static void describe(const char *id, int64_t duration_s)
{
    struct bm_metadata metadata = bm_metadata_unknown("");
    metadata.title = "Their title";
    metadata.channel = "A channel";
    metadata.channel_id = "UCx";
    metadata.duration_s = duration_s;
    metadata.description = "What it is about";
    metadata.views = 0;
    metadata.category_id = "28";
    metadata.origin = "oembed";
    metadata.embeddable = BM_NO;

    begin_write();
    check(bm_video_describe(session, id, &metadata, 5, NULL, &err), &err);
    commit();
}

static enum barq_status change(const char *id, struct bm_video_change change)
{
    begin_write();
    enum barq_status status = bm_video_change(session, id, &change, 77, &err);
    if (status == BARQ_OK) {
        commit();
    } else {
        barq_session_rollback(session);
    }
    return status;
}

static void what_the_outside_knows_is_stored_with_its_channel(void **state)
{
    (void)state;
    const char *id = make_video(make_list("list", "none"), "aaaaaaaaa_0");

    assert_false(look_at(id).metadata.found);
    describe(id, 60);
    struct bm_video video = look_at(id);
    assert_true(video.metadata.found);
    assert_int_equal(video.metadata_at_ms, 5);
    assert_string_equal(video.metadata.description, "What it is about");
    assert_int_equal(video.metadata.views, 0);
    assert_int_equal(video.metadata.likes, -1);
    assert_string_equal(video.metadata.category_id, "28");
    assert_string_equal(video.metadata.origin, "oembed");
    assert_int_equal(video.metadata.embeddable, BM_NO);
    assert_int_equal(video.metadata.captioned, BM_UNKNOWN);
    assert_string_equal(video.availability, "available");
    assert_int_equal(count_of("SELECT count(*) FROM channels WHERE id = ?1", "UCx"), 1);
}

static void a_title_from_a_file_is_no_metadata(void **state)
{
    (void)state;
    const char *list_id = make_list("list", "none");
    struct bm_new_video given = {.list_id = list_id,
                                 .youtube_id = "aaaaaaaaa_0",
                                 .position = 1,
                                 .title = "As a file says",
                                 .added_at_ms = 123,
                                 .start_s = 42,
                                 .priority = 1};
    char id[BM_ID_BYTES];
    bool added = false;

    begin_write();
    check(bm_video_put(session, &given, 1, id, &added, &err), &err);
    commit();
    struct bm_video video = look_at(id);
    assert_string_equal(video.metadata.title, "As a file says");
    assert_false(video.metadata.found);
    assert_int_equal(video.added_at_ms, 123);
    assert_int_equal(video.start_s, 42);
    assert_int_equal(video.priority, 1);
}

static void a_persons_title_outlives_a_fetch(void **state)
{
    (void)state;
    const char *id = make_video(make_list("list", "none"), "aaaaaaaaa_0");

    assert_int_equal(change(id, (struct bm_video_change){.own_title = "Mine"}), BARQ_OK);
    describe(id, 60);
    assert_string_equal(look_at(id).own_title, "Mine");
    assert_string_equal(look_at(id).metadata.title, "Their title");
    assert_int_equal(change(id, (struct bm_video_change){.own_title = NULL}), BARQ_OK);
    assert_string_equal(look_at(id).own_title, "Mine");
    assert_int_equal(look_at(id).updated_at_ms, 77);
    assert_int_equal(change(id, (struct bm_video_change){.own_title = "a\nb"}), BARQ_ERR_ARG);
    assert_int_equal(change(id, (struct bm_video_change){.own_title = ""}), BARQ_OK);
    assert_null(look_at(id).own_title);
    assert_int_equal(change("none", (struct bm_video_change){.own_title = ""}), BARQ_ERR_NOTFOUND);
}

static struct bm_video_change at(int64_t position_s)
{
    return (struct bm_video_change){.has_watch_position = true, .watch_position_s = position_s};
}

static void the_last_twentieth_means_that_it_was_watched(void **state)
{
    (void)state;
    const char *list_id = make_list("list", "none");
    const char *known = make_video(list_id, "aaaaaaaaa_0");
    const char *unknown = make_video(list_id, "aaaaaaaaa_1");
    describe(known, 100);

    assert_int_equal(look_at(known).watch_position_s, -1);
    assert_int_equal(change(known, at(94)), BARQ_OK);
    assert_int_equal(look_at(known).watch_position_s, 94);
    assert_true(look_at(known).watched_at_ms == INT64_MIN);
    assert_int_equal(change(known, at(95)), BARQ_OK);
    assert_int_equal(look_at(known).watched_at_ms, 77);
    assert_int_equal(change(known, at(3)), BARQ_OK);
    assert_int_equal(look_at(known).watched_at_ms, 77);
    assert_int_equal(change(unknown, at(100000)), BARQ_OK);
    assert_true(look_at(unknown).watched_at_ms == INT64_MIN);

    assert_int_equal(change(known, (struct bm_video_change){.has_watched = true}), BARQ_OK);
    assert_true(look_at(known).watched_at_ms == INT64_MIN);
    assert_int_equal(
        change(unknown, (struct bm_video_change){.has_watched = true, .watched = true}), BARQ_OK);
    assert_int_equal(look_at(unknown).watched_at_ms, 77);
    assert_int_equal(change(unknown, at(-1)), BARQ_OK);
    assert_int_equal(look_at(unknown).watch_position_s, -1);
}

/* Two lists with a field of the same name and one of its own each; a video of the first has values in both. */
struct two_lists {
    const char *from;
    const char *to;
    const char *video;
};

static struct two_lists make_two(void)
{
    struct two_lists two = {make_list("from", "none"), make_list("to", "none"), NULL};

    make_field(two.from, "{\"name\": \"both\", \"type\": \"text\"}");
    make_field(two.from, "{\"name\": \"narrow\", \"type\": \"number\"}");
    make_field(two.from, "{\"name\": \"only\", \"type\": \"text\"}");
    make_field(two.to, "{\"name\": \"both\", \"type\": \"text\"}");
    make_field(two.to, "{\"name\": \"narrow\", \"type\": \"number\", \"max\": 5}");
    two.video = make_video(two.from, "aaaaaaaaa_0");
    describe(two.video, 60);
    set_value(two.video, two.from, "both", "\"kept\"", BM_BY_MODEL);
    set_value(two.video, two.from, "narrow", "6", BM_BY_PERSON);
    set_value(two.video, two.from, "only", "\"left\"", BM_BY_PERSON);
    run("INSERT INTO notes (id, video_id, text, created_at_ms, updated_at_ms)"
        " VALUES ('n', ?1, 'a note', 1, 1)",
        two.video);
    run("INSERT INTO transcripts (id, video_id, language, source, fetched_at_ms)"
        " VALUES ('t', ?1, 'en', 'file', 1)",
        two.video);
    run("INSERT INTO cues (transcript_id, position, start_ms, end_ms, text)"
        " VALUES (?1, 1, 0, 10, 'hello')",
        "t");
    run("INSERT INTO chapters (video_id, start_seconds, title, source) VALUES (?1, 0, 'One', "
        "'file')",
        two.video);
    return two;
}

static void a_video_moves_with_what_belongs_to_it(void **state)
{
    (void)state;
    struct two_lists two = make_two();
    size_t left = 99;

    begin_write();
    check(bm_video_move(session, two.video, two.to, 88, &left, &err), &err);
    commit();
    assert_int_equal(left, 2);
    assert_string_equal(look_at(two.video).list_id, two.to);
    assert_int_equal(look_at(two.video).position, 1);
    assert_string_equal(value_of(two.video, two.to, "both"), "\"kept\"");
    assert_null(value_of(two.video, two.to, "narrow"));
    assert_int_equal(count_of("SELECT count(*) FROM field_values WHERE video_id = ?1", two.video),
                     1);
    assert_int_equal(count_of("SELECT count(*) FROM notes WHERE video_id = ?1", two.video), 1);
    begin_write();
    assert_int_equal(bm_video_move(session, two.video, two.to, 88, &left, &err), BARQ_ERR_EXISTS);
    barq_session_rollback(session);
}

static void a_video_is_copied_with_what_belongs_to_it(void **state)
{
    (void)state;
    struct two_lists two = make_two();
    char copy[BM_ID_BYTES];
    size_t left = 99;

    begin_write();
    check(bm_video_copy(session, two.video, two.to, 88, copy, &left, &err), &err);
    commit();
    assert_int_equal(left, 2);
    assert_string_equal(look_at(two.video).list_id, two.from);
    assert_string_equal(value_of(two.video, two.from, "only"), "\"left\"");
    assert_string_equal(look_at(copy).list_id, two.to);
    assert_string_equal(look_at(copy).metadata.title, "Their title");
    assert_int_equal(look_at(copy).created_at_ms, 88);
    assert_string_equal(value_of(copy, two.to, "both"), "\"kept\"");
    assert_int_equal(count_of("SELECT count(*) FROM notes WHERE video_id = ?1", copy), 1);
    assert_int_equal(count_of("SELECT count(*) FROM chapters WHERE video_id = ?1", copy), 1);
    assert_int_equal(count_of("SELECT count(*) FROM cues WHERE transcript_id IN"
                              " (SELECT id FROM transcripts WHERE video_id = ?1)",
                              copy),
                     1);
    begin_write();
    assert_int_equal(bm_video_copy(session, two.video, two.to, 88, copy, &left, &err),
                     BARQ_ERR_EXISTS);
    barq_session_rollback(session);
}

static void a_deleted_video_takes_everything_along(void **state)
{
    (void)state;
    struct two_lists two = make_two();

    begin_write();
    check(bm_video_delete(session, two.video, &err), &err);
    assert_int_equal(bm_video_delete(session, two.video, &err), BARQ_ERR_NOTFOUND);
    commit();
    assert_int_equal(count_of("SELECT (SELECT count(*) FROM notes) + (SELECT count(*) FROM cues)"
                              " + (SELECT count(*) FROM field_values WHERE video_id = ?1)",
                              two.video),
                     0);
}

static void videos_in_several_lists_are_told(void **state)
{
    (void)state;
    const char *one = make_list("one", "none");
    const char *two = make_list("two", "none");
    const struct bm_duplicate *found;
    size_t count;
    make_video(one, "aaaaaaaaa_0");
    make_video(two, "aaaaaaaaa_0");
    make_video(two, "aaaaaaaaa_1");

    check(barq_session_begin(session, false, &err), &err);
    check(bm_duplicates(session, 10, &arena, &found, &count, &err), &err);
    barq_session_rollback(session);
    assert_int_equal(count, 2);
    assert_string_equal(found[0].youtube_id, "aaaaaaaaa_0");
    assert_string_equal(found[0].list_name, "one");
    assert_string_equal(found[1].list_name, "two");
}

static void a_list_is_renamed_and_described(void **state)
{
    (void)state;
    const char *id = make_list("list", "none");
    struct bm_list_change both = {.name = "Renamed", .description = "Two\nlines"};
    struct bm_list_change emptied = {.description = ""};
    struct bm_list_change taken = {.name = "other"};
    struct bm_list list;
    make_list("other", "none");

    begin_write();
    check(bm_list_change(session, id, &both, 99, &err), &err);
    check(bm_list_find(session, id, &arena, &list, &err), &err);
    assert_string_equal(list.name, "Renamed");
    assert_string_equal(list.description, "Two\nlines");
    assert_int_equal(list.updated_at_ms, 99);
    check(bm_list_change(session, id, &emptied, 99, &err), &err);
    check(bm_list_find(session, id, &arena, &list, &err), &err);
    assert_string_equal(list.name, "Renamed");
    assert_null(list.description);
    assert_int_equal(bm_list_change(session, id, &taken, 99, &err), BARQ_ERR_EXISTS);
    assert_int_equal(bm_list_change(session, "none", &emptied, 99, &err), BARQ_ERR_NOTFOUND);
    commit();
}

#define EDIT_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)

int main(int argc, char **argv)
{
    store_main(argc, argv);
    const struct CMUnitTest tests[] = {
        EDIT_TEST(what_the_outside_knows_is_stored_with_its_channel),
        EDIT_TEST(a_title_from_a_file_is_no_metadata),
        EDIT_TEST(a_persons_title_outlives_a_fetch),
        EDIT_TEST(the_last_twentieth_means_that_it_was_watched),
        EDIT_TEST(a_video_moves_with_what_belongs_to_it),
        EDIT_TEST(a_video_is_copied_with_what_belongs_to_it),
        EDIT_TEST(a_deleted_video_takes_everything_along),
        EDIT_TEST(videos_in_several_lists_are_told),
        EDIT_TEST(a_list_is_renamed_and_described),
    };

    return cmocka_run_group_tests_name("bookmarks/video_edit", tests, NULL, store_end);
}

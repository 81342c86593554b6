/*
 * Tags, notes, channels and views in the store.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fields/label.h"
#include "fixture.h"
#include "store/channels.h"
#include "store/notes.h"
#include "store/tags.h"
#include "store/views.h"
#include "support/store.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct barq_error err;

static const char *make_tag(const char *name, bool is_category)
{
    struct bm_tag tag = {.name = name, .is_category = is_category};
    char *id = bq_arena_alloc(&arena, BM_ID_BYTES);

    begin_write();
    check(bm_tag_add(session, &tag, 1, id, &err), &err);
    commit();
    return id;
}

static struct bm_tag find_tag(const char *id_or_name)
{
    struct bm_tag tag;

    check(barq_session_begin(session, false, &err), &err);
    check(bm_tag_find(session, id_or_name, &arena, &tag, &err), &err);
    barq_session_rollback(session);
    return tag;
}

/* A step in a transaction of its own, kept when it succeeds. */
#define IN_TRANSACTION(call)                                                                       \
    __extension__({                                                                                \
        begin_write();                                                                             \
        enum barq_status status_ = (call);                                                         \
        if (status_ == BARQ_OK) {                                                                  \
            commit();                                                                              \
        } else {                                                                                   \
            barq_session_rollback(session);                                                        \
        }                                                                                          \
        status_;                                                                                   \
    })

/* The names of a video's tags, each followed by a blank. */
static const char *tags_of(const char *video_id)
{
    const struct bm_tag *tags;
    const char *names = "";
    size_t count;

    check(barq_session_begin(session, false, &err), &err);
    check(bm_video_tags(session, video_id, &arena, &tags, &count, &err), &err);
    barq_session_rollback(session);
    for (size_t i = 0; i < count; i++) {
        names = bq_arena_format(&arena, "%s%s ", names, tags[i].name);
    }
    return names;
}

static void a_label_is_compared_without_case_in_any_alphabet(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        const char *key;
    } cases[] = {
        {"To Do", "to do"},
        {"\xc3\x84RGER", "\xc3\xa4rger"},                                   /* Latin */
        {"\xd0\x96\xd0\xa3\xd0\x9a", "\xd0\xb6\xd1\x83\xd0\xba"},           /* Cyrillic */
        {"\xce\xa3", "\xcf\x83"},                                           /* Greek */
        {"\xe6\x98\x9f \xf0\x9f\x98\x80", "\xe6\x98\x9f \xf0\x9f\x98\x80"}, /* no case */
        {"\xc8\xba", "\xe2\xb1\xa5"},                                       /* longer */
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        char key[BM_LABEL_KEY_BYTES];
        bm_label_key(cases[i].label, key);
        assert_string_equal(key, cases[i].key);
    }
}

static void of_each_name_there_is_one_tag(void **state)
{
    (void)state;
    const char *id = make_tag("To Do", false);
    struct bm_tag same = {.name = "TO do"};
    struct bm_tag blank = {.name = ""};
    struct bm_tag red = {.name = "Red", .color = "#ff00zz"};
    char made[BM_ID_BYTES] = "kept";

    assert_string_equal(find_tag("to DO").id, id);
    assert_string_equal(find_tag(id).name, "To Do");
    assert_int_equal(IN_TRANSACTION(bm_tag_add(session, &same, 1, made, &err)), BARQ_ERR_EXISTS);
    assert_int_equal(IN_TRANSACTION(bm_tag_add(session, &blank, 1, made, &err)), BARQ_ERR_ARG);
    assert_int_equal(IN_TRANSACTION(bm_tag_add(session, &red, 1, made, &err)), BARQ_ERR_ARG);
    assert_string_equal(made, "kept");
}

static void a_tag_changes_and_keeps_its_videos(void **state)
{
    (void)state;
    const char *video = make_video(make_list("list", "none"), "aaaaaaaaa_0");
    struct bm_tag tag = find_tag(make_tag("One", false));
    make_tag("Two", false);

    assert_int_equal(IN_TRANSACTION(bm_video_tag(session, video, tag.id, 1, &err)), BARQ_OK);
    assert_int_equal(IN_TRANSACTION(bm_video_tag(session, video, tag.id, 1, &err)), BARQ_OK);
    tag.name = "ONE";
    tag.color = "#00AAff";
    tag.position = 9;
    assert_int_equal(IN_TRANSACTION(bm_tag_change(session, &tag, 5, &err)), BARQ_OK);
    assert_string_equal(tags_of(video), "ONE ");
    assert_string_equal(find_tag("one").color, "#00AAff");
    assert_int_equal(find_tag("one").n_videos, 1);
    assert_int_equal(find_tag("one").position, 9);
    tag.name = "two";
    assert_int_equal(IN_TRANSACTION(bm_tag_change(session, &tag, 5, &err)), BARQ_ERR_EXISTS);
    assert_int_equal(IN_TRANSACTION(bm_tag_delete(session, tag.id, &err)), BARQ_OK);
    assert_int_equal(IN_TRANSACTION(bm_tag_delete(session, tag.id, &err)), BARQ_ERR_NOTFOUND);
    assert_string_equal(tags_of(video), "");
}

static void a_video_has_one_category_and_many_labels(void **state)
{
    (void)state;
    const char *video = make_video(make_list("list", "none"), "aaaaaaaaa_0");
    const char *talk = make_tag("talk", true);
    const char *song = make_tag("song", true);
    const char *good = make_tag("good", false);
    const char *late = make_tag("late", false);

    assert_int_equal(IN_TRANSACTION(bm_video_tag(session, video, talk, 1, &err)), BARQ_OK);
    assert_int_equal(IN_TRANSACTION(bm_video_tag(session, video, talk, 1, &err)), BARQ_OK);
    assert_int_equal(IN_TRANSACTION(bm_video_tag(session, video, song, 1, &err)), BARQ_ERR_DENIED);
    assert_int_equal(IN_TRANSACTION(bm_video_tag(session, video, good, 1, &err)), BARQ_OK);
    assert_int_equal(IN_TRANSACTION(bm_video_tag(session, video, late, 1, &err)), BARQ_OK);
    assert_string_equal(tags_of(video), "talk good late ");

    assert_int_equal(IN_TRANSACTION(bm_video_set_category(session, video, song, 1, &err)), BARQ_OK);
    assert_string_equal(tags_of(video), "song good late ");
    assert_int_equal(IN_TRANSACTION(bm_video_set_category(session, video, good, 1, &err)),
                     BARQ_ERR_ARG);
    assert_int_equal(IN_TRANSACTION(bm_video_set_category(session, video, NULL, 1, &err)), BARQ_OK);
    assert_int_equal(IN_TRANSACTION(bm_video_untag(session, video, late, &err)), BARQ_OK);
    assert_string_equal(tags_of(video), "good ");
    assert_int_equal(IN_TRANSACTION(bm_video_tag(session, video, "none", 1, &err)),
                     BARQ_ERR_NOTFOUND);
    assert_int_equal(IN_TRANSACTION(bm_video_tag(session, "none", good, 1, &err)),
                     BARQ_ERR_NOTFOUND);
}

static void a_label_becomes_a_category_only_where_there_is_none(void **state)
{
    (void)state;
    const char *video = make_video(make_list("list", "none"), "aaaaaaaaa_0");
    const char *talk = make_tag("talk", true);
    struct bm_tag label = find_tag(make_tag("song", false));
    assert_int_equal(IN_TRANSACTION(bm_video_tag(session, video, talk, 1, &err)), BARQ_OK);
    assert_int_equal(IN_TRANSACTION(bm_video_tag(session, video, label.id, 1, &err)), BARQ_OK);

    label.is_category = true;
    assert_int_equal(IN_TRANSACTION(bm_tag_change(session, &label, 1, &err)), BARQ_ERR_DENIED);
    assert_string_equal(err.text, "tags: 1 videos have another category");
    assert_int_equal(IN_TRANSACTION(bm_video_untag(session, video, talk, &err)), BARQ_OK);
    assert_int_equal(IN_TRANSACTION(bm_tag_change(session, &label, 1, &err)), BARQ_OK);
    assert_true(find_tag("song").is_category);
}

static void merged_tags_are_one(void **state)
{
    (void)state;
    const char *list_id = make_list("list", "none");
    const char *one = make_video(list_id, "aaaaaaaaa_1");
    const char *both = make_video(list_id, "aaaaaaaaa_2");
    const char *from = make_tag("from", false);
    const char *into = make_tag("into", false);
    assert_int_equal(IN_TRANSACTION(bm_video_tag(session, one, from, 1, &err)), BARQ_OK);
    assert_int_equal(IN_TRANSACTION(bm_video_tag(session, both, from, 1, &err)), BARQ_OK);
    assert_int_equal(IN_TRANSACTION(bm_video_tag(session, both, into, 1, &err)), BARQ_OK);

    assert_int_equal(IN_TRANSACTION(bm_tag_merge(session, from, from, &err)), BARQ_ERR_ARG);
    assert_int_equal(IN_TRANSACTION(bm_tag_merge(session, from, into, &err)), BARQ_OK);
    assert_string_equal(tags_of(one), "into ");
    assert_string_equal(tags_of(both), "into ");
    assert_int_equal(find_tag("into").n_videos, 2);
    assert_int_equal(IN_TRANSACTION(bm_tag_merge(session, from, into, &err)), BARQ_ERR_NOTFOUND);

    const char *talk = make_tag("talk", true);
    const char *song = make_tag("song", true);
    assert_int_equal(IN_TRANSACTION(bm_video_tag(session, one, talk, 1, &err)), BARQ_OK);
    assert_int_equal(IN_TRANSACTION(bm_tag_merge(session, into, song, &err)), BARQ_ERR_DENIED);
    assert_int_equal(IN_TRANSACTION(bm_tag_merge(session, talk, song, &err)), BARQ_OK);
    assert_string_equal(tags_of(one), "into song ");
}

static const char *make_note(const char *video_id, int64_t at_seconds, const char *text)
{
    struct bm_note note = {
        .video_id = video_id, .has_time = at_seconds >= 0, .at_seconds = at_seconds, .text = text};
    char *id = bq_arena_alloc(&arena, BM_ID_BYTES);

    begin_write();
    check(bm_note_add(session, &note, 1, id, &err), &err);
    commit();
    return id;
}

static void notes_stand_in_the_order_of_the_video(void **state)
{
    (void)state;
    const char *video = make_video(make_list("list", "none"), "aaaaaaaaa_0");
    const struct bm_note *notes;
    size_t count;
    make_note(video, 90, "later");
    make_note(video, 0, "at once");
    make_note(video, -1, "of all");

    check(barq_session_begin(session, false, &err), &err);
    check(bm_notes(session, video, &arena, &notes, &count, &err), &err);
    barq_session_rollback(session);
    assert_int_equal(count, 3);
    assert_string_equal(notes[0].text, "of all");
    assert_false(notes[0].has_time);
    assert_string_equal(notes[1].text, "at once");
    assert_true(notes[1].has_time);
    assert_int_equal(notes[2].at_seconds, 90);
}

static void a_note_is_changed_and_deleted(void **state)
{
    (void)state;
    const char *video = make_video(make_list("list", "none"), "aaaaaaaaa_0");
    struct bm_note note = {.id = make_note(video, 90, "old"), .text = "new\nlines"};
    struct bm_note empty = {.id = note.id, .text = ""};
    struct bm_note early = {.id = note.id, .text = "x", .has_time = true, .at_seconds = -1};
    struct bm_note nowhere = {.video_id = "none", .text = "x"};
    struct bm_note read;
    char id[BM_ID_BYTES];

    assert_int_equal(IN_TRANSACTION(bm_note_change(session, &note, 5, &err)), BARQ_OK);
    check(barq_session_begin(session, false, &err), &err);
    check(bm_note_get(session, note.id, &arena, &read, &err), &err);
    barq_session_rollback(session);
    assert_string_equal(read.text, "new\nlines");
    assert_false(read.has_time);
    assert_int_equal(read.updated_at_ms, 5);
    assert_int_equal(IN_TRANSACTION(bm_note_change(session, &empty, 5, &err)), BARQ_ERR_ARG);
    assert_int_equal(IN_TRANSACTION(bm_note_change(session, &early, 5, &err)), BARQ_ERR_ARG);
    assert_int_equal(IN_TRANSACTION(bm_note_add(session, &nowhere, 5, id, &err)),
                     BARQ_ERR_NOTFOUND);
    assert_int_equal(IN_TRANSACTION(bm_note_delete(session, note.id, &err)), BARQ_OK);
    assert_int_equal(IN_TRANSACTION(bm_note_delete(session, note.id, &err)), BARQ_ERR_NOTFOUND);
    assert_int_equal(IN_TRANSACTION(bm_note_change(session, &note, 5, &err)), BARQ_ERR_NOTFOUND);
}

static size_t channels(bool hidden_too, const struct bm_channel **out)
{
    size_t count = 0;

    check(barq_session_begin(session, false, &err), &err);
    check(bm_channels(session, NULL, hidden_too, &arena, out, &count, &err), &err);
    barq_session_rollback(session);
    return count;
}

static void a_channel_comes_with_its_videos_and_can_be_hidden(void **state)
{
    (void)state;
    const char *video = make_video(make_list("list", "none"), "aaaaaaaaa_0");
    struct bm_metadata metadata = bm_metadata_unknown("");
    struct bm_channel told = {.id = "UCx", .name = "New name", .description = "About"};
    const struct bm_channel *all;
    metadata.title = "T";
    metadata.channel = "Old name";
    metadata.channel_id = "UCx";

    assert_int_equal(IN_TRANSACTION(bm_video_describe(session, video, &metadata, 1, NULL, &err)),
                     BARQ_OK);
    assert_int_equal(channels(false, &all), 1);
    assert_string_equal(all[0].name, "Old name");
    assert_int_equal(all[0].n_videos, 1);
    assert_int_equal(IN_TRANSACTION(bm_channel_describe(session, &told, 2, &err)), BARQ_OK);
    assert_int_equal(IN_TRANSACTION(bm_channel_hide(session, "UCx", true, 3, &err)), BARQ_OK);
    assert_int_equal(channels(false, &all), 0);
    assert_int_equal(channels(true, &all), 1);
    assert_string_equal(all[0].name, "New name");
    assert_string_equal(all[0].description, "About");
    assert_int_equal(IN_TRANSACTION(bm_channel_hide(session, "UCy", true, 3, &err)),
                     BARQ_ERR_NOTFOUND);
}

static void a_view_is_saved_under_a_name_of_its_list(void **state)
{
    (void)state;
    const char *list_id = make_list("list", "none");
    struct bm_view view = {.list_id = list_id,
                           .name = "To watch",
                           .query = "is:unwatched",
                           .sort = "-added",
                           .layout = "table",
                           .columns = json_value("[\"title\",\"level\"]")};
    const struct bm_view *views;
    char id[BM_ID_BYTES];
    char other[BM_ID_BYTES];
    size_t count;

    assert_int_equal(IN_TRANSACTION(bm_view_add(session, &view, 1, id, &err)), BARQ_OK);
    assert_int_equal(IN_TRANSACTION(bm_view_add(session, &view, 1, other, &err)), BARQ_ERR_EXISTS);
    view.list_id = NULL;
    assert_int_equal(IN_TRANSACTION(bm_view_add(session, &view, 1, other, &err)), BARQ_OK);
    assert_int_equal(IN_TRANSACTION(bm_view_add(session, &view, 1, other, &err)), BARQ_ERR_EXISTS);
    view.columns = json_value("[7]");
    view.name = "Odd";
    assert_int_equal(IN_TRANSACTION(bm_view_add(session, &view, 1, other, &err)), BARQ_ERR_ARG);

    check(barq_session_begin(session, false, &err), &err);
    check(bm_views(session, list_id, &arena, &views, &count, &err), &err);
    barq_session_rollback(session);
    assert_int_equal(count, 1);
    assert_string_equal(views[0].query, "is:unwatched");
    assert_int_equal(barq_count(views[0].columns), 2);

    struct bm_view changed = views[0];
    changed.name = "Later";
    assert_int_equal(IN_TRANSACTION(bm_view_change(session, &changed, 2, &err)), BARQ_OK);
    assert_int_equal(IN_TRANSACTION(bm_view_delete(session, id, &err)), BARQ_OK);
    assert_int_equal(IN_TRANSACTION(bm_view_delete(session, id, &err)), BARQ_ERR_NOTFOUND);
    assert_int_equal(IN_TRANSACTION(bm_view_change(session, &changed, 2, &err)), BARQ_ERR_NOTFOUND);
}

#define TAG_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)

int main(int argc, char **argv)
{
    store_main(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_label_is_compared_without_case_in_any_alphabet),
        TAG_TEST(of_each_name_there_is_one_tag),
        TAG_TEST(a_tag_changes_and_keeps_its_videos),
        TAG_TEST(a_video_has_one_category_and_many_labels),
        TAG_TEST(a_label_becomes_a_category_only_where_there_is_none),
        TAG_TEST(merged_tags_are_one),
        TAG_TEST(notes_stand_in_the_order_of_the_video),
        TAG_TEST(a_note_is_changed_and_deleted),
        TAG_TEST(a_channel_comes_with_its_videos_and_can_be_hidden),
        TAG_TEST(a_view_is_saved_under_a_name_of_its_list),
    };

    return cmocka_run_group_tests_name("bookmarks/tags", tests, NULL, store_end);
}

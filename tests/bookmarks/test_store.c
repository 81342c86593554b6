#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "support/store.h"

static struct barq_error err;

static void tables_are_made_once(void **state)
{
    (void)state;
    int from = -1;
    int to = -1;
    bool current = false;

    begin_write();
    check(bm_tables_current(session, &current, &err), &err);
    assert_true(current);
    check(bm_migrate(session, &from, &to, &err), &err);
    commit();
    assert_int_equal(from, to);
    assert_true(to > 0);
}

static void newer_tables_are_left_alone(void **state)
{
    (void)state;
    int from;
    int to;

    begin_write();
    check(barq_exec(session, "INSERT INTO bookmarks_version (version) VALUES (1000)",
                    BARQ_NO_PARAMS, &err),
          &err);
    assert_int_equal(bm_migrate(session, &from, &to, &err), BARQ_ERR_CONFLICT);
    assert_non_null(strstr(err.text, "use a newer one"));
    barq_session_rollback(session);
}

static void a_list_is_found_by_name_and_by_id(void **state)
{
    (void)state;
    const char *id = make_list("Talks", "talks");
    make_video(id, "aaaaaaaaa_0");
    struct bm_list by_name;
    struct bm_list by_id;
    struct bm_list none;

    check(barq_session_begin(session, false, &err), &err);
    check(bm_list_find(session, "Talks", &arena, &by_name, &err), &err);
    check(bm_list_find(session, id, &arena, &by_id, &err), &err);
    assert_int_equal(bm_list_find(session, "talks", &arena, &none, &err), BARQ_ERR_NOTFOUND);
    barq_session_rollback(session);
    assert_string_equal(by_name.id, id);
    assert_string_equal(by_id.name, "Talks");
    assert_int_equal(by_id.counts.total, 1);
    assert_int_equal(by_id.counts.pending, 1);
}

static void a_bad_list_is_refused(void **state)
{
    (void)state;
    char id[BM_ID_BYTES] = "kept";
    char long_name[BM_NAME_MAX_BYTES + 2];
    memset(long_name, 'x', sizeof(long_name));
    long_name[sizeof(long_name) - 1] = '\0';
    make_list("Talks", "talks");

    begin_write();
    assert_int_equal(bm_list_add(session, "Talks", "talks", 1, id, &err), BARQ_ERR_EXISTS);
    assert_int_equal(bm_list_add(session, "", "talks", 1, id, &err), BARQ_ERR_ARG);
    assert_int_equal(bm_list_add(session, long_name, "talks", 1, id, &err), BARQ_ERR_ARG);
    assert_int_equal(bm_list_add(session, "\xff", "talks", 1, id, &err), BARQ_ERR_ARG);
    assert_int_equal(bm_list_add(session, "a\033[2J", "talks", 1, id, &err), BARQ_ERR_ARG);
    assert_int_equal(bm_list_add(session, "a\nb", "talks", 1, id, &err), BARQ_ERR_ARG);
    assert_int_equal(bm_list_add(session, "\xc2\x9b[2J", "talks", 1, id, &err), BARQ_ERR_ARG);
    assert_int_equal(bm_list_add(session, "New", "nothing", 1, id, &err), BARQ_ERR_ARG);
    barq_session_rollback(session);
    assert_string_equal(id, "kept");
}

static void a_deleted_list_takes_everything_along(void **state)
{
    (void)state;
    const char *id = make_list("Talks", "talks");
    make_video(id, "aaaaaaaaa_0");
    struct barq_rows *rows = NULL;
    bool more = false;

    begin_write();
    check(bm_list_delete(session, id, &err), &err);
    check(barq_query(session,
                     "SELECT (SELECT count(*) FROM videos) + (SELECT count(*) FROM fields)",
                     BARQ_NO_PARAMS, &rows, &err),
          &err);
    check(barq_rows_next(rows, &more, &err), &err);
    assert_int_equal(barq_column_int(rows, 0), 0);
    barq_rows_close(rows);
    commit();
}

static void metadata_come_back_as_they_were_stored(void **state)
{
    (void)state;
    static const char *const tags[] = {"a|b", "c \"d\"", "\xc3\xa9"};
    const char *id = make_video(make_list("list", "none"), "aaaaaaaaa_0");
    struct bm_metadata metadata = {.title = "T \xf0\x9f\x98\x80",
                                   .channel = "C",
                                   .channel_id = "UCx",
                                   .duration_s = 1759,
                                   .published_at_ms = -5,
                                   .language = "en",
                                   .tags = tags,
                                   .n_tags = 3,
                                   .thumbnail_url = "https://i.ytimg.com/x"};

    assert_false(look_at(id).metadata.found);
    assert_int_equal(look_at(id).metadata.duration_s, -1);
    assert_true(look_at(id).metadata.published_at_ms == INT64_MIN);
    begin_write();
    check(bm_video_describe(session, id, &metadata, 2000, NULL, &err), &err);
    commit();

    struct bm_video video = look_at(id);
    assert_true(video.metadata.found);
    assert_string_equal(video.metadata.title, metadata.title);
    assert_string_equal(video.metadata.channel_id, "UCx");
    assert_int_equal(video.metadata.duration_s, 1759);
    assert_int_equal(video.metadata.published_at_ms, -5);
    assert_int_equal(video.metadata.n_tags, 3);
    assert_string_equal(video.metadata.tags[1], "c \"d\"");
    assert_int_equal(video.updated_at_ms, 2000);
}

static void only_a_pending_video_changes(void **state)
{
    (void)state;
    struct bm_metadata metadata = {.title = "new", .duration_s = -1};
    const char *id = make_video(make_list("list", "none"), "aaaaaaaaa_0");
    bool changed = false;

    begin_write();
    check(bm_video_complete(session, id, 2000, &changed, &err), &err);
    assert_true(changed);
    check(bm_video_complete(session, id, 3000, &changed, &err), &err);
    assert_false(changed);
    check(bm_video_fail(session, id, "no", 3000, &changed, &err), &err);
    assert_false(changed);
    check(bm_video_describe(session, id, &metadata, 3000, &changed, &err), &err);
    assert_false(changed);
    commit();
    assert_int_equal(look_at(id).status, BM_COMPLETED);
    assert_int_equal(look_at(id).updated_at_ms, 2000);
}

static void fields_come_with_their_rules_in_order(void **state)
{
    (void)state;
    const char *list_id = make_list("Talks", "talks");
    const struct bm_field *fields;
    size_t count;

    check(barq_session_begin(session, false, &err), &err);
    check(bm_fields(session, list_id, &arena, &fields, &count, &err), &err);
    barq_session_rollback(session);
    assert_int_equal(count, 6);
    assert_string_equal(fields[0].name, "level");
    assert_string_equal(fields[5].name, "minutes");
    assert_int_equal(fields[2].type, BM_MULTI_SELECT);
    assert_non_null(barq_get(fields[1].rule, "first"));
    assert_int_equal(barq_count(fields[1].options), 5);
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)

int main(int argc, char **argv)
{
    store_main(argc, argv);
    const struct CMUnitTest tests[] = {
        STORE_TEST(tables_are_made_once),
        STORE_TEST(newer_tables_are_left_alone),
        STORE_TEST(a_list_is_found_by_name_and_by_id),
        STORE_TEST(a_bad_list_is_refused),
        STORE_TEST(a_deleted_list_takes_everything_along),
        STORE_TEST(metadata_come_back_as_they_were_stored),
        STORE_TEST(only_a_pending_video_changes),
        STORE_TEST(fields_come_with_their_rules_in_order),
    };

    return cmocka_run_group_tests_name("bookmarks/store", tests, NULL, store_end);
}

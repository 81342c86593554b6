/*
 * Fields and values in the store: who may say what, and what becomes of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "fields/definition.h"
#include "fixture.h"
#include "store/rows.h"
#include "support/store.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct barq_error err;

static struct bm_field find_field(const char *list_id, const char *name)
{
    struct bm_field field;

    check(barq_session_begin(session, false, &err), &err);
    check(bm_field_find(session, list_id, name, &arena, &field, &err), &err);
    barq_session_rollback(session);
    return field;
}

/* The names of the list's fields, each followed by a blank. */
static const char *names_of(const char *list_id)
{
    const struct bm_field *fields;
    size_t count;
    const char *names = "";

    check(barq_session_begin(session, false, &err), &err);
    check(bm_fields(session, list_id, &arena, &fields, &count, &err), &err);
    barq_session_rollback(session);
    for (size_t i = 0; i < count; i++) {
        names = bq_arena_format(&arena, "%s%s ", names, fields[i].name);
    }
    return names;
}

/* What was stored of a video's only value. */
static struct bm_field_value only_value(const char *video_id)
{
    const struct bm_field_value *values;
    size_t count;

    check(barq_session_begin(session, false, &err), &err);
    check(bm_field_values(session, video_id, &arena, &values, &count, &err), &err);
    barq_session_rollback(session);
    assert_int_equal(count, 1);
    return values[0];
}

/* "number|text" of a video's only value, "-" for a null. */
static const char *keys_of(const char *video_id)
{
    struct barq_rows *rows = NULL;
    double number = 0;
    bool more = false;

    check(barq_session_begin(session, false, &err), &err);
    check(barq_query(session,
                     "SELECT value_number, value_text FROM field_values WHERE video_id = ?1",
                     BARQ_PARAMS(barq_sql_text(video_id)), &rows, &err),
          &err);
    check(barq_rows_next(rows, &more, &err), &err);
    const char *text = barq_column_text(rows, 1);
    const char *first =
        bm_row_double(rows, 0, &number) ? bq_arena_format(&arena, "%g", number) : "-";
    const char *keys = bq_arena_format(&arena, "%s|%s", first, text ? text : "-");
    barq_rows_close(rows);
    barq_session_rollback(session);
    return keys;
}

static void who_said_it_decides_what_stands(void **state)
{
    (void)state;
    static const struct {
        enum bm_source first;
        enum bm_source second;
        bool replaced;
    } cases[] = {
        {BM_BY_RULE, BM_BY_RULE, true},      {BM_BY_RULE, BM_BY_MODEL, true},
        {BM_BY_RULE, BM_BY_IMPORT, true},    {BM_BY_RULE, BM_BY_PERSON, true},
        {BM_BY_MODEL, BM_BY_RULE, false},    {BM_BY_MODEL, BM_BY_MODEL, true},
        {BM_BY_MODEL, BM_BY_IMPORT, true},   {BM_BY_MODEL, BM_BY_PERSON, true},
        {BM_BY_IMPORT, BM_BY_RULE, false},   {BM_BY_IMPORT, BM_BY_MODEL, false},
        {BM_BY_IMPORT, BM_BY_IMPORT, true},  {BM_BY_IMPORT, BM_BY_PERSON, true},
        {BM_BY_PERSON, BM_BY_RULE, false},   {BM_BY_PERSON, BM_BY_MODEL, false},
        {BM_BY_PERSON, BM_BY_IMPORT, false}, {BM_BY_PERSON, BM_BY_PERSON, true},
    };
    const char *list_id = make_list("list", "none");
    const char *field_id = make_field(list_id, "{\"name\": \"n\", \"type\": \"number\"}");

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *video = make_video(list_id, bq_arena_format(&arena, "aaaaaaaaa%02zu", i));
        set_value(video, list_id, "n", "1", cases[i].first);
        set_value(video, list_id, "n", "2", cases[i].second);
        assert_string_equal(value_of(video, list_id, "n"), cases[i].replaced ? "2" : "1");

        struct bm_field_value stands = only_value(video);
        assert_int_equal(stands.source, cases[i].replaced ? cases[i].second : cases[i].first);
        assert_string_equal(stands.field_id, field_id);
        set_value(video, list_id, "n", "1", cases[i].first);
        set_value(video, list_id, "n", NULL, cases[i].second);
        assert_true((value_of(video, list_id, "n") == NULL) ==
                    (cases[i].second >= cases[i].first || cases[i].replaced));
    }
}

static void a_model_leaves_its_name_and_its_evidence(void **state)
{
    (void)state;
    const char *list_id = make_list("list", "none");
    const char *video = make_video(list_id, "aaaaaaaaa_0");
    make_field(list_id, "{\"name\": \"n\", \"type\": \"number\"}");
    struct bm_field field = find_field(list_id, "n");
    struct bm_field_value said = {.value = json_value("3"),
                                  .source = BM_BY_MODEL,
                                  .model = "a-model",
                                  .model_version = "2",
                                  .has_time = true,
                                  .at_seconds = 0,
                                  .quote = "three of them"};
    bool changed = false;

    begin_write();
    check(bm_field_value_set(session, video, &field, &said, 77, &changed, &err), &err);
    commit();
    assert_true(changed);
    struct bm_field_value read = only_value(video);
    assert_string_equal(read.model, "a-model");
    assert_string_equal(read.model_version, "2");
    assert_true(read.has_time);
    assert_int_equal(read.at_seconds, 0);
    assert_string_equal(read.quote, "three of them");
    assert_int_equal(read.updated_at_ms, 77);

    set_value(video, list_id, "n", "4", BM_BY_PERSON);
    read = only_value(video);
    assert_null(read.model);
    assert_false(read.has_time);
    assert_null(read.quote);
    begin_write();
    check(bm_field_value_set(session, video, &field, &said, 78, &changed, &err), &err);
    commit();
    assert_false(changed);
}

static void what_the_field_does_not_allow_is_not_stored(void **state)
{
    (void)state;
    const char *list_id = make_list("list", "none");
    const char *video = make_video(list_id, "aaaaaaaaa_0");
    make_field(list_id, "{\"name\": \"n\", \"type\": \"rating\"}");
    struct bm_field field = find_field(list_id, "n");

    for (int source = 0; source < BM_SOURCES; source++) {
        struct bm_field_value said = {.value = json_value("6"), .source = (enum bm_source)source};
        begin_write();
        assert_int_equal(bm_field_value_set(session, video, &field, &said, 1, NULL, &err),
                         BARQ_ERR_TYPE);
        commit();
        assert_null(value_of(video, list_id, "n"));
    }
    assert_string_equal(err.text, "fields: n cannot be 6: it takes a number from 0 to 5");
}

static void values_can_be_sorted_by(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        const char *value;
        const char *keys;
    } cases[] = {
        {"text", "\"a \\\"b\\\"\"", "-|a \"b\""},
        {"multi-select", "[\"x\",\"y z\"]", "-|\nx\ny z\n"},
        {"multi-select", "[]", "-|-"},
        {"number", "-1.5", "-1.5|-"},
        {"rating", "4", "4|-"},
        {"duration", "90", "90|-"},
        {"boolean", "true", "1|-"},
        {"boolean", "false", "0|-"},
        {"date", "\"2024-02-29\"", "-|2024-02-29"},
        {"link", "\"https://x\"", "-|https://x"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *list_id = make_list(bq_arena_format(&arena, "list %zu", i), "none");
        const char *video = make_video(list_id, "aaaaaaaaa_0");
        make_field(list_id,
                   bq_arena_format(&arena, "{\"name\": \"f\", \"type\": \"%s\"}", cases[i].type));
        set_value(video, list_id, "f", cases[i].value, BM_BY_PERSON);
        assert_string_equal(keys_of(video), cases[i].keys);
    }
}

static void a_cleared_value_is_the_rules_again(void **state)
{
    (void)state;
    struct bm_metadata metadata = {
        .title = "T", .duration_s = 1800, .published_at_ms = 1556841600000};
    const char *list_id = make_list("list", "talks");
    const char *described = make_video(list_id, "aaaaaaaaa_0");
    const char *unknown = make_video(list_id, "aaaaaaaaa_1");
    struct bm_field field = find_field(list_id, "year");

    begin_write();
    check(bm_video_describe(session, described, &metadata, 1, NULL, &err), &err);
    commit();
    set_value(described, list_id, "year", "1999", BM_BY_PERSON);
    set_value(unknown, list_id, "year", "1999", BM_BY_PERSON);
    begin_write();
    check(bm_field_value_clear(session, described, &field, 1, &err), &err);
    check(bm_field_value_clear(session, unknown, &field, 1, &err), &err);
    commit();
    assert_string_equal(value_of(described, list_id, "year"), "2019");
    assert_int_equal(only_value(described).source, BM_BY_RULE);
    assert_null(value_of(unknown, list_id, "year"));
}

static enum barq_status add(const char *list_id, const char *json)
{
    struct bm_field field = {.id = NULL};
    check(bm_field_read(json_value(json), &arena, &field, &err), &err);

    begin_write();
    enum barq_status status = bm_field_add(session, list_id, &field, 1, NULL, &err);
    commit();
    return status;
}

static void fields_are_added_in_their_order_and_within_limits(void **state)
{
    (void)state;
    const char *list_id = make_list("list", "none");

    assert_int_equal(add(list_id, "{\"name\": \"b\", \"type\": \"text\", \"show_on_card\": true}"),
                     BARQ_OK);
    assert_int_equal(add(list_id, "{\"name\": \"a\", \"type\": \"text\", \"show_on_card\": true}"),
                     BARQ_OK);
    assert_int_equal(add(list_id, "{\"name\": \"c\", \"type\": \"text\", \"show_on_card\": true}"),
                     BARQ_OK);
    assert_string_equal(names_of(list_id), "b a c ");
    assert_int_equal(add(list_id, "{\"name\": \"a\", \"type\": \"number\"}"), BARQ_ERR_EXISTS);
    assert_int_equal(add(list_id, "{\"name\": \"d\", \"type\": \"text\", \"show_on_card\": true}"),
                     BARQ_ERR_LIMIT);
    for (int i = 3; i < BM_FIELDS_MAX; i++) {
        assert_int_equal(
            add(list_id, bq_arena_format(&arena, "{\"name\": \"f%d\", \"type\": \"text\"}", i)),
            BARQ_OK);
    }
    assert_int_equal(add(list_id, "{\"name\": \"more\", \"type\": \"text\"}"), BARQ_ERR_LIMIT);
}

static void fields_are_copied_but_for_those_that_are_there(void **state)
{
    (void)state;
    const char *from = make_list("from", "talks");
    const char *to = make_list("to", "none");
    const struct bm_field *fields;
    size_t count;
    size_t added = 0;
    make_field(to, "{\"name\": \"year\", \"type\": \"text\"}");

    begin_write();
    check(bm_fields(session, from, &arena, &fields, &count, &err), &err);
    check(bm_fields_add(session, to, fields, count, 1, &added, &err), &err);
    commit();
    assert_int_equal(added, 5);
    assert_string_equal(names_of(to), "year level kind topics hands_on minutes ");
    assert_int_equal(find_field(to, "year").type, BM_TEXT);
    struct bm_field copy = find_field(to, "level");
    struct bm_field original = find_field(from, "level");
    assert_string_not_equal(copy.id, original.id);
    assert_true(barq_equal(copy.options, original.options));
    assert_true(barq_equal(copy.rule, original.rule));
}

static void fields_are_put_in_another_order_only_all_at_once(void **state)
{
    (void)state;
    const char *list_id = make_list("list", "none");
    const char *other = make_list("other", "none");
    const char *a = make_field(list_id, "{\"name\": \"a\", \"type\": \"text\"}");
    const char *b = make_field(list_id, "{\"name\": \"b\", \"type\": \"text\"}");
    const char *foreign = make_field(other, "{\"name\": \"c\", \"type\": \"text\"}");
    const char *const good[] = {b, a};
    const char *const bad[][2] = {{a, a}, {a, foreign}, {a, "nothing"}};

    begin_write();
    check(bm_fields_reorder(session, list_id, good, 2, 1, &err), &err);
    commit();
    assert_string_equal(names_of(list_id), "b a ");
    for (size_t i = 0; i < COUNT(bad); i++) {
        begin_write();
        assert_int_equal(bm_fields_reorder(session, list_id, bad[i], 2, 1, &err), BARQ_ERR_ARG);
        barq_session_rollback(session);
    }
    begin_write();
    assert_int_equal(bm_fields_reorder(session, list_id, good, 1, 1, &err), BARQ_ERR_ARG);
    barq_session_rollback(session);
    assert_string_equal(names_of(list_id), "b a ");
}

static void a_deleted_field_takes_its_values_along(void **state)
{
    (void)state;
    const char *list_id = make_list("list", "none");
    const char *other = make_list("other", "none");
    const char *video = make_video(list_id, "aaaaaaaaa_0");
    const char *field_id = make_field(list_id, "{\"name\": \"a\", \"type\": \"text\"}");
    set_value(video, list_id, "a", "\"x\"", BM_BY_PERSON);

    begin_write();
    assert_int_equal(bm_field_delete(session, other, field_id, &err), BARQ_ERR_NOTFOUND);
    check(bm_field_delete(session, list_id, field_id, &err), &err);
    assert_int_equal(bm_field_delete(session, list_id, field_id, &err), BARQ_ERR_NOTFOUND);
    commit();
    assert_string_equal(names_of(list_id), "");
    assert_null(value_of(video, list_id, "a"));
}

/* Changes a field as `json` says; the transaction ends as the change does. */
static enum barq_status change(const char *list_id, const char *name, const char *json,
                               const struct bm_field_change *how, struct bm_field_changed *changed)
{
    struct bm_field field = find_field(list_id, name);
    check(bm_field_read(json_value(json), &arena, &field, &err), &err);

    begin_write();
    enum barq_status status = bm_field_update(session, list_id, &field, how, 1, changed, &err);
    if (status == BARQ_OK) {
        commit();
    } else {
        barq_session_rollback(session);
    }
    return status;
}

static void a_field_changes_its_type_when_all_values_can_be_read_anew(void **state)
{
    (void)state;
    struct bm_field_change how = {.set_aside = false};
    struct bm_field_changed changed = {0};
    const char *list_id = make_list("list", "none");
    const char *one = make_video(list_id, "aaaaaaaaa_1");
    const char *two = make_video(list_id, "aaaaaaaaa_2");
    make_field(list_id, "{\"name\": \"f\", \"type\": \"text\"}");
    set_value(one, list_id, "f", "\"4\"", BM_BY_PERSON);
    set_value(two, list_id, "f", "\"2.5\"", BM_BY_MODEL);

    assert_int_equal(change(list_id, "f", "{\"type\": \"rating\"}", &how, &changed), BARQ_OK);
    assert_int_equal(changed.converted, 2);
    assert_string_equal(value_of(one, list_id, "f"), "4");
    assert_string_equal(keys_of(one), "4|-");
    assert_int_equal(only_value(one).source, BM_BY_PERSON);
    assert_int_equal(only_value(two).source, BM_BY_MODEL);

    assert_int_equal(change(list_id, "f", "{\"type\": \"number\"}", &how, &changed), BARQ_OK);
    assert_int_equal(changed.converted, 0);
    assert_int_equal(change(list_id, "f", "{\"type\": \"text\"}", &how, &changed), BARQ_OK);
    assert_string_equal(value_of(two, list_id, "f"), "\"2.5\"");
    assert_string_equal(keys_of(two), "-|2.5");
}

static void values_that_do_not_fit_stop_the_change(void **state)
{
    (void)state;
    struct bm_field_change how = {.set_aside = false};
    struct bm_field_changed changed = {0};
    const char *list_id = make_list("list", "none");
    make_field(list_id, "{\"name\": \"f\", \"type\": \"text\"}");
    for (int i = 0; i < 3; i++) {
        const char *video = make_video(list_id, bq_arena_format(&arena, "aaaaaaaaa_%d", i));
        set_value(video, list_id, "f", i == 0 ? "\"4\"" : "\"much\"", BM_BY_PERSON);
    }

    assert_int_equal(change(list_id, "f", "{\"type\": \"rating\"}", &how, &changed),
                     BARQ_ERR_DENIED);
    assert_string_equal(err.text,
                        "fields: 2 values of f do not fit any more, the first is \"much\"");
    assert_int_equal(find_field(list_id, "f").type, BM_TEXT);
}

static void what_is_put_aside_comes_back_when_it_fits(void **state)
{
    (void)state;
    struct bm_field_change how = {.set_aside = true};
    struct bm_field_changed changed = {0};
    const char *list_id = make_list("list", "none");
    const char *kept = make_video(list_id, "aaaaaaaaa_1");
    const char *aside = make_video(list_id, "aaaaaaaaa_2");
    const char *decided = make_video(list_id, "aaaaaaaaa_3");
    make_field(list_id, "{\"name\": \"f\", \"type\": \"select\", \"options\": [\"a\", \"b\"]}");
    set_value(kept, list_id, "f", "\"a\"", BM_BY_PERSON);
    set_value(aside, list_id, "f", "\"b\"", BM_BY_PERSON);
    set_value(decided, list_id, "f", "\"b\"", BM_BY_MODEL);

    assert_int_equal(change(list_id, "f", "{\"options\": [\"a\", \"c\"]}", &how, &changed),
                     BARQ_OK);
    assert_int_equal(changed.aside, 2);
    assert_string_equal(value_of(kept, list_id, "f"), "\"a\"");
    assert_null(value_of(aside, list_id, "f"));
    set_value(decided, list_id, "f", "\"c\"", BM_BY_PERSON);

    assert_int_equal(change(list_id, "f", "{\"options\": [\"a\", \"b\", \"c\"]}", &how, &changed),
                     BARQ_OK);
    assert_int_equal(changed.restored, 1);
    assert_string_equal(value_of(aside, list_id, "f"), "\"b\"");
    assert_string_equal(keys_of(aside), "-|b");
    assert_int_equal(only_value(aside).source, BM_BY_PERSON);
    assert_string_equal(value_of(decided, list_id, "f"), "\"c\"");
}

static void an_option_that_is_renamed_takes_its_values_along(void **state)
{
    (void)state;
    struct bm_field_change how = {.renamed = json_value("{\"a\": \"b\", \"b\": \"a\"}")};
    struct bm_field_changed changed = {0};
    const char *list_id = make_list("list", "none");
    const char *video = make_video(list_id, "aaaaaaaaa_1");
    make_field(list_id,
               "{\"name\": \"f\", \"type\": \"multi-select\", \"options\": [\"a\", \"b\", \"c\"]}");
    set_value(video, list_id, "f", "[\"a\",\"c\"]", BM_BY_PERSON);

    assert_int_equal(change(list_id, "f", "{\"options\": [\"b\", \"a\", \"c\"]}", &how, &changed),
                     BARQ_OK);
    assert_int_equal(changed.converted, 1);
    assert_string_equal(value_of(video, list_id, "f"), "[\"b\",\"c\"]");
    assert_string_equal(keys_of(video), "-|\nb\nc\n");
}

static void a_field_cannot_take_anothers_name(void **state)
{
    (void)state;
    struct bm_field_change how = {.set_aside = false};
    struct bm_field_changed changed = {0};
    const char *list_id = make_list("list", "none");
    make_field(list_id, "{\"name\": \"a\", \"type\": \"text\"}");
    make_field(list_id, "{\"name\": \"b\", \"type\": \"text\"}");

    assert_int_equal(change(list_id, "b", "{\"name\": \"a\"}", &how, &changed), BARQ_ERR_EXISTS);
    assert_int_equal(change(list_id, "b", "{\"name\": \"c\", \"label\": \"C\"}", &how, &changed),
                     BARQ_OK);
    assert_string_equal(names_of(list_id), "a c ");
}

#define VALUE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)

int main(int argc, char **argv)
{
    store_main(argc, argv);
    const struct CMUnitTest tests[] = {
        VALUE_TEST(who_said_it_decides_what_stands),
        VALUE_TEST(a_model_leaves_its_name_and_its_evidence),
        VALUE_TEST(what_the_field_does_not_allow_is_not_stored),
        VALUE_TEST(values_can_be_sorted_by),
        VALUE_TEST(a_cleared_value_is_the_rules_again),
        VALUE_TEST(fields_are_added_in_their_order_and_within_limits),
        VALUE_TEST(fields_are_copied_but_for_those_that_are_there),
        VALUE_TEST(fields_are_put_in_another_order_only_all_at_once),
        VALUE_TEST(a_deleted_field_takes_its_values_along),
        VALUE_TEST(a_field_changes_its_type_when_all_values_can_be_read_anew),
        VALUE_TEST(values_that_do_not_fit_stop_the_change),
        VALUE_TEST(what_is_put_aside_comes_back_when_it_fits),
        VALUE_TEST(an_option_that_is_renamed_takes_its_values_along),
        VALUE_TEST(a_field_cannot_take_anothers_name),
    };

    return cmocka_run_group_tests_name("bookmarks/field_values", tests, NULL, store_end);
}

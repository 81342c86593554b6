/*
 * What an older database holds must come through each step whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "shipped.h"
#include "support/folder.h"

static struct barq_error err;

/* A database as version 1 left it: two lists, one of them with videos, fields and values. */
static const char old_rows[] =
    "CREATE TABLE bookmarks_version (version INTEGER PRIMARY KEY);"
    "INSERT INTO bookmarks_version (version) VALUES (1);"
    "INSERT INTO lists VALUES ('l1', 'Talks', 10, 20), ('l2', 'Other', 11, 21);"
    "INSERT INTO runs VALUES ('r1', 'l1', 2, 30), ('r2', 'l2', 1, 31), ('r3', 'l2', 1, 32);"
    "INSERT INTO videos (id, list_id, youtube_id, position, status, error, run_id, title, channel,"
    " channel_id, tags, created_at_ms, updated_at_ms) VALUES"
    " ('v1', 'l1', 'aaaaaaaaa_1', 1, 'completed', NULL, 'r1', 'T', 'C', 'UCx', '[\"a\"]', 40, 50),"
    " ('v2', 'l1', 'aaaaaaaaa_2', 2, 'failed', 'gone', 'r1', NULL, NULL, NULL, NULL, 41, 51),"
    " ('v3', 'l2', 'aaaaaaaaa_3', 1, 'pending', NULL, 'r2', NULL, NULL, NULL, NULL, 42, 52),"
    " ('v4', 'l2', 'aaaaaaaaa_4', 2, 'pending', NULL, NULL, NULL, NULL, NULL, NULL, 43, 53);"
    "INSERT INTO fields VALUES"
    " ('f1', 'l1', 'level', 'Level', 'select', '[\"a \\\"b\\\"\"]', '{\"from\":\"year\"}', 1, 60),"
    " ('f2', 'l1', 'topics', 'Topics', 'multi-select', '[\"x\",\"y z\"]', NULL, 2, 60),"
    " ('f3', 'l1', 'minutes', 'Minutes', 'number', '[]', NULL, 3, 60),"
    " ('f4', 'l1', 'code', 'Code', 'boolean', '[]', NULL, 4, 60);"
    "INSERT INTO field_values VALUES"
    " ('v1', 'f1', '\"a \\\"b\\\"\"', 'person', 70), ('v1', 'f2', '[\"x\",\"y z\"]', 'import', 71),"
    " ('v1', 'f3', '29.5', 'rule', 72), ('v1', 'f4', 'true', 'rule', 73),"
    " ('v2', 'f2', '[]', 'rule', 74), ('v2', 'f4', 'false', 'rule', 75);";

/* In place of the fixture's database, which is of this version already. */
static int open_old(void **state)
{
    if (fixture_make(state) != 0) {
        return -1;
    }
    barq_session_close(session);
    session = NULL;
    setenv("DATABASE_URL", folder_text("sqlite://%s/old.db", folder_path()), 1);
    check(barq_session_open(NULL, &session, &err), &err);
    begin_write();
    check(barq_exec_script(session, bm_shipped_tables_1, &err), &err);
    check(barq_exec_script(session, old_rows, &err), &err);
    commit();
    return 0;
}

static void bring_up(void)
{
    int from;
    int to;

    begin_write();
    check(bm_migrate(session, &from, &to, &err), &err);
    commit();
    assert_int_equal(from, 1);
    assert_true(to > from);
}

/* The rows of a query, their columns separated by "|", each row ended by ";". */
static const char *rows_of(const char *sql)
{
    struct barq_rows *rows = NULL;
    const char *text = "";
    bool more = true;

    check(barq_session_begin(session, false, &err), &err);
    check(barq_query(session, sql, BARQ_NO_PARAMS, &rows, &err), &err);
    for (;;) {
        check(barq_rows_next(rows, &more, &err), &err);
        if (!more) {
            break;
        }
        for (int i = 0; i < barq_columns(rows); i++) {
            const char *column = barq_column_text(rows, i);
            text = bq_arena_format(&arena, "%s%s%s", text, i > 0 ? "|" : "", column ? column : "-");
        }
        text = bq_arena_format(&arena, "%s;", text);
    }
    barq_rows_close(rows);
    barq_session_rollback(session);
    return text;
}

static void lists_runs_and_videos_of_version_1_stay(void **state)
{
    (void)state;
    bring_up();
    assert_string_equal(rows_of("SELECT id, name, description, CAST(created_at_ms AS TEXT),"
                                " CAST(updated_at_ms AS TEXT) FROM lists ORDER BY id"),
                        "l1|Talks|-|10|20;l2|Other|-|11|21;");
    assert_string_equal(rows_of("SELECT id, list_id, state, kind, options FROM runs ORDER BY id"),
                        "r1|l1|running|process|{};r2|l2|running|process|{};"
                        "r3|l2|running|process|{};");
    assert_string_equal(
        rows_of("SELECT id, list_id, youtube_id, status, error, run_id, title, tags,"
                " availability FROM videos WHERE list_id = 'l1' ORDER BY position"),
        "v1|l1|aaaaaaaaa_1|completed|-|r1|T|[\"a\"]|unknown;"
        "v2|l1|aaaaaaaaa_2|failed|gone|r1|-|-|unknown;");
    assert_string_equal(rows_of("SELECT id, name FROM channels"), "UCx|C;");
}

static void runs_of_version_1_know_their_videos(void **state)
{
    (void)state;
    bring_up();
    assert_string_equal(rows_of("SELECT run_id, video_id, state, reason, CAST(tries AS TEXT),"
                                " CAST(updated_at_ms AS TEXT) FROM run_videos ORDER BY video_id"),
                        "r1|v1|completed|-|0|50;r1|v2|failed|gone|0|51;r2|v3|waiting|-|0|52;");
    assert_string_equal(rows_of("SELECT id, CAST(finished_at_ms AS TEXT) FROM runs ORDER BY id"),
                        "r1|51;r2|-;r3|32;");
}

static void fields_and_values_of_version_1_stay(void **state)
{
    (void)state;
    bring_up();
    assert_string_equal(
        rows_of(
            "SELECT id, list_id, name, label, type, options, rule FROM fields ORDER BY position"),
        "f1|l1|level|Level|select|[\"a \\\"b\\\"\"]|{\"from\":\"year\"};"
        "f2|l1|topics|Topics|multi-select|[\"x\",\"y z\"]|-;"
        "f3|l1|minutes|Minutes|number|[]|-;"
        "f4|l1|code|Code|boolean|[]|-;");
    assert_string_equal(
        rows_of("SELECT video_id, field_id, value, source, CAST(updated_at_ms AS TEXT)"
                " FROM field_values ORDER BY video_id, field_id"),
        "v1|f1|\"a \\\"b\\\"\"|person|70;v1|f2|[\"x\",\"y z\"]|import|71;v1|f3|29.5|rule|72;"
        "v1|f4|true|rule|73;v2|f2|[]|rule|74;v2|f4|false|rule|75;");
}

static void values_of_version_1_can_be_sorted_by(void **state)
{
    (void)state;
    bring_up();
    assert_string_equal(rows_of("SELECT video_id, field_id, CAST(value_number AS TEXT), value_text"
                                " FROM field_values ORDER BY video_id, field_id"),
                        "v1|f1|-|a \"b\";v1|f2|-|\nx\ny z\n;v1|f3|29.5|-;v1|f4|1.0|-;"
                        "v2|f2|-|-;v2|f4|0.0|-;");
}

static void what_version_1_cascaded_still_does(void **state)
{
    (void)state;
    bring_up();
    begin_write();
    check(barq_exec(session, "DELETE FROM fields WHERE id = 'f1'", BARQ_NO_PARAMS, &err), &err);
    commit();
    assert_string_equal(rows_of("SELECT field_id FROM field_values WHERE video_id = 'v1'"
                                " ORDER BY field_id"),
                        "f2;f3;f4;");
    begin_write();
    check(bm_list_delete(session, "l1", &err), &err);
    commit();
    assert_string_equal(rows_of("SELECT 'field' FROM fields UNION ALL SELECT 'value' FROM"
                                " field_values UNION ALL SELECT 'video' FROM videos"
                                " WHERE list_id = 'l1'"),
                        "");
    begin_write();
    assert_int_equal(barq_exec(session,
                               "INSERT INTO field_values (video_id, field_id, value, source,"
                               " updated_at_ms) VALUES ('v1', 'f1', '1', 'rule', 1)",
                               BARQ_NO_PARAMS, &err),
                     BARQ_ERR_SQL);
    barq_session_rollback(session);
}

static void what_version_3_had_spent_stays(void **state)
{
    (void)state;
    int from;
    int to;

    begin_write();
    check(barq_exec_script(session, bm_shipped_tables_2, &err), &err);
    check(barq_exec_script(session, bm_shipped_tables_3, &err), &err);
    check(barq_exec_script(session, bm_shipped_tables_3_sqlite, &err), &err);
    check(barq_exec_script(session,
                           "INSERT INTO bookmarks_version (version) VALUES (2), (3);"
                           "INSERT INTO usage (service, day, list_id, calls, units, tokens_in,"
                           " tokens_out, cost_millionths) VALUES"
                           " ('gemini', '2026-11-30', 'l1', 1, 2, 3, 4, 5);",
                           &err),
          &err);
    check(bm_migrate(session, &from, &to, &err), &err);
    commit();
    assert_int_equal(from, 3);
    assert_string_equal(rows_of("SELECT service, day, list_id, model, CAST(calls AS TEXT),"
                                " CAST(units AS TEXT), CAST(tokens_in AS TEXT),"
                                " CAST(tokens_out AS TEXT), CAST(cost_millionths AS TEXT)"
                                " FROM usage"),
                        "gemini|2026-11-30|l1||1|2|3|4|5;");
}

static void an_old_database_has_the_tables_of_a_new_one(void **state)
{
    (void)state;
    static const char tables[] = "SELECT type, name, tbl_name FROM sqlite_master"
                                 " WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name";
    bring_up();
    const char *old = rows_of(tables);
    assert_null(strstr(old, "_2|"));

    barq_session_close(session);
    setenv("DATABASE_URL", folder_text("sqlite://%s/data.db", folder_path()), 1);
    check(bm_store_open(&session, &err), &err);
    assert_string_equal(rows_of(tables), old);
}

#define OLD_TEST(name) cmocka_unit_test_setup_teardown(name, open_old, fixture_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OLD_TEST(lists_runs_and_videos_of_version_1_stay),
        OLD_TEST(runs_of_version_1_know_their_videos),
        OLD_TEST(fields_and_values_of_version_1_stay),
        OLD_TEST(values_of_version_1_can_be_sorted_by),
        OLD_TEST(what_version_1_cascaded_still_does),
        OLD_TEST(what_version_3_had_spent_stays),
        OLD_TEST(an_old_database_has_the_tables_of_a_new_one),
    };

    return cmocka_run_group_tests_name("bookmarks/migrations", tests, NULL, NULL);
}

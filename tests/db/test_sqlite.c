#include <stdio.h>

#include "base/auto.h"
#include "db/fixture.h"
#include "db/sqlite.h"

static void values_come_back_as_they_went_in(void **state)
{
    (void)state;
    static const char bytes[] = {0, 1, (char)0xff, 0};
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool more = false;

    ok(bq_db_query(db, "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7",
                   BARQ_PARAMS(barq_sql_null(), barq_sql_int(INT64_MIN), barq_sql_double(0.1),
                               barq_sql_text("smör\n"), barq_sql_bytes(bytes, sizeof(bytes)),
                               barq_sql_text(""), barq_sql_bytes(NULL, 0)),
                   &rows, &err));
    assert_int_equal(bq_rows_column(rows, 1).kind, BARQ_NULL); /* before the first step */
    ok(bq_rows_next(rows, &more, &err));
    assert_true(more);

    assert_int_equal(bq_rows_columns(rows), 7);
    assert_int_equal(bq_rows_column(rows, 0).kind, BARQ_NULL);
    assert_true(bq_rows_int(rows, 1) == INT64_MIN);
    assert_true(bq_rows_column(rows, 2).d == 0.1);
    assert_string_equal(bq_rows_text(rows, 3), "smör\n");
    assert_int_equal(bq_rows_column(rows, 4).len, sizeof(bytes));
    assert_memory_equal(bq_rows_column(rows, 4).data, bytes, sizeof(bytes));
    assert_string_equal(bq_rows_text(rows, 5), "");
    assert_int_equal(bq_rows_column(rows, 6).kind, BARQ_BYTES);
    assert_int_equal(bq_rows_column(rows, 6).len, 0);
    assert_int_equal(bq_rows_column(rows, 7).kind, BARQ_NULL);
    assert_int_equal(bq_rows_column(rows, -1).kind, BARQ_NULL);

    for (int i = 0; i < 3; i++) {
        ok(bq_rows_next(rows, &more, &err));
        assert_false(more);
    }
}

static void the_number_of_params_must_fit(void **state)
{
    (void)state;
    assert_int_equal(exec(db, "INSERT INTO t VALUES (?1, ?2)"), BARQ_ERR_ARG);
    says("has 2 params, and 0 are given");
    assert_int_equal(
        bq_db_exec(db, "SELECT ?1", BARQ_PARAMS(barq_sql_int(1), barq_sql_int(2)), &err),
        BARQ_ERR_ARG);
    assert_int_equal(
        bq_db_exec(db, "SELECT ?1", BARQ_PARAMS((struct barq_scalar){.kind = BARQ_LIST}), &err),
        BARQ_ERR_TYPE);
    says("list");
}

static void only_one_statement_is_taken(void **state)
{
    (void)state;
    assert_int_equal(exec(db, "DELETE FROM t; DELETE FROM t"), BARQ_ERR_ARG);
    assert_int_equal(exec(db, "SELECT 1; nonsense"), BARQ_ERR_ARG);
    assert_int_equal(exec(db, ""), BARQ_ERR_ARG);
    assert_int_equal(exec(db, " -- nothing"), BARQ_ERR_ARG);
    ok(exec(db, "SELECT 1; -- and a comment\n /* and another */ ;"));
}

static void a_refused_statement_says_why(void **state)
{
    (void)state;
    ok(exec(db, "INSERT INTO t VALUES (1, 'one')"));
    assert_int_equal(exec(db, "INSERT INTO t VALUES (1, 'uno')"), BARQ_ERR_EXISTS);
    says("t.a");
    assert_int_equal(exec(db, "INSERT INTO nowhere VALUES (1)"), BARQ_ERR_SQL);
    says("nowhere");
    ok(bq_db_script(db, "CREATE TABLE s (a CHECK (a > 0))", &err));
    assert_int_equal(exec(db, "INSERT INTO s VALUES (-1)"), BARQ_ERR_SQL);
}

static void a_script_stops_at_what_fails(void **state)
{
    (void)state;
    assert_int_equal(
        bq_db_script(db, "INSERT INTO t VALUES (1, 1); oh; INSERT INTO t VALUES (2, 2)", &err),
        BARQ_ERR_SQL);
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 1);
    ok(bq_db_script(db, "-- only this\n", &err));
}

static void the_cache_is_bounded_and_right(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 200; i++) {
            char sql[32];

            snprintf(sql, sizeof(sql), "SELECT %d", i);
            assert_int_equal(number(db, sql), i);
        }
    }
    assert_true(((struct bq_sqlite *)db)->n_cached <= 64);
}

static void the_same_text_can_be_stepped_twice_at_once(void **state)
{
    (void)state;
    bq_auto(rows) struct bq_rows *outer = NULL;
    bool more = false;
    int seen = 0;

    ok(bq_db_script(db, "INSERT INTO t VALUES (1, 0), (2, 0), (3, 0)", &err));
    ok(bq_db_query(db, "SELECT a FROM t ORDER BY a", NULL, 0, &outer, &err));
    while (bq_rows_next(outer, &more, &err) == BARQ_OK && more) {
        assert_int_equal(number(db, "SELECT a FROM t ORDER BY a"), 1);
        assert_int_equal(bq_rows_int(outer, 0), ++seen);
    }
    assert_int_equal(seen, 3);
}

static void a_kept_statement_follows_the_schema(void **state)
{
    (void)state;
    struct bq_db *other = open_db(url, 0);

    ok(exec(db, "INSERT INTO t VALUES (1, 1)"));
    assert_int_equal(number(db, "SELECT * FROM t"), 1);
    ok(exec(other, "DROP TABLE t"));
    ok(exec(other, "CREATE TABLE t (z)"));
    ok(exec(other, "INSERT INTO t VALUES (9)"));
    assert_int_equal(number(db, "SELECT * FROM t"), 9);
    bq_db_close(other);
}

static void changes_are_counted(void **state)
{
    (void)state;
    ok(exec(db, "INSERT INTO t VALUES (1, 0), (2, 0), (3, 0)"));
    assert_int_equal(bq_db_changes(db), 3);
    ok(exec(db, "DELETE FROM t WHERE a > 5"));
    assert_int_equal(bq_db_changes(db), 0);
}

static void a_rollback_leaves_nothing(void **state)
{
    (void)state;
    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    ok(exec(db, "INSERT INTO t VALUES (1, 1)"));
    assert_true(bq_db_in_transaction(db));
    assert_false(bq_db_ready(db));
    bq_db_rollback(db);
    bq_db_rollback(db);
    assert_true(bq_db_ready(db));
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 0);
    assert_int_equal(bq_db_commit(db, &err), BARQ_ERR_CONFLICT);
}

static void a_second_begin_is_our_mistake(void **state)
{
    (void)state;
    ok(bq_db_begin(db, BQ_DB_READ, &err));
    assert_int_equal(bq_db_begin(db, BQ_DB_WRITE, &err), BARQ_ERR_BUG);
    assert_true(bq_db_in_transaction(db));
    bq_db_rollback(db);
}

static void reading_cannot_write(void **state)
{
    (void)state;
    ok(bq_db_begin(db, BQ_DB_READ, &err));
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 0);
    assert_int_equal(exec(db, "INSERT INTO t VALUES (1, 1)"), BARQ_ERR_DENIED);
    assert_int_equal(bq_db_script(db, "CREATE TABLE x (a)", &err), BARQ_ERR_DENIED);
    assert_true(bq_db_in_transaction(db));
    ok(bq_db_commit(db, &err));
    ok(exec(db, "INSERT INTO t VALUES (1, 1)"));
}

static void readers_see_one_moment_and_stop_nobody(void **state)
{
    (void)state;
    struct bq_db *reader = open_db(url, 0);

    ok(bq_db_begin(reader, BQ_DB_READ, &err));
    assert_int_equal(number(reader, "SELECT count(*) FROM t"), 0);
    ok(exec(db, "INSERT INTO t VALUES (1, 1)"));
    assert_int_equal(number(reader, "SELECT count(*) FROM t"), 0);
    bq_db_rollback(reader);
    assert_int_equal(number(reader, "SELECT count(*) FROM t"), 1);
    bq_db_close(reader);
}

static void rows_end_with_their_transaction(void **state)
{
    (void)state;
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool more = false;

    ok(exec(db, "INSERT INTO t VALUES (1, 0), (2, 0)"));
    ok(bq_db_begin(db, BQ_DB_READ, &err));
    ok(bq_db_query(db, "SELECT a FROM t", NULL, 0, &rows, &err));
    ok(bq_rows_next(rows, &more, &err));
    ok(bq_db_commit(db, &err));
    assert_int_equal(bq_rows_next(rows, &more, &err), BARQ_ERR_CONFLICT);
    assert_int_equal(bq_rows_column(rows, 0).kind, BARQ_NULL);
    assert_int_equal(bq_rows_columns(rows), 0);
    assert_true(bq_db_ready(db));
}

static void a_commit_that_is_refused_is_rolled_back(void **state)
{
    (void)state;
    ok(bq_db_script(db, "CREATE TABLE child (a REFERENCES t (a) DEFERRABLE INITIALLY DEFERRED)",
                    &err));
    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    ok(exec(db, "INSERT INTO child VALUES (5)"));
    assert_int_equal(bq_db_commit(db, &err), BARQ_ERR_SQL);
    assert_true(bq_db_ready(db));
    assert_int_equal(number(db, "SELECT count(*) FROM child"), 0);
}

static int fail_to_sync(sqlite3_file *file, int flags)
{
    (void)file;
    (void)flags;
    return SQLITE_IOERR_FSYNC;
}

static void a_commit_that_was_not_synced_is_in_doubt(void **state)
{
    (void)state;
    sqlite3 *handle = ((struct bq_sqlite *)db)->handle;
    sqlite3_file *wal = NULL;

    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    ok(exec(db, "INSERT INTO t VALUES (1, 1)"));
    assert_int_equal(sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal),
                     SQLITE_OK);
    const sqlite3_io_methods *real = wal->pMethods;
    sqlite3_io_methods methods = *real;
    methods.xSync = fail_to_sync;
    wal->pMethods = &methods;
    assert_int_equal(bq_db_commit(db, &err), BARQ_ERR_CONN);
    wal->pMethods = real;
    says("it may have been committed");
    assert_false(bq_db_in_transaction(db));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(values_come_back_as_they_went_in),
        TEST(the_number_of_params_must_fit),
        TEST(only_one_statement_is_taken),
        TEST(a_refused_statement_says_why),
        TEST(a_script_stops_at_what_fails),
        TEST(the_cache_is_bounded_and_right),
        TEST(the_same_text_can_be_stepped_twice_at_once),
        TEST(a_kept_statement_follows_the_schema),
        TEST(changes_are_counted),
        TEST(a_rollback_leaves_nothing),
        TEST(a_second_begin_is_our_mistake),
        TEST(reading_cannot_write),
        TEST(readers_see_one_moment_and_stop_nobody),
        TEST(rows_end_with_their_transaction),
        TEST(a_commit_that_is_refused_is_rolled_back),
        TEST(a_commit_that_was_not_synced_is_in_doubt),
    };

    return cmocka_run_group_tests_name("db/sqlite", tests, NULL, NULL);
}

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
        TEST(the_cache_is_bounded_and_right),
        TEST(reading_cannot_write),
        TEST(readers_see_one_moment_and_stop_nobody),
        TEST(a_commit_that_was_not_synced_is_in_doubt),
    };

    return cmocka_run_group_tests_name("db/sqlite", tests, NULL, NULL);
}

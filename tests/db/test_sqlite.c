#include <stdio.h>

#include "base/auto.h"
#include "db/fixture.h"
#include "db/sqlite.h"

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
        TEST(the_cache_is_bounded_and_right),
        TEST(reading_cannot_write),
        TEST(readers_see_one_moment_and_stop_nobody),
        TEST(a_commit_that_was_not_synced_is_in_doubt),
    };

    return cmocka_run_group_tests_name("db/sqlite", tests, NULL, NULL);
}

#include "db/fixture.h"

static void a_guarded_connection_refuses_what_ends_transactions(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "COMMIT",
        "END",
        "ROLLBACK",
        "BEGIN",
        "BEGIN IMMEDIATE",
        "SAVEPOINT s",
        "RELEASE s",
        "ROLLBACK TO s",
        "/* hidden */ commit;",
        "EXPLAIN COMMIT",
        "ATTACH ':memory:' AS other",
        "DETACH other",
        "PRAGMA foreign_keys = OFF",
        "PRAGMA query_only(1)",
        "PRAGMA synchronous = OFF",
        "PRAGMA user_version = 3",
        "PRAGMA wal_checkpoint",
        "PRAGMA writable_schema = ON",
        "DELETE FROM barq_receipts",
        "UPDATE main.BARQ_receipts SET a = 1",
        "INSERT INTO \"barq_receipts\" VALUES (1)",
        "REPLACE INTO barq_receipts VALUES (1)",
        "DROP TABLE barq_receipts",
        "ALTER TABLE barq_receipts ADD COLUMN b",
        "CREATE INDEX i ON barq_receipts (a)",
        "CREATE TRIGGER r AFTER INSERT ON barq_receipts BEGIN SELECT 1; END",
        "CREATE TEMP TRIGGER r AFTER INSERT ON barq_receipts BEGIN SELECT 1; END",
        "CREATE TEMP TABLE barq_receipts (a)",
        "CREATE TEMP VIEW barq_receipts AS SELECT 1",
    };
    ok(bq_db_script(db, "CREATE TABLE barq_receipts (a)", &err));

    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    ok(exec(db, "INSERT INTO t VALUES (1, 1)"));
    bq_db_guard(db, true);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        enum barq_status status = exec(db, refused[i]);
        if (status != BARQ_ERR_DENIED) {
            fail_msg("%s: %s", refused[i], barq_status_name(status));
        }
        assert_int_equal(bq_db_script(db, refused[i], &err), BARQ_ERR_DENIED);
        assert_true(bq_db_in_transaction(db));
    }
    ok(bq_db_commit(db, &err));
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 1);
}

static void a_guarded_connection_may_do_its_work(void **state)
{
    (void)state;
    bq_db_guard(db, true);
    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    ok(exec(db, "PRAGMA table_info(t)"));
    ok(exec(db, "SELECT * FROM pragma_table_info('t')"));
    ok(exec(db, "PRAGMA user_version"));
    ok(exec(db, "CREATE TABLE mine (a)"));
    ok(exec(db, "CREATE TEMP TABLE scratch (a)"));
    ok(exec(db, "WITH x AS (SELECT 1) INSERT INTO mine SELECT * FROM x"));
    ok(bq_db_commit(db, &err));
}

static void a_kept_statement_does_not_slip_past_the_guard(void **state)
{
    (void)state;
    ok(exec(db, "SAVEPOINT s"));
    ok(exec(db, "RELEASE s"));
    ok(exec(db, "PRAGMA user_version = 3"));
    for (int i = 0; i < 2; i++) {
        ok(bq_db_begin(db, BQ_DB_WRITE, &err)); /* the driver keeps its own, too */
        bq_db_guard(db, true);
        assert_int_equal(exec(db, "SAVEPOINT s"), BARQ_ERR_DENIED);
        assert_int_equal(exec(db, "PRAGMA user_version = 3"), BARQ_ERR_DENIED);
        assert_int_equal(exec(db, "BEGIN IMMEDIATE"), BARQ_ERR_DENIED);
        assert_int_equal(exec(db, "COMMIT"), BARQ_ERR_DENIED);
        assert_true(bq_db_in_transaction(db));
        ok(bq_db_commit(db, &err));
        bq_db_guard(db, false);
    }
    ok(exec(db, "SAVEPOINT s"));
}

static void a_trigger_does_not_slip_past_the_guard(void **state)
{
    (void)state;
    ok(bq_db_script(db,
                    "CREATE TABLE barq_receipts (a);"
                    "CREATE TRIGGER r AFTER INSERT ON t BEGIN"
                    " INSERT INTO barq_receipts VALUES (new.a); END",
                    &err));
    bq_db_guard(db, true);
    assert_int_equal(exec(db, "INSERT INTO t VALUES (1, 1)"), BARQ_ERR_DENIED);
    bq_db_guard(db, false);
    ok(exec(db, "INSERT INTO t VALUES (1, 1)"));
}

static void a_conflict_clause_that_rolls_back_is_seen(void **state)
{
    (void)state;
    bq_db_guard(db, true);
    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    ok(exec(db, "INSERT INTO t VALUES (1, 1)"));
    assert_int_equal(exec(db, "INSERT INTO t VALUES (1, 1)"), BARQ_ERR_EXISTS);
    assert_true(bq_db_in_transaction(db));
    assert_int_equal(exec(db, "INSERT OR ROLLBACK INTO t VALUES (1, 1)"), BARQ_ERR_EXISTS);
    assert_false(bq_db_in_transaction(db));
}

static void what_is_temporary_does_not_outlive_its_owner(void **state)
{
    (void)state;
    bq_db_guard(db, true);
    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    ok(exec(db, "CREATE TEMP TABLE t (a, b)"));
    ok(exec(db, "INSERT INTO t VALUES (1, 1)"));
    ok(bq_db_commit(db, &err));
    assert_int_equal(number(db, "SELECT count(*) FROM main.t"), 0);
    assert_false(bq_db_ready(db));

    ok(bq_db_reopen(db, &err));
    assert_true(bq_db_ready(db));
    ok(exec(db, "INSERT INTO t VALUES (1, 1)"));
    assert_int_equal(number(db, "SELECT count(*) FROM main.t"), 1);
    assert_true(bq_db_ready(db));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_guarded_connection_refuses_what_ends_transactions),
        TEST(a_guarded_connection_may_do_its_work),
        TEST(a_kept_statement_does_not_slip_past_the_guard),
        TEST(a_trigger_does_not_slip_past_the_guard),
        TEST(a_conflict_clause_that_rolls_back_is_seen),
        TEST(what_is_temporary_does_not_outlive_its_owner),
    };

    return cmocka_run_group_tests_name("db/guard", tests, NULL, NULL);
}

/*
 * What every driver does alike: run with "postgresql", or for SQLite without an argument.
 */
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "base/auto.h"
#include "base/time.h"
#include "db/fixture.h"
#include "support/holder.h"

enum { SOON_MS = 5000 };

static void values_come_back_as_they_went_in(void **state)
{
    (void)state;
    static const char bytes[] = {0, 1, (char)0xff, 0};
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool more = false;

    ok(bq_db_script(db,
                    store_sql("CREATE TABLE v (n, i, d, s, x, e, z)",
                              "CREATE TABLE v (n text, i bigint, d double precision, s text,"
                              " x bytea, e text, z bytea)"),
                    &err));
    ok(bq_db_exec(db, "INSERT INTO v VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                  BARQ_PARAMS(barq_sql_null(), barq_sql_int(INT64_MIN), barq_sql_double(0.1),
                              barq_sql_text("smör\n"), barq_sql_bytes(bytes, sizeof(bytes)),
                              barq_sql_text(""), barq_sql_bytes(NULL, 0)),
                  &err));
    ok(bq_db_query(db, "SELECT * FROM v", NULL, 0, &rows, &err));
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
    says("t");
    assert_int_equal(exec(db, "INSERT INTO nowhere VALUES (1)"), BARQ_ERR_SQL);
    says("nowhere");
    ok(bq_db_script(db, "CREATE TABLE s (a INTEGER CHECK (a > 0))", &err));
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
    ok(exec(other, "CREATE TABLE t (z INTEGER)"));
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
    ok(bq_db_script(
        db, "CREATE TABLE child (a BIGINT REFERENCES t (a) DEFERRABLE INITIALLY DEFERRED)", &err));
    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    ok(exec(db, "INSERT INTO child VALUES (5)"));
    assert_int_equal(bq_db_commit(db, &err), BARQ_ERR_SQL);
    assert_true(bq_db_ready(db));
    assert_int_equal(number(db, "SELECT count(*) FROM child"), 0);

    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    assert_int_equal(bq_db_finish(db, "INSERT INTO child VALUES (5)", NULL, 0, &err), BARQ_ERR_SQL);
    assert_true(bq_db_ready(db));
    assert_int_equal(number(db, "SELECT count(*) FROM child"), 0);
}

/* The key in the last statement; by the third time it is known. */
static void the_last_statement_is_committed_with_all_before_it(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        int key;
        enum barq_status status;
        int rows;
    } rounds[] = {
        {"INSERT INTO t VALUES (1, 0)", 2, BARQ_OK, 2},
        {"INSERT INTO t VALUES (3, 0)", 2, BARQ_ERR_EXISTS, 2},
        {"INSERT INTO t VALUES (4, 0)", 5, BARQ_OK, 4},
    };

    for (size_t i = 0; i < sizeof(rounds) / sizeof(rounds[0]); i++) {
        ok(bq_db_begin(db, BQ_DB_WRITE, &err));
        ok(exec(db, rounds[i].sql));
        assert_int_equal(bq_db_finish(db, "INSERT INTO t VALUES (?1, 0)",
                                      BARQ_PARAMS(barq_sql_int(rounds[i].key)), &err),
                         rounds[i].status);
        assert_false(bq_db_in_transaction(db));
        assert_true(bq_db_ready(db));
        assert_int_equal(number(db, "SELECT count(*) FROM t"), rounds[i].rows);
    }
    assert_int_equal(bq_db_finish(db, "INSERT INTO t VALUES (6, 0)", NULL, 0, &err),
                     BARQ_ERR_CONFLICT);
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 4);
}

static void reading_cannot_write(void **state)
{
    (void)state;
    static const char *const writing[] = {"INSERT INTO t VALUES (1, 1)",
                                          "CREATE TABLE x (a INTEGER)"};

    for (size_t i = 0; i < 2; i++) {
        ok(bq_db_begin(db, BQ_DB_READ, &err));
        assert_int_equal(number(db, "SELECT count(*) FROM t"), 0);
        assert_int_equal(bq_db_script(db, writing[i], &err), BARQ_ERR_DENIED);
        bq_db_rollback(db);
    }
    ok(bq_db_begin(db, BQ_DB_READ, &err));
    ok(bq_db_commit(db, &err));
    ok(exec(db, "INSERT INTO t VALUES (1, 1)"));
}

static void statements_are_found_again_by_their_text(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 200; i++) {
            char sql[32];

            (void)snprintf(sql, sizeof(sql), "SELECT %d", i);
            assert_int_equal(number(db, sql), i);
            assert_int_equal(number(db, sql), i);
        }
    }
}

static void what_a_savepoint_undoes_is_gone_and_the_rest_stays(void **state)
{
    (void)state;
    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    ok(exec(db, "INSERT INTO t VALUES (1, 1)"));
    ok(bq_db_savepoint(db, &err));
    ok(exec(db, "INSERT INTO t VALUES (2, 2)"));
    ok(bq_db_savepoint(db, &err));
    ok(exec(db, "INSERT INTO t VALUES (3, 3)"));
    ok(bq_db_savepoint_release(db, &err));
    ok(bq_db_savepoint_rollback(db, &err));
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 1);
    assert_int_equal(bq_db_savepoint_rollback(db, &err), BARQ_ERR_CONFLICT);
    says("no savepoint");
    ok(bq_db_savepoint(db, &err));
    ok(exec(db, "INSERT INTO t VALUES (4, 4)"));
    ok(bq_db_commit(db, &err));
    assert_int_equal(number(db, "SELECT max(a) FROM t"), 4);
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 2);
    assert_int_equal(bq_db_savepoint(db, &err), BARQ_ERR_CONFLICT);
}

static void a_failure_within_a_savepoint_ends_no_transaction(void **state)
{
    (void)state;
    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    bq_db_guard(db, true);
    ok(exec(db, "INSERT INTO t VALUES (1, 1)"));
    for (int i = 0; i < 2; i++) {
        ok(bq_db_savepoint(db, &err));
        assert_int_equal(exec(db, "INSERT INTO t VALUES (1, 2)"), BARQ_ERR_EXISTS);
        assert_true(bq_db_in_transaction(db));
        ok(bq_db_savepoint_rollback(db, &err));
    }
    ok(exec(db, "INSERT INTO t VALUES (2, 2)"));
    ok(bq_db_commit(db, &err));
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 2);
}

static void a_transaction_knows_whether_it_has_written(void **state)
{
    (void)state;
    bool written = false;

    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    ok(exec(db, "INSERT INTO t VALUES (1, 1)"));
    ok(bq_db_written(db, &written, &err));
    assert_true(written);
    ok(bq_db_commit(db, &err));
}

static void *cancel_when_it_runs(void *base)
{
    struct timespec pause = {.tv_nsec = 20000000};

    nanosleep(&pause, NULL);
    bq_db_cancel(base, true);
    return NULL;
}

static void check_canceled(enum barq_status (*blocks)(struct bq_db *db))
{
    pthread_t thread;
    int64_t begun_ms = bq_mono_ms();

    assert_int_equal(pthread_create(&thread, NULL, cancel_when_it_runs, db), 0);
    enum barq_status status = blocks(db);
    pthread_join(thread, NULL);
    assert_int_equal(status, BARQ_ERR_CANCELED);
    assert_true(bq_mono_ms() - begun_ms < SOON_MS);

    assert_int_equal(exec(db, "SELECT 1"), BARQ_ERR_CANCELED);
    bq_db_rollback(db);
    bq_db_cancel(db, false);
    ok(exec(db, "SELECT 1"));
    assert_true(bq_db_ready(db));
}

static enum barq_status query_endlessly(struct bq_db *on)
{
    return exec(on, ENDLESS);
}

/* The holder has written the row of 1. */
static enum barq_status write_what_is_held(struct bq_db *on)
{
    enum barq_status status = bq_db_begin(on, BQ_DB_WRITE, &err);

    return status == BARQ_OK ? exec(on, "INSERT INTO t VALUES (1, 2)") : status;
}

static void a_cancel_ends_a_long_query_at_once(void **state)
{
    (void)state;
    check_canceled(query_endlessly);
}

static void a_cancel_ends_the_waiting_for_a_lock(void **state)
{
    (void)state;
    struct holder holder = holder_start(url, "INSERT INTO t VALUES (1, 1)");

    check_canceled(write_what_is_held);
    holder_rollback(&holder);
}

static void a_lock_held_for_too_long_is_busy(void **state)
{
    (void)state;
    struct holder holder = holder_start(url, "INSERT INTO t VALUES (1, 1)");
    struct bq_db *other = open_db(url, 20);

    assert_int_equal(number(other, "SELECT count(*) FROM t"), 0);
    assert_int_equal(write_what_is_held(other), BARQ_ERR_BUSY);
    bq_db_rollback(other);
    assert_true(bq_db_ready(other));

    holder_rollback(&holder);
    ok(write_what_is_held(other));
    bq_db_close(other);
}

static void a_killed_writers_lock_and_writes_are_gone(void **state)
{
    (void)state;
    struct holder holder = holder_start(url, "INSERT INTO t VALUES (1, 1)");

    holder_kill(&holder);
    ok(write_what_is_held(db));
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 1);
}

static void a_key_that_was_committed_meanwhile_exists(void **state)
{
    (void)state;
    struct holder holder = holder_start(url, "INSERT INTO t VALUES (1, 1)");

    holder_commit(&holder);
    assert_int_equal(write_what_is_held(db), BARQ_ERR_EXISTS);
}

static void what_is_canceled_cannot_be_committed(void **state)
{
    (void)state;
    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    ok(exec(db, "INSERT INTO t VALUES (1, 1)"));
    bq_db_cancel(db, true);
    assert_int_equal(bq_db_commit(db, &err), BARQ_ERR_CANCELED);
    assert_false(bq_db_in_transaction(db));
    bq_db_cancel(db, false);

    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    bq_db_cancel(db, true);
    assert_int_equal(bq_db_finish(db, "INSERT INTO t VALUES (1, 1)", NULL, 0, &err),
                     BARQ_ERR_CANCELED);
    assert_false(bq_db_in_transaction(db));
    bq_db_cancel(db, false);
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 0);
}

static void a_rollback_works_while_canceled(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        ok(bq_db_begin(db, BQ_DB_WRITE, &err));
        bq_db_cancel(db, true);
        bq_db_rollback(db);
        assert_false(bq_db_in_transaction(db));
        bq_db_cancel(db, false);
        assert_true(bq_db_ready(db));
    }
}

static void a_time_limit_ends_what_runs(void **state)
{
    (void)state;
    bq_db_until(db, bq_mono_ms() + 20);
    assert_int_equal(exec(db, ENDLESS), BARQ_ERR_TIMEOUT);
    assert_int_equal(exec(db, "SELECT 1"), BARQ_ERR_TIMEOUT);
    bq_db_until(db, 0);
    ok(exec(db, "SELECT 1"));
}

static void a_time_limit_leaves_nothing_of_a_transaction(void **state)
{
    (void)state;
    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    ok(exec(db, "INSERT INTO t VALUES (1, 1)"));
    bq_db_until(db, bq_mono_ms() + 20);
    assert_int_equal(exec(db, ENDLESS), BARQ_ERR_TIMEOUT);
    bq_db_rollback(db);
    bq_db_until(db, 0);
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 0);
}

static void a_guarded_connection_refuses_what_ends_transactions(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "COMMIT",
        "END",
        "ROLLBACK",
        "BEGIN",
        "SAVEPOINT s",
        "RELEASE s",
        "ROLLBACK TO s",
        "/* hidden */ commit;",
        "DELETE FROM barq_receipts",
        "UPDATE BARQ_receipts SET a = 1",
        "INSERT INTO \"barq_receipts\" VALUES (1)",
        "DROP TABLE barq_receipts",
        "ALTER TABLE barq_receipts ADD COLUMN b INTEGER",
        "CREATE INDEX i ON barq_receipts (a)",
        "CREATE TEMP TABLE barq_receipts (a INTEGER)",
        "CREATE TEMP VIEW barq_receipts AS SELECT 1",
    };
    ok(bq_db_script(db, "CREATE TABLE barq_receipts (a INTEGER)", &err));

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
    ok(exec(db, "SELECT * FROM barq_receipts"));
    ok(bq_db_commit(db, &err));
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 1);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(values_come_back_as_they_went_in),
        TEST(the_number_of_params_must_fit),
        TEST(only_one_statement_is_taken),
        TEST(a_refused_statement_says_why),
        TEST(a_script_stops_at_what_fails),
        TEST(the_same_text_can_be_stepped_twice_at_once),
        TEST(a_kept_statement_follows_the_schema),
        TEST(changes_are_counted),
        TEST(a_rollback_leaves_nothing),
        TEST(a_second_begin_is_our_mistake),
        TEST(rows_end_with_their_transaction),
        TEST(a_commit_that_is_refused_is_rolled_back),
        TEST(reading_cannot_write),
        TEST(statements_are_found_again_by_their_text),
        TEST(what_a_savepoint_undoes_is_gone_and_the_rest_stays),
        TEST(a_failure_within_a_savepoint_ends_no_transaction),
        TEST(a_transaction_knows_whether_it_has_written),
        TEST(a_cancel_ends_a_long_query_at_once),
        TEST(a_cancel_ends_the_waiting_for_a_lock),
        TEST(a_lock_held_for_too_long_is_busy),
        TEST(a_killed_writers_lock_and_writes_are_gone),
        TEST(a_key_that_was_committed_meanwhile_exists),
        TEST(what_is_canceled_cannot_be_committed),
        TEST(the_last_statement_is_committed_with_all_before_it),
        TEST(a_rollback_works_while_canceled),
        TEST(a_time_limit_ends_what_runs),
        TEST(a_time_limit_leaves_nothing_of_a_transaction),
        TEST(a_guarded_connection_refuses_what_ends_transactions),
    };

    holder_main(argc, argv);
    store_main(argc, argv);
    return cmocka_run_group_tests_name("db/contract", tests, NULL, store_end);
}

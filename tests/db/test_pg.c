/* What is PostgreSQL's own: run with "postgresql". */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/time.h"
#include "db/fixture.h"
#include "db/pg.h"
#include "support/folder.h"
#include "support/holder.h"

enum { SOON_MS = 15000 };

static struct bq_rows *query(const char *sql, const struct barq_scalar *params, size_t n_params)
{
    struct bq_rows *rows = NULL;
    bool more = false;

    ok(bq_db_query(db, sql, params, n_params, &rows, &err));
    ok(bq_rows_next(rows, &more, &err));
    assert_true(more);
    return rows;
}

/* -- texts -- */

static void params_are_numbered_in_both_ways(void **state)
{
    (void)state;
    bq_auto(rows) struct bq_rows *rows = query(
        "SELECT ?1::int, $2::text, '?3', \"a?4\", $x$?5 $6$x$, E'\\'?7', 'it''s ?8' /* ?9 /* */"
        " */ FROM (SELECT 1 AS \"a?4\") AS s -- ?10",
        BARQ_PARAMS(barq_sql_int(7), barq_sql_text("x")));

    assert_int_equal(bq_rows_int(rows, 0), 7);
    assert_string_equal(bq_rows_text(rows, 1), "x");
    assert_string_equal(bq_rows_text(rows, 2), "?3");
    assert_string_equal(bq_rows_text(rows, 4), "?5 $6");
    assert_string_equal(bq_rows_text(rows, 5), "'?7");
    assert_string_equal(bq_rows_text(rows, 6), "it's ?8");
}

static void question_marks_of_jsonb_stay(void **state)
{
    (void)state;
    bq_auto(rows) struct bq_rows *rows =
        query("SELECT '{\"a\": 1}'::jsonb ? 'a', '{\"a\": 1}'::jsonb ?| ARRAY[?1], ?2::int",
              BARQ_PARAMS(barq_sql_text("b"), barq_sql_int(3)));

    assert_true(bq_rows_column(rows, 0).i);
    assert_false(bq_rows_column(rows, 1).i);
    assert_int_equal(bq_rows_int(rows, 2), 3);
}

static void a_body_with_semicolons_is_one_statement(void **state)
{
    (void)state;
    ok(bq_db_script(db,
                    "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS"
                    " $$ BEGIN RETURN 1; END $$;"
                    "CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1"
                    " END; SELECT 2; END; SELECT 1",
                    &err));
    assert_int_equal(number(db, "SELECT f()"), 1);
    assert_int_equal(number(db, "SELECT g()"), 2);
    assert_int_equal(exec(db, "SELECT 1 /* never ends"), BARQ_ERR_SQL);
    assert_int_equal(exec(db, "SELECT 'never ends"), BARQ_ERR_SQL);
}

/* -- types -- */

static void a_param_is_what_the_statement_needs(void **state)
{
    (void)state;
    ok(bq_db_script(db,
                    "CREATE TABLE v (s smallint, i int, b bigint, n numeric, d double precision,"
                    " t text, f boolean, w timestamptz, u uuid, j jsonb, a int[], x bytea, y date)",
                    &err));
    struct barq_scalar seven = barq_sql_int(7);
    ok(bq_db_exec(db,
                  "INSERT INTO v VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
                  BARQ_PARAMS(seven, seven, seven, barq_sql_text("1.50"), seven, seven,
                              barq_sql_bool(true), barq_sql_timestamp(INT64_C(1714979289123456)),
                              barq_sql_text("01234567-89ab-cdef-0123-456789abcdef"),
                              barq_sql_text("{\"a\": [1]}"), barq_sql_text("{1,2}"),
                              barq_sql_bytes("\0x", 2), barq_sql_text("2024-05-06")),
                  &err));
    bq_auto(rows) struct bq_rows *rows = query("SELECT * FROM v WHERE b = ?1", &seven, 1);

    for (int i = 0; i < 3; i++) {
        assert_int_equal(bq_rows_int(rows, i), 7);
    }
    assert_string_equal(bq_rows_text(rows, 3), "1.50");
    assert_true(bq_rows_column(rows, 4).d == 7.0);
    assert_string_equal(bq_rows_text(rows, 5), "7");
    assert_int_equal(bq_rows_column(rows, 6).kind, BARQ_BOOL);
    assert_int_equal(bq_rows_column(rows, 6).i, 1);
    assert_int_equal(bq_rows_column(rows, 7).kind, BARQ_TIMESTAMP);
    assert_true(bq_rows_column(rows, 7).i == INT64_C(1714979289123456));
    assert_string_equal(bq_rows_text(rows, 8), "01234567-89ab-cdef-0123-456789abcdef");
    assert_string_equal(bq_rows_text(rows, 9), "{\"a\": [1]}");
    assert_string_equal(bq_rows_text(rows, 10), "{1,2}");
    assert_memory_equal(bq_rows_column(rows, 11).data, "\0x", 2);
    assert_string_equal(bq_rows_text(rows, 12), "2024-05-06");
}

static void an_instant_is_the_same_in_every_zone(void **state)
{
    (void)state;
    static const char *const zones[] = {"UTC", "Asia/Kathmandu", "America/St_Johns",
                                        "Africa/Monrovia"};
    static const int64_t instants[] = {0,
                                       -1,
                                       INT64_C(-62135000000000000),
                                       INT64_C(1714979289123456),
                                       INT64_C(253402300799999999),
                                       INT64_C(-2000000000000001)};

    for (size_t z = 0; z < 4; z++) {
        ok(exec(db, folder_text("SET timezone = '%s'", zones[z])));
        for (size_t i = 0; i < 6; i++) {
            bq_auto(rows) struct bq_rows *rows =
                query("SELECT ?1::timestamptz", BARQ_PARAMS(barq_sql_timestamp(instants[i])));
            if (bq_rows_column(rows, 0).i != instants[i]) {
                fail_msg("%s: %s", zones[z], (const char *)bq_rows_column(rows, 0).data);
            }
        }
    }
    bq_auto(rows) struct bq_rows *rows = query("SELECT 'infinity'::timestamptz", NULL, 0);
    assert_string_equal(bq_rows_text(rows, 0), "infinity");
}

static void what_cannot_be_stored_is_refused_by_its_number(void **state)
{
    (void)state;
    assert_int_equal(
        bq_db_exec(db, "SELECT ?1::text", BARQ_PARAMS(barq_sql_text_of("a\0b", 3)), &err),
        BARQ_ERR_TYPE);
    says("param 1 is text with a NUL");
    assert_int_equal(bq_db_exec(db, "SELECT ?1::text", BARQ_PARAMS(barq_sql_text("\xff")), &err),
                     BARQ_ERR_SQL);
    assert_int_equal(exec(db, "COPY t TO STDOUT"), BARQ_ERR_DENIED);
    says("COPY");
}

/* -- statements -- */

static int64_t prepared(void)
{
    return number(db, "SELECT count(*) FROM pg_prepared_statements");
}

static void a_statement_is_prepared_at_its_second_use(void **state)
{
    (void)state;
    ok(exec(db, "SELECT 41"));
    (void)prepared();
    assert_int_equal(prepared(), 1); /* that one */
    ok(exec(db, "SELECT 41"));
    assert_int_equal(prepared(), 2);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 200; i++) {
            char sql[32];

            (void)snprintf(sql, sizeof(sql), "SELECT %d", i);
            ok(exec(db, sql));
            ok(exec(db, sql));
        }
    }
    assert_true(prepared() <= 65);
    assert_true(((struct bq_pg *)db)->n_cached <= 64);
}

/* Of one of ours, as the server has it. */
static const char *name_of(struct bq_db *of, const char *sql)
{
    bq_auto(rows) struct bq_rows *rows = NULL;
    bool more = false;

    ok(exec(of, sql));
    ok(exec(of, sql));
    ok(bq_db_query(of, "SELECT name FROM pg_prepared_statements WHERE statement = ?1",
                   BARQ_PARAMS(barq_sql_text(sql)), &rows, &err));
    ok(bq_rows_next(rows, &more, &err));
    assert_true(more);
    return folder_text("%s", bq_rows_text(rows, 0));
}

/* Where a pooler gives us another's server, a name must not be found there that means something else. */
static void a_name_means_one_statement_in_all_sessions(void **state)
{
    (void)state;
    struct bq_db *other = open_db(url, 0);
    const char *name = name_of(db, "SELECT 41");

    assert_string_not_equal(name_of(other, "SELECT 42"), name);
    assert_string_not_equal(name_of(db, "SELECT 43"), name);
    bq_db_close(other);
}

static void with_prepare_off_nothing_is_prepared_or_left(void **state)
{
    (void)state;
    bq_db_close(db);
    db = open_db(folder_text("%s&prepare=off", url), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(prepared(), 0);
    }
    bq_db_guard(db, true);
    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    assert_int_equal(exec(db, "CREATE TEMP TABLE x (a int)"), BARQ_ERR_DENIED);
    says("prepare=off");
    ok(exec(db, "INSERT INTO t VALUES (1, 1)"));
    ok(bq_db_commit(db, &err));
}

static void a_schema_of_ones_own_comes_first(void **state)
{
    (void)state;
    static const char *const steps[] = {"CREATE TABLE mine (a int)", NULL};
    struct bq_db *other = open_db(folder_text("%s&schema=jobs", url), 0);

    ok(bq_db_migrate(other, "versions", steps, NULL, NULL, &err));
    assert_int_equal(number(db, "SELECT count(*) FROM jobs.mine"), 0);
    assert_int_equal(number(other, "SELECT count(*) FROM t"), 0); /* in "public" */
    bq_db_close(other);
}

/* -- what may go wrong -- */

static void errors_have_their_classes(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        enum barq_status status;
    } all[] = {
        {"23505", BARQ_ERR_EXISTS},  {"40001", BARQ_ERR_CONFLICT}, {"40P01", BARQ_ERR_CONFLICT},
        {"55P03", BARQ_ERR_BUSY},    {"53100", BARQ_ERR_FULL},     {"42501", BARQ_ERR_DENIED},
        {"XX001", BARQ_ERR_CORRUPT}, {"P0001", BARQ_ERR_SQL},      {"25006", BARQ_ERR_CONN},
        {"53300", BARQ_ERR_CONN},    {"57014", BARQ_ERR_CANCELED}, {"54000", BARQ_ERR_LIMIT},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        const char *sql =
            folder_text("DO $$ BEGIN RAISE 'oh' USING ERRCODE = '%s'; END $$", all[i].code);
        assert_int_equal(exec(db, sql), all[i].status);
        assert_int_equal(err.status, all[i].status);
        says("oh");
        says(folder_text("SQLSTATE %s", all[i].code));
        assert_true(bq_db_ready(db));
    }
}

static void a_failed_statement_ends_the_transaction(void **state)
{
    (void)state;
    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    ok(exec(db, "INSERT INTO t VALUES (1, 1)"));
    assert_int_equal(exec(db, "nonsense"), BARQ_ERR_SQL);
    assert_false(bq_db_in_transaction(db));
    assert_int_equal(exec(db, "SELECT 1"), BARQ_ERR_CONFLICT);
    assert_int_equal(bq_db_commit(db, &err), BARQ_ERR_CONFLICT);
    bq_db_rollback(db);
    assert_true(bq_db_ready(db));
    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    ok(bq_db_commit(db, &err));
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 0);
}

static const char *terminate(void)
{
    return folder_text("SELECT pg_terminate_backend(%lld, 10000)",
                       (long long)number(db, "SELECT pg_backend_pid()"));
}

static void a_backend_that_is_terminated_takes_its_transaction_along(void **state)
{
    (void)state;
    const char *sql = terminate();

    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    ok(exec(db, "INSERT INTO t VALUES (1, 1)"));
    assert_string_equal(postgres_say(store_server(), "%s", sql), "t");
    assert_int_equal(exec(db, "SELECT 1"), BARQ_ERR_CONN);
    says("57P01");
    assert_false(bq_db_in_transaction(db));
    assert_int_equal(bq_db_commit(db, &err), BARQ_ERR_CONFLICT);
    assert_int_equal(exec(db, "SELECT 1"), BARQ_ERR_CONN);
    assert_false(bq_db_ready(db));
    ok(bq_db_reopen(db, &err));
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 0);
}

static void a_connection_lost_at_the_commit_is_in_doubt(void **state)
{
    (void)state;
    for (int together = 0; together < 2; together++) {
        const char *sql = terminate();

        ok(bq_db_begin(db, BQ_DB_WRITE, &err));
        ok(exec(db, "INSERT INTO t VALUES (1, 1)"));
        assert_string_equal(postgres_say(store_server(), "%s", sql), "t");
        assert_int_equal(together ? bq_db_finish(db, "INSERT INTO t VALUES (2, 1)", NULL, 0, &err)
                                  : bq_db_commit(db, &err),
                         BARQ_ERR_CONN);
        says("it may have been committed");
        assert_false(bq_db_in_transaction(db));
        ok(bq_db_reopen(db, &err));
    }
}

/* What it waits for, and the commit behind it, can be ended from outside. */
static void a_cancel_ends_the_last_statements_waiting(void **state)
{
    (void)state;
    struct holder holder = holder_start(url, "INSERT INTO t VALUES (1, 1)");

    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    bq_db_until(db, bq_mono_ms() + 20);
    assert_int_equal(bq_db_finish(db, "INSERT INTO t VALUES (1, 2)", NULL, 0, &err),
                     BARQ_ERR_TIMEOUT);
    bq_db_until(db, 0);
    holder_commit(&holder);
    assert_true(bq_db_ready(db));
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 1);
}

static void a_server_that_was_killed_is_away_until_it_is_back(void **state)
{
    (void)state;
    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    postgres_kill(store_server());
    assert_int_equal(exec(db, "INSERT INTO t VALUES (1, 1)"), BARQ_ERR_CONN);
    bq_db_rollback(db);
    assert_int_equal(bq_db_reopen(db, &err), BARQ_ERR_CONN);
    assert_int_equal(bq_db_begin(db, BQ_DB_WRITE, &err), BARQ_ERR_CONN);
    postgres_start(store_server());
    ok(bq_db_reopen(db, &err));
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 0);
}

/* It answers nothing any more, not even to a cancel. */
static void a_server_that_stands_still_is_not_waited_for(void **state)
{
    (void)state;
    int64_t begun_ms = bq_mono_ms();

    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    postgres_freeze(store_server());
    bq_db_until(db, bq_mono_ms() + 20);
    enum barq_status status = exec(db, "INSERT INTO t VALUES (1, 1)");
    postgres_thaw(store_server());
    assert_int_equal(status, BARQ_ERR_TIMEOUT);
    assert_false(bq_db_in_transaction(db));
    bq_db_until(db, 0);
    assert_true(bq_mono_ms() - begun_ms < SOON_MS);
    ok(bq_db_reopen(db, &err));
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 0);
}

static void the_server_ends_what_nobody_waits_for(void **state)
{
    (void)state;
    struct bq_db *other = open_db(url, 0);

    bq_db_until(db, bq_mono_ms() + 100000);
    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    bq_db_until(db, 0);
    ok(exec(db, "SET LOCAL idle_in_transaction_session_timeout = 10"));
    ok(exec(db, "INSERT INTO t VALUES (1, 1)"));
    ok(exec(other, "INSERT INTO t VALUES (1, 2)")); /* waits until then */
    assert_int_equal(exec(db, "SELECT 1"), BARQ_ERR_CONN);
    says("25P03");
    bq_db_close(other);
}

static void a_server_that_only_reads_is_said_to(void **state)
{
    (void)state;
    ok(exec(db, "SET default_transaction_read_only = on"));
    assert_int_equal(exec(db, "INSERT INTO t VALUES (1, 1)"), BARQ_ERR_CONN);
    says("25006");
    says("target_session_attrs");
}

static void nobody_waits_for_a_lock_forever(void **state)
{
    (void)state;
    struct bq_db *other = open_db(url, 20);

    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    ok(exec(db, "LOCK TABLE t"));
    assert_int_equal(exec(other, "SELECT * FROM t"), BARQ_ERR_BUSY);
    says("55P03");
    bq_db_close(other);
}

static void what_a_role_prefers_changes_no_value(void **state)
{
    (void)state;
    (void)postgres_say(store_server(), "ALTER ROLE barq SET extra_float_digits = 0;"
                                       " ALTER ROLE barq SET bytea_output = escape");
    ok(bq_db_reopen(db, &err));
    (void)postgres_say(store_server(), "ALTER ROLE barq RESET ALL");
    bq_auto(rows) struct bq_rows *rows =
        query("SELECT 0.1::float8 + 0.2::float8, '\\x00ff'::bytea", NULL, 0);

    assert_true(bq_rows_column(rows, 0).d == 0.1 + 0.2);
    assert_memory_equal(bq_rows_column(rows, 1).data, "\0\xff", 2);
}

/* -- the guard -- */

static void a_guarded_connection_refuses_what_sessions_rely_on(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "START TRANSACTION",
        "ABORT",
        "COMMIT AND CHAIN",
        "PREPARE TRANSACTION 'x'",
        "PREPARE x AS SELECT 1",
        "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "SET LOCAL TRANSACTION READ ONLY",
        "SET search_path = x",
        "SET search_path = x, local",
        "SET SESSION AUTHORIZATION nobody",
        "SET ROLE nobody",
        "RESET ALL",
        "DISCARD ALL",
        "LISTEN x",
        "UNLISTEN *",
        "DEALLOCATE ALL",
        "LOAD 'x'",
        "COPY t FROM STDIN",
        "TRUNCATE barq_receipts",
        "SELECT * INTO barq_outbox FROM t",
        "MERGE INTO barq_receipts USING t ON true WHEN MATCHED THEN DO NOTHING",
        "WITH x AS (DELETE FROM public.barq_outbox RETURNING *) SELECT * FROM x",
        "DO $$ BEGIN DELETE FROM barq_receipts; END $$",
        "LOCK TABLE barq_receipts",
    };

    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    bq_db_guard(db, true);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        enum barq_status status = exec(db, refused[i]);
        if (status != BARQ_ERR_DENIED) {
            fail_msg("%s: %s", refused[i], barq_status_name(status));
        }
        assert_true(bq_db_in_transaction(db));
    }
    ok(exec(db, "SET LOCAL search_path = public"));
    ok(exec(db, "SET CONSTRAINTS ALL DEFERRED"));
    ok(exec(db, "NOTIFY x"));
    ok(exec(db, "DO $$ BEGIN PERFORM 1; END $$"));
    ok(exec(db, "(SELECT 1)"));
    ok(exec(db, "SELECT 'COMMIT; DELETE FROM barq_receipts'"));
    ok(bq_db_commit(db, &err));
}

/* A comment that ends for the server only, and a string that does. */
static void a_script_has_no_statement_that_only_the_server_sees(void **state)
{
    (void)state;
    static const char *const hidden[] = {
        "SELECT 1 -- \r; COMMIT",
        "SET LOCAL standard_conforming_strings = off; SELECT '\\'' ; COMMIT; --'",
    };

    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
        ok(bq_db_begin(db, BQ_DB_WRITE, &err));
        bq_db_guard(db, true);
        ok(exec(db, "INSERT INTO t VALUES (1, 1)"));
        assert_int_not_equal(bq_db_script(db, hidden[i], &err), BARQ_OK);
        bq_db_rollback(db);
        bq_db_guard(db, false);
        assert_int_equal(number(db, "SELECT count(*) FROM t"), 0);
    }
    ok(exec(db, "SELECT 1 -- one\r -- two\r\n + 1"));
}

static void a_procedure_cannot_commit_behind_our_back(void **state)
{
    (void)state;
    ok(exec(db, "CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$"));
    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    bq_db_guard(db, true);
    ok(exec(db, "INSERT INTO t VALUES (1, 1)"));
    assert_int_equal(exec(db, "CALL p()"), BARQ_ERR_SQL);
    assert_false(bq_db_in_transaction(db));
    bq_db_rollback(db);
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 0);
}

static void what_somebody_guarded_leaves_is_discarded(void **state)
{
    (void)state;
    static const char *const left[] = {
        "CREATE TEMP TABLE t (a int)",
        "SELECT pg_advisory_lock(1)",
        "SELECT set_config('lock_timeout', '1', false)",
        "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
    };

    for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
        ok(bq_db_begin(db, BQ_DB_WRITE, &err));
        bq_db_guard(db, true);
        ok(exec(db, left[i]));
        ok(bq_db_commit(db, &err));
        bq_db_guard(db, false);
        assert_true(bq_db_ready(db));
        assert_int_equal(number(db, "SELECT count(*) FROM pg_cursors WHERE is_holdable"), 0);
        assert_int_equal(number(db, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"),
                         0);
        assert_int_equal(number(db, "SELECT count(*) FROM pg_class WHERE relpersistence = 't'"), 0);
        assert_string_equal(read_text(db, "SHOW lock_timeout"), "10s");
        assert_string_equal(read_text(db, "SHOW client_connection_check_interval"), "2s");
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(params_are_numbered_in_both_ways),
        TEST(question_marks_of_jsonb_stay),
        TEST(a_body_with_semicolons_is_one_statement),
        TEST(a_param_is_what_the_statement_needs),
        TEST(an_instant_is_the_same_in_every_zone),
        TEST(what_cannot_be_stored_is_refused_by_its_number),
        TEST(a_statement_is_prepared_at_its_second_use),
        TEST(a_name_means_one_statement_in_all_sessions),
        TEST(with_prepare_off_nothing_is_prepared_or_left),
        TEST(a_schema_of_ones_own_comes_first),
        TEST(errors_have_their_classes),
        TEST(a_failed_statement_ends_the_transaction),
        TEST(a_backend_that_is_terminated_takes_its_transaction_along),
        TEST(a_connection_lost_at_the_commit_is_in_doubt),
        TEST(a_cancel_ends_the_last_statements_waiting),
        TEST(a_server_that_was_killed_is_away_until_it_is_back),
        TEST(a_server_that_stands_still_is_not_waited_for),
        TEST(the_server_ends_what_nobody_waits_for),
        TEST(a_server_that_only_reads_is_said_to),
        TEST(nobody_waits_for_a_lock_forever),
        TEST(what_a_role_prefers_changes_no_value),
        TEST(a_guarded_connection_refuses_what_sessions_rely_on),
        TEST(a_script_has_no_statement_that_only_the_server_sees),
        TEST(a_procedure_cannot_commit_behind_our_back),
        TEST(what_somebody_guarded_leaves_is_discarded),
    };

    holder_main(argc, argv);
    store_main(argc, argv);
    return cmocka_run_group_tests_name("db/pg", tests, NULL, store_end);
}

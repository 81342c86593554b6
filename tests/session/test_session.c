#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "session/fixture.h"
#include "support/folder.h"

#define ENDLESS                                                                                    \
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"                              \
    " SELECT count(*) FROM n WHERE i < 0"

enum { SOON_MS = 5000, SHORT_MS = 30 };

static void write_row(void)
{
    ok(bq_session_use(session, BQ_DB_WRITE, &err));
    ok(exec("INSERT INTO t VALUES (1, 1)"));
}

/* Until the write transaction, which may take SHORT_MS, has taken longer. */
static void outlast(void)
{
    int64_t until_ms = bq_mono_ms() + SHORT_MS + 1;

    while (bq_mono_ms() < until_ms) {
        struct timespec pause = {.tv_nsec = 1000000};
        nanosleep(&pause, NULL);
    }
}

static void bind_shortly(void)
{
    bind_with(&(struct bq_session_job){.identity = &job, .write_max_ms = SHORT_MS});
}

static void a_job_reads_then_ends_then_writes(void **state)
{
    (void)state;
    bind_job();
    assert_int_equal(exec("SELECT 1"), BARQ_ERR_BUG);

    ok(bq_session_use(session, BQ_DB_READ, &err));
    ok(bq_session_use(session, BQ_DB_READ, &err));
    ok(exec("SELECT * FROM t"));
    assert_int_equal(bq_session_use(session, BQ_DB_WRITE, &err), BARQ_ERR_CONFLICT);
    assert_int_equal(exec("INSERT INTO t VALUES (1, 1)"), BARQ_ERR_DENIED);
    ok(barq_session_end(session, &err));
    assert_int_equal(exec("SELECT 1"), BARQ_ERR_BUG);
    assert_false(bq_session_wrote(session));

    write_row();
    ok(bq_session_use(session, BQ_DB_WRITE, &err));
    ok(bq_session_use(session, BQ_DB_READ, &err));
    assert_int_equal(barq_session_end(session, &err), BARQ_ERR_DENIED);
    assert_true(bq_session_wrote(session));
    ok(bq_session_commit(session, &err));
    assert_int_equal(committed("SELECT count(*) FROM t"), 1);
}

static void what_is_not_committed_is_gone_after_the_job(void **state)
{
    (void)state;
    bind_job();
    write_row();
    bq_session_unbind(session);
    assert_int_equal(committed("SELECT count(*) FROM t"), 0);

    bind_job();
    assert_false(bq_session_wrote(session));
    write_row();
    ok(bq_session_commit(session, &err));
    assert_int_equal(bq_session_commit(session, &err), BARQ_ERR_BUG);
}

static void a_handler_cannot_end_its_transaction(void **state)
{
    (void)state;
    const char *const refused[] = {
        "COMMIT",
        "ROLLBACK",
        "END",
        "BEGIN",
        "SAVEPOINT s",
        "RELEASE s",
        "ROLLBACK TO s",
        store_sql("ATTACH 'x' AS x", "SET search_path = x"),
        store_sql("PRAGMA synchronous = OFF", "SET SESSION statement_timeout = 0"),
        "DELETE FROM barq_receipts",
        "INSERT INTO barq_outbox (seq) VALUES (1)",
        "DROP TABLE barq_migrations",
    };
    bind_job();
    write_row();
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        assert_int_equal(exec(refused[i]), BARQ_ERR_DENIED);
        assert_int_equal(barq_exec_script(session, refused[i], &err), BARQ_ERR_DENIED);
        assert_false(bq_session_broken(session, &err));
    }
    assert_int_equal(barq_session_begin(session, true, &err), BARQ_ERR_DENIED);
    assert_int_equal(barq_session_commit(session, &err), BARQ_ERR_DENIED);

    assert_int_equal(committed("SELECT count(*) FROM t"), 0);
    ok(bq_session_commit(session, &err));
    assert_int_equal(committed("SELECT count(*) FROM t"), 1);
}

static void a_handler_that_rolls_back_or_closes_has_failed(void **state)
{
    (void)state;
    void (*const calls[])(struct barq_session *) = {barq_session_rollback, barq_session_close};

    for (size_t i = 0; i < 2; i++) {
        bind_job();
        calls[i](session); /* nothing is open: nothing happens */
        write_row();
        calls[i](session);
        assert_int_equal(exec("SELECT 1"), BARQ_ERR_CONFLICT);
        assert_true(bq_session_broken(session, &err));
        says("the handler called barq_session_");
        assert_int_equal(bq_session_commit(session, &err), BARQ_ERR_DENIED);
        assert_int_equal(committed("SELECT count(*) FROM t"), 0);
        bq_session_unbind(session);
    }
}

static void a_refused_statement_leaves_the_transaction(void **state)
{
    (void)state;
    bind_job();
    write_row();
    assert_int_equal(exec("INSERT INTO t VALUES (1, 2)"), BARQ_ERR_EXISTS);
    assert_int_equal(exec("nonsense"), BARQ_ERR_SQL);
    assert_int_equal(exec("SELECT ?1"), BARQ_ERR_ARG);
    assert_false(bq_session_broken(session, NULL));
    ok(bq_session_commit(session, &err));
}

static void a_lost_transaction_stays_lost_until_the_next_job(void **state)
{
    (void)state;
    bind_job();
    write_row();
    assert_int_equal(exec("INSERT OR ROLLBACK INTO t VALUES (1, 2)"), BARQ_ERR_CONFLICT);
    says("the transaction is over");
    assert_true(bq_session_broken(session, &err));

    assert_int_equal(exec("INSERT INTO t VALUES (2, 2)"), BARQ_ERR_CONFLICT);
    assert_int_equal(bq_session_use(session, BQ_DB_WRITE, &err), BARQ_ERR_CONFLICT);
    assert_int_equal(bq_session_begin_own(session, &err), BARQ_ERR_CONFLICT);
    assert_int_equal(bq_session_commit(session, &err), BARQ_ERR_CONFLICT);
    assert_int_equal(committed("SELECT count(*) FROM t"), 0);

    bind_job();
    assert_false(bq_session_broken(session, &err));
    write_row();
    ok(bq_session_commit(session, &err));
}

static void a_loss_needs_nobody_to_ask_why(void **state)
{
    (void)state;
    bind_job();
    write_row();
    assert_int_equal(
        barq_exec(session, "INSERT OR ROLLBACK INTO t VALUES (1, 2)", BARQ_NO_PARAMS, NULL),
        BARQ_ERR_CONFLICT);
    assert_true(bq_session_broken(session, &err));
    says("UNIQUE");
}

static void writing_for_too_long_ends_at_the_next_statement(void **state)
{
    (void)state;
    bind_shortly();
    write_row();
    outlast();
    assert_int_equal(exec("INSERT INTO t VALUES (2, 2)"), BARQ_ERR_CONFLICT);
    says("too long");
    assert_true(bq_session_broken(session, NULL));

    struct barq_session *other = open_session();
    ok(barq_session_begin(other, true, &err)); /* the lock is free */
    bq_session_close(other);
}

static void writing_for_too_long_is_not_committed(void **state)
{
    (void)state;
    bind_shortly();
    write_row();
    outlast();
    assert_int_equal(bq_session_commit(session, &err), BARQ_ERR_CONFLICT);
    assert_int_equal(committed("SELECT count(*) FROM t"), 0);
}

static void a_statement_that_writes_for_too_long_is_ended(void **state)
{
    (void)state;
    int64_t begun_ms = bq_mono_ms();

    bind_shortly();
    write_row();
    assert_int_equal(exec(ENDLESS), BARQ_ERR_CONFLICT);
    says("too long");
    assert_true(bq_mono_ms() - begun_ms < SOON_MS);
    assert_true(bq_session_broken(session, NULL));
}

static void writing_may_be_allowed_to_take_longer(void **state)
{
    (void)state;
    bind_shortly();
    barq_session_write_max(session, 60000); /* nothing is written yet */
    write_row();
    barq_session_write_max(session, 60000);
    outlast();
    ok(exec("INSERT INTO t VALUES (2, 2)"));
    ok(bq_session_commit(session, &err));
    assert_int_equal(committed("SELECT count(*) FROM t"), 2);
}

static void reading_may_take_longer(void **state)
{
    (void)state;
    bind_shortly();
    ok(bq_session_use(session, BQ_DB_READ, &err));
    outlast();
    ok(exec("SELECT * FROM t"));
}

static void an_attempt_past_its_deadline_does_not_commit(void **state)
{
    (void)state;
    bind_with(&(struct bq_session_job){.identity = &job, .commit_until_ms = bq_mono_ms() - 1});
    write_row();
    assert_int_equal(bq_session_commit(session, &err), BARQ_ERR_CANCELED);
    assert_int_equal(committed("SELECT count(*) FROM t"), 0);
}

static void *cancel_soon(void *unused)
{
    struct timespec pause = {.tv_nsec = 20000000};

    nanosleep(&pause, NULL);
    bq_session_cancel(session);
    return unused;
}

static void a_cancel_holds_until_the_next_job(void **state)
{
    (void)state;
    pthread_t thread;

    bind_job();
    ok(bq_session_use(session, BQ_DB_READ, &err));
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, NULL), 0);
    assert_int_equal(exec(ENDLESS), BARQ_ERR_CANCELED);
    pthread_join(thread, NULL);
    assert_int_equal(exec("SELECT 1"), BARQ_ERR_CANCELED);
    ok(barq_session_end(session, &err));
    assert_int_equal(bq_session_use(session, BQ_DB_WRITE, &err), BARQ_ERR_CANCELED);

    bind_job();
    write_row();
    ok(bq_session_commit(session, &err));
}

static void a_full_disk_is_said_and_loses_nothing(void **state)
{
    (void)state;
    ok(exec("PRAGMA max_page_count = 20"));
    bind_job();
    write_row();
    enum barq_status status = BARQ_OK;
    for (int i = 0; status == BARQ_OK && i < 100; i++) {
        status = exec("INSERT INTO t (b) VALUES (randomblob(10000))");
    }
    assert_int_equal(status, BARQ_ERR_FULL);
    bq_session_unbind(session);
    assert_int_equal(committed("SELECT count(*) FROM t"), 0);
}

static void a_replaced_file_is_opened_anew_for_the_next_job(void **state)
{
    (void)state;
    assert_int_equal(
        rename(bq_db_path(bq_session_db(session)), folder_text("%s/old", folder_path())), 0);
    bind_job();
    ok(bq_session_use(session, BQ_DB_WRITE, &err));
    ok(exec("CREATE TABLE fresh (a)"));
    ok(exec("SELECT * FROM barq_receipts"));
    ok(bq_session_commit(session, &err));
    assert_int_equal(committed("SELECT count(*) FROM fresh"), 0);
}

static void a_database_that_is_away_gives_the_job_back(void **state)
{
    (void)state;
    char *in = folder_text("%s/data.db", folder_path());
    char *out = folder_text("%s/gone.db", folder_path());
    assert_int_equal(rename(in, out), 0);
    assert_int_equal(symlink("/nowhere/at/all", in), 0);

    assert_int_equal(bq_session_bind(session, &(struct bq_session_job){.identity = &job}, &err),
                     BARQ_ERR_CONN);
    says("the database is away");
    bq_session_cancel(session);
    bq_session_unbind(session);

    assert_int_equal(rename(out, in), 0);
    bind_job();
    write_row();
    ok(bq_session_commit(session, &err));
}

static void rows_are_read_and_end_with_the_session(void **state)
{
    (void)state;
    struct barq_rows *rows = NULL;
    bool more = false;

    bind_job();
    ok(bq_session_use(session, BQ_DB_WRITE, &err));
    ok(exec("INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, NULL)"));
    assert_int_equal(barq_changes(session), 3);
    ok(barq_query(session,
                  "SELECT a, b, CAST(a AS double precision) / 2 FROM t WHERE a > ?1 ORDER BY a",
                  BARQ_PARAMS(barq_sql_int(0)), &rows, &err));
    ok(barq_rows_next(rows, &more, &err));
    assert_int_equal(barq_columns(rows), 3);
    assert_int_equal(barq_column_int(rows, 0), 1);
    assert_string_equal(barq_column_text(rows, 1), "one");
    ok(barq_rows_next(rows, &more, &err));
    assert_true(barq_column_double(rows, 2) == 1.0);
    assert_true(barq_column_double(rows, 0) == 2.0);
    ok(barq_rows_next(rows, &more, &err));
    assert_null(barq_column_text(rows, 1));
    assert_int_equal(barq_column(rows, 9).kind, BARQ_NULL);
    ok(barq_rows_next(rows, &more, &err));
    assert_false(more);
    barq_rows_close(rows);
    barq_rows_close(NULL);

    ok(barq_query(session, "SELECT a FROM t", BARQ_NO_PARAMS, &rows, &err));
    ok(bq_session_commit(session, &err));
    assert_int_equal(barq_rows_next(rows, &more, &err), BARQ_ERR_BUG);
    bq_session_unbind(session); /* closes what the handler forgot */
}

static void no_session_is_a_mistake_that_is_told(void **state)
{
    (void)state;
    struct barq_rows *rows = NULL;

    assert_int_equal(barq_exec(NULL, "SELECT 1", BARQ_NO_PARAMS, &err), BARQ_ERR_BUG);
    assert_int_equal(barq_exec_script(NULL, "SELECT 1", &err), BARQ_ERR_BUG);
    assert_int_equal(barq_query(NULL, "SELECT 1", BARQ_NO_PARAMS, &rows, &err), BARQ_ERR_BUG);
    assert_int_equal(barq_session_begin(NULL, true, &err), BARQ_ERR_BUG);
    assert_int_equal(barq_session_commit(NULL, &err), BARQ_ERR_BUG);
    assert_int_equal(barq_session_end(NULL, &err), BARQ_ERR_BUG);
    assert_int_equal(barq_changes(NULL), 0);
    assert_string_equal(barq_session_database(NULL), "");
    barq_session_rollback(NULL);
    barq_session_close(NULL);
}

static void an_application_has_its_own_transactions(void **state)
{
    (void)state;
    assert_int_equal(barq_session_commit(session, &err), BARQ_ERR_BUG);
    ok(barq_session_begin(session, true, &err));
    assert_int_equal(barq_session_begin(session, true, &err), BARQ_ERR_CONFLICT);
    ok(exec("INSERT INTO t VALUES (1, 1)"));
    barq_session_rollback(session);
    assert_int_equal(committed("SELECT count(*) FROM t"), 0);

    ok(barq_session_begin(session, true, &err));
    ok(exec("INSERT INTO t VALUES (1, 1)"));
    ok(barq_session_commit(session, &err));
    assert_int_equal(committed("SELECT count(*) FROM t"), 1);

    ok(barq_session_begin(session, false, &err));
    assert_int_equal(exec("INSERT INTO t VALUES (2, 2)"), BARQ_ERR_DENIED);
    ok(barq_session_end(session, &err));
    ok(exec("INSERT INTO t VALUES (2, 2)")); /* by itself */
    assert_int_equal(committed("SELECT count(*) FROM t"), 2);
}

static void an_application_goes_on_after_a_lost_transaction(void **state)
{
    (void)state;
    ok(barq_session_begin(session, true, &err));
    ok(exec("INSERT INTO t VALUES (1, 1)"));
    assert_int_equal(exec("INSERT OR ROLLBACK INTO t VALUES (1, 1)"), BARQ_ERR_CONFLICT);
    assert_int_equal(exec("INSERT INTO t VALUES (2, 2)"), BARQ_ERR_CONFLICT);
    assert_int_equal(barq_session_commit(session, &err), BARQ_ERR_CONFLICT);
    assert_int_equal(committed("SELECT count(*) FROM t"), 0);

    ok(barq_session_begin(session, true, &err));
    ok(exec("INSERT INTO t VALUES (3, 3)"));
    ok(barq_session_commit(session, &err));
    assert_int_equal(committed("SELECT count(*) FROM t"), 1);
}

static void a_session_says_what_database_it_is_in(void **state)
{
    (void)state;
    assert_string_equal(barq_session_database(session), "sqlite");
}

static void a_newer_database_is_refused(void **state)
{
    (void)state;
    struct barq_session *other = NULL;

    ok(exec("UPDATE barq_migrations SET version = 99"));
    assert_int_equal(barq_session_open(url, &other, &err), BARQ_ERR_CONFLICT);
    says("99");
}

static void migrating_tells_both_versions(void **state)
{
    (void)state;
    int from = -1;
    int to = -1;

    ok(bq_session_migrate(folder_text("sqlite://%s/new.db", folder_path()), &from, &to, &err));
    assert_int_equal(from, 0);
    assert_true(to > 0);
    ok(bq_session_migrate(url, &from, NULL, &err));
    assert_int_equal(from, to);
}

static void the_default_database_is_in_the_users_data_folder(void **state)
{
    (void)state;
    struct barq_session *other = NULL;
    char *data = folder_text("%s/100%% mine?", folder_path());

    unsetenv("DATABASE_URL");
    setenv("XDG_DATA_HOME", data, 1);
    ok(barq_session_open(NULL, &other, &err));
    assert_string_equal(bq_session_wake_path(other), folder_text("%s/barq/data.db-wake", data));
    barq_session_close(other);

    setenv("DATABASE_URL", url, 1);
    ok(barq_session_open(NULL, &other, &err));
    assert_string_equal(bq_session_wake_path(other), bq_session_wake_path(session));
    barq_session_close(other);
    unsetenv("DATABASE_URL");
}

/* -- on PostgreSQL -- */

static void a_failed_statement_ends_the_transaction(void **state)
{
    (void)state;
    bind_job();
    write_row();
    assert_int_equal(exec("INSERT INTO t VALUES (1, 2)"), BARQ_ERR_EXISTS);
    says("the transaction is over");
    says("SQLSTATE 23505");
    assert_true(bq_session_broken(session, &err));
    assert_int_equal(exec("INSERT INTO t VALUES (2, 2)"), BARQ_ERR_CONFLICT);
    assert_int_equal(bq_session_use(session, BQ_DB_WRITE, &err), BARQ_ERR_CONFLICT);
    assert_int_equal(bq_session_commit(session, &err), BARQ_ERR_CONFLICT);
    assert_int_equal(committed("SELECT count(*) FROM t"), 0);

    bind_job();
    assert_false(bq_session_broken(session, &err));
    write_row();
    ok(bq_session_commit(session, &err));
}

static void an_application_goes_on_after_a_failed_statement(void **state)
{
    (void)state;
    ok(barq_session_begin(session, true, &err));
    assert_int_equal(exec("nonsense"), BARQ_ERR_SQL);
    assert_int_equal(barq_session_commit(session, &err), BARQ_ERR_CONFLICT);

    ok(barq_session_begin(session, true, &err));
    ok(exec("INSERT INTO t VALUES (3, 3)"));
    ok(barq_session_commit(session, &err));
    assert_int_equal(committed("SELECT count(*) FROM t"), 1);
}

static void an_attempt_past_its_deadline_does_not_begin(void **state)
{
    (void)state;
    bind_with(&(struct bq_session_job){.identity = &job, .commit_until_ms = bq_mono_ms() - 1});
    assert_int_equal(bq_session_use(session, BQ_DB_WRITE, &err), BARQ_ERR_CANCELED);
    says("older than its deadline");
}

static void a_statement_that_outlasts_the_attempt_is_ended(void **state)
{
    (void)state;
    bind_with(
        &(struct bq_session_job){.identity = &job, .commit_until_ms = bq_mono_ms() + SHORT_MS});
    write_row();
    assert_int_equal(exec(ENDLESS), BARQ_ERR_CANCELED);
    says("older than its deadline");
    assert_true(bq_session_broken(session, NULL));
}

/* Its worker may be gone, or stopped. */
static void the_server_knows_how_long_a_job_may_last_and_which_it_is(void **state)
{
    (void)state;
    bind_with(&(struct bq_session_job){
        .identity = &job, .function = "add", .commit_until_ms = bq_mono_ms() + 100000});
    write_row();
    ok(bq_session_commit(session, &err));
    ok(bq_session_use(session, BQ_DB_READ, &err));
    assert_int_equal(
        committed(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'barq:add:job-1'"),
        1);
    bool more = false;
    struct barq_rows *rows = NULL;
    ok(barq_query(session,
                  "SELECT extract(epoch FROM current_setting('statement_timeout')::interval)::int,"
                  " extract(epoch FROM"
                  " current_setting('idle_in_transaction_session_timeout')::interval)::int",
                  BARQ_NO_PARAMS, &rows, &err));
    ok(barq_rows_next(rows, &more, &err));
    assert_true(barq_column_int(rows, 0) > 90 && barq_column_int(rows, 0) <= 101);
    assert_true(barq_column_int(rows, 1) > 90 && barq_column_int(rows, 1) <= 101);
    barq_rows_close(rows);
    bq_session_unbind(session);
    assert_int_equal(
        committed("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'barq:%'"), 0);
}

static void what_only_read_has_not_written(void **state)
{
    (void)state;
    bool written = true;

    bind_job();
    ok(bq_session_use(session, BQ_DB_WRITE, &err));
    ok(exec("SELECT * FROM t"));
    ok(bq_session_written(session, &written, &err));
    assert_false(written);
    ok(exec("SELECT * FROM t FOR UPDATE"));
    ok(exec("INSERT INTO t VALUES (1, 1)"));
    ok(bq_session_written(session, &written, &err));
    assert_true(written);
}

static void a_function_that_writes_is_noticed(void **state)
{
    (void)state;
    bool written = false;

    ok(barq_exec_script(session,
                        "CREATE FUNCTION add_row() RETURNS int LANGUAGE sql AS"
                        " $$INSERT INTO t VALUES (7, 7); SELECT 1$$",
                        &err));
    bind_job();
    ok(bq_session_use(session, BQ_DB_WRITE, &err));
    ok(exec("SELECT add_row()"));
    ok(bq_session_written(session, &written, &err));
    assert_true(written);
}

/* Nothing is sent before COMMIT: without one nobody would hear it. */
static void a_notification_is_something_written(void **state)
{
    (void)state;
    static const char *const notes[] = {"NOTIFY x", "SELECT pg_notify('x', 'y')"};

    for (size_t i = 0; i < 2; i++) {
        bool written = false;
        bind_job();
        ok(bq_session_use(session, BQ_DB_WRITE, &err));
        ok(exec(notes[i]));
        ok(bq_session_written(session, &written, &err));
        assert_true(written);
        bq_session_rollback(session);
    }
}

static void a_handlers_search_path_hides_no_receipts(void **state)
{
    (void)state;
    bind_job();
    ok(bq_session_use(session, BQ_DB_WRITE, &err));
    ok(exec("CREATE SCHEMA tenant"));
    ok(exec("SET LOCAL search_path = tenant"));
    ok(barq_session_enqueue(session, "add", NULL, NULL, NULL, NULL, &err));
    ok(bq_session_commit(session, &err));
    assert_int_equal(committed("SELECT count(*) FROM barq_outbox"), 1);
}

static void what_a_job_leaves_in_the_connection_is_gone(void **state)
{
    (void)state;
    static const char *const left[] = {
        "CREATE TEMP TABLE scratch (a int)",
        "SELECT pg_advisory_lock(7)",
        "SELECT set_config('search_path', 'nowhere', false)",
    };

    for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
        bind_job();
        ok(bq_session_use(session, BQ_DB_WRITE, &err));
        ok(exec(left[i]));
        ok(bq_session_commit(session, &err));
        bq_session_unbind(session);
        bind_job();
        ok(bq_session_use(session, BQ_DB_WRITE, &err));
        ok(exec("SELECT * FROM t"));
        assert_int_equal(exec("SELECT * FROM scratch"), BARQ_ERR_SQL);
        assert_int_equal(committed("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), 0);
        bq_session_unbind(session);
    }
}

static void a_job_behind_a_server_that_restarted_gets_a_new_connection(void **state)
{
    (void)state;
    struct barq_error why;

    bind_job();
    write_row();
    postgres_kill(store_server());
    assert_int_equal(exec("INSERT INTO t VALUES (2, 2)"), BARQ_ERR_CONN);
    assert_true(bq_session_broken(session, &why));
    bq_session_unbind(session);
    assert_int_equal(bq_session_bind(session, &(struct bq_session_job){.identity = &job}, &err),
                     BARQ_ERR_CONN);
    says("the database is away");

    postgres_start(store_server());
    bind_job();
    write_row();
    ok(bq_session_commit(session, &err));
    bq_session_unbind(session);
    postgres_stop(store_server());
    postgres_start(store_server());
    bind_job(); /* while nobody looked */
    ok(bq_session_use(session, BQ_DB_READ, &err));
    ok(exec("SELECT * FROM t"));
}

static void a_job_goes_back_to_a_savepoint_and_on(void **state)
{
    (void)state;
    assert_int_equal(barq_savepoint(session, &err), BARQ_ERR_BUG);
    bind_job();
    write_row();
    ok(barq_savepoint(session, &err));
    assert_int_equal(exec("INSERT INTO t VALUES (1, 2)"), BARQ_ERR_EXISTS);
    assert_int_equal(exec("SELECT 1"), BARQ_ERR_CONFLICT);
    says("25P02");
    assert_false(bq_session_broken(session, &err));
    ok(barq_savepoint_rollback(session, &err));
    ok(exec("INSERT INTO t VALUES (2, 2)"));
    assert_int_equal(barq_savepoint_release(session, &err), BARQ_ERR_CONFLICT);
    ok(bq_session_commit(session, &err));
    assert_int_equal(committed("SELECT count(*) FROM t"), 2);
}

static void a_failure_that_a_savepoint_holds_is_not_committed(void **state)
{
    (void)state;
    bind_job();
    write_row();
    ok(barq_savepoint(session, &err));
    assert_int_equal(exec("INSERT INTO t VALUES (1, 2)"), BARQ_ERR_EXISTS);
    assert_int_equal(bq_session_commit(session, &err), BARQ_ERR_CONFLICT);
    says("rolled back");
    assert_int_equal(committed("SELECT count(*) FROM t"), 0);
}

static void two_serializable_jobs_cannot_both_commit(void **state)
{
    (void)state;
    struct barq_session *other = open_session();
    struct bq_identity second = job;
    second.id = "job-2";

    bind_with(&(struct bq_session_job){.identity = &job, .isolation = BQ_DB_SERIALIZABLE});
    ok(bq_session_bind(
        other, &(struct bq_session_job){.identity = &second, .isolation = BQ_DB_SERIALIZABLE},
        &err));
    ok(bq_session_use(session, BQ_DB_WRITE, &err));
    ok(bq_session_use(other, BQ_DB_WRITE, &err));
    ok(exec("INSERT INTO t SELECT count(*) + 10, 'one' FROM t"));
    ok(barq_exec(other, "INSERT INTO t SELECT count(*) + 20, 'two' FROM t", BARQ_NO_PARAMS, &err));
    ok(bq_session_commit(session, &err));
    assert_int_equal(bq_session_commit(other, &err), BARQ_ERR_CONFLICT);
    says("40001");
    bq_session_close(other);
    assert_int_equal(committed("SELECT count(*) FROM t"), 1);
}

static void *update_first(void *other)
{
    enum barq_status status =
        barq_exec(other, "UPDATE t SET b = 'x' WHERE a = 1", BARQ_NO_PARAMS, NULL);

    barq_session_rollback(other);
    return status == BARQ_OK ? NULL : other;
}

static void a_deadlock_is_a_conflict(void **state)
{
    (void)state;
    pthread_t thread;
    struct barq_session *other = open_session();

    ok(exec("INSERT INTO t VALUES (1, 'a'), (2, 'b')"));
    ok(barq_session_begin(session, true, &err));
    ok(barq_session_begin(other, true, &err));
    ok(exec("UPDATE t SET b = 'x' WHERE a = 1"));
    ok(barq_exec(other, "UPDATE t SET b = 'x' WHERE a = 2", BARQ_NO_PARAMS, &err));
    assert_int_equal(pthread_create(&thread, NULL, update_first, other), 0);
    struct barq_error why;
    enum barq_status mine =
        barq_exec(session, "UPDATE t SET b = 'x' WHERE a = 2", BARQ_NO_PARAMS, &why);
    void *theirs = NULL;
    pthread_join(thread, &theirs);
    /* One of the two has lost. */
    assert_true((mine == BARQ_OK) != (theirs == NULL));
    if (mine != BARQ_OK) {
        assert_int_equal(mine, BARQ_ERR_CONFLICT);
        assert_non_null(strstr(why.text, "40P01"));
    }
    barq_session_close(other);
}

/* What both databases do; then what is the one's, and the other's. */
#define ON_BOTH                                                                                    \
    TEST(a_job_reads_then_ends_then_writes), TEST(what_is_not_committed_is_gone_after_the_job),    \
        TEST(a_handler_cannot_end_its_transaction),                                                \
        TEST(a_handler_that_rolls_back_or_closes_has_failed),                                      \
        TEST(a_cancel_holds_until_the_next_job), TEST(rows_are_read_and_end_with_the_session),     \
        TEST(no_session_is_a_mistake_that_is_told), TEST(an_application_has_its_own_transactions), \
        TEST(a_newer_database_is_refused)

int main(int argc, char **argv)
{
    const struct CMUnitTest on_sqlite[] = {
        ON_BOTH,
        TEST(writing_may_be_allowed_to_take_longer),
        TEST(reading_may_take_longer),
        TEST(a_database_that_is_away_gives_the_job_back),
        TEST(a_replaced_file_is_opened_anew_for_the_next_job),
        TEST(a_refused_statement_leaves_the_transaction),
        TEST(a_lost_transaction_stays_lost_until_the_next_job),
        TEST(a_loss_needs_nobody_to_ask_why),
        TEST(writing_for_too_long_ends_at_the_next_statement),
        TEST(writing_for_too_long_is_not_committed),
        TEST(a_statement_that_writes_for_too_long_is_ended),
        TEST(an_attempt_past_its_deadline_does_not_commit),
        TEST(a_full_disk_is_said_and_loses_nothing),
        TEST(an_application_goes_on_after_a_lost_transaction),
        TEST(a_session_says_what_database_it_is_in),
        TEST(migrating_tells_both_versions),
        TEST(the_default_database_is_in_the_users_data_folder),
    };
    const struct CMUnitTest on_postgres[] = {
        ON_BOTH,
        TEST(a_failed_statement_ends_the_transaction),
        TEST(an_application_goes_on_after_a_failed_statement),
        TEST(an_attempt_past_its_deadline_does_not_begin),
        TEST(a_statement_that_outlasts_the_attempt_is_ended),
        TEST(the_server_knows_how_long_a_job_may_last_and_which_it_is),
        TEST(what_only_read_has_not_written),
        TEST(a_function_that_writes_is_noticed),
        TEST(a_notification_is_something_written),
        TEST(a_handlers_search_path_hides_no_receipts),
        TEST(what_a_job_leaves_in_the_connection_is_gone),
        TEST(a_job_behind_a_server_that_restarted_gets_a_new_connection),
        TEST(a_job_goes_back_to_a_savepoint_and_on),
        TEST(a_failure_that_a_savepoint_holds_is_not_committed),
        TEST(two_serializable_jobs_cannot_both_commit),
        TEST(a_deadlock_is_a_conflict),
    };

    store_main(argc, argv);
    return store_is_postgres()
               ? cmocka_run_group_tests_name("session/session", on_postgres, NULL, store_end)
               : cmocka_run_group_tests_name("session/session", on_sqlite, NULL, store_end);
}

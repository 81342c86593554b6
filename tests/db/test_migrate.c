#include <pthread.h>

#include "db/fixture.h"
#include "support/holder.h"

static const char *const steps[] = {
    "CREATE TABLE one (a INTEGER); CREATE TABLE two (a INTEGER)",
    "ALTER TABLE one ADD COLUMN b INTEGER",
    NULL,
};

static void migrations_are_done_once(void **state)
{
    (void)state;
    static const char *const first[] = {
        "CREATE TABLE one (a INTEGER); CREATE TABLE two (a INTEGER)", NULL};
    int from = -1;
    int to = -1;

    ok(bq_db_migrate(db, "versions", first, &from, &to, &err));
    assert_int_equal(from, 0);
    assert_int_equal(to, 1);
    ok(bq_db_migrate(db, "versions", steps, &from, &to, &err));
    assert_int_equal(from, 1);
    assert_int_equal(to, 2);
    ok(bq_db_migrate(db, "versions", steps, &from, &to, &err));
    assert_int_equal(from, 2);
    ok(exec(db, "INSERT INTO one (a, b) VALUES (1, 2)"));
}

static void a_newer_database_is_refused(void **state)
{
    (void)state;
    static const char *const older[] = {
        "CREATE TABLE one (a INTEGER); CREATE TABLE two (a INTEGER)", NULL};

    ok(bq_db_migrate(db, "versions", steps, NULL, NULL, &err));
    assert_int_equal(bq_db_migrate(db, "versions", older, NULL, NULL, &err), BARQ_ERR_CONFLICT);
    says("version 2");
    says("knows 1");
    ok(exec(db, "UPDATE versions SET version = -3"));
    assert_int_equal(bq_db_migrate(db, "versions", steps, NULL, NULL, &err), BARQ_ERR_CONFLICT);
    assert_true(bq_db_ready(db));
}

static void a_failed_migration_leaves_nothing(void **state)
{
    (void)state;
    static const char *const broken[] = {"CREATE TABLE one (a INTEGER)", "CREATE TABLE oh no",
                                         NULL};

    assert_int_equal(bq_db_migrate(db, "versions", broken, NULL, NULL, &err), BARQ_ERR_SQL);
    assert_true(bq_db_ready(db));
    ok(bq_db_migrate(db, "versions", steps, NULL, NULL, &err));
}

static void an_up_to_date_database_is_opened_while_somebody_writes(void **state)
{
    (void)state;
    ok(bq_db_migrate(db, "versions", steps, NULL, NULL, &err));
    struct holder holder = holder_start(url, "");
    struct bq_db *other = open_db(url, 20);

    ok(bq_db_migrate(other, "versions", steps, NULL, NULL, &err));
    bq_db_close(other);
    holder_rollback(&holder);
}

static void *migrate(void *at)
{
    struct bq_db *own = NULL;

    enum barq_status status = bq_db_open(at, NULL, &own, NULL);
    if (status == BARQ_OK) {
        status = bq_db_migrate(own, "versions", steps, NULL, NULL, NULL);
    }
    bq_db_close(own);
    return status == BARQ_OK ? NULL : at;
}

static void two_can_migrate_at_once(void **state)
{
    (void)state;
    pthread_t threads[3];

    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, migrate, url), 0);
    }
    for (size_t i = 0; i < 3; i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_int_equal(number(db, "SELECT version FROM versions"), 2);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(migrations_are_done_once),
        TEST(a_newer_database_is_refused),
        TEST(a_failed_migration_leaves_nothing),
        TEST(an_up_to_date_database_is_opened_while_somebody_writes),
        TEST(two_can_migrate_at_once),
    };

    holder_main(argc, argv);
    store_main(argc, argv);
    return cmocka_run_group_tests_name("db/migrate", tests, NULL, store_end);
}

#include <pthread.h>

#include "db/fixture.h"
#include "support/folder.h"
#include "support/holder.h"

enum { LONG_MS = 60000 };

static void *add_ten_rows(void *at)
{
    struct bq_db_options options = {.busy_ms = LONG_MS};
    struct bq_db *own = NULL;
    struct barq_error why;

    enum barq_status status = bq_db_open(at, &options, &own, &why);
    for (int i = 0; status == BARQ_OK && i < 10; i++) {
        status = bq_db_begin(own, BQ_DB_WRITE, &why);
        if (status == BARQ_OK) {
            status = bq_db_exec(own, "INSERT INTO t (b) VALUES (1)", NULL, 0, &why);
        }
        if (status == BARQ_OK) {
            status = bq_db_commit(own, &why);
        }
    }
    bq_db_close(own);
    return status == BARQ_OK ? NULL : at;
}

static void writers_wait_for_each_other(void **state)
{
    (void)state;
    pthread_t threads[4];

    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, add_ten_rows, url), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 40);
}

static void a_new_database_can_be_made_by_many_at_once(void **state)
{
    (void)state;
    pthread_t threads[4];
    char *fresh = folder_text("sqlite://%s/fresh.db", folder_path());

    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, add_ten_rows, fresh), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    struct bq_db *other = open_db(fresh, 0);
    assert_string_equal(read_text(other, "PRAGMA journal_mode"), "wal");
    bq_db_close(other);
}

static void a_lock_held_for_too_long_is_busy(void **state)
{
    (void)state;
    struct holder holder = holder_start(url, "INSERT INTO t VALUES (1, 1)");
    struct bq_db *other = open_db(url, 20);

    assert_int_equal(number(other, "SELECT count(*) FROM t"), 0);
    assert_int_equal(bq_db_begin(other, BQ_DB_WRITE, &err), BARQ_ERR_BUSY);
    says("data.db");
    says("another process is writing");
    assert_int_equal(exec(other, "INSERT INTO t VALUES (2, 2)"), BARQ_ERR_BUSY);
    assert_true(bq_db_ready(other));

    holder_rollback(&holder);
    ok(bq_db_begin(other, BQ_DB_WRITE, &err));
    bq_db_close(other);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(writers_wait_for_each_other),
        TEST(a_new_database_can_be_made_by_many_at_once),
        TEST(a_lock_held_for_too_long_is_busy),
    };

    holder_main(argc, argv);
    return cmocka_run_group_tests_name("db/waiting", tests, NULL, NULL);
}

#include <signal.h>
#include <sys/resource.h>

#include "db/fixture.h"

static enum barq_status fill_up(void)
{
    enum barq_status status = BARQ_OK;

    for (int i = 0; status == BARQ_OK && i < 1000; i++) {
        status = exec(db, "INSERT INTO t (b) VALUES (randomblob(10000))");
    }
    return status;
}

static void a_full_database_loses_nothing(void **state)
{
    (void)state;
    ok(exec(db, "INSERT INTO t VALUES (1, 'kept')"));
    ok(exec(db, "PRAGMA max_page_count = 20"));

    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    assert_int_equal(fill_up(), BARQ_ERR_FULL);
    says("data.db");
    says("make room");
    bq_db_rollback(db);
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 1);
}

/* The files of this process end there; what was before, to be put back. */
static struct rlimit limit_files(rlim_t kib)
{
    struct rlimit before;

    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit limit = {.rlim_cur = kib * 1024, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    return before;
}

static void a_file_that_may_not_grow_loses_nothing(void **state)
{
    (void)state;
    ok(exec(db, "INSERT INTO t VALUES (1, 'kept')"));
    struct rlimit before = limit_files(200);

    enum barq_status status = bq_db_begin(db, BQ_DB_WRITE, &err);
    if (status == BARQ_OK) {
        status = fill_up();
    }
    if (status == BARQ_OK) {
        status = bq_db_commit(db, &err);
    }
    bq_db_rollback(db);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);

    assert_int_equal(status, BARQ_ERR_FULL);
    says("File too large");
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 1);
    ok(fill_up());
}

static void a_commit_for_which_there_is_no_room_is_full(void **state)
{
    (void)state;
    struct rlimit before = limit_files(64);

    ok(bq_db_begin(db, BQ_DB_WRITE, &err));
    ok(exec(db, "INSERT INTO t VALUES (1, zeroblob(200000))"));
    enum barq_status status = bq_db_commit(db, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);

    assert_int_equal(status, BARQ_ERR_FULL);
    assert_true(bq_db_ready(db));
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_full_database_loses_nothing),
        TEST(a_file_that_may_not_grow_loses_nothing),
        TEST(a_commit_for_which_there_is_no_room_is_full),
    };

    return cmocka_run_group_tests_name("db/full", tests, NULL, NULL);
}

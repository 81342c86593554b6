#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "base/time.h"
#include "session/fixture.h"

static struct barq_pool *pool;

static void open_pool(const struct barq_pool_options *options)
{
    ok(barq_pool_open(url, options, &pool, &err));
}

static int end(void **state)
{
    barq_pool_close(pool);
    pool = NULL;
    return tear_down(state);
}
#undef TEST
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, end)

static struct barq_session *take(const char *who)
{
    struct barq_session *taken = NULL;

    ok(barq_pool_take(pool, who, &taken, &err));
    return taken;
}

static void what_is_given_back_is_taken_again(void **state)
{
    (void)state;
    open_pool(NULL);
    struct barq_session *first = take("a");

    barq_pool_give(pool, first);
    assert_ptr_equal(take("b"), first);
    struct barq_session *second = take("c");
    assert_ptr_not_equal(second, first);
    barq_pool_give(pool, first);
    barq_pool_give(pool, second);
    barq_pool_give(pool, NULL);
}

static void who_waits_in_vain_is_told_who_has_them(void **state)
{
    (void)state;
    struct barq_session *taken = NULL;
    open_pool(&(struct barq_pool_options){
        .pool_size = 1, .max_overflow = 1, .pool_timeout_ms = BARQ_OFF});

    struct barq_session *first = take("GET /lists");
    struct barq_session *second = take("POST /videos");
    assert_int_equal(barq_pool_take(pool, "c", &taken, &err), BARQ_ERR_TIMEOUT);
    says("pool_size 1, max_overflow 1");
    says("GET /lists for ");
    says("POST /videos for ");
    assert_null(taken);
    barq_pool_give(pool, second);
    second = take("c");
    barq_pool_give(pool, first);
    barq_pool_give(pool, second);
}

static void *give_later(void *taken)
{
    struct timespec pause = {.tv_nsec = 20000000};

    nanosleep(&pause, NULL);
    barq_pool_give(pool, taken);
    return NULL;
}

static void who_waits_gets_what_comes_back(void **state)
{
    (void)state;
    pthread_t thread;
    open_pool(&(struct barq_pool_options){
        .pool_size = 1, .max_overflow = BARQ_OFF, .pool_timeout_ms = 20000});
    struct barq_session *only = take("a");

    assert_int_equal(pthread_create(&thread, NULL, give_later, only), 0);
    assert_ptr_equal(take("b"), only);
    pthread_join(thread, NULL);
    barq_pool_give(pool, only);
}

static void what_was_left_open_is_rolled_back(void **state)
{
    (void)state;
    open_pool(&(struct barq_pool_options){.pool_size = 1, .max_overflow = BARQ_OFF});
    struct barq_session *only = take("a");

    ok(barq_session_begin(only, true, &err));
    ok(barq_exec(only, "INSERT INTO t VALUES (1, 1)", BARQ_NO_PARAMS, &err));
    barq_pool_give(pool, only);
    assert_int_equal(committed("SELECT count(*) FROM t"), 0);
    only = take("b");
    ok(barq_session_begin(only, true, &err));
    ok(barq_session_commit(only, &err));
    barq_pool_give(pool, only);
}

static void what_was_left_in_the_connection_is_gone(void **state)
{
    (void)state;
    open_pool(&(struct barq_pool_options){.pool_size = 1, .max_overflow = BARQ_OFF});
    struct barq_session *only = take("a");

    ok(barq_exec(only, "CREATE TEMP TABLE scratch (a INTEGER)", BARQ_NO_PARAMS, &err));
    barq_pool_give(pool, only);
    only = take("b");
    assert_int_equal(barq_exec(only, "SELECT * FROM scratch", BARQ_NO_PARAMS, &err), BARQ_ERR_SQL);
    barq_pool_give(pool, only);
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    assert_int_equal(barq_pool_open(url, &(struct barq_pool_options){.pool_size = -1}, &pool, &err),
                     BARQ_ERR_ARG);
    assert_int_equal(
        barq_pool_open(url, &(struct barq_pool_options){.max_overflow = -2}, &pool, &err),
        BARQ_ERR_ARG);
    assert_int_equal(barq_pool_open("mysql:", NULL, &pool, &err), BARQ_ERR_ARG);
    assert_null(pool);
}

/* -- on PostgreSQL -- */

/* Ours: autovacuum has one now and then, too. */
static int64_t backends(void)
{
    return committed("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                     " AND backend_type = 'client backend' AND pid <> pg_backend_pid()");
}

/* The fixture has a session, too. */
static void wait_for_backends(int64_t count)
{
    int64_t until_ms = bq_mono_ms() + 10000;

    while (backends() != count && bq_mono_ms() < until_ms) {
        sched_yield(); /* a backend ends a moment after its connection */
    }
    assert_int_equal(backends(), count);
}

static void what_is_beyond_the_pools_size_is_closed_when_it_comes_back(void **state)
{
    (void)state;
    struct barq_session *taken[4];
    open_pool(&(struct barq_pool_options){.pool_size = 2, .max_overflow = 2});

    for (size_t i = 0; i < 4; i++) {
        taken[i] = take("a");
    }
    wait_for_backends(1 + 4);
    for (size_t i = 0; i < 4; i++) {
        barq_pool_give(pool, taken[i]);
    }
    wait_for_backends(1 + 2);
}

static void a_connection_that_broke_is_not_handed_out(void **state)
{
    (void)state;
    open_pool(&(struct barq_pool_options){.pool_size = 2, .max_overflow = BARQ_OFF});
    struct barq_session *first = take("a");
    struct barq_session *second = take("b");

    barq_pool_give(pool, first);
    (void)postgres_say(store_server(),
                       "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                       " WHERE datname = current_database() AND pid <> pg_backend_pid()");
    barq_pool_give(pool, second);
    for (int i = 0; i < 2; i++) {
        ok(barq_exec(take("c"), "SELECT * FROM t", BARQ_NO_PARAMS, &err));
    }
}

static void an_old_connection_is_opened_anew(void **state)
{
    (void)state;
    struct barq_rows *rows = NULL;
    int64_t pids[2] = {0, 0};
    bool more = false;
    open_pool(&(struct barq_pool_options){.pool_size = 1, .pool_recycle_ms = 1});

    for (size_t i = 0; i < 2; i++) {
        struct barq_session *only = take("a");
        ok(barq_query(only, "SELECT pg_backend_pid()", BARQ_NO_PARAMS, &rows, &err));
        ok(barq_rows_next(rows, &more, &err));
        pids[i] = barq_column_int(rows, 0);
        barq_rows_close(rows);
        int64_t taken_ms = bq_mono_ms();
        while (bq_mono_ms() < taken_ms + 2) {
            sched_yield();
        }
        barq_pool_give(pool, only);
    }
    assert_int_not_equal(pids[0], pids[1]);
}

#define ON_BOTH                                                                                    \
    TEST(what_is_given_back_is_taken_again), TEST(who_waits_in_vain_is_told_who_has_them),         \
        TEST(who_waits_gets_what_comes_back), TEST(what_was_left_open_is_rolled_back),             \
        TEST(what_was_left_in_the_connection_is_gone), TEST(nonsense_is_refused)

int main(int argc, char **argv)
{
    const struct CMUnitTest on_sqlite[] = {ON_BOTH};
    const struct CMUnitTest on_postgres[] = {
        ON_BOTH,
        TEST(what_is_beyond_the_pools_size_is_closed_when_it_comes_back),
        TEST(a_connection_that_broke_is_not_handed_out),
        TEST(an_old_connection_is_opened_anew),
    };

    store_main(argc, argv);
    return store_is_postgres()
               ? cmocka_run_group_tests_name("session/pool", on_postgres, NULL, store_end)
               : cmocka_run_group_tests_name("session/pool", on_sqlite, NULL, store_end);
}

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "session/fixture.h"
#include "session/outbox.h"
#include "session/receipt.h"
#include "support/holder.h"

/* A receipt of `job`, as another program would write it. */
#define RECEIPT_WITH(result)                                                                       \
    "INSERT INTO barq_receipts VALUES ('job-1', 'barq', 1700000000000, '0123456789abcdef',"        \
    " 'failed', " result ", 5000, 1700000000001)"
#define FOREIGN store_sql(RECEIPT_WITH("x'7b7d'"), RECEIPT_WITH("'\\x7b7d'"))

static const struct bq_receipt success = {
    .success = true, .result = "{\"r\":1}", .result_bytes = 7, .keep_result_ms = 3600000};

/* In a transaction of its own. */
static enum barq_status insert(const struct bq_identity *identity, int64_t now_ms)
{
    enum barq_status status = bq_session_begin_own(session, &err);

    return status == BARQ_OK ? bq_receipt_commit(session, identity, &success, now_ms, &err)
                             : status;
}

static bool find(const struct bq_identity *identity, struct bq_receipt *out)
{
    bool found = false;

    ok(bq_receipt_find(session, identity, &arena, out, &found, &err));
    return found;
}

static void a_receipt_is_found_once_it_is_committed(void **state)
{
    (void)state;
    struct bq_receipt receipt = {.result_bytes = 99};

    bind_job();
    assert_false(find(&job, &receipt));
    assert_int_equal(receipt.result_bytes, 99);

    ok(bq_session_use(session, BQ_DB_WRITE, &err));
    ok(exec("INSERT INTO t VALUES (1, 1)"));
    ok(bq_receipt_insert(session, &job, &success, 5, &err));
    assert_true(find(&job, &receipt));
    assert_int_equal(committed("SELECT count(*) FROM barq_receipts"), 0);
    ok(bq_session_commit(session, &err));

    bind_job();
    assert_true(find(&job, &receipt));
    assert_true(receipt.success);
    assert_int_equal(receipt.result_bytes, success.result_bytes);
    assert_memory_equal(receipt.result, success.result, success.result_bytes);
    assert_int_equal(receipt.keep_result_ms, 3600000);
}

static void a_receipt_goes_with_its_transaction(void **state)
{
    (void)state;
    struct bq_receipt receipt;

    bind_job();
    ok(bq_session_begin_own(session, &err));
    ok(bq_receipt_insert(session, &job, &success, 5, &err));
    bq_session_rollback(session);
    assert_false(find(&job, &receipt));
}

static void a_failure_keeps_any_bytes(void **state)
{
    (void)state;
    static const char bytes[] = {0, (char)0xff, 0};
    struct bq_receipt failure = {
        .result = bytes, .result_bytes = sizeof(bytes), .keep_result_ms = BARQ_OFF};
    struct bq_receipt receipt;

    bind_job();
    ok(bq_session_begin_own(session, &err));
    ok(bq_receipt_insert(session, &job, &failure, 5, &err));
    ok(bq_session_commit(session, &err));
    assert_true(find(&job, &receipt));
    assert_false(receipt.success);
    assert_int_equal(receipt.result_bytes, sizeof(bytes));
    assert_memory_equal(receipt.result, bytes, sizeof(bytes));
    assert_int_equal(receipt.keep_result_ms, BARQ_OFF);
}

static void whoever_is_first_decides(void **state)
{
    (void)state;
    struct bq_receipt receipt;

    ok(exec(FOREIGN));
    bind_job();
    ok(bq_session_use(session, BQ_DB_WRITE, &err));
    ok(exec("INSERT INTO t VALUES (1, 1)"));
    assert_int_equal(bq_receipt_insert(session, &job, &success, 5, &err), BARQ_ERR_EXISTS);
    bq_session_rollback(session);

    assert_true(find(&job, &receipt));
    assert_false(receipt.success);
    assert_memory_equal(receipt.result, "{}", 2);
    assert_int_equal(committed("SELECT count(*) FROM t"), 0);
}

static void the_last_receipt_commits_all_or_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        int after_ms; /* when the job was enqueued */
        enum barq_status status;
        int rows;
    } rounds[] = {
        {"INSERT INTO t VALUES (1, 1)", 0, BARQ_OK, 1},
        {"INSERT INTO t VALUES (2, 2)", 0, BARQ_ERR_EXISTS, 1},
        {"INSERT INTO t VALUES (3, 3)", 1, BARQ_OK, 2},
    };

    for (size_t i = 0; i < sizeof(rounds) / sizeof(rounds[0]); i++) {
        struct bq_identity each = job;
        struct bq_receipt receipt;

        each.enqueued_at_ms += rounds[i].after_ms;
        bind_job();
        ok(bq_session_use(session, BQ_DB_WRITE, &err));
        ok(exec(rounds[i].sql));
        assert_int_equal(bq_receipt_commit(session, &each, &success, 5, &err), rounds[i].status);
        assert_int_equal(committed("SELECT count(*) FROM t"), rounds[i].rows);
        assert_true(find(&each, &receipt));
    }
}

static void *commit_soon(void *holder)
{
    struct timespec pause = {.tv_nsec = 30000000};

    nanosleep(&pause, NULL);
    holder_commit(holder);
    return NULL;
}

static void *rollback_soon(void *holder)
{
    struct timespec pause = {.tv_nsec = 30000000};

    nanosleep(&pause, NULL);
    holder_rollback(holder);
    return NULL;
}

/* What an insert gives that has to wait for another process's transaction, with the same receipt. */
static enum barq_status insert_against(void *(*end)(void *))
{
    struct holder holder = holder_start(url, FOREIGN);
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, end, &holder), 0);
    enum barq_status status = insert(&job, 5);
    pthread_join(thread, NULL);
    return status;
}

static void an_insert_waits_and_loses_when_the_other_commits(void **state)
{
    (void)state;
    struct bq_receipt receipt;

    bind_job();
    assert_int_equal(insert_against(commit_soon), BARQ_ERR_EXISTS);
    assert_true(find(&job, &receipt));
    assert_false(receipt.success);
}

static void an_insert_waits_and_wins_when_the_other_rolls_back(void **state)
{
    (void)state;
    struct bq_receipt receipt;

    bind_job();
    ok(insert_against(rollback_soon));
    assert_true(find(&job, &receipt));
    assert_true(receipt.success);
}

static void every_part_of_the_identity_counts(void **state)
{
    (void)state;
    struct bq_identity others[] = {job, job, job, job};
    others[0].id = "job-2";
    others[1].queue = "other";
    others[2].enqueued_at_ms++;
    others[3].nonce = "";

    bind_job();
    ok(insert(&job, 5));
    for (size_t i = 0; i < 4; i++) {
        struct bq_receipt receipt;

        assert_false(find(&others[i], &receipt));
        ok(insert(&others[i], 5));
        assert_int_equal(insert(&others[i], 5), BARQ_ERR_EXISTS);
        bind_job(); /* on PostgreSQL the conflict has ended the session's work */
    }
}

static void a_receipt_needs_a_transaction(void **state)
{
    (void)state;
    bind_job();
    assert_int_equal(bq_receipt_insert(session, &job, &success, 5, &err), BARQ_ERR_BUG);
    ok(bq_session_use(session, BQ_DB_READ, &err));
    assert_int_equal(bq_receipt_insert(session, &job, &success, 5, &err), BARQ_ERR_BUG);
    assert_int_equal(bq_session_begin_own(session, &err), BARQ_ERR_CONFLICT);
}

static void a_handler_cannot_stand_in_front_of_receipts(void **state)
{
    (void)state;
    bind_job();
    ok(bq_session_use(session, BQ_DB_WRITE, &err));
    assert_int_equal(exec(FOREIGN), BARQ_ERR_DENIED);
    assert_int_equal(exec("CREATE TEMP TABLE barq_receipts (a INTEGER)"), BARQ_ERR_DENIED);
    ok(exec("CREATE TEMP TABLE mine AS SELECT * FROM barq_receipts"));
    ok(exec("ALTER TABLE mine RENAME TO barq_receipts"));
    ok(bq_receipt_insert(session, &job, &success, 5, &err));
    ok(bq_session_commit(session, &err));
    assert_int_equal(committed("SELECT count(*) FROM barq_receipts"), 1);
}

static void a_receipt_needs_room_in_the_arena(void **state)
{
    (void)state;
    struct barq_arena tiny;
    struct bq_receipt receipt;
    bool found = false;

    bind_job();
    ok(insert(&job, 5));
    bq_arena_init(&tiny, 1);
    assert_int_equal(bq_receipt_find(session, &job, &tiny, &receipt, &found, &err), BARQ_ERR_NOMEM);
    assert_false(found);
    bq_arena_clear(&tiny);
}

static void insert_three(void)
{
    static const char *const ids[] = {"c", "a", "b"};

    for (size_t i = 0; i < 3; i++) {
        struct bq_identity identity = job;

        identity.id = ids[i];
        ok(insert(&identity, 100 + (int64_t)i));
    }
}

static void the_oldest_are_told_first(void **state)
{
    (void)state;
    struct bq_identity *oldest = NULL;
    size_t count = 0;

    insert_three();
    ok(bq_receipt_oldest(session, 102, 10, &arena, &oldest, &count, &err));
    assert_int_equal(count, 2);
    assert_string_equal(oldest[0].id, "c");
    assert_string_equal(oldest[1].id, "a");
    assert_string_equal(oldest[1].queue, job.queue);
    assert_string_equal(oldest[1].nonce, job.nonce);
    assert_true(oldest[1].enqueued_at_ms == job.enqueued_at_ms);

    ok(bq_receipt_oldest(session, 1000, 1, &arena, &oldest, &count, &err));
    assert_int_equal(count, 1);
    ok(bq_receipt_oldest(session, 100, 10, &arena, &oldest, &count, &err));
    assert_int_equal(count, 0);
}

/* Its job would never end: no message holds such a result. */
static void a_result_that_cannot_be_told_leaves_the_outcome(void **state)
{
    (void)state;
    static const char *const bad[] = {"zeroblob(5000000)", "17"};
    struct bq_receipt receipt;
    char sql[256];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct bq_identity other = {.id = bad[i], .queue = "q", .enqueued_at_ms = 1, .nonce = ""};
        (void)snprintf(sql, sizeof(sql),
                       "INSERT INTO barq_receipts VALUES ('%s', 'q', 1, '', 'failed', %s, 1, 1)",
                       bad[i], bad[i]);
        ok(exec(sql));
        assert_true(find(&other, &receipt));
        assert_false(receipt.success);
        assert_int_equal(receipt.result_bytes, 0);
    }
}

/* Other programs write receipts, too. One that is not found again by what is read of it would be
 * the oldest for ever. */
static void what_is_no_identity_is_not_told(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "x'61', 'q', 1, 'n'", "'a' || char(0), 'q', 1, 'n'",      "'a', x'71', 1, 'n'",
        "'a', 'q', 1.5, 'n'", "'a', 'q', 1, hex(zeroblob(5000))",
    };
    struct bq_identity *oldest = NULL;
    size_t count = 0;
    char sql[256];

    insert_three();
    bq_session_unbind(session);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        (void)snprintf(sql, sizeof(sql),
                       "INSERT INTO barq_receipts VALUES (%s, 'complete', x'', 1, 1)", bad[i]);
        ok(exec(sql));
    }
    ok(bq_receipt_oldest(session, 1000, 3, &arena, &oldest, &count, &err));
    assert_int_equal(count, 3);
    assert_string_equal(oldest[0].id, "c");
}

static void pruning_takes_what_is_left_in_the_outbox_along(void **state)
{
    (void)state;
    struct bq_job child = {.id = "child", .queue = "barq", .payload = "{}", .payload_bytes = 2};
    struct bq_identity *oldest = NULL;
    size_t count = 0;

    bind_job();
    ok(bq_session_use(session, BQ_DB_WRITE, &err));
    ok(bq_outbox_put(session, &child, &err));
    ok(bq_receipt_insert(session, &job, &success, 50, &err));
    ok(bq_session_commit(session, &err));
    bq_session_unbind(session);
    insert_three();

    ok(bq_receipt_oldest(session, 101, 10, &arena, &oldest, &count, &err));
    assert_int_equal(count, 2);
    ok(bq_receipt_delete(session, oldest, count, &err));
    assert_int_equal(committed("SELECT count(*) FROM barq_receipts"), 2);
    assert_int_equal(committed("SELECT count(*) FROM barq_outbox"), 0);
}

/* What both databases do; then what is the one's, and the other's. */
#define ON_BOTH                                                                                    \
    TEST(a_receipt_is_found_once_it_is_committed), TEST(a_receipt_goes_with_its_transaction),      \
        TEST(a_failure_keeps_any_bytes), TEST(whoever_is_first_decides),                           \
        TEST(the_last_receipt_commits_all_or_nothing),                                             \
        TEST(an_insert_waits_and_loses_when_the_other_commits),                                    \
        TEST(an_insert_waits_and_wins_when_the_other_rolls_back),                                  \
        TEST(every_part_of_the_identity_counts), TEST(a_receipt_needs_a_transaction),              \
        TEST(a_receipt_needs_room_in_the_arena), TEST(the_oldest_are_told_first),                  \
        TEST(pruning_takes_what_is_left_in_the_outbox_along)

int main(int argc, char **argv)
{
    const struct CMUnitTest on_sqlite[] = {
        ON_BOTH,
        TEST(a_handler_cannot_stand_in_front_of_receipts),
        TEST(a_result_that_cannot_be_told_leaves_the_outcome),
        TEST(what_is_no_identity_is_not_told),
    };
    const struct CMUnitTest on_postgres[] = {
        ON_BOTH,
    };

    holder_main(argc, argv);
    store_main(argc, argv);
    return store_is_postgres()
               ? cmocka_run_group_tests_name("session/receipt", on_postgres, NULL, store_end)
               : cmocka_run_group_tests_name("session/receipt", on_sqlite, NULL, store_end);
}

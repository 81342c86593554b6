#include <stdio.h>
#include <string.h>

#include "broker/contract.h"

static void a_job_is_found_in_each_of_its_states(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_job job = a_job("one");
    job.expires_at_ms = now_ms() + KEEP_MS;

    assert_int_equal(status_of(client, "one"), BARQ_JOB_NOT_FOUND);
    assert_true(put_job(client, job));
    struct bq_found one = found(client, "one");
    assert_int_equal(one.status, BARQ_JOB_QUEUED);
    assert_string_equal(one.job.queue, "q");
    assert_memory_equal(one.job.payload, job.payload, job.payload_bytes);
    assert_int_equal(one.job.enqueued_at_ms, job.enqueued_at_ms);
    assert_int_equal(one.job.expires_at_ms, job.expires_at_ms);
    assert_int_equal(one.claimed_at_ms + one.finished_at_ms, 0);
    assert_string_equal(one.history, "[]");
    assert_null(one.result);

    struct bq_claimed claimed = claim_one(worker);
    one = found(client, "one");
    assert_int_equal(one.status, BARQ_JOB_IN_PROGRESS);
    assert_in_range(one.claimed_at_ms, now_ms() - DEADLINE_MS, now_ms());
    assert_string_equal(one.worker, "test");

    assert_true(settle(worker, retried(&claimed, MINUTE_MS)));
    one = found(client, "one");
    assert_int_equal(one.status, BARQ_JOB_DEFERRED);
    assert_int_equal(one.tries, 1);
    assert_int_equal(one.claimed_at_ms, 0);
    assert_null(one.worker);
}

static void what_does_not_fit_into_the_arena_is_an_error_not_half_a_job(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    bq_auto(arena) struct barq_arena tiny;
    struct bq_found out = {.tries = 77};

    bq_arena_init(&tiny, 16);
    assert_true(put(client, "one"));
    assert_int_equal(client->ops->find(client, "one", &tiny, &out, TIMEOUT_MS, NULL),
                     BARQ_ERR_NOMEM);
    assert_int_equal(out.tries, 77);
}

/* Reads a list page by page, as "a b | c d |"; `between` runs after each page. */
static void read_list(struct bq_broker *client, struct barq_list_filter filter, size_t limit,
                      void (*between)(struct bq_broker *), char *out, size_t out_bytes)
{
    bq_auto(arena) struct barq_arena arena;
    const char *cursor = "";
    size_t len = 0;

    bq_arena_init(&arena, ARENA_BYTES);
    while (cursor) {
        struct bq_found *jobs = NULL;
        size_t count = 0;
        struct barq_error err = {0};

        if (client->ops->list(client, &filter, cursor, limit, &arena, &jobs, &count, &cursor,
                              TIMEOUT_MS, &err) != BARQ_OK) {
            fail_msg("%s", err.text);
        }
        for (size_t i = 0; i < count; i++) {
            len += (size_t)snprintf(out + len, out_bytes - len, "%s ", jobs[i].job.id);
        }
        len += (size_t)snprintf(out + len, out_bytes - len, "|");
        if (between && cursor) {
            between(client);
        }
    }
}

static const struct barq_list_filter everything = {.status = BARQ_OFF};

static void put_all(struct bq_broker *client, const char *ids)
{
    for (; *ids; ids++) {
        char id[] = {*ids, '\0'};
        assert_true(put(client, id));
    }
}

static void a_list_has_every_job_once_in_a_steady_order(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    char list[128];

    read_list(client, everything, 3, NULL, list, sizeof(list));
    assert_string_equal(list, "|");
    put_all(client, "hbcaegfd");
    read_list(client, everything, 3, NULL, list, sizeof(list));
    assert_string_equal(list, "h b c |a e g |f d |");
    read_list(client, everything, 8, NULL, list, sizeof(list));
    assert_string_equal(list, "h b c a e g f d |");
    read_list(client, everything, 1000, NULL, list, sizeof(list));
    assert_string_equal(list, "h b c a e g f d |");
}

static void change_things(struct bq_broker *client)
{
    static struct worker *worker;
    static int turn;

    turn++;
    if (turn == 1) {
        /* What is on the first page goes, what is on the next changes its state, one comes. */
        worker = new_worker();
        assert_int_equal(client->ops->remove(client, "a", TIMEOUT_MS, NULL), BARQ_OK);
        (void)claim(worker, 3);
        assert_int_equal(worker->x.n_claimed, 3);
        assert_true(put(client, "new"));
    } else if (turn == 2) {
        struct bq_settle done = completed(&worker->x.claimed[2]);
        assert_true(settle(worker, done));
    }
}

static void a_list_misses_none_that_stays_when_others_come_and_go(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    char list[128];

    put_all(client, "abcdef");
    read_list(client, everything, 2, change_things, list, sizeof(list));
    assert_string_equal(list, "a b |c d |e f |new |");
}

static void a_list_is_filtered_by_queue_and_status(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_job later = a_job("later");
    struct bq_job other = a_job("other");
    char list[64];
    later.due_at_ms += MINUTE_MS;
    other.queue = "elsewhere";
    put_all(client, "cf");
    struct bq_claimed c = claim_one(worker);
    struct bq_claimed f = claim_one(worker);
    assert_true(settle(worker, completed(&c)) && settle(worker, failed(&f)));
    put_all(client, "rq");
    (void)claim_one(worker);
    assert_true(put_job(client, later) && put_job(client, other));

    static const struct {
        const char *queue;
        int status;
        const char *list;
    } cases[] = {
        {NULL, BARQ_OFF, "c f r q later other |"}, {"q", BARQ_OFF, "c f r q later |"},
        {"elsewhere", BARQ_OFF, "other |"},        {"nowhere", BARQ_OFF, "|"},
        {NULL, BARQ_JOB_QUEUED, "q other |"},      {"q", BARQ_JOB_QUEUED, "q |"},
        {NULL, BARQ_JOB_DEFERRED, "later |"},      {NULL, BARQ_JOB_IN_PROGRESS, "r |"},
        {NULL, BARQ_JOB_COMPLETE, "c |"},          {"q", BARQ_JOB_FAILED, "f |"},
        {"elsewhere", BARQ_JOB_FAILED, "|"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct barq_list_filter filter = {.queue = cases[i].queue, .status = cases[i].status};
        read_list(client, filter, 10, NULL, list, sizeof(list));
        assert_string_equal(list, cases[i].list);
    }
}

static void a_page_ends_where_the_arena_does(void **state)
{
    (void)state;
    static char payload[10000];
    struct bq_broker *client = open_handle();
    size_t seen = 0;
    const char *cursor = "";
    char kept[32];

    for (int i = 0; i < 5; i++) {
        char id[] = {(char)('a' + i), '\0'};
        struct bq_job job = a_job(id);
        job.payload = payload;
        job.payload_bytes = sizeof(payload);
        assert_true(put_job(client, job));
    }
    while (cursor) {
        bq_auto(arena) struct barq_arena small;
        struct bq_found *jobs = NULL;
        size_t count = 0;

        bq_arena_init(&small, 25000);
        assert_int_equal(client->ops->list(client, &everything, cursor, 10, &small, &jobs, &count,
                                           &cursor, TIMEOUT_MS, NULL),
                         BARQ_OK);
        assert_in_range(count, 1, 2);
        assert_int_equal(jobs[0].job.id[0], (char)('a' + seen));
        seen += count;
        if (cursor) {
            (void)snprintf(kept, sizeof(kept), "%s", cursor);
            cursor = kept;
        }
    }
    assert_int_equal(seen, 5);
}

static void a_bad_cursor_is_refused(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    bq_auto(arena) struct barq_arena arena;
    struct bq_found *jobs = NULL;
    size_t count = 0;
    const char *next = NULL;

    bq_arena_init(&arena, ARENA_BYTES);
    assert_int_equal(client->ops->list(client, &everything, "what?", 10, &arena, &jobs, &count,
                                       &next, TIMEOUT_MS, NULL),
                     BARQ_ERR_ARG);
}

static struct barq_queue_stats stats_of(struct bq_broker *client, const char *queue)
{
    bq_auto(arena) struct barq_arena arena;
    struct barq_queue_stats *stats = NULL;
    struct barq_queue_stats none = {0};
    size_t count = 0;

    bq_arena_init(&arena, ARENA_BYTES);
    assert_int_equal(client->ops->stats(client, &arena, &stats, &count, TIMEOUT_MS, NULL), BARQ_OK);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(stats[i].queue, queue) == 0) {
            stats[i].queue = queue;
            return stats[i];
        }
    }
    return none;
}

static void stats_count_the_jobs_of_each_queue_by_state(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_job later = a_job("later");
    struct bq_job other = a_job("other");
    later.due_at_ms += 10 * (int64_t)KEEP_MS;
    other.queue = "elsewhere";
    put_all(client, "cfr");
    struct bq_claimed c = claim_one(worker);
    struct bq_claimed f = claim_one(worker);
    (void)claim_one(worker);
    assert_true(settle(worker, completed(&c)) && settle(worker, failed(&f)));
    put_all(client, "xyz");
    assert_true(put_job(client, later) && put_job(client, other));

    struct barq_queue_stats q = stats_of(client, "q");
    assert_int_equal(q.queued, 3);
    assert_int_equal(q.deferred, 1);
    assert_int_equal(q.in_progress, 1);
    assert_int_equal(q.complete, 1);
    assert_int_equal(q.failed, 1);
    assert_int_equal(stats_of(client, "elsewhere").queued, 1);

    pass_time(KEEP_MS);
    assert_int_equal(stats_of(client, "q").complete, 0);
    assert_int_equal(stats_of(client, "q").failed, 1);
    pass_time(BQ_DEAD_KEEP_MS);
    assert_int_equal(stats_of(client, "q").failed, 0);
    exchange(worker, (struct bq_exchange){.renew = true});
    assert_int_equal(stats_of(client, "q").failed, 0);
    assert_int_equal(stats_of(client, "q").complete, 0);
}

static void a_queue_that_had_jobs_is_counted_with_zeros(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();

    assert_null(stats_of(client, "q").queue);
    assert_true(put(client, "one"));
    assert_int_equal(client->ops->remove(client, "one", TIMEOUT_MS, NULL), BARQ_OK);
    assert_string_equal(stats_of(client, "q").queue, "q");
    assert_int_equal(stats_of(client, "q").queued, 0);
}

struct test_list look_tests(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_job_is_found_in_each_of_its_states),
        TEST(what_does_not_fit_into_the_arena_is_an_error_not_half_a_job),
        TEST(a_list_has_every_job_once_in_a_steady_order),
        TEST(a_list_misses_none_that_stays_when_others_come_and_go),
        TEST(a_list_is_filtered_by_queue_and_status),
        TEST(a_page_ends_where_the_arena_does),
        TEST(a_bad_cursor_is_refused),
        TEST(stats_count_the_jobs_of_each_queue_by_state),
        TEST(a_queue_that_had_jobs_is_counted_with_zeros),
    };

    return (struct test_list){tests, sizeof(tests) / sizeof(tests[0])};
}

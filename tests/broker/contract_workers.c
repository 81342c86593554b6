#include <string.h>

#include "broker/contract.h"
#include "job/tally.h"

static struct bq_worker_seen *see(struct bq_broker *client, size_t *count)
{
    struct bq_worker_seen *workers = NULL;
    struct barq_error err = {0};

    if (client->ops->workers(client, world_arena(), &workers, count, TIMEOUT_MS, &err) != BARQ_OK) {
        fail_msg("%s", err.text);
    }
    return workers;
}

static const struct barq_worker_info *list(struct bq_broker *client, size_t *count)
{
    const struct bq_worker_seen *seen = see(client, count);
    struct barq_worker_info *workers = bq_arena_array(world_arena(), *count + 1, sizeof(*workers));

    for (size_t i = 0; i < *count; i++) {
        workers[i] = seen[i].info;
    }
    return workers;
}

static void workers_are_told_with_what_they_have_said_last(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    size_t count = 0;

    (void)list(client, &count);
    assert_int_equal(count, 0);
    int64_t before_ms = now_ms();
    struct worker *first = new_worker();
    pass_time(1000);
    (void)new_worker_of("other");
    struct bq_worker_state told = {
        .executors = 2, .threads = 3, .running = 4, .complete = 5, .failed = 6, .retried = 7};
    exchange(first, (struct bq_exchange){.renew = true, .state = &told});
    exchange(first, (struct bq_exchange){.renew = true});

    const struct barq_worker_info *workers = list(client, &count);
    assert_int_equal(count, 2);
    assert_string_equal(workers[0].name, "test");
    assert_string_equal(workers[0].queues, "q");
    assert_true(workers[0].started_at_ms >= before_ms);
    assert_true(workers[0].seen_at_ms >= workers[0].started_at_ms + 1000);
    assert_int_equal(workers[0].lease_until_ms, workers[0].seen_at_ms + LEASE_MS);
    assert_int_equal(workers[0].executors, 2);
    assert_int_equal(workers[0].threads, 3);
    assert_int_equal(workers[0].running, 4);
    assert_int_equal(workers[0].complete, 5);
    assert_int_equal(workers[0].failed, 6);
    assert_int_equal(workers[0].retried, 7);
    assert_string_equal(workers[1].queues, "other");
    assert_int_equal(workers[1].executors, 0);
}

/* Rates are made of both: how much more in how much time. */
static void a_worker_is_seen_when_it_tells_its_counts(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_worker_state told = {.executors = 1, .threads = 1, .complete = 5};
    size_t count = 0;
    struct barq_worker_info before = list(client, &count)[0];

    pass_time(1000);
    exchange(worker, (struct bq_exchange){.state = &told});
    struct barq_worker_info after = list(client, &count)[0];
    assert_int_equal(after.complete, 5);
    assert_true(after.seen_at_ms >= before.seen_at_ms + 1000);
    assert_int_equal(after.lease_until_ms, before.lease_until_ms);
}

/* What it says of itself is not read by brokers, so any text is as good. */
static void a_tally_stays_until_it_is_told_anew(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_worker_state told = {.executors = 1, .tally = "{\"memory\":1,\"\xc3\xa4\":\"\\n\"}"};
    size_t count = 0;

    assert_null(see(client, &count)[0].tally);
    exchange(worker, (struct bq_exchange){.state = &told});
    assert_string_equal(see(client, &count)[0].tally, told.tally);
    exchange(worker, (struct bq_exchange){.state = &(struct bq_worker_state){.executors = 2}});
    assert_string_equal(see(client, &count)[0].tally, told.tally);
    assert_int_equal(see(client, &count)[0].info.executors, 2);
    told.tally = "{}";
    exchange(worker, (struct bq_exchange){.renew = true, .state = &told});
    exchange(worker, (struct bq_exchange){.renew = true});
    assert_string_equal(see(client, &count)[0].tally, "{}");
}

static void a_tally_may_be_long(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    static char text[BQ_TALLY_MAX_BYTES + 1];
    size_t count = 0;

    memset(text, 'x', BQ_TALLY_MAX_BYTES);
    exchange(worker, (struct bq_exchange){.state = &(struct bq_worker_state){.tally = text}});
    assert_string_equal(see(client, &count)[0].tally, text);
}

static void a_worker_that_has_left_or_is_not_heard_of_is_not_told(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *leaving = new_worker();
    struct worker *vanished = new_worker();
    size_t count = 0;

    exchange(leaving, (struct bq_exchange){.leave = true});
    (void)list(client, &count);
    assert_int_equal(count, 1);
    pass_time(LEASE_MS);
    (void)list(client, &count);
    assert_int_equal(count, 0);

    exchange(vanished, (struct bq_exchange){.renew = true});
    (void)list(client, &count);
    assert_int_equal(count, 1);
}

static void a_lease_that_replaces_a_lost_one_tells_when_its_worker_began(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *paused = new_worker();
    struct worker *other = new_worker();
    size_t count = 0;
    int64_t started_at_ms = list(client, &count)[0].started_at_ms;

    pass_time(LEASE_MS);
    exchange(other, (struct bq_exchange){.renew = true});
    exchange(paused, (struct bq_exchange){.renew = true});
    assert_true(paused->x.lease_lost);
    const struct barq_worker_info *workers = list(client, &count);
    assert_int_equal(count, 2);
    assert_true(workers[0].started_at_ms == started_at_ms ||
                workers[1].started_at_ms == started_at_ms);
    assert_true(workers[0].started_at_ms < now_ms() - LEASE_MS + 1000);
    assert_true(workers[1].started_at_ms < now_ms() - LEASE_MS + 1000);
}

static void no_room_for_a_list_of_workers_is_said(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct bq_worker_seen *workers = NULL;
    size_t count = 0;
    struct barq_arena tiny;

    (void)new_worker();
    bq_arena_init(&tiny, 16);
    assert_int_equal(client->ops->workers(client, &tiny, &workers, &count, TIMEOUT_MS, NULL),
                     BARQ_ERR_NOMEM);
    bq_arena_clear(&tiny);
}

static void what_is_weak_is_told_in_sentences(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    const char *const *weak = NULL;
    size_t count = 100;

    assert_int_equal(
        client->ops->weaknesses(client, world_arena(), &weak, &count, TIMEOUT_MS, NULL), BARQ_OK);
    assert_true(count < 100);
    for (size_t i = 0; i < count; i++) {
        assert_true(strlen(weak[i]) > 10);
    }
}

struct test_list worker_tests(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(workers_are_told_with_what_they_have_said_last),
        TEST(a_worker_is_seen_when_it_tells_its_counts),
        TEST(a_tally_stays_until_it_is_told_anew),
        TEST(a_tally_may_be_long),
        TEST(a_worker_that_has_left_or_is_not_heard_of_is_not_told),
        TEST(a_lease_that_replaces_a_lost_one_tells_when_its_worker_began),
        TEST(no_room_for_a_list_of_workers_is_said),
        TEST(what_is_weak_is_told_in_sentences),
    };

    return (struct test_list){tests, sizeof(tests) / sizeof(tests[0])};
}

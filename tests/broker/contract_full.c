#include <stdio.h>
#include <string.h>

#include "broker/contract.h"

static const struct bq_limit no_limit = {.name = ""};
static const struct bq_limit two_run = {.name = "f", .max_running = 2};
static const struct bq_limit three_start = {.name = "slow", .max_starts = 3, .per_ms = 60000};
static const struct bq_limit one_of_each_runs = {.name = "each", .max_running = 1};

static struct worker *worker_of(const char *queue, const struct bq_limit_rule *rules, size_t count)
{
    struct bq_worker_lease lease = {.queues = &queue,
                                    .n_queues = 1,
                                    .name = "test",
                                    .lease_ms = LEASE_MS,
                                    .limits = rules,
                                    .n_limits = count};

    return new_worker_as(&lease);
}

static void put_of(struct bq_broker *client, const char *id, const char *function, const char *key)
{
    struct bq_job job = a_job(id);

    job.function = function;
    job.key = key;
    assert_true(put_job(client, job));
}

static const struct barq_limit_info *list(struct bq_broker *client, const char *queue,
                                          size_t *count)
{
    struct barq_limit_info *limits = NULL;
    struct barq_error err = {0};

    if (client->ops->limits(client, queue, world_arena(), &limits, count, TIMEOUT_MS, &err) !=
        BARQ_OK) {
        fail_msg("%s", err.text);
    }
    return limits;
}

static void expect(const struct barq_limit_info *limit, const char *function, const char *key,
                   int64_t running, int64_t held)
{
    assert_string_equal(limit->function, function);
    if (key) {
        assert_non_null(limit->key);
        assert_string_equal(limit->key, key);
    } else {
        assert_null(limit->key);
    }
    assert_int_equal(limit->running, running);
    assert_int_equal(limit->held, held);
}

static void without_limits_none_are_told(void **state)
{
    (void)state;
    size_t count = 1;

    (void)list(open_handle(), NULL, &count);
    assert_int_equal(count, 0);
    (void)worker_of("q", &(struct bq_limit_rule){"f", no_limit, no_limit}, 1);
    (void)list(open_handle(), NULL, &count);
    assert_int_equal(count, 0);
    (void)list(open_handle(), "nowhere", &count);
    assert_int_equal(count, 0);
}

static void a_limit_tells_what_runs_and_what_is_held(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    const struct bq_limit_rule rules[] = {{"g", three_start, no_limit}, {"f", two_run, no_limit}};
    struct worker *worker = worker_of("q", rules, 2);
    size_t count = 0;

    const struct barq_limit_info *limits = list(client, "q", &count);
    assert_int_equal(count, 2);
    expect(&limits[0], "f", NULL, 0, 0);
    expect(&limits[1], "g", NULL, 0, 0);
    assert_string_equal(limits[0].queue, "q");
    assert_string_equal(limits[0].name, "f");
    assert_false(limits[0].each_key);
    assert_int_equal(limits[0].max_running, 2);
    assert_int_equal(limits[0].max_starts, 0);
    assert_string_equal(limits[1].name, "slow");
    assert_int_equal(limits[1].max_running, 0);
    assert_int_equal(limits[1].max_starts, 3);
    assert_int_equal(limits[1].per_ms, 60000);

    put_of(client, "1", "f", NULL);
    put_of(client, "2", "f", NULL);
    put_of(client, "3", "f", NULL);
    put_of(client, "4", "f", "a key that has no limit");
    put_of(client, "5", "g", NULL);
    put_of(client, "6", "other", NULL);
    const struct bq_claimed *claimed = claim(worker, 10);
    assert_int_equal(worker->x.n_claimed, 4);
    struct bq_settle done = completed(&claimed[0]);
    limits = list(client, NULL, &count);
    assert_int_equal(count, 2);
    expect(&limits[0], "f", NULL, 2, 2);
    expect(&limits[1], "g", NULL, 1, 0);

    assert_true(settle(worker, done));
    (void)claim(worker, 10);
    assert_int_equal(worker->x.n_claimed, 1);
    limits = list(client, "q", &count);
    expect(&limits[0], "f", NULL, 2, 1);
}

static void the_keys_of_a_limit_come_behind_it_the_fullest_first(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker =
        worker_of("q", &(struct bq_limit_rule){"f", no_limit, one_of_each_runs}, 1);
    size_t count = 0;

    put_of(client, "1", "f", "b");
    put_of(client, "2", "f", "a");
    put_of(client, "3", "f", "c, of course");
    put_of(client, "4", "f", "c, of course");
    put_of(client, "5", "f", "c, of course");
    put_of(client, "6", "f", "d");
    put_of(client, "7", "f", "d");
    put_of(client, "8", "f", NULL);
    const struct bq_claimed *claimed = claim(worker, 10);
    assert_int_equal(worker->x.n_claimed, 5);
    assert_string_equal(claimed[4].job.id, "8");
    struct bq_settle done = completed(&claimed[1]);

    const struct barq_limit_info *limits = list(client, "q", &count);
    assert_int_equal(count, 5);
    expect(&limits[0], "f", NULL, 4, 3);
    expect(&limits[1], "f", "c, of course", 1, 2);
    expect(&limits[2], "f", "d", 1, 1);
    expect(&limits[3], "f", "a", 1, 0);
    expect(&limits[4], "f", "b", 1, 0);
    for (size_t i = 0; i < count; i++) {
        assert_true(limits[i].each_key);
        assert_string_equal(limits[i].name, "each");
        assert_int_equal(limits[i].max_running, 1);
    }
    assert_true(settle(worker, done));
    limits = list(client, "q", &count);
    assert_int_equal(count, 4);
    expect(&limits[3], "f", "b", 1, 0);
}

static void a_shared_limit_counts_what_runs_anywhere_and_what_is_held_in_its_queue(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *first =
        worker_of("one", &(struct bq_limit_rule){"f", two_run, one_of_each_runs}, 1);
    struct worker *second =
        worker_of("two", &(struct bq_limit_rule){"g", two_run, one_of_each_runs}, 1);
    size_t count = 0;

    for (int i = 0; i < 4; i++) {
        char id[32];
        struct bq_job job = a_job("");

        (void)snprintf(id, sizeof(id), "one%d", i);
        job.id = id;
        job.queue = "one";
        job.function = "f";
        job.key = "k";
        assert_true(put_job(client, job));
    }
    struct bq_job other = a_job("two");
    other.queue = "two";
    other.function = "g";
    assert_true(put_job(client, other));
    (void)claim(first, 10);
    assert_int_equal(first->x.n_claimed, 1);
    (void)claim(second, 10);
    assert_int_equal(second->x.n_claimed, 1);

    const struct barq_limit_info *limits = list(client, NULL, &count);
    assert_int_equal(count, 6);
    expect(&limits[0], "f", NULL, 2, 0);
    expect(&limits[1], "f", NULL, 1, 3);
    expect(&limits[2], "f", "k", 1, 3);
    expect(&limits[3], "g", NULL, 2, 0);
    expect(&limits[4], "g", NULL, 1, 0);
    expect(&limits[5], "g", "k", 1, 0);
    assert_string_equal(limits[2].queue, "one");
    assert_string_equal(limits[5].queue, "two");
    (void)list(client, "two", &count);
    assert_int_equal(count, 3);
}

static void of_many_keys_the_fullest_are_told(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker =
        worker_of("q", &(struct bq_limit_rule){"f", no_limit, one_of_each_runs}, 1);
    size_t count = 0;

    for (int i = 0; i < BARQ_LIMIT_KEYS_MAX + 20; i++) {
        char id[32];
        char key[32];

        (void)snprintf(key, sizeof(key), "key %03d", i);
        (void)snprintf(id, sizeof(id), "first %d", i);
        put_of(client, id, "f", key);
        if (i % 2 == 1) {
            (void)snprintf(id, sizeof(id), "second %d", i);
            put_of(client, id, "f", key);
        }
    }
    (void)claim(worker, 1000);
    assert_int_equal(worker->x.n_claimed, BARQ_LIMIT_KEYS_MAX + 20);
    const struct barq_limit_info *limits = list(client, "q", &count);
    assert_int_equal(count, 1 + BARQ_LIMIT_KEYS_MAX);
    expect(&limits[0], "f", NULL, BARQ_LIMIT_KEYS_MAX + 20, BARQ_LIMIT_KEYS_MAX / 2 + 10);
    expect(&limits[1], "f", "key 001", 1, 1);
    expect(&limits[BARQ_LIMIT_KEYS_MAX / 2 + 10], "f", "key 119", 1, 1);
    expect(&limits[BARQ_LIMIT_KEYS_MAX / 2 + 11], "f", "key 000", 1, 0);
}

static void no_room_for_a_list_of_limits_is_said(void **state)
{
    (void)state;
    struct barq_limit_info *limits = NULL;
    size_t count = 7;
    struct barq_arena tiny;
    struct bq_broker *client = open_handle();

    (void)worker_of("q", &(struct bq_limit_rule){"f", two_run, no_limit}, 1);
    bq_arena_init(&tiny, 16);
    assert_int_equal(client->ops->limits(client, NULL, &tiny, &limits, &count, TIMEOUT_MS, NULL),
                     BARQ_ERR_NOMEM);
    assert_int_equal(count, 7);
    bq_arena_clear(&tiny);
}

struct test_list full_tests(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(without_limits_none_are_told),
        TEST(a_limit_tells_what_runs_and_what_is_held),
        TEST(the_keys_of_a_limit_come_behind_it_the_fullest_first),
        TEST(a_shared_limit_counts_what_runs_anywhere_and_what_is_held_in_its_queue),
        TEST(of_many_keys_the_fullest_are_told),
        TEST(no_room_for_a_list_of_limits_is_said),
    };

    return (struct test_list){tests, sizeof(tests) / sizeof(tests[0])};
}

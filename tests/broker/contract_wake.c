#include <assert.h>

#include "base/time.h"
#include "broker/contract.h"

enum { AT_ONCE_MS = 700 }; /* less than the second after which everybody looks for himself */

/* Everything that was to be told so far has been. */
static void quieten(struct worker *worker)
{
    exchange(worker, (struct bq_exchange){0});
    (void)worker->broker->ops->woken(worker->broker);
}

static bool is_woken(struct worker *worker)
{
    wait_readable(worker->broker->ops->fd(worker->broker));
    return worker->broker->ops->woken(worker->broker);
}

static void put_one(struct bq_broker *broker)
{
    struct bq_enqueue enqueue = {.job = a_job("from elsewhere")};
    enum barq_status status = broker->ops->enqueue(broker, &enqueue, 1, TIMEOUT_MS, NULL);

    assert(status == BARQ_OK);
}

static void a_worker_that_waits_is_woken_by_a_new_job_from_another_process(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    quieten(worker);

    elsewhere(put_one);
    assert_true(is_woken(worker));
    assert_false(worker->broker->ops->woken(worker->broker));
    assert_string_equal(claim_one(worker).job.id, "from elsewhere");
}

static void a_worker_is_woken_by_a_job_that_comes_back(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    struct worker *other = new_worker();
    assert_true(put(open_handle(), "one"));
    struct bq_claimed job = claim_one(other);
    quieten(worker);

    assert_true(settle(other, released(&job, true)));
    assert_true(is_woken(worker));
}

static void abort_it(struct bq_broker *broker)
{
    enum barq_status status = broker->ops->abort(broker, "one", TIMEOUT_MS, NULL);

    assert(status == BARQ_OK);
}

static void the_worker_of_a_running_job_is_woken_by_its_abort(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    assert_true(put(open_handle(), "one"));
    (void)claim_one(worker);
    quieten(worker);

    elsewhere(abort_it);
    assert_true(is_woken(worker));
    exchange(worker, (struct bq_exchange){0});
    assert_int_equal(worker->x.n_aborts, 1);
}

static void the_descriptor_is_quiet_when_there_is_nothing_to_ask(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    struct bq_exchange x = {.arena = &worker->arenas[0], .timeout_ms = TIMEOUT_MS};
    const struct bq_broker_ops *ops = worker->broker->ops;

    assert_null(ops->end(worker->broker));
    quieten(worker);
    ops->begin(worker->broker, &x);
    wait_readable(ops->fd(worker->broker));
    assert_ptr_equal(ops->end(worker->broker), &x);
    assert_null(ops->end(worker->broker));
    assert_false(ops->woken(worker->broker));
    assert_int_equal(x.status, BARQ_OK);
}

/* In the other process: does the one job there is. */
static void work(struct bq_broker *broker)
{
    struct worker worker;

    begin_worker(&worker, broker, "q");
    const struct bq_claimed *claimed = claim(&worker, 1);
    assert(worker.x.n_claimed == 1);
    bool settled = settle(&worker, completed(&claimed[0]));
    assert(settled);
    end_worker(&worker);
}

static void a_client_that_waits_for_a_result_is_told_when_a_job_finishes(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    assert_true(put(client, "one"));
    /* The first wait may return for nothing: it begins to listen. */
    client->ops->wait_finished(client, 1);

    assert_int_equal(status_of(client, "one"), BARQ_JOB_QUEUED);
    elsewhere(work);
    int64_t before_ms = bq_mono_ms();
    client->ops->wait_finished(client, DEADLINE_MS);
    assert_in_range(bq_mono_ms() - before_ms, 0, AT_ONCE_MS);
    assert_int_equal(status_of(client, "one"), BARQ_JOB_COMPLETE);
}

static void a_wait_for_a_result_ends_with_its_time(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    int64_t before_ms = bq_mono_ms();

    for (int i = 0; i < 3; i++) {
        client->ops->wait_finished(client, 5);
    }
    assert_in_range(bq_mono_ms() - before_ms, 0, DEADLINE_MS);
}

struct test_list wake_tests(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_worker_that_waits_is_woken_by_a_new_job_from_another_process),
        TEST(a_worker_is_woken_by_a_job_that_comes_back),
        TEST(the_worker_of_a_running_job_is_woken_by_its_abort),
        TEST(the_descriptor_is_quiet_when_there_is_nothing_to_ask),
        TEST(a_client_that_waits_for_a_result_is_told_when_a_job_finishes),
        TEST(a_wait_for_a_result_ends_with_its_time),
    };

    return (struct test_list){tests, sizeof(tests) / sizeof(tests[0])};
}

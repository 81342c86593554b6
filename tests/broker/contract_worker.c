#include <assert.h>
#include <poll.h>

#include "broker/contract.h"

enum { WORKERS_MAX = 8 };

static struct worker workers[WORKERS_MAX]; /* of the test that runs */
static int n_workers;

void end_workers(void)
{
    for (int i = 0; i < n_workers; i++) {
        end_worker(&workers[i]);
    }
    n_workers = 0;
}

void begin_worker_as(struct worker *worker, struct bq_broker *broker,
                     const struct bq_worker_lease *lease)
{
    enum barq_status status = broker->ops->join(broker, lease, TIMEOUT_MS, NULL);

    assert(status == BARQ_OK);
    *worker = (struct worker){.broker = broker};
    bq_arena_init(&worker->arenas[0], ARENA_BYTES);
    bq_arena_init(&worker->arenas[1], ARENA_BYTES);
}

void begin_worker(struct worker *worker, struct bq_broker *broker, const char *queue)
{
    struct bq_worker_lease lease = {
        .queues = &queue, .n_queues = 1, .name = "test", .lease_ms = LEASE_MS};

    begin_worker_as(worker, broker, &lease);
}

void end_worker(struct worker *worker)
{
    bq_arena_clear(&worker->arenas[0]);
    bq_arena_clear(&worker->arenas[1]);
}

struct worker *new_worker_as(const struct bq_worker_lease *lease)
{
    struct worker *worker = &workers[n_workers++];

    assert(n_workers <= WORKERS_MAX);
    begin_worker_as(worker, open_handle(), lease);
    return worker;
}

struct worker *new_worker_of(const char *queue)
{
    struct bq_worker_lease lease = {
        .queues = &queue, .n_queues = 1, .name = "test", .lease_ms = LEASE_MS};

    return new_worker_as(&lease);
}

struct worker *new_worker(void)
{
    return new_worker_of("q");
}

void wait_readable(int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};

    assert_int_equal(poll(&wait, 1, DEADLINE_MS), 1);
}

struct bq_exchange *try_exchange(struct worker *worker, struct bq_exchange wanted)
{
    const struct bq_broker_ops *ops = worker->broker->ops;
    struct bq_exchange *ended = NULL;

    worker->turn = !worker->turn;
    worker->x = wanted;
    if (!worker->x.arena) {
        worker->x.arena = &worker->arenas[worker->turn];
        bq_arena_reset(worker->x.arena);
    }
    worker->x.timeout_ms = wanted.timeout_ms ? wanted.timeout_ms : TIMEOUT_MS;
    ops->begin(worker->broker, &worker->x);
    while (!(ended = ops->end(worker->broker))) {
        (void)ops->woken(worker->broker);
        wait_readable(ops->fd(worker->broker));
    }
    assert_ptr_equal(ended, &worker->x);
    return ended;
}

struct bq_exchange *exchange(struct worker *worker, struct bq_exchange wanted)
{
    struct bq_exchange *x = try_exchange(worker, wanted);

    if (x->status != BARQ_OK) {
        fail_msg("%s", x->err.text);
    }
    return x;
}

struct bq_claimed *claim(struct worker *worker, size_t max)
{
    return exchange(
               worker,
               (struct bq_exchange){.claim_max = max, .claim_lost_max = max, .claim_free_max = max})
        ->claimed;
}

struct bq_claimed claim_one(struct worker *worker)
{
    const struct bq_claimed *claimed = claim(worker, 1);

    assert_int_equal(worker->x.n_claimed, 1);
    struct bq_claimed job = claimed[0];
    job.job.id = bq_arena_strdup(world_arena(), job.job.id);
    job.job.queue = bq_arena_strdup(world_arena(), job.job.queue);
    job.job.payload = bq_arena_memdup(world_arena(), job.job.payload, job.job.payload_bytes);
    job.refusal = job.refusal ? bq_arena_strdup(world_arena(), job.refusal) : NULL;
    return job;
}

bool settle(struct worker *worker, struct bq_settle settle)
{
    exchange(worker, (struct bq_exchange){.settles = &settle, .n_settles = 1});
    return !settle.stale;
}

struct bq_settle completed(const struct bq_claimed *job)
{
    return (struct bq_settle){.kind = BQ_SETTLE_COMPLETE,
                              .id = job->job.id,
                              .claim = job->claim,
                              .result = "result",
                              .result_bytes = 6,
                              .keep_result_ms = KEEP_MS};
}

struct bq_settle failed(const struct bq_claimed *job)
{
    struct bq_settle settle = completed(job);

    settle.kind = BQ_SETTLE_FAIL;
    settle.result = "why";
    settle.result_bytes = 3;
    return settle;
}

struct bq_settle retried(const struct bq_claimed *job, int64_t defer_ms)
{
    return (struct bq_settle){.kind = BQ_SETTLE_RETRY,
                              .id = job->job.id,
                              .claim = job->claim,
                              .defer_ms = defer_ms,
                              .tries_used = 1};
}

struct bq_settle released(const struct bq_claimed *job, bool claimed_before)
{
    return (struct bq_settle){.kind = BQ_SETTLE_RELEASE,
                              .id = job->job.id,
                              .claim = job->claim,
                              .claimed_before = claimed_before};
}

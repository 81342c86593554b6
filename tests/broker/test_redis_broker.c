/*
 * test_redis_broker.c - the broker in Redis beside arq's clients and workers,
 * who are played by the commands that they send; and what can happen to it.
 */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/contract.h"
#include "support/redis.h"

const struct contract *contract = &redis_contract;

enum { SHORT_MS = 150, MANY = 1000 };

/* Says it to the server as arq would. */
#define SAY(...) redis_say(redis_under_test(), __VA_ARGS__)

static int64_t number(const char *said)
{
    return strtoll(said, NULL, 10);
}

/* arq's client: the job's bytes for a day, the id by when it is due. */
static void arq_enqueue(const char *id, int64_t due_in_ms)
{
    assert_string_equal(SAY("PSETEX arq:job:%s 86400000 bytes-of-%s", id, id), "OK");
    assert_string_equal(SAY("ZADD q %" PRId64 " %s", now_ms() + due_in_ms, id), "1");
}

/* arq's worker: it has claimed the job, and begun its first try. */
static void arq_claim(const char *id)
{
    assert_string_equal(SAY("PSETEX arq:in-progress:%s 310000 1", id), "OK");
    assert_string_equal(SAY("INCR arq:retry:%s", id), "1");
}

static void arq_finish(const char *id)
{
    assert_string_equal(SAY("SET arq:result:%s theirs PX 3600000", id), "OK");
    assert_string_equal(SAY("DEL arq:job:%s arq:retry:%s arq:in-progress:%s", id, id, id), "3");
    assert_string_equal(SAY("ZREM q %s", id), "1");
}

static void nothing_to_claim(struct worker *worker)
{
    (void)claim(worker, 10);
    assert_int_equal(worker->x.n_claimed, 0);
}

static void a_job_of_an_arq_client_is_claimed_and_settled_in_arqs_keys(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    arq_enqueue("one", 0);

    struct bq_claimed job = claim_one(worker);
    assert_string_equal(job.job.id, "one");
    assert_memory_equal(job.job.payload, "bytes-of-one", 12);
    assert_false(job.claimed_before || job.aborted);
    assert_in_range(number(SAY("PTTL arq:in-progress:one")), 1, LEASE_MS);
    assert_string_equal(SAY("PTTL arq:job:one"), "-1"); /* it runs: it does not expire any more */
    assert_true(number(SAY("ZSCORE q one")) > 0);

    assert_true(settle(worker, completed(&job)));
    assert_string_equal(SAY("EXISTS arq:job:one arq:in-progress:one arq:retry:one q"), "0");
    assert_string_equal(SAY("GET arq:result:one"), "result");
    assert_in_range(number(SAY("PTTL arq:result:one")), 1, KEEP_MS);
    assert_int_equal(found(worker->broker, "one").status, BARQ_JOB_COMPLETE);
}

static void jobs_of_both_sides_have_their_turns_by_their_due_times(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    struct bq_broker *client = open_handle();
    struct bq_job own = a_job("2");

    arq_enqueue("3", -1000);
    own.due_at_ms -= 2000;
    assert_true(put_job(client, own));
    arq_enqueue("1", -3000);
    assert_true(put(client, "4"));
    arq_enqueue("later", MINUTE_MS);
    for (const char *id = "1234"; *id != '\0'; id++) {
        assert_int_equal(claim_one(worker).job.id[0], *id);
    }
    nothing_to_claim(worker);
    assert_in_range(worker->x.next_due_in_ms, 1, MINUTE_MS);
    assert_int_equal(status_of(client, "later"), BARQ_JOB_DEFERRED);
}

static void none_of_many_is_missed_whoever_enqueued_it_wherever_it_lies(void **state)
{
    (void)state;
    static bool seen[2 * MANY];
    struct worker *worker = new_worker();
    struct bq_broker *client = open_handle();
    char id[16];
    int all = 0;
    memset(seen, 0, sizeof(seen));

    for (int i = 0; i < 2 * MANY; i++) {
        (void)snprintf(id, sizeof(id), "%d", i);
        struct bq_job own = a_job(id);
        own.due_at_ms -= (i * INT64_C(7919)) % 100000;
        if (i % 2 == 0) {
            assert_true(put_job(client, own));
        } else {
            arq_enqueue(id, own.due_at_ms - now_ms());
        }
        if (i % 500 == 499) { /* some are known, and some run, when the others come */
            all += (int)(claim(worker, 20), worker->x.n_claimed);
            for (size_t k = 0; k < worker->x.n_claimed; k++) {
                seen[number(worker->x.claimed[k].job.id)] = true;
            }
        }
    }
    for (int idle = 0; idle < 3;) {
        (void)claim(worker, 100);
        idle = worker->x.n_claimed > 0 ? 0 : idle + 1;
        for (size_t k = 0; k < worker->x.n_claimed; k++) {
            int64_t at = number(worker->x.claimed[k].job.id);
            assert_false(seen[at]);
            seen[at] = true;
            all++;
        }
    }
    assert_int_equal(all, 2 * MANY);
}

static void an_id_without_bytes_has_expired_unless_it_has_run(void **state)
{
    (void)state;
    struct worker *worker = new_worker();

    assert_string_equal(SAY("ZADD q 1 ghost 2 ran 3 done"), "3");
    assert_string_equal(SAY("SET arq:retry:ran 1"), "OK");
    assert_string_equal(SAY("SET arq:result:done theirs"), "OK");
    struct bq_claimed job = claim_one(worker);
    assert_string_equal(job.job.id, "ghost");
    assert_true(job.job.expires_at_ms > 0 && job.job.expires_at_ms < now_ms());
    assert_true(job.job.payload_bytes > 0 && !job.claimed_before);
    nothing_to_claim(worker);
    assert_string_equal(SAY("ZCARD q"), "1");
    assert_true(settle(worker, failed(&job)));
    assert_string_equal(SAY("ZCARD q"), "0");
}

static void a_job_that_an_arq_worker_runs_is_left_to_it(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    struct bq_broker *client = open_handle();
    assert_true(put(client, "one"));
    arq_claim("one");

    nothing_to_claim(worker);
    assert_int_equal(status_of(client, "one"), BARQ_JOB_IN_PROGRESS);
    assert_int_equal(client->ops->remove(client, "one", TIMEOUT_MS, NULL), BARQ_ERR_CONFLICT);
    arq_finish("one");
    pass_time(MINUTE_MS);
    nothing_to_claim(worker);
    exchange(worker, (struct bq_exchange){.count = true});
    assert_int_equal(worker->x.unfinished, 0);
    assert_int_equal(worker->x.next_due_in_ms, -1);
    assert_int_equal(status_of(client, "one"), BARQ_JOB_COMPLETE);
    assert_false(put(client, "one"));
}

static void of_many_the_one_that_an_arq_worker_runs_is_left_to_it(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    struct bq_broker *client = open_handle();
    nothing_to_claim(worker);
    assert_true(put(client, "one") && put(client, "two") && put(client, "three"));
    arq_claim("two");

    (void)claim(worker, 10);
    assert_int_equal(worker->x.n_claimed, 2);
    struct bq_claimed one = worker->x.claimed[0];
    struct bq_claimed three = worker->x.claimed[1];
    assert_string_equal(three.job.id, "three");
    struct bq_settle both[] = {completed(&one), completed(&three)};
    exchange(worker, (struct bq_exchange){.settles = both, .n_settles = 2});
    assert_false(both[0].stale || both[1].stale);
    arq_finish("two");
    assert_string_equal(SAY("EXISTS q"), "0");
}

static void plain_jobs_are_enqueued_claimed_and_completed_by_the_short_scripts(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    struct bq_broker *client = open_handle();
    struct bq_settle all[2];
    nothing_to_claim(worker); /* the first over a connection is the whole exchange */
    assert_string_equal(SAY("CONFIG RESETSTAT"), "OK");

    assert_true(put(client, "one") && put(client, "two"));
    (void)claim(worker, 10);
    for (size_t i = 0; i < 2; i++) {
        all[i] = completed(&worker->x.claimed[i]);
    }
    exchange(worker, (struct bq_exchange){.settles = all, .n_settles = 2, .claim_max = 10});
    const char *calls = SAY("INFO commandstats");
    assert_non_null(strstr(calls, "cmdstat_msetnx:calls=2,")); /* their bytes */
    assert_non_null(strstr(calls, "cmdstat_psetex:calls=4,")); /* locks and results */
    assert_non_null(strstr(calls, "cmdstat_hset:calls=3,"));   /* two rows, then both at once */
    assert_null(strstr(calls, "cmdstat_set:"));                /* the whole exchange's lock */
    assert_null(strstr(calls, "cmdstat_mset:"));               /* the whole script's bytes */
}

static void beside_a_job_that_is_retried_the_others_are_plain(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    struct bq_broker *client = open_handle();
    struct bq_settle all[3];
    assert_true(put(client, "1") && put(client, "2") && put(client, "3") && put(client, "4"));
    (void)claim(worker, 3);
    for (size_t i = 0; i < 3; i++) {
        struct bq_claimed *job = &worker->x.claimed[i];
        all[i] = i == 1 ? retried(job, MINUTE_MS) : completed(job);
    }
    assert_string_equal(SAY("CONFIG RESETSTAT"), "OK");

    exchange(worker, (struct bq_exchange){.settles = all, .n_settles = 3, .claim_max = 1});
    const char *calls = SAY("INFO commandstats");
    assert_non_null(strstr(calls, "cmdstat_psetex:calls=3,")); /* two results and a lock */
    assert_string_equal(worker->x.claimed[0].job.id, "4");
    assert_false(all[0].stale || all[1].stale || all[2].stale);
    pass_time(INT64_C(2) * MINUTE_MS);
    struct bq_job early = a_job("5");
    early.due_at_ms -= 10 * (int64_t)MINUTE_MS;
    assert_true(put_job(client, early) && put(client, "6"));
    (void)claim(worker, 10);
    assert_int_equal(worker->x.n_claimed, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(worker->x.claimed[i].job.id, i == 0 ? "5" : i == 1 ? "2" : "6");
        assert_int_equal(worker->x.claimed[i].tries, i == 1);
        assert_int_equal(worker->x.claimed[i].claim, worker->x.claimed[0].claim);
        all[i] = completed(&worker->x.claimed[i]);
    }
    exchange(worker, (struct bq_exchange){.settles = all, .n_settles = 3});
    assert_false(all[0].stale || all[1].stale || all[2].stale);
}

static void what_an_arq_worker_has_begun_counts_as_begun(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    assert_true(put(open_handle(), "one"));
    arq_claim("one");
    nothing_to_claim(worker);

    assert_string_equal(SAY("DEL arq:in-progress:one"), "1"); /* it was shut down */
    pass_time(MINUTE_MS);
    struct bq_claimed job = claim_one(worker);
    assert_true(job.claimed_before);
    assert_int_equal(job.tries, 1);
    assert_true(settle(worker, retried(&job, 0)));
    assert_string_equal(SAY("GET arq:retry:one"), "1");
    assert_int_equal(claim_one(worker).tries, 1);
}

static void what_an_arq_worker_has_put_off_is_not_claimed_before(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    assert_true(put(open_handle(), "one"));
    exchange(worker, (struct bq_exchange){0});
    arq_claim("one");
    assert_true(number(SAY("ZINCRBY q %d one", 10 * MINUTE_MS)) > 0);
    assert_string_equal(SAY("DEL arq:in-progress:one"), "1");

    nothing_to_claim(worker);
    assert_in_range(worker->x.next_due_in_ms, 9 * MINUTE_MS, 10 * MINUTE_MS);
    pass_time((int64_t)10 * MINUTE_MS);
    assert_true(claim_one(worker).claimed_before);
}

static void a_lock_that_an_arq_worker_has_taken_over_makes_a_claim_stale(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    assert_true(put(open_handle(), "one"));
    struct bq_claimed job = claim_one(worker);

    pass_time(LEASE_MS + 1); /* stopped for so long */
    assert_string_equal(SAY("EXISTS arq:in-progress:one"), "0");
    arq_claim("one");
    assert_false(settle(worker, completed(&job)));
    assert_string_equal(SAY("GET arq:in-progress:one"), "1");
    assert_string_equal(SAY("EXISTS arq:job:one"), "1");
}

static void an_arq_clients_abort_is_heard_of_each_kind_of_job(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    struct bq_job later = a_job("deferred");
    assert_true(put(open_handle(), "running"));
    (void)claim_one(worker);
    later.due_at_ms += KEEP_MS;
    assert_true(put_job(open_handle(), later));
    arq_enqueue("theirs", KEEP_MS);
    exchange(worker, (struct bq_exchange){0});

    /* As Job.abort(): what is deferred is made due, then its id is put into the set. */
    assert_string_equal(SAY("ZADD q 1 deferred"), "0");
    assert_string_equal(SAY("ZADD q 1 theirs"), "0");
    assert_string_equal(SAY("ZADD arq:abort %" PRId64 " running %" PRId64 " deferred %" PRId64
                            " theirs",
                            now_ms() + 1, now_ms() + 1, now_ms() + 1),
                        "3");
    const struct bq_claimed *jobs = claim(worker, 5);
    assert_int_equal(worker->x.n_aborts, 1);
    assert_string_equal(worker->x.aborts[0], "running");
    assert_int_equal(worker->x.n_claimed, 2);
    assert_true(jobs[0].aborted && jobs[1].aborted);
    struct bq_settle ends[] = {failed(&jobs[0]), failed(&jobs[1])};
    exchange(worker, (struct bq_exchange){.settles = ends, .n_settles = 2});
    assert_string_equal(SAY("ZCARD arq:abort"), "1");
}

static void an_abort_of_what_is_not_there_hits_no_later_job(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    assert_string_equal(SAY("ZADD arq:abort %" PRId64 " one", now_ms() - 5), "1");
    struct bq_job own = a_job("one");

    assert_true(put_job(open_handle(), own)); /* before any worker has looked */
    assert_false(claim_one(worker).aborted);
    assert_string_equal(SAY("ZADD arq:abort %" PRId64 " never-was", now_ms()), "1");
    exchange(worker, (struct bq_exchange){0});
    assert_string_equal(SAY("EXISTS arq:abort"), "0");
}

static void claims_whose_answer_was_lost_are_given_back_and_cost_nothing(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    assert_true(put(open_handle(), "held") && put(open_handle(), "one") &&
                put(open_handle(), "two"));
    struct bq_claimed held = claim_one(worker);

    /* Paused for writes: the exchange waits there, and happens, but nobody hears its answer. */
    assert_string_equal(SAY("CLIENT PAUSE 400 WRITE"), "OK");
    try_exchange(worker, (struct bq_exchange){.claim_max = 5, .timeout_ms = SHORT_MS});
    assert_int_equal(worker->x.status, BARQ_ERR_CONN);
    const struct bq_claimed *jobs = claim(worker, 5);
    assert_int_equal(worker->x.n_claimed, 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(jobs[i].tries + jobs[i].losses + jobs[i].crashes, 0);
        assert_false(jobs[i].claimed_before);
    }
    assert_false(worker->x.lease_lost);
    assert_true(settle(worker, completed(&held)));
}

static void what_was_there_when_the_server_was_started_anew_counts_as_claimed_before(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    assert_true(put(open_handle(), "before"));
    exchange(worker, (struct bq_exchange){0});

    assert_string_equal(SAY("SET barq:server another"), "OK");
    assert_true(number(SAY("CLIENT KILL TYPE normal")) > 0);
    try_exchange(worker, (struct bq_exchange){0}); /* it may notice only now */
    struct bq_claimed before = claim_one(worker);
    assert_true(before.claimed_before && before.job.uncertain);
    assert_true(put(open_handle(), "after"));
    assert_false(claim_one(worker).claimed_before);
}

static void a_server_that_has_forgotten_the_scripts_is_told_them_again(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();

    for (int i = 0; i < 3; i++) {
        assert_string_equal(SAY("SCRIPT FLUSH"), "OK");
        assert_true(put(client, "one"));
        assert_string_equal(SAY("SCRIPT FLUSH"), "OK");
        struct bq_claimed job = claim_one(worker);
        assert_string_equal(SAY("SCRIPT FLUSH"), "OK");
        assert_int_equal(status_of(client, "one"), BARQ_JOB_IN_PROGRESS);
        assert_true(settle(worker, completed(&job)));
        assert_int_equal(client->ops->remove(client, "one", TIMEOUT_MS, NULL), BARQ_OK);
    }
}

static void a_full_server_takes_no_job_but_every_end(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_enqueue more = {.job = a_job("more")};
    struct barq_error err = {0};
    assert_true(put(client, "one"));
    struct bq_claimed job = claim_one(worker);

    assert_string_equal(SAY("CONFIG SET maxmemory 100kb"), "OK");
    assert_int_equal(client->ops->enqueue(client, &more, 1, TIMEOUT_MS, &err), BARQ_ERR_FULL);
    assert_non_null(strstr(err.text, "maxmemory"));
    assert_true(settle(worker, completed(&job)));
    assert_string_equal(SAY("CONFIG SET maxmemory 0"), "OK");
    assert_true(put(client, "more"));
}

static void a_replica_is_told_apart_and_left_when_it_is_none_any_more(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_enqueue one = {.job = a_job("one")};
    struct barq_error err = {0};

    assert_string_equal(SAY("REPLICAOF 127.0.0.1 1"), "OK");
    assert_int_equal(client->ops->enqueue(client, &one, 1, SHORT_MS, &err), BARQ_ERR_CONN);
    assert_non_null(strstr(err.text, "replica"));
    try_exchange(worker, (struct bq_exchange){.claim_max = 1, .timeout_ms = SHORT_MS});
    assert_int_equal(worker->x.status, BARQ_ERR_CONN);
    assert_string_equal(SAY("REPLICAOF NO ONE"), "OK");
    assert_true(put(client, "one"));
    assert_string_equal(claim_one(worker).job.id, "one");
}

static void a_record_that_somebody_deleted_begins_anew(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    assert_true(put(open_handle(), "one") && put(open_handle(), "two"));
    struct bq_claimed one = claim_one(worker);
    struct bq_claimed two = claim_one(worker);

    assert_string_equal(SAY("DEL barq:rows"), "1");
    assert_true(settle(worker, retried(&one, 0)));
    assert_true(settle(worker, released(&two, true)));
    (void)claim(worker, 5);
    assert_int_equal(worker->x.n_claimed, 2);
    exchange(worker, (struct bq_exchange){.leave = true});
    struct worker *next = new_worker();
    (void)claim(next, 5);
    assert_int_equal(next->x.n_claimed, 2);
}

static void another_job_of_the_id_is_not_the_one_whose_lock_ran_out(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    arq_enqueue("one", 0);
    struct bq_claimed old = claim_one(worker);

    pass_time(LEASE_MS + 1); /* stopped for so long: arq's side ends it, and uses its id again */
    assert_string_equal(SAY("DEL arq:job:one"), "1");
    assert_string_equal(SAY("ZREM q one"), "1");
    arq_enqueue("one", 0);
    assert_false(settle(worker, completed(&old)));
    assert_string_equal(SAY("EXISTS arq:job:one"), "1");
    pass_time(MINUTE_MS);
    assert_string_equal(claim_one(worker).job.id, "one");
}

static void a_held_job_whose_record_is_gone_and_that_was_put_off_ends_no_claim(void **state)
{
    (void)state;
    const struct bq_limit one_runs = {.name = "f", .max_running = 1};
    const struct bq_limit_rule rule = {"f", one_runs, {.name = ""}};
    const char *queue = "q";
    struct bq_worker_lease lease = {.queues = &queue,
                                    .n_queues = 1,
                                    .name = "test",
                                    .lease_ms = LEASE_MS,
                                    .limits = &rule,
                                    .n_limits = 1};
    struct worker *worker = new_worker_as(&lease);
    struct bq_job job = a_job("runs");
    job.function = "f";
    assert_true(put_job(open_handle(), job));
    job.id = "held";
    assert_true(put_job(open_handle(), job));
    struct bq_claimed runs = claim_one(worker);
    nothing_to_claim(worker);

    assert_string_equal(SAY("DEL barq:job:held"), "1");
    assert_true(number(SAY("ZINCRBY q %d held", MINUTE_MS)) > 0);
    assert_true(settle(worker, completed(&runs)));
    nothing_to_claim(worker);
    pass_time(2 * (int64_t)MINUTE_MS);
    assert_string_equal(claim_one(worker).job.id, "held");
}

static void a_deferred_job_whose_row_is_gone_is_adopted_anew(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    struct bq_job later = a_job("later");
    later.due_at_ms += MINUTE_MS;
    assert_true(put_job(open_handle(), later));

    assert_string_equal(SAY("DEL barq:rows"), "1");
    pass_time(MINUTE_MS);
    exchange(worker, (struct bq_exchange){0});
    assert_string_equal(claim_one(worker).job.id, "later");
}

static void a_claim_that_a_server_forgot_settles_none_that_it_gave_since(void **state)
{
    (void)state;
    struct worker *worker = new_worker();
    assert_true(put(open_handle(), "one"));
    struct bq_claimed forgotten = claim_one(worker);

    /* As a replica that took over before it had heard of the claim. */
    assert_string_equal(SAY("DECR barq:claims"), "0");
    assert_string_equal(SAY("SET barq:server another"), "OK");
    assert_string_equal(
        SAY("EVAL \"return redis.call('DEL', 'arq:in-progress:one', "
            "'barq:running:' .. redis.call('ZRANGE', 'barq:workers', 0, 0)[1])\" 0"),
        "2");
    assert_string_equal(SAY("ZADD barq:ready:q 1 0000000000011one"), "1");
    assert_true(number(SAY("CLIENT KILL TYPE normal")) > 0);
    try_exchange(worker, (struct bq_exchange){0}); /* it may notice only now */
    struct bq_claimed anew = claim_one(worker);
    assert_true(anew.claim != forgotten.claim && anew.claimed_before);
    assert_false(settle(worker, completed(&forgotten)));
    assert_true(settle(worker, completed(&anew)));
}

static void arqs_health_key_is_there_while_any_worker_is(void **state)
{
    (void)state;
    struct worker *first = new_worker();
    struct worker *second = new_worker();
    struct bq_worker_state told = {.running = 1, .complete = 2, .failed = 3, .retried = 4};

    exchange(first, (struct bq_exchange){.renew = true, .state = &told});
    exchange(second, (struct bq_exchange){.renew = true, .state = &told});
    assert_non_null(strstr(SAY("GET q:health-check"),
                           " j_complete=2 j_failed=3 j_retried=4 j_ongoing=1 queued=0"));
    exchange(first, (struct bq_exchange){.leave = true});
    assert_string_equal(SAY("EXISTS q:health-check"), "1");
    exchange(second, (struct bq_exchange){.leave = true});
    assert_string_equal(SAY("EXISTS q:health-check"), "0");
}

static void a_queue_that_would_be_another_key_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"barq:jobs", "arq:job:x", "arq:abort", "arq:result:y"};
    struct bq_broker *client = open_handle();
    struct barq_error err = {0};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct bq_enqueue job = {.job = a_job("one")};
        struct bq_worker_lease lease = {
            .queues = &bad[i], .n_queues = 1, .name = "test", .lease_ms = LEASE_MS};
        job.job.queue = bad[i];
        assert_int_equal(client->ops->enqueue(client, &job, 1, TIMEOUT_MS, &err), BARQ_ERR_ARG);
        assert_int_equal(client->ops->pause(client, bad[i], true, TIMEOUT_MS, &err), BARQ_ERR_ARG);
        assert_int_equal(client->ops->join(client, &lease, TIMEOUT_MS, &err), BARQ_ERR_ARG);
    }
}

static void a_queue_that_is_no_sorted_set_is_said(void **state)
{
    (void)state;
    struct bq_broker *client = open_handle();
    struct worker *worker = new_worker();
    struct bq_enqueue one = {.job = a_job("one")};
    struct barq_error err = {0};

    assert_string_equal(SAY("SET q text"), "OK");
    assert_int_equal(client->ops->enqueue(client, &one, 1, TIMEOUT_MS, &err), BARQ_ERR_CORRUPT);
    try_exchange(worker, (struct bq_exchange){.claim_max = 1});
    assert_int_equal(worker->x.status, BARQ_ERR_CORRUPT);
    assert_string_equal(SAY("DEL q"), "1");
    exchange(worker, (struct bq_exchange){.claim_max = 1});
}

static void a_worker_that_vanished_from_this_machine_loses_its_jobs_at_once(void **state)
{
    (void)state;
    struct bq_broker *dead = open_handle();
    struct worker gone;
    assert_true(put(open_handle(), "one"));
    begin_worker(&gone, dead, "q");
    assert_string_equal(claim_one(&gone).job.id, "one");
    struct worker *worker = new_worker();
    nothing_to_claim(worker);
    end_worker(&gone);
    close_handle(dead);

    /* It looks each second: no lease has run out by then. */
    (void)claim(worker, 1);
    for (int looks = 0; worker->x.n_claimed == 0 && looks < 100; looks++) {
        (void)poll(
            &(struct pollfd){.fd = worker->broker->ops->fd(worker->broker), .events = POLLIN}, 1,
            100);
        (void)claim(worker, 1);
    }
    assert_int_equal(worker->x.n_claimed, 1);
    assert_int_equal(worker->x.claimed[0].losses, 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_job_of_an_arq_client_is_claimed_and_settled_in_arqs_keys),
        TEST(jobs_of_both_sides_have_their_turns_by_their_due_times),
        TEST(none_of_many_is_missed_whoever_enqueued_it_wherever_it_lies),
        TEST(an_id_without_bytes_has_expired_unless_it_has_run),
        TEST(a_job_that_an_arq_worker_runs_is_left_to_it),
        TEST(of_many_the_one_that_an_arq_worker_runs_is_left_to_it),
        TEST(plain_jobs_are_enqueued_claimed_and_completed_by_the_short_scripts),
        TEST(beside_a_job_that_is_retried_the_others_are_plain),
        TEST(what_an_arq_worker_has_begun_counts_as_begun),
        TEST(what_an_arq_worker_has_put_off_is_not_claimed_before),
        TEST(a_lock_that_an_arq_worker_has_taken_over_makes_a_claim_stale),
        TEST(an_arq_clients_abort_is_heard_of_each_kind_of_job),
        TEST(an_abort_of_what_is_not_there_hits_no_later_job),
        TEST(claims_whose_answer_was_lost_are_given_back_and_cost_nothing),
        TEST(what_was_there_when_the_server_was_started_anew_counts_as_claimed_before),
        TEST(a_server_that_has_forgotten_the_scripts_is_told_them_again),
        TEST(a_full_server_takes_no_job_but_every_end),
        TEST(a_replica_is_told_apart_and_left_when_it_is_none_any_more),
        TEST(a_record_that_somebody_deleted_begins_anew),
        TEST(another_job_of_the_id_is_not_the_one_whose_lock_ran_out),
        TEST(a_held_job_whose_record_is_gone_and_that_was_put_off_ends_no_claim),
        TEST(a_deferred_job_whose_row_is_gone_is_adopted_anew),
        TEST(a_claim_that_a_server_forgot_settles_none_that_it_gave_since),
        TEST(arqs_health_key_is_there_while_any_worker_is),
        TEST(a_queue_that_would_be_another_key_is_refused),
        TEST(a_queue_that_is_no_sorted_set_is_said),
        TEST(a_worker_that_vanished_from_this_machine_loses_its_jobs_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The client on a broker without a worker: what a worker would do is done by
 * exchanges on the client's own broker. The argument is the broker's scheme.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <barq/admin.h>
#include <barq/client.h>

#include "base/time.h"
#include "client/client.h"
#include "job/message.h"
#include "job/record.h"
#include "support/folder.h"

enum { ARENA_BYTES = 64 * 1024 * 1024, RESULT_MAX_BYTES = 1024 * 1024 };

static const char *scheme = "memory:";
static char url[1024];

/* New for each test. */
static struct barq_client *client;
static struct barq_arena *arena;
static struct barq_arena claims; /* what the last exchange has claimed */
static struct barq_error err;

static int begin(void **state)
{
    static int number;

    (void)state;
    if (strcmp(scheme, "memory:") == 0) {
        snprintf(url, sizeof(url), "%s", scheme);
    } else {
        snprintf(url, sizeof(url), "%s%s/queue-%d.db", scheme, folder_path(), number++);
    }
    arena = barq_arena_new(ARENA_BYTES);
    bq_arena_init(&claims, ARENA_BYTES);
    client = NULL;
    return barq_client_open(url, NULL, &client, &err) == BARQ_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    barq_client_close(client);
    bq_arena_clear(&claims);
    barq_arena_free(arena);
    return 0;
}

/* -- a worker's hands -- */

static void join(void)
{
    const char *const queue = "barq";
    struct bq_worker_lease lease = {
        .queues = &queue, .n_queues = 1, .name = "test:1", .lease_ms = 30000};

    assert_int_equal(client->broker->ops->join(client->broker, &lease, 5000, &err), BARQ_OK);
}

static void exchange(struct bq_exchange *what)
{
    struct bq_broker *broker = client->broker;

    bq_arena_reset(&claims);
    what->arena = &claims;
    what->timeout_ms = 5000;
    broker->ops->begin(broker, what);
    struct bq_exchange *ended = broker->ops->end(broker);
    int64_t deadline_ms = bq_mono_ms() + 5000;
    while (!ended && bq_mono_ms() < deadline_ms) {
        struct pollfd ready = {.fd = broker->ops->fd(broker), .events = POLLIN};
        assert_true(poll(&ready, 1, 5000) >= 0);
        (void)broker->ops->woken(broker);
        ended = broker->ops->end(broker);
    }
    assert_ptr_equal(ended, what);
    assert_int_equal(what->status, BARQ_OK);
}

static struct bq_claimed claim(void)
{
    struct bq_exchange one = {.claim_max = 1, .claim_lost_max = 1, .claim_free_max = 1};

    exchange(&one);
    assert_int_equal(one.n_claimed, 1);
    return one.claimed[0];
}

static void settle(const struct bq_claimed *job, struct bq_settle how)
{
    struct bq_exchange one = {.settles = &how, .n_settles = 1};

    char *id = strdup(job->job.id); /* the exchange resets the arena that it is in */
    assert_non_null(id);
    how.id = id;
    how.claim = job->claim;
    exchange(&one);
    assert_false(how.stale);
    free(id);
}

/* Ends a claimed job with a result, or with `error`. */
static void finish(const struct bq_claimed *job, struct barq_value *result, const char *error,
                   int64_t keep_result_ms)
{
    struct bq_job_record read;
    struct bq_result_record record = {.queue = "barq",
                                      .id = job->job.id,
                                      .job_try = job->tries + 1,
                                      .success = !error,
                                      .result = result,
                                      .error = error,
                                      .started_at_ms = 1000,
                                      .finished_at_ms = 2000};
    bq_auto(buf) struct bq_buf bytes;

    assert_int_equal(bq_job_decode(arena, job->job.payload, job->job.payload_bytes, &read, &err),
                     BQ_READ_ALL);
    record.job = read;
    bq_buf_init(&bytes, RESULT_MAX_BYTES);
    assert_int_equal(bq_result_encode(&bq_codec_json, &record, &bytes, &err), BARQ_OK);
    settle(job, (struct bq_settle){.kind = error ? BQ_SETTLE_FAIL : BQ_SETTLE_COMPLETE,
                                   .result = bytes.data,
                                   .result_bytes = bytes.len,
                                   .keep_result_ms = keep_result_ms});
}

static void put(const char *id)
{
    struct barq_enqueue_options options = {.id = id};
    struct barq_value *args = barq_tuple(arena);

    barq_add(args, barq_string(arena, "text"));
    barq_add(args, barq_int(arena, 7));
    assert_int_equal(barq_enqueue(client, "work", args, NULL, &options, NULL, &err), BARQ_OK);
}

/* A job that no job can be larger than. */
static void put_large(const char *id)
{
    static char payload[BQ_JOB_MAX_BYTES];
    struct bq_enqueue one = {.job = {.id = id,
                                     .queue = "barq",
                                     .payload = payload,
                                     .payload_bytes = sizeof(payload),
                                     .enqueued_at_ms = bq_wall_ms(),
                                     .due_at_ms = bq_wall_ms()}};

    assert_int_equal(client->broker->ops->enqueue(client->broker, &one, 1, 5000, &err), BARQ_OK);
}

/* A pickle of Python's, in which one text stands for twenty. */
static void put_shared(const char *id)
{
    bq_auto(buf) struct bq_buf pickle;
    bq_buf_init(&pickle, RESULT_MAX_BYTES);
    bq_buf_puts(&pickle, "\x80\x04}(\x8c\x01"
                         "f\x8c\x04work\x8c\x01k}\x8c\x02"
                         "etK\x05\x8c\x01"
                         "a(\x8c\xc8");
    bq_buf_printf(&pickle, "%0200d\x94", 0);
    for (int i = 1; i < 20; i++) {
        bq_buf_put(&pickle, "h\0", 2);
    }
    bq_buf_puts(&pickle, "tu.");
    struct bq_enqueue one = {.job = {.id = id,
                                     .queue = "barq",
                                     .payload = pickle.data,
                                     .payload_bytes = pickle.len,
                                     .enqueued_at_ms = 5,
                                     .due_at_ms = bq_wall_ms()}};

    assert_int_equal(client->broker->ops->enqueue(client->broker, &one, 1, 5000, &err), BARQ_OK);
}

/* A job whose bytes are not what they should be. */
static void put_damaged(const char *id)
{
    struct bq_enqueue one = {.job = {.id = id,
                                     .queue = "barq",
                                     .payload = "\xff\x00 no job",
                                     .payload_bytes = 9,
                                     .enqueued_at_ms = bq_wall_ms(),
                                     .due_at_ms = bq_wall_ms()}};

    assert_int_equal(client->broker->ops->enqueue(client->broker, &one, 1, 5000, &err), BARQ_OK);
}

static enum barq_job_status status_of(const char *id)
{
    enum barq_job_status found = BARQ_JOB_NOT_FOUND;

    assert_int_equal(barq_status_of(client, id, &found, &err), BARQ_OK);
    return found;
}

static struct barq_job_info info_of(const char *id)
{
    struct barq_job_info info;

    assert_int_equal(barq_info(client, id, arena, &info, &err), BARQ_OK);
    return info;
}

/* -- opening -- */

static void an_address_that_is_none_is_refused(void **state)
{
    static const char *const bad[] = {"", "nothing", "gopher://there", "memory:there"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct barq_client *other = NULL;
        enum barq_status status = barq_client_open(bad[i], NULL, &other, &err);
        assert_true(status == BARQ_ERR_ARG || status == BARQ_ERR_FORMAT);
        assert_null(other);
    }
}

static void options_that_make_no_sense_are_refused(void **state)
{
    struct barq_client_options options = {.timeout_ms = -5};
    struct barq_client *other = NULL;

    (void)state;
    assert_int_equal(barq_client_open(url, &options, &other, &err), BARQ_ERR_ARG);
    options = (struct barq_client_options){.queue = "two\nlines"};
    assert_int_equal(barq_client_open(url, &options, &other, &err), BARQ_ERR_ARG);
    options = (struct barq_client_options){.payload_max_bytes = SIZE_MAX};
    assert_int_equal(barq_client_open(url, &options, &other, &err), BARQ_ERR_ARG);
    assert_null(other);
}

static void without_an_address_the_environment_has_it(void **state)
{
    struct barq_client *other = NULL;

    (void)state;
    assert_int_equal(setenv("BARQ_URL", "gopher://there", 1), 0);
    assert_int_equal(barq_client_open(NULL, NULL, &other, &err), BARQ_ERR_ARG);
    assert_int_equal(setenv("BARQ_URL", url, 1), 0);
    assert_int_equal(barq_client_open(NULL, NULL, &other, &err), BARQ_OK);
    barq_client_close(other);
    unsetenv("BARQ_URL");
}

static void a_client_that_names_no_queue_uses_the_brokers_own(void **state)
{
    struct barq_client_options options = {.queue = "mine"};
    struct barq_client *other = NULL;

    (void)state;
    assert_string_equal(barq_client_queue(client), "barq");
    assert_int_equal(barq_client_open(url, &options, &other, &err), BARQ_OK);
    assert_string_equal(barq_client_queue(other), "mine");
    barq_client_close(other);
    assert_null(barq_client_queue(NULL));
}

/* What the broker has of a job. */
static const struct bq_codec *codec_of_job(const char *id)
{
    struct bq_found found;

    assert_int_equal(client->broker->ops->find(client->broker, id, arena, &found, 1000, &err),
                     BARQ_OK);
    return bq_codec_of(found.job.payload, found.job.payload_bytes);
}

/* Sets the serializer of the client, as one has it that is opened with this name. */
static void reopen_with(const char *serializer)
{
    struct barq_client_options options = {.serializer = serializer};
    struct barq_client *other = NULL;

    assert_int_equal(barq_client_open(url, &options, &other, &err), BARQ_OK);
    client->codec = other->codec;
    barq_client_close(other);
}

static void jobs_are_written_in_the_clients_serializer(void **state)
{
    static const struct {
        const char *variable; /* BARQ_SERIALIZER */
        const char *serializer;
        const struct bq_codec *codec;
    } cases[] = {
        {NULL, NULL, &bq_codec_json},         {NULL, "pickle", &bq_codec_pickle},
        {"msgpack", NULL, &bq_codec_msgpack}, {"msgpack", "json", &bq_codec_json},
        {"", NULL, &bq_codec_json},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char id[BARQ_JOB_ID_MAX_BYTES + 1];

        if (cases[i].variable) {
            assert_int_equal(setenv("BARQ_SERIALIZER", cases[i].variable, 1), 0);
        }
        reopen_with(cases[i].serializer);
        assert_int_equal(barq_enqueue(client, "add", NULL, NULL, NULL, id, &err), BARQ_OK);
        assert_ptr_equal(codec_of_job(id), cases[i].codec);
        assert_string_equal(info_of(id).function, "add");
        unsetenv("BARQ_SERIALIZER");
    }
}

static void an_unknown_serializer_is_refused_with_those_there_are(void **state)
{
    struct barq_client_options options = {.serializer = "yaml"};
    struct barq_client *other = NULL;

    (void)state;
    assert_int_equal(barq_client_open(url, &options, &other, &err), BARQ_ERR_ARG);
    assert_non_null(strstr(err.text, "'yaml'; there are json, msgpack, pickle"));
    assert_int_equal(setenv("BARQ_SERIALIZER", "xml", 1), 0);
    assert_int_equal(barq_client_open(url, NULL, &other, &err), BARQ_ERR_ARG);
    unsetenv("BARQ_SERIALIZER");
    assert_non_null(strstr(err.text, "BARQ_SERIALIZER: there is no serializer 'xml'"));
    assert_null(other);
}

static void a_call_without_a_client_is_a_bug(void **state)
{
    enum barq_job_status found;

    (void)state;
    barq_client_close(NULL);
    assert_int_equal(barq_enqueue(NULL, "work", NULL, NULL, NULL, NULL, &err), BARQ_ERR_BUG);
    assert_int_equal(barq_status_of(NULL, "a", &found, &err), BARQ_ERR_BUG);
    assert_int_equal(barq_delete(NULL, "a", &err), BARQ_ERR_BUG);
}

static void an_id_that_no_job_can_have_is_refused(void **state)
{
    char too_long[BARQ_JOB_ID_MAX_BYTES + 2];
    const char *const bad[] = {"", "bell\a", "\xc3", too_long};
    enum barq_job_status found;

    (void)state;
    memset(too_long, 'x', sizeof(too_long) - 1);
    too_long[sizeof(too_long) - 1] = '\0';
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct barq_enqueue_options options = {.id = bad[i]};
        assert_int_equal(barq_enqueue(client, "work", NULL, NULL, &options, NULL, &err),
                         BARQ_ERR_ARG);
        assert_int_equal(barq_status_of(client, bad[i], &found, &err), BARQ_ERR_ARG);
        assert_int_equal(barq_abort(client, bad[i], &err), BARQ_ERR_ARG);
        assert_int_equal(barq_retry_dead(client, bad[i], &err), BARQ_ERR_ARG);
    }
}

/* -- enqueueing -- */

static void an_enqueued_job_is_told_in_full(void **state)
{
    int64_t before_ms = bq_wall_ms();

    (void)state;
    put("a");
    struct barq_job_info info = info_of("a");
    assert_string_equal(info.id, "a");
    assert_string_equal(info.queue, "barq");
    assert_string_equal(info.function, "work");
    assert_int_equal(info.status, BARQ_JOB_QUEUED);
    assert_int_equal(info.job_try, 0);
    assert_string_equal(barq_as_string(barq_at(info.args, 0), ""), "text");
    assert_int_equal(barq_as_int(barq_at(info.args, 1), 0), 7);
    assert_int_equal(barq_count(info.kwargs), 0);
    assert_null(info.result);
    assert_null(info.error);
    assert_int_equal(barq_count(info.history), 0);
    assert_true(info.enqueued_at_ms >= before_ms && info.enqueued_at_ms <= bq_wall_ms());
    assert_true(info.due_at_ms >= before_ms && info.due_at_ms <= bq_wall_ms());
    assert_int_equal(info.started_at_ms, 0);
    assert_int_equal(info.finished_at_ms, 0);
}

static void a_job_without_an_id_gets_a_new_one(void **state)
{
    char first[BARQ_JOB_ID_MAX_BYTES + 1];
    char second[BARQ_JOB_ID_MAX_BYTES + 1];

    (void)state;
    assert_int_equal(barq_enqueue(client, "work", NULL, NULL, NULL, first, &err), BARQ_OK);
    assert_int_equal(barq_enqueue(client, "work", NULL, NULL, NULL, second, &err), BARQ_OK);
    assert_string_not_equal(first, second);
    assert_int_equal(status_of(first), BARQ_JOB_QUEUED);
    assert_int_equal(status_of(second), BARQ_JOB_QUEUED);
}

static void an_id_that_waits_already_is_refused(void **state)
{
    struct barq_enqueue_options options = {.id = "a"};

    (void)state;
    put("a");
    assert_int_equal(barq_enqueue(client, "other", NULL, NULL, &options, NULL, &err),
                     BARQ_ERR_EXISTS);
    assert_string_equal(info_of("a").function, "work");
}

static void many_are_enqueued_but_for_those_that_are_there(void **state)
{
    struct barq_new_job jobs[3] = {
        {.function = "one", .options = {.id = "x"}},
        {.function = "two", .options = {.id = "a"}},
        {.function = "three"},
    };

    (void)state;
    put("a");
    assert_int_equal(barq_enqueue_many(client, jobs, 3, &err), BARQ_OK);
    assert_int_equal(jobs[0].status, BARQ_OK);
    assert_int_equal(jobs[1].status, BARQ_ERR_EXISTS);
    assert_int_equal(jobs[2].status, BARQ_OK);
    assert_string_equal(info_of("x").function, "one");
    assert_string_equal(info_of("a").function, "work");
    assert_string_equal(info_of(jobs[2].id).function, "three");
    assert_int_equal(barq_enqueue_many(client, NULL, 0, &err), BARQ_OK);
}

static void one_bad_job_among_many_refuses_them_all(void **state)
{
    struct barq_new_job jobs[2] = {
        {.function = "one", .options = {.id = "x"}},
        {.function = "", .options = {.id = "y"}},
    };

    (void)state;
    assert_int_equal(barq_enqueue_many(client, jobs, 2, &err), BARQ_ERR_ARG);
    assert_non_null(strstr(err.text, "job 2 of 2"));
    assert_int_equal(status_of("x"), BARQ_JOB_NOT_FOUND);
}

static void a_job_says_how_many_others_it_waits_for(void **state)
{
    char one[BARQ_NEW_ID_BYTES];
    char two[BARQ_NEW_ID_BYTES];
    (void)state;
    barq_new_id(one);
    barq_new_id(two);
    assert_string_not_equal(one, two);
    struct barq_new_job jobs[] = {
        {.function = "work", .options = {.id = one}},
        {.function = "work", .options = {.id = two}},
        {.function = "work", .options = {.id = "then", barq_after(one, two)}},
    };

    assert_int_equal(barq_enqueue_many(client, jobs, 3, &err), BARQ_OK);
    assert_int_equal(info_of("then").waits_for, 2);
    assert_int_equal(info_of("then").status, BARQ_JOB_DEFERRED);
    join();
    for (int left = 1; left >= 0; left--) {
        struct bq_claimed job = claim();
        finish(&job, barq_int(arena, 42), NULL, 60000);
        assert_int_equal(info_of("then").waits_for, left);
    }
    assert_int_equal(info_of("then").status, BARQ_JOB_QUEUED);
}

/* In one call, as the largest that can be. */
static void a_job_waits_for_ten_thousand_others(void **state)
{
    char(*ids)[BARQ_NEW_ID_BYTES] = calloc(BARQ_AFTER_MAX, sizeof(*ids));
    const char **after = calloc(BARQ_AFTER_MAX, sizeof(char *));
    struct barq_new_job *jobs = calloc(BARQ_AFTER_MAX + 1, sizeof(*jobs));
    (void)state;

    for (int i = 0; i < BARQ_AFTER_MAX; i++) {
        barq_new_id(ids[i]);
        after[i] = ids[i];
        jobs[i] = (struct barq_new_job){.function = "work", .options = {.id = ids[i]}};
    }
    jobs[BARQ_AFTER_MAX] = (struct barq_new_job){
        .function = "work", .options = {.id = "then", .after = after, .n_after = BARQ_AFTER_MAX}};
    assert_int_equal(barq_enqueue_many(client, jobs, BARQ_AFTER_MAX + 1, &err), BARQ_OK);
    assert_int_equal(info_of("then").waits_for, BARQ_AFTER_MAX);
    free(jobs);
    free(after);
    free(ids);
}

static void arguments_over_the_limit_are_refused(void **state)
{
    struct barq_client_options options = {.payload_max_bytes = 200};
    struct barq_client *small = NULL;
    char text[300] = "";
    struct barq_value *args = barq_tuple(arena);

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    barq_add(args, barq_string(arena, text));
    assert_int_equal(barq_client_open(url, &options, &small, &err), BARQ_OK);
    assert_int_equal(barq_enqueue(small, "work", args, NULL, NULL, NULL, &err), BARQ_ERR_LIMIT);
    assert_int_equal(barq_enqueue(small, "work", NULL, NULL, NULL, NULL, &err), BARQ_OK);
    barq_client_close(small);
}

static void a_job_for_later_is_deferred(void **state)
{
    struct barq_enqueue_options options = {.id = "a", .defer_ms = 60000};

    (void)state;
    assert_int_equal(barq_enqueue(client, "work", NULL, NULL, &options, NULL, &err), BARQ_OK);
    struct barq_job_info info = info_of("a");
    assert_int_equal(info.status, BARQ_JOB_DEFERRED);
    assert_int_equal(info.due_at_ms, info.enqueued_at_ms + 60000);
}

static void a_queue_of_ones_own_is_kept(void **state)
{
    struct barq_enqueue_options options = {.id = "a", .queue = "mail"};

    (void)state;
    assert_int_equal(barq_enqueue(client, "work", NULL, NULL, &options, NULL, &err), BARQ_OK);
    assert_string_equal(info_of("a").queue, "mail");
}

/* -- what became of it -- */

static void of_an_unknown_job_nothing_is_told(void **state)
{
    struct barq_job_info info;
    const struct barq_value *result = NULL;

    (void)state;
    assert_int_equal(status_of("a"), BARQ_JOB_NOT_FOUND);
    assert_int_equal(barq_info(client, "a", arena, &info, &err), BARQ_ERR_NOTFOUND);
    assert_int_equal(barq_result(client, "a", 1000, arena, &result, &err), BARQ_ERR_NOTFOUND);
    assert_string_equal(err.text, "client: there is no job a");
}

static void a_job_of_a_client_with_a_higher_limit_is_seen(void **state)
{
    const struct barq_value *result = NULL;

    (void)state;
    put_large("a");
    assert_int_equal(status_of("a"), BARQ_JOB_QUEUED);
    assert_int_equal(barq_result(client, "a", 0, arena, &result, &err), BARQ_ERR_TIMEOUT);
}

static void a_running_job_is_in_progress(void **state)
{
    (void)state;
    put("a");
    join();
    (void)claim();
    struct barq_job_info info = info_of("a");
    assert_int_equal(info.status, BARQ_JOB_IN_PROGRESS);
    assert_non_null(info.worker);
    assert_int_equal(info.job_try, 1);
    assert_true(info.started_at_ms >= info.enqueued_at_ms);
    assert_int_equal(info.finished_at_ms, 0);
}

static void the_result_of_a_complete_job_is_given(void **state)
{
    const struct barq_value *result = NULL;

    (void)state;
    put("a");
    join();
    struct bq_claimed job = claim();
    finish(&job, barq_int(arena, 42), NULL, 60000);
    assert_int_equal(barq_result(client, "a", 0, arena, &result, &err), BARQ_OK);
    assert_int_equal(barq_as_int(result, 0), 42);

    struct barq_job_info info = info_of("a");
    assert_int_equal(info.status, BARQ_JOB_COMPLETE);
    assert_int_equal(info.job_try, 1);
    assert_int_equal(barq_as_int(info.result, 0), 42);
    assert_null(info.error);
    assert_string_equal(info.function, "work");
    assert_int_equal(info.started_at_ms, 1000);
    assert_int_equal(info.finished_at_ms, 2000);
    assert_int_equal(info.due_at_ms, 0);
}

static void the_result_of_a_failed_job_is_its_error(void **state)
{
    const struct barq_value *result = NULL;

    (void)state;
    put("a");
    join();
    struct bq_claimed job = claim();
    finish(&job, NULL, "no 100 % luck", 60000);
    assert_int_equal(barq_result(client, "a", 0, arena, &result, &err), BARQ_ERR_JOB);
    assert_string_equal(err.text, "no 100 % luck");
    assert_null(result);

    struct barq_job_info info = info_of("a");
    assert_int_equal(info.status, BARQ_JOB_FAILED);
    assert_string_equal(info.error, "no 100 % luck");
    assert_null(info.result);
}

static void a_job_that_kept_no_result_is_gone(void **state)
{
    const struct barq_value *result = NULL;

    (void)state;
    put("a");
    join();
    struct bq_claimed job = claim();
    finish(&job, NULL, NULL, BARQ_OFF);
    assert_int_equal(status_of("a"), BARQ_JOB_NOT_FOUND);
    assert_int_equal(barq_result(client, "a", 1000, arena, &result, &err), BARQ_ERR_NOTFOUND);
}

static void a_dead_job_without_a_result_says_why_by_its_history(void **state)
{
    const struct barq_value *result = NULL;

    (void)state;
    put("a");
    join();
    struct bq_claimed job = claim();
    settle(&job, (struct bq_settle){.kind = BQ_SETTLE_FAIL,
                                    .keep_result_ms = BARQ_OFF,
                                    .history = "{\"at\":5,\"try\":1,\"event\":\"failed\","
                                               "\"error\":\"no luck\"}"});
    assert_int_equal(status_of("a"), BARQ_JOB_FAILED);
    assert_int_equal(barq_result(client, "a", 0, arena, &result, &err), BARQ_ERR_JOB);
    assert_string_equal(err.text, "no luck");
    assert_string_equal(info_of("a").error, "no luck");
}

static void a_job_to_be_tried_again_says_why(void **state)
{
    (void)state;
    put("a");
    join();
    struct bq_claimed job = claim();
    settle(&job, (struct bq_settle){.kind = BQ_SETTLE_RETRY,
                                    .defer_ms = 60000,
                                    .tries_used = 1,
                                    .history = "{\"at\":5,\"try\":1,\"event\":\"retry\","
                                               "\"error\":\"no luck\"}"});
    struct barq_job_info info = info_of("a");
    assert_int_equal(info.status, BARQ_JOB_DEFERRED);
    assert_int_equal(info.job_try, 1);
    assert_string_equal(info.error, "no luck");
    assert_int_equal(barq_count(info.history), 1);
    assert_int_equal(barq_as_int(barq_get(barq_at(info.history, 0), "at"), 0), 5);
}

/* How long a look at an unfinished job takes: the least of a few, since the machine may be busy. */
static int64_t least_wait_ms(int64_t timeout_ms)
{
    const struct barq_value *result = NULL;
    int64_t least_ms = INT64_MAX;

    for (int i = 0; i < 5; i++) {
        int64_t begun_ms = bq_mono_ms();
        assert_int_equal(barq_result(client, "a", timeout_ms, arena, &result, &err),
                         BARQ_ERR_TIMEOUT);
        int64_t waited_ms = bq_mono_ms() - begun_ms;
        least_ms = waited_ms < least_ms ? waited_ms : least_ms;
    }
    return least_ms;
}

static void a_look_does_not_wait(void **state)
{
    (void)state;
    put("a");
    assert_true(least_wait_ms(0) < 500);
}

static void a_wait_ends_in_time(void **state)
{
    (void)state;
    put("a");
    int64_t least_ms = least_wait_ms(50);
    assert_true(least_ms >= 50 && least_ms < 900);
}

/* The broker's own functions, but for waiting: meanwhile the job is done. */
static struct bq_broker_ops hooked;
static int looks;
static int waits;
static enum barq_status (*real_find)(struct bq_broker *, const char *, struct barq_arena *,
                                     struct bq_found *, int64_t, struct barq_error *);

static enum barq_status counted_find(struct bq_broker *broker, const char *id,
                                     struct barq_arena *into, struct bq_found *out,
                                     int64_t timeout_ms, struct barq_error *why)
{
    looks++;
    return real_find(broker, id, into, out, timeout_ms, why);
}

static void work_instead_of_waiting(struct bq_broker *broker, int64_t timeout_ms)
{
    (void)broker;
    assert_true(timeout_ms > 0 && timeout_ms <= 1000);
    if (++waits == 3) {
        struct bq_claimed job = claim();
        finish(&job, barq_string(arena, "done"), NULL, 60000);
    }
}

static void waiting_looks_only_when_woken(void **state)
{
    const struct barq_value *result = NULL;
    const struct bq_broker_ops *real = client->broker->ops;

    (void)state;
    put("a");
    join();
    hooked = *real;
    real_find = real->find;
    looks = 0;
    waits = 0;
    hooked.find = counted_find;
    hooked.wait_finished = work_instead_of_waiting;
    client->broker->ops = &hooked;
    enum barq_status status = barq_result(client, "a", BARQ_OFF, arena, &result, &err);
    client->broker->ops = real;

    assert_int_equal(status, BARQ_OK);
    assert_string_equal(barq_as_string(result, ""), "done");
    assert_int_equal(waits, 3);
    assert_int_equal(looks, 4);
}

/* -- progress and log -- */

static void report(const struct bq_claimed *job, int64_t done, const char *log)
{
    struct bq_report one = {.id = job->job.id,
                            .claim = job->claim,
                            .progress = true,
                            .done = done,
                            .total = 10,
                            .note = done == 3 ? "three" : "",
                            .log = log,
                            .log_bytes = strlen(log)};
    struct bq_exchange told = {.reports = &one, .n_reports = 1};
    char *id = strdup(job->job.id);

    assert_non_null(id);
    one.id = id;
    exchange(&told);
    free(id);
}

static void what_a_running_job_tells_is_shown(void **state)
{
    (void)state;
    put("a");
    struct barq_job_info info = info_of("a");
    assert_true(info.done == 0 && info.total == 0 && info.progress_at_ms == 0);
    assert_true(!info.note && !info.log);

    join();
    struct bq_claimed job = claim();
    report(&job, 3, "line\n");
    info = info_of("a");
    assert_true(info.done == 3 && info.total == 10);
    assert_true(info.progress_at_ms > 0);
    assert_string_equal(info.note, "three");
    assert_string_equal(info.log, "line\n");
}

static void a_change_since_the_last_look_is_told_at_once(void **state)
{
    (void)state;
    put("a");
    struct barq_job_info seen = info_of("a");
    assert_int_equal(barq_wait_change(client, &seen, 0, arena, &seen, &err), BARQ_ERR_TIMEOUT);

    join();
    struct bq_claimed job = claim();
    assert_int_equal(barq_wait_change(client, &seen, 0, arena, &seen, &err), BARQ_OK);
    assert_int_equal(seen.status, BARQ_JOB_IN_PROGRESS);
    assert_int_equal(barq_wait_change(client, &seen, 0, arena, &seen, &err), BARQ_ERR_TIMEOUT);
    for (int64_t done = 1; done < 4; done++) {
        report(&job, done, "");
        assert_int_equal(barq_wait_change(client, &seen, 0, arena, &seen, &err), BARQ_OK);
        assert_int_equal(seen.done, done);
    }
    finish(&job, NULL, NULL, 0);
    assert_int_equal(barq_wait_change(client, &seen, 0, arena, &seen, &err), BARQ_ERR_NOTFOUND);
}

static struct bq_claimed in_progress;

static void tell_instead_of_waiting(struct bq_broker *broker, int64_t timeout_ms)
{
    (void)broker;
    assert_true(timeout_ms > 0 && timeout_ms <= 1000);
    if (++waits == 2) {
        report(&in_progress, 7, "");
    }
}

static void a_change_is_waited_for(void **state)
{
    const struct bq_broker_ops *real = client->broker->ops;

    (void)state;
    put("a");
    join();
    in_progress = claim();
    in_progress.job.id = "a";
    struct barq_job_info seen = info_of("a");
    hooked = *real;
    waits = 0;
    hooked.wait_finished = tell_instead_of_waiting;
    client->broker->ops = &hooked;
    enum barq_status status = barq_wait_change(client, &seen, BARQ_OFF, arena, &seen, &err);
    client->broker->ops = real;

    assert_int_equal(status, BARQ_OK);
    assert_int_equal(waits, 2);
    assert_int_equal(seen.done, 7);
}

/* -- damage -- */

static void a_damaged_job_is_shown_as_unknown(void **state)
{
    struct barq_job_info *jobs = NULL;
    size_t count = 0;
    const char *next = NULL;

    (void)state;
    put_damaged("a");
    struct barq_job_info info = info_of("a");
    assert_string_equal(info.function, "<unknown>");
    assert_int_equal(info.status, BARQ_JOB_QUEUED);
    assert_null(info.args);
    assert_null(info.kwargs);
    assert_int_equal(barq_list_jobs(client, NULL, NULL, 10, arena, &jobs, &count, &next, &err),
                     BARQ_OK);
    assert_int_equal(count, 1);
    assert_string_equal(jobs[0].function, "<unknown>");
}

static void a_damaged_result_is_told_as_damage(void **state)
{
    const struct barq_value *result = NULL;

    (void)state;
    put("a");
    join();
    struct bq_claimed job = claim();
    settle(&job, (struct bq_settle){.kind = BQ_SETTLE_COMPLETE,
                                    .result = "{\"half",
                                    .result_bytes = 6,
                                    .keep_result_ms = 60000});
    assert_int_equal(barq_result(client, "a", 0, arena, &result, &err), BARQ_ERR_CORRUPT);
    struct barq_job_info info = info_of("a");
    assert_int_equal(info.status, BARQ_JOB_COMPLETE);
    assert_null(info.result);
    assert_memory_equal(info.error, "<unknown>", 9);
}

static void an_arena_without_room_is_no_damage(void **state)
{
    struct barq_arena *tiny = barq_arena_new(600);
    struct barq_job_info info;
    enum barq_status status = BARQ_OK;

    (void)state;
    put("a");
    status = barq_info(client, "a", tiny, &info, &err);
    assert_int_equal(status, BARQ_ERR_NOMEM);
    barq_arena_free(tiny);
}

/* -- stopping -- */

static void an_abort_is_told_to_whoever_claims(void **state)
{
    (void)state;
    put("a");
    assert_int_equal(barq_abort(client, "a", &err), BARQ_OK);
    assert_int_equal(barq_abort(client, "a", &err), BARQ_OK);
    join();
    struct bq_claimed job = claim();
    assert_true(job.aborted);
}

/* Fails a claimed job as an attempt does that was told to stop; or as one that says the same of itself. */
static void fail_as(const struct bq_claimed *job, enum bq_failure failure, int64_t keep_result_ms)
{
    struct bq_result_record record = {.queue = "barq",
                                      .id = job->job.id,
                                      .job = {.function = "work", .nonce = ""},
                                      .error = "aborted",
                                      .failure = failure};
    bq_auto(buf) struct bq_buf bytes;

    bq_buf_init(&bytes, RESULT_MAX_BYTES);
    assert_int_equal(bq_result_encode(&bq_codec_json, &record, &bytes, &err), BARQ_OK);
    settle(job, (struct bq_settle){.kind = BQ_SETTLE_FAIL,
                                   .result = bytes.data,
                                   .result_bytes = bytes.len,
                                   .keep_result_ms = keep_result_ms,
                                   .history = "{\"at\":5,\"try\":1,\"event\":\"failed\","
                                              "\"error\":\"aborted\"}"});
}

static void abort_while_waiting(struct bq_broker *broker, int64_t timeout_ms)
{
    (void)broker;
    assert_true(timeout_ms > 0 && timeout_ms <= 1000);
    struct bq_claimed job = claim();
    assert_true(job.aborted);
    fail_as(&job, BQ_FAILURE_ABORTED, 60000);
}

static void an_abort_can_wait_for_the_end(void **state)
{
    const struct bq_broker_ops *real = client->broker->ops;
    bool aborted = false;

    (void)state;
    put("a");
    assert_int_equal(barq_abort_wait(client, "a", 0, &aborted, &err), BARQ_ERR_TIMEOUT);
    join();
    hooked = *real;
    hooked.wait_finished = abort_while_waiting;
    client->broker->ops = &hooked;
    enum barq_status status = barq_abort_wait(client, "a", BARQ_OFF, &aborted, &err);
    client->broker->ops = real;
    assert_int_equal(status, BARQ_OK);
    assert_true(aborted);
}

static void of_what_has_ended_an_abort_says_how(void **state)
{
    static const struct {
        const char *id;
        enum bq_failure failure;
        int64_t keep_result_ms;
        bool aborted;
    } cases[] = {
        {"aborted", BQ_FAILURE_ABORTED, 60000, true},
        {"said so", BQ_FAILURE_ERROR, 60000, false},
        {"kept none", BQ_FAILURE_ABORTED, BARQ_OFF, true},
    };
    bool aborted = false;

    (void)state;
    assert_int_equal(barq_abort_wait(client, "nobody", 0, &aborted, &err), BARQ_ERR_NOTFOUND);
    join();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        put(cases[i].id);
        struct bq_claimed job = claim();
        fail_as(&job, cases[i].failure, cases[i].keep_result_ms);
        aborted = !cases[i].aborted;
        assert_int_equal(barq_abort_wait(client, cases[i].id, 0, &aborted, &err), BARQ_OK);
        assert_int_equal(aborted, cases[i].aborted);
    }
    put("well");
    struct bq_claimed job = claim();
    finish(&job, NULL, NULL, 60000);
    assert_int_equal(barq_abort_wait(client, "well", 0, &aborted, &err), BARQ_OK);
    assert_false(aborted);
}

static void what_neither_waits_nor_runs_cannot_be_aborted(void **state)
{
    (void)state;
    assert_int_equal(barq_abort(client, "a", &err), BARQ_ERR_NOTFOUND);
    put("a");
    join();
    struct bq_claimed job = claim();
    finish(&job, NULL, NULL, 60000);
    assert_int_equal(barq_abort(client, "a", &err), BARQ_ERR_NOTFOUND);
}

/* -- looking after queues -- */

static void pages_show_each_job_once(void **state)
{
    bool seen[7] = {false};
    const char *cursor = NULL;
    int pages = 0;

    (void)state;
    for (int i = 0; i < 7; i++) {
        char id[16];
        snprintf(id, sizeof(id), "job-%d", i);
        put(id);
    }
    do {
        struct barq_job_info *jobs = NULL;
        size_t count = 0;
        assert_int_equal(
            barq_list_jobs(client, NULL, cursor, 3, arena, &jobs, &count, &cursor, &err), BARQ_OK);
        assert_true(count <= 3);
        for (size_t i = 0; i < count; i++) {
            int number = jobs[i].id[4] - '0';
            assert_false(seen[number]);
            seen[number] = true;
        }
        assert_true(++pages < 10);
    } while (cursor);
    for (int i = 0; i < 7; i++) {
        assert_true(seen[i]);
    }
}

static void a_filter_leaves_out_what_was_not_asked_for(void **state)
{
    struct barq_enqueue_options mail = {.id = "m", .queue = "mail"};
    struct barq_enqueue_options later = {.id = "l", .defer_ms = 60000};
    struct barq_list_filter filter = {.queue = "mail", .status = BARQ_OFF};
    struct barq_job_info *jobs = NULL;
    size_t count = 0;
    const char *next = NULL;

    (void)state;
    put("a");
    assert_int_equal(barq_enqueue(client, "work", NULL, NULL, &mail, NULL, &err), BARQ_OK);
    assert_int_equal(barq_enqueue(client, "work", NULL, NULL, &later, NULL, &err), BARQ_OK);
    assert_int_equal(barq_list_jobs(client, &filter, "", 10, arena, &jobs, &count, &next, &err),
                     BARQ_OK);
    assert_int_equal(count, 1);
    assert_string_equal(jobs[0].id, "m");
    assert_null(next);

    filter = (struct barq_list_filter){.status = BARQ_JOB_DEFERRED};
    assert_int_equal(barq_list_jobs(client, &filter, "", 10, arena, &jobs, &count, &next, &err),
                     BARQ_OK);
    assert_int_equal(count, 1);
    assert_string_equal(jobs[0].id, "l");
}

/* All pages of what the filter lets through, one id after the other, each with a space behind it. */
static const char *all_of(int which)
{
    struct barq_list_filter filter = {.status = which};
    const char *ids = "";
    const char *cursor = "";

    while (cursor) {
        struct barq_job_info *jobs = NULL;
        size_t count = 0;
        assert_int_equal(
            barq_list_jobs(client, &filter, cursor, 1, arena, &jobs, &count, &cursor, &err),
            BARQ_OK);
        for (size_t i = 0; i < count; i++) {
            assert_non_null(jobs[i].kwargs);
            ids = bq_arena_format(arena, "%s%s ", ids, jobs[i].id);
        }
    }
    return ids;
}

static void all_that_waits_and_all_results_can_be_listed(void **state)
{
    struct barq_enqueue_options later = {.id = "later", .defer_ms = 60000};
    struct bq_claimed job;

    (void)state;
    join();
    put("well");
    job = claim();
    finish(&job, NULL, NULL, 60000);
    put("badly");
    job = claim();
    finish(&job, NULL, "no luck", 60000);
    put("runs");
    job = claim();
    assert_int_equal(barq_enqueue(client, "work", NULL, NULL, &later, NULL, &err), BARQ_OK);
    put("a");
    put("b");
    assert_string_equal(all_of(BARQ_LIST_WAITING), "later a b ");
    assert_string_equal(all_of(BARQ_LIST_FINISHED), "well badly ");
}

static void a_page_has_its_bounds(void **state)
{
    struct barq_job_info *jobs = NULL;
    size_t count = 0;
    const char *next = NULL;

    (void)state;
    assert_int_equal(barq_list_jobs(client, NULL, "", 0, arena, &jobs, &count, &next, &err),
                     BARQ_ERR_ARG);
    assert_int_equal(
        barq_list_jobs(client, NULL, "", BARQ_LIST_MAX + 1, arena, &jobs, &count, &next, &err),
        BARQ_ERR_ARG);
    assert_null(jobs);
}

static void jobs_are_counted_by_queue_and_status(void **state)
{
    struct barq_enqueue_options later = {.defer_ms = 60000};
    struct barq_queue_stats *stats = NULL;
    size_t count = 0;

    (void)state;
    put("a");
    put("b");
    put("c");
    put("d");
    assert_int_equal(barq_enqueue(client, "work", NULL, NULL, &later, NULL, &err), BARQ_OK);
    join();
    struct bq_claimed job = claim();
    finish(&job, NULL, NULL, 60000);
    job = claim();
    finish(&job, NULL, "no luck", 60000);
    (void)claim();

    assert_int_equal(barq_stats(client, arena, &stats, &count, &err), BARQ_OK);
    assert_int_equal(count, 1);
    assert_string_equal(stats[0].queue, "barq");
    assert_int_equal(stats[0].queued, 1);
    assert_int_equal(stats[0].deferred, 1);
    assert_int_equal(stats[0].in_progress, 1);
    assert_int_equal(stats[0].complete, 1);
    assert_int_equal(stats[0].failed, 1);
}

static void a_dead_job_comes_back_as_another_job(void **state)
{
    struct bq_job_record before;
    struct bq_job_record after;
    struct barq_enqueue_options options = {
        .id = "a", .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"};

    (void)state;
    assert_int_equal(barq_enqueue(client, "work", NULL, NULL, &options, NULL, &err), BARQ_OK);
    join();
    struct bq_claimed job = claim();
    assert_int_equal(bq_job_decode(arena, job.job.payload, job.job.payload_bytes, &before, &err),
                     BQ_READ_ALL);
    finish(&job, NULL, "no luck", 60000);

    assert_int_equal(barq_retry_dead(client, "a", &err), BARQ_OK);
    struct barq_job_info info = info_of("a");
    assert_int_equal(info.status, BARQ_JOB_QUEUED);
    assert_int_equal(info.job_try, 0);
    job = claim();
    assert_int_equal(bq_job_decode(arena, job.job.payload, job.job.payload_bytes, &after, &err),
                     BQ_READ_ALL);
    assert_string_equal(after.function, "work");
    assert_true(barq_equal(after.args, before.args));
    assert_string_equal(after.traceparent, options.traceparent);
    assert_string_not_equal(after.nonce, before.nonce);
    assert_int_equal(after.enqueued_at_ms, job.job.enqueued_at_ms);
    assert_true(after.enqueued_at_ms >= before.enqueued_at_ms);
    assert_int_equal(job.tries, 0);
}

static void a_dead_job_that_is_longer_when_written_anew_comes_back(void **state)
{
    struct bq_job_record after;

    (void)state;
    put_shared("a");
    join();
    struct bq_claimed job = claim();
    finish(&job, NULL, "no luck", 60000);

    assert_int_equal(barq_retry_dead(client, "a", &err), BARQ_OK);
    job = claim();
    assert_int_equal(bq_job_decode(arena, job.job.payload, job.job.payload_bytes, &after, &err),
                     BQ_READ_ALL);
    assert_int_equal(barq_count(after.args), 20);
    assert_true(barq_equal(barq_at(after.args, 19), barq_at(after.args, 0)));
}

static void only_the_dead_are_retried(void **state)
{
    (void)state;
    assert_int_equal(barq_retry_dead(client, "a", &err), BARQ_ERR_NOTFOUND);
    put("a");
    assert_int_equal(barq_retry_dead(client, "a", &err), BARQ_ERR_NOTFOUND);
    assert_string_equal(err.text, "client: not among the dead: job a");
}

static void a_dead_job_that_cannot_be_read_stays_dead(void **state)
{
    (void)state;
    put_damaged("a");
    join();
    struct bq_claimed job = claim();
    settle(&job, (struct bq_settle){.kind = BQ_SETTLE_FAIL, .keep_result_ms = BARQ_OFF});
    assert_int_equal(barq_retry_dead(client, "a", &err), BARQ_ERR_CORRUPT);
    assert_int_equal(status_of("a"), BARQ_JOB_FAILED);
}

static void a_job_is_deleted_unless_it_runs(void **state)
{
    (void)state;
    assert_int_equal(barq_delete(client, "a", &err), BARQ_ERR_NOTFOUND);
    put("a");
    assert_int_equal(barq_delete(client, "a", &err), BARQ_OK);
    assert_int_equal(status_of("a"), BARQ_JOB_NOT_FOUND);

    put("a");
    join();
    struct bq_claimed job = claim();
    assert_int_equal(barq_delete(client, "a", &err), BARQ_ERR_CONFLICT);
    finish(&job, NULL, "no luck", 60000);
    assert_int_equal(barq_delete(client, "a", &err), BARQ_OK);
    assert_int_equal(status_of("a"), BARQ_JOB_NOT_FOUND);
}

static void every_status_has_a_name(void **state)
{
    (void)state;
    assert_string_equal(barq_job_status_name(BARQ_JOB_NOT_FOUND), "not_found");
    assert_string_equal(barq_job_status_name(BARQ_JOB_DEFERRED), "deferred");
    assert_string_equal(barq_job_status_name(BARQ_JOB_QUEUED), "queued");
    assert_string_equal(barq_job_status_name(BARQ_JOB_IN_PROGRESS), "in_progress");
    assert_string_equal(barq_job_status_name(BARQ_JOB_COMPLETE), "complete");
    assert_string_equal(barq_job_status_name(BARQ_JOB_FAILED), "failed");
    assert_string_equal(barq_job_status_name((enum barq_job_status)77), "unknown");
}

static void a_migrated_queue_needs_no_migration(void **state)
{
    int from = -1;
    int to = -1;

    (void)state;
    assert_int_equal(barq_migrate_queue(url, &from, &to, &err), BARQ_OK);
    assert_true(from >= 0);
    assert_int_equal(from, to);
}

static void what_a_worker_tells_of_itself_is_read(void **state)
{
    (void)state;
    struct bq_worker_state told = {
        .executors = 1,
        .tally = "{\"memory\":7,\"functions\":[{\"function\":\"f\",\"complete\":2,\"ran\":[9,1,1]},"
                 "{\"function\":\"\",\"failed\":1}],\"executors\":[{\"number\":0},{\"number\":1,"
                 "\"state\":\"idle\",\"jobs\":3}]}"};
    struct bq_exchange tells = {.state = &told};
    struct barq_worker_info *workers = NULL;
    struct barq_function_stats *functions = NULL;
    struct barq_limit_info *limits = NULL;
    size_t count = 0;

    join();
    assert_int_equal(barq_workers(client, arena, &workers, &count, &err), BARQ_OK);
    assert_int_equal(count, 1);
    assert_int_equal(workers[0].memory_bytes, 0);
    assert_int_equal(workers[0].n_places, 0);
    assert_int_equal(barq_function_stats(client, arena, &functions, &count, &err), BARQ_OK);
    assert_int_equal(count, 0);

    exchange(&tells);
    assert_int_equal(barq_workers(client, arena, &workers, &count, &err), BARQ_OK);
    assert_int_equal(workers[0].executors, 1);
    assert_int_equal(workers[0].memory_bytes, 7);
    assert_int_equal(workers[0].n_places, 2);
    assert_int_equal(workers[0].places[1].state, BARQ_EXECUTOR_IDLE);
    assert_int_equal(workers[0].places[1].jobs, 3);
    assert_int_equal(barq_function_stats(client, arena, &functions, &count, &err), BARQ_OK);
    assert_int_equal(count, 2);
    assert_string_equal(functions[0].worker, "test:1");
    assert_string_equal(functions[0].function, "f");
    assert_int_equal(functions[0].complete, 2);
    assert_int_equal(functions[0].ran.count, 2);
    assert_int_equal(functions[0].ran.sum_us, 9);
    assert_string_equal(functions[1].function, "");
    assert_int_equal(functions[1].failed, 1);
    assert_int_equal(barq_limits(client, NULL, arena, &limits, &count, &err), BARQ_OK);
    assert_int_equal(count, 0);
}

static void looking_without_a_client_is_a_mistake(void **state)
{
    (void)state;
    struct barq_function_stats *functions = NULL;
    struct barq_limit_info *limits = NULL;
    size_t count = 7;

    assert_int_equal(barq_function_stats(NULL, arena, &functions, &count, &err), BARQ_ERR_BUG);
    assert_int_equal(barq_limits(NULL, NULL, arena, &limits, &count, &err), BARQ_ERR_BUG);
    assert_int_equal(count, 7);
}

int main(int argc, char **argv)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        CASE(an_address_that_is_none_is_refused),
        CASE(options_that_make_no_sense_are_refused),
        CASE(without_an_address_the_environment_has_it),
        CASE(a_client_that_names_no_queue_uses_the_brokers_own),
        CASE(jobs_are_written_in_the_clients_serializer),
        CASE(an_unknown_serializer_is_refused_with_those_there_are),
        CASE(a_call_without_a_client_is_a_bug),
        CASE(an_id_that_no_job_can_have_is_refused),
        CASE(an_enqueued_job_is_told_in_full),
        CASE(a_job_without_an_id_gets_a_new_one),
        CASE(an_id_that_waits_already_is_refused),
        CASE(many_are_enqueued_but_for_those_that_are_there),
        CASE(one_bad_job_among_many_refuses_them_all),
        CASE(a_job_says_how_many_others_it_waits_for),
        CASE(a_job_waits_for_ten_thousand_others),
        CASE(arguments_over_the_limit_are_refused),
        CASE(a_job_for_later_is_deferred),
        CASE(a_queue_of_ones_own_is_kept),
        CASE(of_an_unknown_job_nothing_is_told),
        CASE(a_job_of_a_client_with_a_higher_limit_is_seen),
        CASE(a_running_job_is_in_progress),
        CASE(the_result_of_a_complete_job_is_given),
        CASE(the_result_of_a_failed_job_is_its_error),
        CASE(a_job_that_kept_no_result_is_gone),
        CASE(a_dead_job_without_a_result_says_why_by_its_history),
        CASE(a_job_to_be_tried_again_says_why),
        CASE(a_look_does_not_wait),
        CASE(a_wait_ends_in_time),
        CASE(waiting_looks_only_when_woken),
        CASE(what_a_running_job_tells_is_shown),
        CASE(a_change_since_the_last_look_is_told_at_once),
        CASE(a_change_is_waited_for),
        CASE(a_damaged_job_is_shown_as_unknown),
        CASE(a_damaged_result_is_told_as_damage),
        CASE(an_arena_without_room_is_no_damage),
        CASE(an_abort_is_told_to_whoever_claims),
        CASE(an_abort_can_wait_for_the_end),
        CASE(of_what_has_ended_an_abort_says_how),
        CASE(what_neither_waits_nor_runs_cannot_be_aborted),
        CASE(pages_show_each_job_once),
        CASE(a_filter_leaves_out_what_was_not_asked_for),
        CASE(all_that_waits_and_all_results_can_be_listed),
        CASE(a_page_has_its_bounds),
        CASE(jobs_are_counted_by_queue_and_status),
        CASE(a_dead_job_comes_back_as_another_job),
        CASE(a_dead_job_that_is_longer_when_written_anew_comes_back),
        CASE(only_the_dead_are_retried),
        CASE(a_dead_job_that_cannot_be_read_stays_dead),
        CASE(a_job_is_deleted_unless_it_runs),
        CASE(every_status_has_a_name),
        CASE(a_migrated_queue_needs_no_migration),
        CASE(what_a_worker_tells_of_itself_is_read),
        CASE(looking_without_a_client_is_a_mistake),
    };

    scheme = argc > 1 ? argv[1] : scheme;
    if (folder_make(NULL) != 0) {
        return 1;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return folder_remove(NULL) == 0 ? failed : 1;
}

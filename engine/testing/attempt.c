#include "attempt/attempt.h"

#include <string.h>

#include "base/log.h"
#include "base/time.h"
#include "client/client.h"
#include "job/record.h"
#include "testing/inside.h"

static void note_trouble(struct barq_test *test, enum barq_status status,
                         const struct barq_error *err)
{
    if (test->trouble == BARQ_OK && status != BARQ_OK) {
        test->trouble = status;
        test->trouble_err = *err;
    }
}

/* -- what a dispatcher would do -- */

static enum barq_status enqueue_all(struct barq_test *test, struct bq_reader *in,
                                    struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_broker *broker = test->client->broker;
    uint32_t count = bq_read_u32(in);

    bq_arena_init(&arena, (size_t)2 * BQ_FRAME_MAX_BYTES);
    struct bq_enqueue *jobs = bq_arena_array(&arena, count, sizeof(*jobs));
    for (uint32_t i = 0; jobs && i < count; i++) {
        jobs[i] = (struct bq_enqueue){.exists = false};
        if (!bq_job_get(in, &arena, &jobs[i].job)) {
            return bq_fail(err, BARQ_ERR_BUG, "testing: a job of the outbox cannot be read");
        }
        if (jobs[i].job.queue[0] == '\0') {
            jobs[i].job.queue = broker->ops->default_queue;
        }
    }
    return jobs ? broker->ops->enqueue(broker, jobs, count, BQ_CLIENT_TIMEOUT_MS, err)
                : bq_fail(err, BARQ_ERR_NOMEM, "testing: no room for the jobs of the outbox");
}

static void take_outbox(struct barq_test *test, struct bq_reader *in)
{
    struct barq_error err;

    note_trouble(test, enqueue_all(test, in, &err), &err);
    bq_desk_reply(&test->desk, BQ_MSG_RELAYED, test->attempts, 0);
}

static void take_outcome(struct barq_test *test, struct bq_reader *in)
{
    struct bq_outcome *outcome = &test->outcome;
    struct barq_error err;

    bool read = bq_outcome_get(in, &test->said, outcome);
    outcome->result = bq_arena_memdup(&test->said, outcome->result, outcome->result_bytes);
    if (!read || !outcome->result) {
        note_trouble(test, bq_fail(&err, BARQ_ERR_NOMEM, "testing: no room for an outcome"), &err);
    } else if (test->claimed) {
        note_trouble(test, bq_test_settle(test, &err), &err);
    }
    if (outcome->stays) {
        bq_desk_reply(&test->desk, BQ_MSG_ACKED, test->attempts, test->trouble == BARQ_OK);
    }
}

static void take_done(struct barq_test *test, struct bq_reader *in)
{
    struct barq_error err;

    (void)bq_read_i64(in);
    if (bq_read_u8(in) == 0) {
        note_trouble(test, bq_fail(&err, BARQ_ERR_CONN, "testing: the outbox cannot be read"),
                     &err);
    }
}

/* As a worker's log has it. */
static void take_log(struct bq_reader *in)
{
    bq_auto(arena) struct barq_arena arena;
    static const enum bq_log_level levels[] = {
        [BARQ_LOG_DEBUG] = BQ_LOG_DEBUG,
        [BARQ_LOG_INFO] = BQ_LOG_INFO,
        [BARQ_LOG_WARN] = BQ_LOG_WARN,
        [BARQ_LOG_ERROR] = BQ_LOG_ERROR,
    };
    struct bq_said said;

    bq_arena_init(&arena, BQ_FRAME_SLACK_BYTES);
    if (bq_said_get(in, &arena, &said) && said.line[0] != '\0') {
        bq_log_write(levels[said.level], said.line, BQ_LOG_PAIRS(bq_int("attempt", said.attempt)));
    }
}

void bq_test_listen(void *data, uint8_t type, const struct bq_buf *body)
{
    struct barq_test *test = data;
    struct bq_reader in = bq_reader_of(body->data, body->len);

    switch (type) {
    case BQ_MSG_OUTBOX:
        (void)bq_read_i64(&in);
        take_outbox(test, &in);
        break;
    case BQ_MSG_OUTCOME:
        take_outcome(test, &in);
        break;
    case BQ_MSG_LOG:
        take_log(&in);
        break;
    case BQ_MSG_DONE:
        take_done(test, &in);
        break;
    default: /* of no use without deadlines to set, and nobody who looks meanwhile */
        break;
    }
}

/* -- what an executor's thread would do -- */

/* Gives the desk its work and takes it at once: so replies find their attempt. */
static enum barq_status sit_down(struct barq_test *test, uint8_t type, struct barq_error *err)
{
    if (test->work.failed ||
        !bq_desk_give(&test->desk, type, test->attempts, test->work.data, test->work.len)) {
        return bq_fail(err, BARQ_ERR_NOMEM, "testing: no room for a job");
    }
    (void)bq_desk_take(test->place.seat, &test->work);
    test->trouble = BARQ_OK;
    return BARQ_OK;
}

static enum barq_status get_up(struct barq_test *test, struct barq_error *err)
{
    bq_arena_reset(&test->attempt_arena);
    return test->trouble == BARQ_OK ? BARQ_OK
                                    : bq_fail(err, test->trouble, "%s", test->trouble_err.text);
}

enum barq_status bq_test_attempt(struct barq_test *test, struct bq_run *run, struct barq_error *err)
{
    run->attempt = ++test->attempts;
    bq_arena_reset(&test->said);
    bq_buf_reset(&test->work);
    bq_run_put(&test->work, run);
    enum barq_status status = sit_down(test, BQ_MSG_RUN, err);
    if (status != BARQ_OK) {
        return status;
    }
    bq_attempt_run(&test->place, &test->attempt_arena, &test->work);
    return get_up(test, err);
}

enum barq_status bq_test_sweep(struct barq_test *test, struct barq_error *err)
{
    int64_t attempt = ++test->attempts;

    bq_buf_reset(&test->work);
    bq_buf_put_i64(&test->work, attempt);
    bq_buf_put_u8(&test->work, 0);
    enum barq_status status = sit_down(test, BQ_MSG_SWEEP, err);
    if (status != BARQ_OK) {
        return status;
    }
    bq_house_sweep(&test->place, &test->attempt_arena, attempt, false);
    return get_up(test, err);
}

/* -- what the user calls -- */

static enum barq_test_kind kind_of(enum bq_outcome_kind kind)
{
    switch (kind) {
    case BQ_OUTCOME_COMPLETE:
        return BARQ_TEST_COMPLETE;
    case BQ_OUTCOME_FAILED:
        return BARQ_TEST_FAILED;
    case BQ_OUTCOME_RETRY:
        return BARQ_TEST_RETRY;
    case BQ_OUTCOME_GIVE_BACK:
    default:
        return BARQ_TEST_GIVEN_BACK;
    }
}

static enum barq_status tell(struct barq_test *test, const char *id, struct barq_test_outcome *out,
                             struct barq_error *err)
{
    const struct bq_outcome *outcome = &test->outcome;
    struct bq_result_record record = {.result = NULL};

    memset(out, 0, sizeof(*out));
    out->kind = kind_of(outcome->kind);
    out->defer_ms = outcome->defer_ms;
    memcpy(out->id, id, strlen(id) + 1); /* bq_job_make() has checked its length */
    out->error = bq_arena_strdup(&test->arena, outcome->error);
    if (!out->error) {
        return bq_fail(err, BARQ_ERR_NOMEM, "testing: the test's arena is full");
    }
    if (outcome->kind != BQ_OUTCOME_COMPLETE) {
        return BARQ_OK;
    }
    enum barq_status status =
        bq_result_decode(&test->arena, outcome->result, outcome->result_bytes, &record, err);
    out->result = record.result;
    return status;
}

enum barq_status barq_test_run_with(struct barq_test *test, const char *function,
                                    const struct barq_value *args, const struct barq_value *kwargs,
                                    const struct barq_test_run_options *options,
                                    struct barq_test_outcome *outcome, struct barq_error *err)
{
    static const struct barq_test_run_options defaults;
    const struct barq_test_run_options *asked = options ? options : &defaults;
    struct barq_enqueue_options job_options = {.id = asked->id, .queue = asked->queue};
    struct bq_job_request request = {
        .function = function,
        .args = args,
        .kwargs = kwargs,
        .options = &job_options,
        .codec = test->client->codec,
        .default_queue = test->queues[0],
        .payload_max_bytes = BARQ_DEFAULT_PAYLOAD_MAX_BYTES,
        .now_ms = bq_wall_ms(),
    };
    int tries = asked->job_try > 1 ? asked->job_try - 1 : 0;
    struct bq_run run = {.claimed = {.tries = tries, .claimed_before = tries > 0}, .verdict = ""};

    enum barq_status status = bq_job_make(&test->arena, &request, &run.claimed.job, err);
    if (status != BARQ_OK) {
        return status;
    }
    test->claimed = NULL;
    status = bq_test_attempt(test, &run, err);
    return status == BARQ_OK ? tell(test, run.claimed.job.id, outcome, err) : status;
}

enum barq_status barq_test_run(struct barq_test *test, const char *function,
                               const struct barq_value *args, const struct barq_value *kwargs,
                               struct barq_test_outcome *outcome, struct barq_error *err)
{
    return barq_test_run_with(test, function, args, kwargs, NULL, outcome, err);
}

/*
 * test_run.c - the steps of one attempt, in this process, on a database in a
 * file. The test is the handler's thread; another one plays the loop and the
 * dispatcher behind it, and notes what was said.
 */
#include <math.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "attempt/attempt.h"
#include "base/log.h"
#include "base/time.h"
#include "job/retry.h"
#include "os/child.h"
#include "os/frame.h"
#include "support/folder.h"

enum { ARENA_BYTES = 32 * 1024 * 1024, CHILDREN_MAX = 1000, DEADLINE_MS = 30000 };

/* What the loop was told in one attempt. */
static struct {
    bool started;
    int spans;
    bool span_first; /* before STARTED */
    struct bq_span span;
    char child_trace[BQ_TRACEPARENT_BYTES]; /* of the last chunk's first one; "" none */
    struct bq_started limits;
    bool hooked;
    char hook[600];
    int reports; /* of its progress */
    struct bq_progress progress;
    int lines; /* of its log */
    int64_t dropped;
    struct bq_said line; /* the last one that has text */
    int children;
    const struct bq_codec *child; /* that the last chunk's first one is written in */
    int chunks;
    bool ended;
    bool acked;
    bool left;
    struct bq_outcome outcome;
    struct barq_arena arena; /* its strings and bytes */
} said;

static bool lost; /* the job is somebody else's: its outcome is acknowledged to nobody */

static struct bq_desk desk;
static struct bq_channel channel; /* the dispatcher's end */
static int desk_fd;
static struct bq_workplace place;
static struct barq_settings settings;
static struct barq_arena arena;
static char *url;
static int64_t attempts;

/* -- the loop -- */

static void note_outcome(struct bq_reader in)
{
    assert_false(said.ended);
    assert_true(bq_outcome_get(&in, &said.arena, &said.outcome));
    assert_int_equal(said.outcome.attempt, attempts);
    said.outcome.result =
        bq_arena_memdup(&said.arena, said.outcome.result, said.outcome.result_bytes);
    said.ended = true;
}

static void note_line(struct bq_reader in)
{
    struct bq_said line;

    assert_true(bq_said_get(&in, &said.arena, &line));
    said.dropped += line.dropped;
    if (line.line[0] != '\0') {
        said.line = line;
        said.lines++;
    }
}

static void note_child(struct bq_reader in)
{
    struct bq_job child;

    assert_true(bq_job_get(&in, &said.arena, &child));
    said.child = bq_codec_of(child.payload, child.payload_bytes);
    struct bq_job_record record;
    (void)bq_job_decode(&said.arena, child.payload, child.payload_bytes, &record, NULL);
    (void)snprintf(said.child_trace, sizeof(said.child_trace), "%s",
                   record.traceparent ? record.traceparent : "");
}

static void note(uint8_t type, struct bq_reader in)
{
    struct bq_reader whole = in;
    int64_t attempt = bq_read_i64(&in);

    assert_int_equal(attempt, attempts);
    switch (type) {
    case BQ_MSG_STARTED:
        said.started = true;
        assert_true(bq_started_get(&whole, &said.arena, &said.limits));
        break;
    case BQ_MSG_SPAN:
        said.spans++;
        said.span_first = !said.started;
        assert_true(bq_span_get(&whole, &said.arena, &said.span));
        break;
    case BQ_MSG_HOOK:
        said.hooked = true;
        (void)snprintf(said.hook, sizeof(said.hook), "%s", bq_read_str(&in, &said.arena));
        break;
    case BQ_MSG_OUTBOX:
        said.children += (int)bq_read_u32(&in);
        note_child(in);
        said.chunks++;
        bq_desk_reply(&desk, BQ_MSG_RELAYED, attempt, 0);
        break;
    case BQ_MSG_PROGRESS:
        said.reports++;
        assert_true(bq_progress_get(&whole, &said.arena, &said.progress));
        break;
    case BQ_MSG_LOG:
        note_line(whole);
        break;
    case BQ_MSG_OUTCOME:
        note_outcome(whole);
        if (said.outcome.stays) {
            said.acked = true;
            bq_desk_reply(&desk, BQ_MSG_ACKED, attempt, !lost);
        }
        break;
    case BQ_MSG_LEFT:
        assert_true(said.acked);
        said.left = true;
        break;
    default:
        fail_msg("said %d", type);
    }
}

static void *loop(void *unused)
{
    struct pollfd wait = {.fd = channel.fd, .events = POLLIN};
    struct bq_frame frame;

    (void)unused;
    while ((!said.ended || said.acked != said.left) && poll(&wait, 1, DEADLINE_MS) == 1) {
        bool found = true;
        assert_int_equal(bq_channel_fill(&channel, NULL), BARQ_OK);
        while (found) {
            assert_int_equal(bq_channel_next(&channel, &frame, &found, NULL), BARQ_OK);
            if (found) {
                note(frame.type, bq_reader_of(frame.body, frame.len));
            }
        }
    }
    return NULL;
}

/* -- an attempt -- */

static struct bq_run new_run(const char *id, const char *payload, size_t len)
{
    return (struct bq_run){
        .claimed = {.job = {.id = id, .queue = "barq", .payload = payload, .payload_bytes = len}},
        .verdict = "",
    };
}

/* A job of this function, whose identity is its id's; its bytes are those of the last four. */
static struct bq_run job(const char *id, const char *function)
{
    static char payloads[4][200];
    static int next;
    char *payload = payloads[next++ % 4];
    int len = snprintf(payload, sizeof(payloads[0]),
                       "{\"t\":null,\"f\":\"%s\",\"a\":[],\"k\":{},\"et\":5,\"n\":\"n-%s\"}",
                       function, id);

    assert_true(len > 0 && len < (int)sizeof(payloads[0]));
    return new_run(id, payload, (size_t)len);
}

/* The attempt is told to stop before its thread has taken it, unless `reason` is none. */
static const struct bq_outcome *attempt(struct bq_run run, enum bq_cancel_reason reason)
{
    bq_auto(buf) struct bq_buf body;
    pthread_t thread;

    bq_arena_clear(&said.arena);
    memset(&said, 0, sizeof(said));
    bq_arena_init(&said.arena, ARENA_BYTES);
    run.attempt = ++attempts;
    bq_buf_init(&body, BQ_FRAME_MAX_BYTES);
    bq_run_put(&body, &run);
    assert_false(body.failed);
    assert_true(bq_desk_give(&desk, BQ_MSG_RUN, run.attempt, body.data, body.len));
    if (reason != BQ_CANCEL_NONE) {
        bq_desk_cancel(&desk, run.attempt, reason);
    }
    assert_int_equal(bq_desk_take(place.seat, &body), BQ_MSG_RUN);

    assert_int_equal(pthread_create(&thread, NULL, loop, NULL), 0);
    bq_attempt_run(&place, &arena, &body);
    assert_int_equal(pthread_join(thread, NULL), 0);
    bq_arena_reset(&arena);
    assert_true(said.ended);
    return &said.outcome;
}

static const struct bq_outcome *begin(struct bq_run run)
{
    return attempt(run, BQ_CANCEL_NONE);
}

static struct bq_run last_try(struct bq_run run)
{
    run.claimed.tries = BARQ_DEFAULT_MAX_TRIES - 1;
    return run;
}

static struct bq_run again(struct bq_run run)
{
    run.claimed.claimed_before = true;
    return run;
}

/* -- what is in the database -- */

static struct barq_session *open_database(void)
{
    struct barq_session *session;

    assert_int_equal(barq_session_open(url, &session, NULL), BARQ_OK);
    return session;
}

static void put_into_database(const char *sql)
{
    bq_auto(session) struct barq_session *session = open_database();

    assert_int_equal(barq_session_begin(session, true, NULL), BARQ_OK);
    assert_int_equal(barq_exec_script(session, sql, NULL), BARQ_OK);
    assert_int_equal(barq_session_commit(session, NULL), BARQ_OK);
}

static int64_t count_of(const char *sql)
{
    bq_auto(session) struct barq_session *session = open_database();
    struct barq_rows *rows;
    bool more;

    assert_int_equal(barq_session_begin(session, false, NULL), BARQ_OK);
    assert_int_equal(barq_query(session, sql, BARQ_NO_PARAMS, &rows, NULL), BARQ_OK);
    assert_int_equal(barq_rows_next(rows, &more, NULL), BARQ_OK);
    assert_true(more);
    int64_t count = barq_column_int(rows, 0);
    barq_rows_close(rows);
    return count;
}

static int64_t notes(void)
{
    return count_of("SELECT count(*) FROM notes");
}

static int64_t receipts(void)
{
    return count_of("SELECT count(*) FROM barq_receipts");
}

/* -- handlers -- */

static int runs; /* of handlers, in all */

static enum barq_status write_note(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;
    enum barq_status status = barq_session_write(ctx, &session, err);

    if (status == BARQ_OK) {
        status = barq_exec(session, "INSERT INTO notes VALUES (?1)",
                           BARQ_PARAMS(barq_sql_text(barq_job_id(ctx))), err);
    }
    return status;
}

static enum barq_status be_quiet(struct barq_context *ctx, struct barq_error *err)
{
    (void)err;
    runs++;
    barq_return(ctx, barq_int(barq_arena_of(ctx), runs));
    return BARQ_OK;
}

static enum barq_status write_one(struct barq_context *ctx, struct barq_error *err)
{
    runs++;
    barq_return(ctx, barq_int(barq_arena_of(ctx), runs));
    return write_note(ctx, err);
}

static enum barq_status read_one(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;

    runs++;
    return barq_session_read(ctx, &session, err);
}

static enum barq_status write_and_fail(struct barq_context *ctx, struct barq_error *err)
{
    runs++;
    enum barq_status status = write_note(ctx, err);
    return status == BARQ_OK ? barq_error_set(err, BARQ_ERR_ARG, "not today") : status;
}

static enum barq_status write_and_give_up(struct barq_context *ctx, struct barq_error *err)
{
    enum barq_status status = write_note(ctx, err);

    return status == BARQ_OK ? barq_fail(ctx, err, "never: %s", barq_job_id(ctx)) : status;
}

static enum barq_status ask_for_another_try(struct barq_context *ctx, struct barq_error *err)
{
    return barq_retry(ctx, err, 5000, "in a moment");
}

static enum barq_status fail_silently(struct barq_context *ctx, struct barq_error *err)
{
    (void)ctx;
    (void)err;
    return BARQ_ERR_ARG;
}

static int64_t commit_until_ms; /* as the handler's session has it; -1: not known */

static enum barq_status look_at_the_limit(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;
    enum barq_status status = barq_session_write(ctx, &session, err);

    commit_until_ms = status == BARQ_OK ? bq_session_job(session)->commit_until_ms : -1;
    return status;
}

static enum bq_cancel_reason reason; /* with which the handlers below are told to stop */

static enum barq_status stop_when_told(struct barq_context *ctx, struct barq_error *err)
{
    enum barq_status status = write_note(ctx, err);

    bq_desk_cancel(&desk, attempts, reason);
    return status == BARQ_OK ? barq_sleep(ctx, DEADLINE_MS, err) : status;
}

static enum barq_status ignore_what_is_told(struct barq_context *ctx, struct barq_error *err)
{
    (void)err;
    bq_desk_cancel(&desk, attempts, reason);
    assert_true(barq_canceled(ctx));
    return BARQ_OK;
}

static enum barq_status write_and_ignore(struct barq_context *ctx, struct barq_error *err)
{
    enum barq_status status = write_note(ctx, err);

    bq_desk_cancel(&desk, attempts, reason);
    return status;
}

static enum barq_status return_nothing_finite(struct barq_context *ctx, struct barq_error *err)
{
    barq_return(ctx, barq_double(barq_arena_of(ctx), HUGE_VAL));
    return write_note(ctx, err);
}

static enum barq_status return_too_much(struct barq_context *ctx, struct barq_error *err)
{
    char *text = malloc(BARQ_DEFAULT_PAYLOAD_MAX_BYTES + 1);

    assert_non_null(text);
    memset(text, 'x', BARQ_DEFAULT_PAYLOAD_MAX_BYTES);
    text[BARQ_DEFAULT_PAYLOAD_MAX_BYTES] = '\0';
    barq_return(ctx, barq_string(barq_arena_of(ctx), text));
    free(text);
    return write_note(ctx, err);
}

static enum barq_status fill_the_arena(struct barq_context *ctx, struct barq_error *err)
{
    (void)err;
    while (bq_arena_alloc(barq_arena_of(ctx), 1024)) {
    }
    while (bq_arena_alloc(barq_arena_of(ctx), 1)) {
    }
    barq_return(ctx, barq_int(barq_arena_of(ctx), 1));
    return BARQ_OK;
}

static enum barq_status have_children(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;
    enum barq_status status = barq_session_write(ctx, &session, err);

    for (int i = 0; status == BARQ_OK && i < CHILDREN_MAX; i++) {
        status = barq_session_enqueue(session, "be_quiet", NULL, NULL, NULL, NULL, err);
    }
    return status;
}

static enum barq_status spoil_and_succeed(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;
    enum barq_status status = barq_session_write(ctx, &session, err);

    barq_session_rollback(session); /* not its to call */
    return status;
}

static enum barq_status sulk(struct barq_context *ctx, struct barq_error *err)
{
    (void)ctx;
    return barq_error_set(err, BARQ_ERR_CONN, "hook: nobody answers outside");
}

static enum barq_status note_failure(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;
    enum barq_status status = barq_session_write(ctx, &session, err);

    if (status == BARQ_OK) {
        status = barq_exec(session, "INSERT INTO notes VALUES (?1)",
                           BARQ_PARAMS(barq_sql_text(barq_job_error(ctx))), err);
    }
    return status;
}

static enum barq_status note_failure_and_sulk(struct barq_context *ctx, struct barq_error *err)
{
    enum barq_status status = note_failure(ctx, err);

    return status == BARQ_OK ? sulk(ctx, err) : status;
}

static enum barq_status note_failure_though_told(struct barq_context *ctx, struct barq_error *err)
{
    bq_desk_cancel(&desk, attempts, BQ_CANCEL_SHUTDOWN);
    return note_failure(ctx, err);
}

/* -- hooks around the handler: each notes that it was called, with what it knows -- */

static char called[200]; /* "start handler end" */

static void note_call(const char *name)
{
    size_t len = strlen(called);

    (void)snprintf(called + len, sizeof(called) - len, len == 0 ? "%s" : " %s", name);
}

static enum barq_status note_start(struct barq_context *ctx, struct barq_error *err)
{
    assert_string_equal(barq_job_error(ctx), "");
    note_call("start");
    return write_note(ctx, err);
}

static enum barq_status note_end(struct barq_context *ctx, struct barq_error *err)
{
    assert_string_equal(barq_job_error(ctx), "");
    note_call("end");
    return write_note(ctx, err);
}

static enum barq_status note_handler(struct barq_context *ctx, struct barq_error *err)
{
    note_call("handler");
    barq_return(ctx, barq_int(barq_arena_of(ctx), 1));
    return write_note(ctx, err);
}

static enum barq_status handle_and_fail(struct barq_context *ctx, struct barq_error *err)
{
    note_call("handler");
    return write_and_fail(ctx, err);
}

/* As "after: why it failed", of an attempt that has been acknowledged. */
static enum barq_status note_after(struct barq_context *ctx, struct barq_error *err)
{
    assert_true(said.acked);
    assert_false(barq_canceled(ctx));
    note_call(barq_job_error(ctx)[0] == '\0' ? "after" : barq_job_error(ctx));
    return write_note(ctx, err);
}

static enum barq_status enqueue_after(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session;
    enum barq_status status = barq_session_write(ctx, &session, err);

    return status == BARQ_OK
               ? barq_session_enqueue(session, "be_quiet", NULL, NULL, NULL, NULL, err)
               : status;
}

static enum barq_status write_and_ask_for_another_try(struct barq_context *ctx,
                                                      struct barq_error *err)
{
    enum barq_status status = write_note(ctx, err);

    return status == BARQ_OK ? barq_retry(ctx, err, 7000, "the hook is not ready") : status;
}

static enum barq_status return_more(struct barq_context *ctx, struct barq_error *err)
{
    (void)err;
    barq_return(ctx, barq_int(barq_arena_of(ctx), 2));
    return BARQ_OK;
}

static enum barq_status change_its_mind(struct barq_context *ctx, struct barq_error *err)
{
    (void)barq_fail(ctx, err, "never, or perhaps");
    return BARQ_OK;
}

#define FUNCTION(name_)                                                                            \
    {                                                                                              \
        .name = #name_, .run = name_                                                               \
    }

static enum barq_status tell(struct barq_context *ctx, struct barq_error *err)
{
    (void)err;
    for (int64_t done = 1; done <= 1000; done++) {
        barq_progress(ctx, done, 1000, done == 1000 ? "done" : NULL);
    }
    barq_log(ctx, BARQ_LOG_ERROR, "%s", "one");
    barq_log(ctx, BARQ_LOG_ERROR, "%d%%", 50);
    return BARQ_OK;
}

static enum barq_status tell_much(struct barq_context *ctx, struct barq_error *err)
{
    (void)err;
    for (int i = 0; i < 20; i++) {
        barq_log(ctx, BARQ_LOG_ERROR, "%09d", i);
    }
    return BARQ_OK;
}

static enum barq_status tell_long(struct barq_context *ctx, struct barq_error *err)
{
    (void)err;
    barq_log(ctx, BARQ_LOG_ERROR, "%*s\xf0\x9f\x98\x80!", BARQ_LOG_LINE_MAX_BYTES - 2, "");
    return BARQ_OK;
}

static const struct barq_function functions[] = {
    FUNCTION(tell),
    FUNCTION(tell_long),
    {.name = "tell_much", .run = tell_much, .output_max_bytes = 100},
    FUNCTION(be_quiet),
    FUNCTION(write_one),
    FUNCTION(read_one),
    FUNCTION(write_and_fail),
    FUNCTION(write_and_give_up),
    FUNCTION(ask_for_another_try),
    FUNCTION(fail_silently),
    FUNCTION(stop_when_told),
    FUNCTION(ignore_what_is_told),
    FUNCTION(write_and_ignore),
    FUNCTION(return_nothing_finite),
    FUNCTION(return_too_much),
    FUNCTION(fill_the_arena),
    FUNCTION(have_children),
    FUNCTION(spoil_and_succeed),
    FUNCTION(note_handler),
    FUNCTION(handle_and_fail),
    FUNCTION(change_its_mind),
    {.name = "fail_once", .run = write_and_fail, .retry_on_error = BARQ_OFF},
    {.name = "insist", .run = write_and_fail, .retry_on_error = 1},
    {.name = "ask_anyway", .run = ask_for_another_try, .retry_on_error = BARQ_OFF},
    {.name = "stop_once", .run = stop_when_told, .retry_on_timeout = BARQ_OFF},
    {.name = "wait_long", .run = write_and_fail, .retry_min_ms = 3000000, .max_tries = 2},
    {.name = "keep_none", .run = be_quiet, .keep_result_ms = BARQ_OFF},
    {.name = "keep_for_ever", .run = write_one, .keep_result_ms = BARQ_FOREVER},
    {.name = "limited",
     .run = be_quiet,
     .job_timeout_ms = 1234,
     .max_tries = 3,
     .retry_min_ms = 20,
     .retry_max_ms = 30,
     .retry_on_timeout = BARQ_OFF,
     .memory_max_bytes = 1 << 20,
     .cpu_max_ms = 500,
     .output_max_bytes = BARQ_OFF,
     .recycle_after = 9},
    {.name = "take_long", .run = look_at_the_limit, .job_timeout_ms = INT64_C(3600000)},
    {.name = "take_for_ever", .run = look_at_the_limit, .job_timeout_ms = BARQ_OFF},
    {.name = NULL},
};

static int set_up(void **state)
{
    int pair[2];

    if (folder_make(state) != 0 || bq_socket_pair(pair, NULL) != BARQ_OK ||
        bq_desk_init(&desk, pair[1], BQ_FRAME_MAX_BYTES, 1, NULL) != BARQ_OK) {
        return -1;
    }
    desk_fd = pair[1];
    bq_channel_init(&channel, pair[0], BQ_FRAME_MAX_BYTES, BQ_FRAME_MAX_BYTES);
    runs = 0;
    commit_until_ms = -1;
    reason = BQ_CANCEL_NONE;
    called[0] = '\0';
    lost = false;
    url = folder_text("sqlite:%s/data.db", folder_path());
    settings = (struct barq_settings){.abi = BARQ_ABI, .functions = functions};
    place = (struct bq_workplace){
        .settings = &settings,
        .database_url = url,
        .desk = &desk,
        .seat = &desk.seats[0],
        .payload_max_bytes = BARQ_DEFAULT_PAYLOAD_MAX_BYTES,
    };
    bq_arena_init(&arena, ARENA_BYTES);
    put_into_database("CREATE TABLE notes (text TEXT)");
    return 0;
}

static int tear_down(void **state)
{
    bq_session_close(place.session);
    bq_desk_clear(&desk);
    bq_fd_drop(&desk_fd);
    bq_channel_clear(&channel);
    bq_arena_clear(&arena);
    bq_arena_clear(&said.arena);
    return folder_remove(state);
}

/* -- what the tests say -- */

static struct bq_result_record result_of(const struct bq_outcome *outcome)
{
    struct bq_result_record record;

    assert_int_equal(
        bq_result_decode(&said.arena, outcome->result, outcome->result_bytes, &record, NULL),
        BARQ_OK);
    return record;
}

static void assert_complete(const struct bq_outcome *outcome, int64_t result)
{
    assert_int_equal(outcome->kind, BQ_OUTCOME_COMPLETE);
    assert_string_equal(outcome->error, "");
    struct bq_result_record record = result_of(outcome);
    assert_true(record.success);
    assert_int_equal(barq_as_int(record.result, 0), result);
}

static void assert_failed(const struct bq_outcome *outcome, const char *why)
{
    assert_int_equal(outcome->kind, BQ_OUTCOME_FAILED);
    struct bq_result_record record = result_of(outcome);
    assert_false(record.success);
    if (!strstr(record.error, why)) {
        fail_msg("failed with: %s", record.error);
    }
}

static void assert_again(const struct bq_outcome *outcome, const char *why)
{
    assert_int_equal(outcome->kind, BQ_OUTCOME_RETRY);
    assert_string_equal(outcome->error, why);
}

static void assert_given_back(const struct bq_outcome *outcome, bool database_away)
{
    assert_int_equal(outcome->kind, BQ_OUTCOME_GIVE_BACK);
    assert_int_equal(outcome->database_away, database_away);
}

/* -- success -- */

static void a_success_without_a_session_needs_no_receipt(void **state)
{
    (void)state;
    assert_complete(begin(job("a", "be_quiet")), 1);
    assert_true(said.started);
    assert_string_equal(said.outcome.function, "be_quiet");
    assert_int_equal(said.outcome.keep_result_ms, BARQ_DEFAULT_KEEP_RESULT_MS);
    assert_int_equal(receipts(), 0);
}

static void a_success_that_only_read_needs_no_receipt(void **state)
{
    (void)state;
    assert_int_equal(begin(job("a", "read_one"))->kind, BQ_OUTCOME_COMPLETE);
    assert_int_equal(receipts(), 0);
}

static void a_success_that_wrote_leaves_rows_and_a_receipt(void **state)
{
    (void)state;
    assert_complete(begin(job("a", "write_one")), 1);
    assert_int_equal(notes(), 1);
    assert_int_equal(receipts(), 1);
}

static void a_job_claimed_before_leaves_a_receipt_even_if_it_wrote_nothing(void **state)
{
    (void)state;
    assert_complete(begin(again(job("a", "be_quiet"))), 1);
    assert_int_equal(receipts(), 1);
    assert_int_equal(begin(again(job("b", "read_one")))->kind, BQ_OUTCOME_COMPLETE);
    assert_int_equal(receipts(), 2);
}

static void a_job_claimed_before_may_take_as_long_as_its_function_says(void **state)
{
    (void)state;
    (void)begin(again(job("a", "take_for_ever")));
    assert_int_equal(commit_until_ms, 0);
    (void)begin(again(job("b", "take_long")));
    assert_true(commit_until_ms > bq_mono_ms() + INT64_C(3600000));
    assert_int_equal(receipts(), 2);
}

static void a_session_is_clean_for_the_next_job(void **state)
{
    (void)state;
    assert_int_equal(begin(job("a", "write_and_fail"))->kind, BQ_OUTCOME_RETRY);
    assert_complete(begin(job("b", "write_one")), 2);
    assert_int_equal(notes(), 1);
}

static void children_are_relayed_in_chunks_before_the_outcome(void **state)
{
    (void)state;
    assert_int_equal(begin(job("a", "have_children"))->kind, BQ_OUTCOME_COMPLETE);
    assert_int_equal(said.children, CHILDREN_MAX);
    assert_int_equal(said.chunks, CHILDREN_MAX / BQ_OUTBOX_CHUNK_ROWS);
    assert_int_equal(count_of("SELECT count(*) FROM barq_outbox"), 0);
    assert_int_equal(receipts(), 1);
}

static void children_and_result_are_written_as_the_job_was(void **state)
{
    (void)state;
    static const struct bq_codec *const codecs[] = {&bq_codec_json, &bq_codec_msgpack,
                                                    &bq_codec_pickle};

    for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
        bq_auto(buf) struct bq_buf bytes;
        struct bq_job_record record = {
            .function = "have_children", .enqueued_at_ms = 5, .nonce = codecs[i]->name};

        bq_buf_init(&bytes, 1000);
        assert_int_equal(bq_job_encode(codecs[i], &record, &bytes, NULL), BARQ_OK);
        const struct bq_outcome *outcome = begin(new_run(codecs[i]->name, bytes.data, bytes.len));
        assert_int_equal(outcome->kind, BQ_OUTCOME_COMPLETE);
        assert_ptr_equal(bq_codec_of(outcome->result, outcome->result_bytes), codecs[i]);
        assert_ptr_equal(said.child, codecs[i]);
    }
}

/* -- traces -- */

#define TRACE  "00-4bf92f3577b34da6a3ce929d0e0e4736-"
#define PARENT "00f067aa0ba902b7"

/* A job of this trace. */
static struct bq_run traced(const char *function, const char *traceparent)
{
    static char payload[300];
    int len = snprintf(payload, sizeof(payload),
                       "{\"t\":null,\"f\":\"%s\",\"a\":[],\"k\":{},\"et\":5,\"tp\":\"%s\","
                       "\"ts\":\"a=1\"}",
                       function, traceparent);

    return new_run(function, payload, (size_t)len);
}

static void children_have_their_parents_parent_where_nobody_exports(void **state)
{
    (void)state;
    assert_int_equal(begin(traced("have_children", TRACE PARENT "-01"))->kind, BQ_OUTCOME_COMPLETE);
    assert_int_equal(said.spans, 0);
    assert_string_equal(said.child_trace, TRACE PARENT "-01");
    assert_int_equal(begin(job("b", "have_children"))->kind, BQ_OUTCOME_COMPLETE);
    assert_string_equal(said.child_trace, "");
}

static void an_attempt_is_a_span_and_the_parent_of_its_children(void **state)
{
    (void)state;
    place.traced = true;
    assert_int_equal(begin(traced("have_children", TRACE PARENT "-01"))->kind, BQ_OUTCOME_COMPLETE);
    assert_int_equal(said.spans, 1);
    assert_true(said.span_first);
    assert_string_equal(said.span.parent, PARENT);
    assert_string_equal(said.span.tracestate, "a=1");
    assert_int_equal(strncmp(said.span.traceparent, TRACE, strlen(TRACE)), 0);
    assert_string_not_equal(said.span.traceparent, TRACE PARENT "-01");
    assert_string_equal(said.child_trace, said.span.traceparent);
    assert_true(llabs(said.span.started_at_us / 1000 - bq_wall_ms()) < DEADLINE_MS);
}

static void a_job_of_no_trace_begins_one(void **state)
{
    (void)state;
    place.traced = true;
    assert_int_equal(begin(job("a", "have_children"))->kind, BQ_OUTCOME_COMPLETE);
    assert_int_equal(said.spans, 1);
    assert_string_equal(said.span.parent, "");
    assert_string_equal(said.child_trace, said.span.traceparent);
}

static void what_is_not_sampled_is_carried_only(void **state)
{
    (void)state;
    place.traced = true;
    assert_int_equal(begin(traced("have_children", TRACE PARENT "-00"))->kind, BQ_OUTCOME_COMPLETE);
    assert_int_equal(said.spans, 0);
    assert_string_equal(said.child_trace, TRACE PARENT "-00");
}

static void a_refused_job_is_a_span_and_one_that_is_settled_or_has_its_receipt_is_none(void **state)
{
    (void)state;
    place.traced = true;
    assert_failed(begin(traced("nobody_knows_it", TRACE PARENT "-01")), "not found");
    assert_int_equal(said.spans, 1);
    assert_false(said.started);

    struct bq_run settled = job("b", "be_quiet");
    settled.verdict = "poison";
    assert_failed(begin(settled), "poison");
    assert_int_equal(said.spans, 0);

    struct bq_run twice = job("c", "write_one");
    assert_complete(begin(twice), 1);
    assert_int_equal(said.spans, 1);
    assert_complete(begin(again(twice)), 1);
    assert_int_equal(said.spans, 0);
}

/* -- on a queue shared with arq -- */

static struct bq_run late(struct bq_run run)
{
    run.commit_until_ms = 1; /* long ago */
    return run;
}

static void what_comes_too_late_is_not_committed_but_given_back(void **state)
{
    (void)state;
    assert_given_back(begin(late(job("a", "write_one"))), false);
    assert_int_equal(runs, 1);
    assert_int_equal(notes(), 0);
    assert_int_equal(receipts(), 0);
    struct bq_run soon = job("b", "write_one");
    soon.commit_until_ms = bq_mono_ms() + DEADLINE_MS;
    assert_complete(begin(soon), 2);
    assert_int_equal(notes(), 1);
}

static void what_wrote_nothing_is_never_too_late(void **state)
{
    (void)state;
    assert_complete(begin(late(job("a", "be_quiet"))), 1);
    assert_again(begin(late(job("b", "write_and_fail"))), "not today");
}

static void a_failure_that_comes_too_late_calls_no_hook(void **state)
{
    (void)state;
    settings.on_job_failure = note_failure;
    assert_given_back(begin(late(last_try(job("a", "write_and_fail")))), false);
    assert_given_back(begin(late(job("b", "gone"))), false);
    assert_int_equal(notes(), 0);
    assert_int_equal(receipts(), 0);
}

/* Its own doing: given back, it would be run for ever. */
static void a_job_past_its_time_uses_up_a_try_however_late_it_is(void **state)
{
    (void)state;
    reason = BQ_CANCEL_TIMEOUT;
    assert_int_equal(begin(late(job("a", "stop_when_told")))->kind, BQ_OUTCOME_RETRY);
    assert_int_equal(begin(late(last_try(job("b", "stop_when_told"))))->kind, BQ_OUTCOME_RETRY);
    assert_int_equal(begin(late(job("c", "stop_once")))->kind, BQ_OUTCOME_RETRY);
    assert_int_equal(receipts(), 0);
}

static void what_is_not_known_can_be_left_to_others(void **state)
{
    (void)state;
    settings.leave_unknown = true;
    assert_given_back(begin(job("a", "gone")), false);
    assert_in_range(said.outcome.defer_ms, 60000, 75000);
    assert_string_equal(said.outcome.error, "function 'gone' not found");
    assert_int_equal(receipts(), 0);

    struct bq_run expired = job("b", "gone");
    expired.claimed.job.expires_at_ms = 1;
    assert_failed(begin(expired), "expired");
    assert_failed(attempt(job("c", "gone"), BQ_CANCEL_ABORT), "aborted before start");
}

static void beside_arq_an_error_is_final_unless_said(void **state)
{
    (void)state;
    settings.shared_with_arq = true;
    assert_failed(begin(job("a", "write_and_fail")), "not today");
    assert_again(begin(job("b", "insist")), "not today");
    assert_int_equal(begin(job("c", "ask_for_another_try"))->kind, BQ_OUTCOME_RETRY);
    settings.retry_on_error = 1;
    assert_again(begin(job("d", "write_and_fail")), "not today");
}

/* -- receipts -- */

static void a_job_that_has_its_receipt_is_not_run_again(void **state)
{
    (void)state;
    (void)begin(job("a", "write_one"));
    assert_complete(begin(again(job("a", "write_one"))), 1);
    assert_true(said.outcome.from_receipt);
    assert_false(said.started);
    assert_int_equal(runs, 1);
    assert_int_equal(notes(), 1);
}

static void the_receipt_comes_before_every_refusal(void **state)
{
    (void)state;
    struct bq_run run = again(job("a", "write_one"));

    (void)begin(job("a", "write_one"));
    run.claimed.tries = 100;
    run.claimed.aborted = true;
    run.claimed.job.expires_at_ms = 1;
    run.verdict = "poison";
    assert_complete(begin(run), 1);
}

static void the_receipt_of_a_failure_is_its_outcome(void **state)
{
    (void)state;
    (void)begin(job("a", "write_and_give_up"));
    assert_failed(begin(again(job("a", "write_one"))), "never: a");
    assert_true(said.outcome.from_receipt);
    assert_string_equal(said.outcome.error, "never: a");
    assert_int_equal(notes(), 0);
}

static void an_id_used_again_is_another_job(void **state)
{
    (void)state;
    static const char later[] =
        "{\"t\":null,\"f\":\"write_one\",\"a\":[],\"k\":{},\"et\":6,\"n\":\"n-a\"}";

    (void)begin(job("a", "write_one"));
    assert_complete(begin(again(new_run("a", later, strlen(later)))), 2);
    assert_int_equal(receipts(), 2);
}

static void whoever_inserts_the_receipt_first_decides(void **state)
{
    (void)state;
    (void)begin(job("a", "write_one"));
    /* Not known to have been claimed before, so that it runs; and finds the receipt at its end. */
    assert_complete(begin(job("a", "write_one")), 1);
    assert_true(said.outcome.from_receipt);
    assert_int_equal(runs, 2);
    assert_int_equal(notes(), 1);
    assert_int_equal(receipts(), 1);
}

static void a_failure_after_anothers_success_is_a_success(void **state)
{
    (void)state;
    settings.on_job_failure = note_failure;
    (void)begin(job("a", "write_one"));
    assert_complete(begin(last_try(job("a", "write_and_fail"))), 1);
    assert_int_equal(notes(), 1);
    assert_false(said.hooked);
}

static void a_receipt_brings_its_children_again(void **state)
{
    (void)state;
    (void)begin(job("a", "have_children"));
    put_into_database("INSERT INTO barq_outbox (parent_id, parent_queue, parent_enqueued_at_ms,"
                      " parent_nonce, job_id, queue, enqueued_at_ms, due_at_ms, payload)"
                      " VALUES ('a', 'barq', 5, 'n-a', 'child', 'barq', 1, 1, x'7b7d')");
    assert_int_equal(begin(again(job("a", "have_children")))->kind, BQ_OUTCOME_COMPLETE);
    assert_int_equal(said.children, 1);
    assert_int_equal(count_of("SELECT count(*) FROM barq_outbox"), 0);
}

static void a_child_that_is_no_job_is_passed_over(void **state)
{
    (void)state;
    (void)begin(job("a", "write_one"));
    put_into_database("INSERT INTO barq_outbox (parent_id, parent_queue, parent_enqueued_at_ms,"
                      " parent_nonce, job_id, queue, enqueued_at_ms, due_at_ms, payload)"
                      " VALUES ('a', 'barq', 5, 'n-a', '', 'barq', 1, 1, x'7b7d'),"
                      " ('a', 'barq', 5, 'n-a', 'child', 'barq', 1, 1, x'7b7d')");
    assert_complete(begin(again(job("a", "write_one"))), 1);
    assert_int_equal(said.children, 1);
}

/* -- failures -- */

static void an_error_is_tried_again_with_a_delay_and_leaves_nothing(void **state)
{
    (void)state;
    settings.retry_min_ms = 1000;
    settings.on_job_failure = note_failure;
    assert_again(begin(job("a", "write_and_fail")), "not today");
    assert_true(said.outcome.defer_ms >= 0 && said.outcome.defer_ms <= 1000);
    assert_int_equal(notes(), 0);
    assert_int_equal(receipts(), 0);
    assert_false(said.hooked);
}

static void an_error_without_a_text_has_its_status(void **state)
{
    (void)state;
    assert_again(begin(job("a", "fail_silently")), barq_status_name(BARQ_ERR_ARG));
}

static void a_handler_may_say_when_it_is_tried_again(void **state)
{
    (void)state;
    assert_again(begin(job("a", "ask_for_another_try")), "in a moment");
    assert_int_equal(said.outcome.defer_ms, 5000);
}

static void the_last_try_fails_for_good(void **state)
{
    (void)state;
    assert_failed(begin(last_try(job("a", "write_and_fail"))), "not today");
    assert_failed(begin(last_try(job("b", "ask_for_another_try"))), "in a moment");
    assert_int_equal(notes(), 0);
    assert_int_equal(receipts(), 2);
}

static void a_failure_for_good_is_not_tried_again(void **state)
{
    (void)state;
    assert_failed(begin(job("a", "write_and_give_up")), "never: a");
    assert_int_equal(notes(), 0);
    assert_int_equal(receipts(), 1);
}

static void a_refusal_has_its_receipt_and_its_hook(void **state)
{
    (void)state;
    struct bq_run poison = job("b", "be_quiet");

    settings.on_job_failure = note_failure;
    assert_failed(begin(job("a", "gone")), "function 'gone' not found");
    assert_string_equal(said.hook, "function 'gone' not found");
    poison.verdict = "poison: it is bad";
    assert_failed(begin(poison), "poison: it is bad");
    assert_int_equal(notes(), 2);
    assert_int_equal(receipts(), 2);
    assert_int_equal(runs, 0);
}

static void what_the_hook_writes_is_committed_with_the_receipt(void **state)
{
    (void)state;
    settings.on_job_failure = note_failure;
    assert_failed(begin(job("a", "write_and_give_up")), "never: a");
    assert_string_equal(said.hook, "never: a");
    assert_int_equal(count_of("SELECT count(*) FROM notes WHERE text = 'never: a'"), 1);
    assert_int_equal(notes(), 1);
    assert_int_equal(receipts(), 1);
}

static void a_hook_that_fails_leaves_nothing_and_the_failure_stands(void **state)
{
    (void)state;
    settings.on_job_failure = note_failure_and_sulk;
    assert_failed(begin(job("a", "write_and_give_up")), "never: a");
    assert_int_equal(notes(), 0);
    assert_int_equal(receipts(), 1);
    settings.on_job_failure = sulk;
    assert_failed(begin(job("b", "write_and_give_up")), "never: b");
    assert_int_equal(receipts(), 2);
}

static void a_hook_can_be_left_out(void **state)
{
    (void)state;
    struct bq_run run = job("a", "write_and_give_up");

    settings.on_job_failure = note_failure;
    run.without_hook = true;
    assert_failed(begin(run), "never: a");
    assert_false(said.hooked);
    assert_int_equal(notes(), 0);
}

static void a_hook_is_not_told_to_stop(void **state)
{
    (void)state;
    settings.on_job_failure = note_failure_though_told;
    assert_failed(begin(job("a", "write_and_give_up")), "never: a");
    assert_int_equal(notes(), 1);
}

static void a_handler_that_ends_its_transaction_has_failed(void **state)
{
    (void)state;
    assert_int_equal(begin(job("a", "spoil_and_succeed"))->kind, BQ_OUTCOME_RETRY);
    assert_int_equal(receipts(), 0);
}

/* -- on_job_start and on_job_end -- */

static void hooks_are_called_around_the_handler_in_its_transaction(void **state)
{
    (void)state;
    settings.on_job_start = note_start;
    settings.on_job_end = note_end;
    assert_complete(begin(job("a", "note_handler")), 1);
    assert_string_equal(called, "start handler end");
    assert_int_equal(notes(), 3);
    assert_int_equal(receipts(), 1);
}

static void what_on_job_start_wrote_goes_with_a_failure(void **state)
{
    (void)state;
    settings.on_job_start = note_start;
    settings.on_job_end = note_end;
    assert_again(begin(job("a", "handle_and_fail")), "not today");
    assert_string_equal(called, "start handler");
    assert_int_equal(notes(), 0);
}

static void an_attempt_fails_with_its_on_job_start(void **state)
{
    (void)state;
    settings.on_job_start = write_and_fail;
    settings.on_job_end = note_end;
    assert_again(begin(job("a", "note_handler")), "not today");
    assert_failed(begin(last_try(job("b", "note_handler"))), "not today");
    settings.on_job_start = write_and_give_up;
    assert_failed(begin(job("c", "note_handler")), "never: c");
    settings.on_job_start = write_and_ask_for_another_try;
    assert_again(begin(job("d", "note_handler")), "the hook is not ready");
    assert_int_equal(said.outcome.defer_ms, 7000);
    assert_string_equal(called, "");
    assert_int_equal(notes(), 0);
}

static void an_attempt_fails_with_its_on_job_end(void **state)
{
    (void)state;
    settings.on_job_failure = note_failure;
    settings.on_job_end = write_and_fail;
    assert_again(begin(job("a", "note_handler")), "not today");
    settings.on_job_end = write_and_ask_for_another_try;
    assert_again(begin(job("b", "note_handler")), "the hook is not ready");
    assert_int_equal(notes(), 0);
    settings.on_job_end = write_and_give_up;
    assert_failed(begin(job("c", "note_handler")), "never: c");
    assert_int_equal(notes(), 1);
    assert_int_equal(count_of("SELECT count(*) FROM notes WHERE text = 'never: c'"), 1);
}

static void on_job_end_may_change_the_result(void **state)
{
    (void)state;
    settings.on_job_end = return_more;
    assert_complete(begin(job("a", "note_handler")), 2);
}

static void hooks_are_told_to_stop_as_the_handler_is(void **state)
{
    (void)state;
    reason = BQ_CANCEL_ABORT;
    settings.on_job_start = stop_when_told;
    assert_failed(begin(job("a", "note_handler")), "aborted");
    settings.on_job_start = NULL;
    settings.on_job_end = stop_when_told;
    reason = BQ_CANCEL_SHUTDOWN;
    assert_given_back(begin(job("b", "note_handler")), false);
    assert_int_equal(notes(), 0);
}

static void what_is_refused_calls_no_hook(void **state)
{
    (void)state;
    struct bq_run expired = job("b", "note_handler");
    struct bq_run spent = job("c", "note_handler");

    settings.on_job_start = note_start;
    settings.on_job_end = note_end;
    expired.claimed.job.expires_at_ms = 1;
    spent.claimed.tries = 100;
    assert_failed(begin(job("a", "gone")), "not found");
    assert_failed(begin(expired), "expired");
    assert_failed(begin(spent), "tries");
    assert_failed(attempt(job("d", "note_handler"), BQ_CANCEL_ABORT), "aborted before start");
    assert_string_equal(called, "");
}

/* -- what it tells while it runs -- */

static void progress_and_lines_are_told_before_the_outcome(void **state)
{
    (void)state;
    assert_int_equal(begin(job("a", "tell"))->kind, BQ_OUTCOME_COMPLETE);
    assert_in_range(said.reports, 1, 999);
    assert_int_equal(said.progress.done, 1000);
    assert_int_equal(said.progress.total, 1000);
    assert_string_equal(said.progress.note, "done");
    assert_int_equal(said.lines, 2);
    assert_int_equal(said.line.level, BARQ_LOG_ERROR);
    assert_string_equal(said.line.line, "50%");
    assert_false(said.outcome.printed);
}

static void lines_beyond_the_limit_are_counted(void **state)
{
    (void)state;
    assert_int_equal(begin(job("a", "tell_much"))->kind, BQ_OUTCOME_COMPLETE);
    assert_int_equal(said.limits.output_max_bytes, 100);
    assert_int_equal(said.lines, 10);
    assert_string_equal(said.line.line, "000000009");
    assert_int_equal(said.dropped, 100);
}

static void a_long_line_is_cut_between_characters(void **state)
{
    (void)state;
    assert_int_equal(begin(job("a", "tell_long"))->kind, BQ_OUTCOME_COMPLETE);
    assert_int_equal(strlen(said.line.line), BARQ_LOG_LINE_MAX_BYTES - 2);
}

static enum barq_status tell_after(struct barq_context *ctx, struct barq_error *err)
{
    (void)err;
    barq_progress(ctx, 1, 1, "too late");
    barq_log(ctx, BARQ_LOG_DEBUG, "too late");
    barq_log(ctx, BARQ_LOG_ERROR, "after_job_end says hello");
    return BARQ_OK;
}

static void what_is_told_after_the_outcome_is_no_more_the_jobs(void **state)
{
    (void)state;
    settings.after_job_end = tell_after;
    assert_int_equal(begin(job("a", "be_quiet"))->kind, BQ_OUTCOME_COMPLETE);
    assert_true(said.left);
    assert_int_equal(said.reports, 0);
    assert_int_equal(said.lines, 0);
}

/* -- after_job_end -- */

static void after_job_end_comes_when_the_outcome_is_acknowledged(void **state)
{
    (void)state;
    settings.on_job_start = note_start;
    settings.on_job_end = note_end;
    settings.after_job_end = note_after;
    assert_complete(begin(job("a", "note_handler")), 1);
    assert_true(said.left);
    assert_string_equal(called, "start handler end after");
    assert_int_equal(notes(), 4);
    assert_int_equal(receipts(), 1);
}

static void after_job_end_follows_each_attempt_that_was_begun_and_knows_how_it_ended(void **state)
{
    (void)state;
    settings.after_job_end = note_after;
    assert_again(begin(job("a", "handle_and_fail")), "not today");
    assert_string_equal(called, "handler not today");
    assert_int_equal(notes(), 1);

    called[0] = '\0';
    assert_failed(begin(job("b", "write_and_give_up")), "never: b");
    assert_string_equal(called, "never: b");

    called[0] = '\0';
    reason = BQ_CANCEL_SHUTDOWN;
    assert_given_back(begin(job("c", "stop_when_told")), false);
    assert_string_equal(called, "stopped with its worker");
    assert_true(said.left);

    called[0] = '\0';
    settings.on_job_start = write_and_fail;
    assert_again(begin(job("d", "note_handler")), "not today");
    assert_string_equal(called, "not today");
}

static void after_job_end_knows_that_another_attempt_had_succeeded(void **state)
{
    (void)state;
    (void)begin(job("a", "write_one"));
    settings.after_job_end = note_after;
    assert_complete(begin(job("a", "write_one")), 1);
    assert_true(said.outcome.from_receipt);
    assert_string_equal(called, "after");
}

static void after_job_end_does_not_follow_what_was_never_begun(void **state)
{
    (void)state;
    (void)begin(job("a", "write_one"));
    settings.after_job_end = note_after;
    assert_complete(begin(again(job("a", "write_one"))), 1);
    assert_failed(begin(job("b", "gone")), "not found");
    assert_failed(begin(new_run("c", "{", 1)), "");
    assert_string_equal(called, "");
    assert_false(said.acked);
}

static void after_job_end_does_not_follow_what_was_lost_to_somebody_else(void **state)
{
    (void)state;
    settings.after_job_end = note_after;
    lost = true;
    assert_complete(begin(job("a", "be_quiet")), 1);
    assert_string_equal(called, "");
    assert_true(said.left);
}

static void an_after_job_end_that_fails_leaves_nothing_and_changes_nothing(void **state)
{
    (void)state;
    settings.after_job_end = write_and_fail;
    assert_complete(begin(job("a", "write_one")), 1);
    settings.after_job_end = spoil_and_succeed;
    assert_complete(begin(job("b", "write_one")), 3);
    assert_true(said.left);
    assert_int_equal(notes(), 2);
    assert_int_equal(receipts(), 2);
}

static void what_after_job_end_enqueues_is_nobodys_child_in_its_jobs_queue(void **state)
{
    (void)state;
    struct bq_run run = job("a", "be_quiet");

    run.claimed.job.queue = "slow";
    settings.after_job_end = enqueue_after;
    assert_complete(begin(run), 1);
    assert_int_equal(said.children, 0);
    assert_int_equal(count_of("SELECT count(*) FROM barq_outbox"
                              " WHERE parent_id IS NULL AND queue = 'slow'"),
                     1);
}

static void a_wish_of_what_succeeded_is_forgotten(void **state)
{
    (void)state;
    settings.on_job_end = write_and_fail;
    assert_again(begin(job("a", "change_its_mind")), "not today");
}

/* -- what a function says for itself -- */

static void whether_an_error_is_tried_again_is_the_functions_or_the_settings(void **state)
{
    (void)state;
    assert_failed(begin(job("a", "fail_once")), "not today");
    settings.retry_on_error = BARQ_OFF;
    assert_failed(begin(job("b", "write_and_fail")), "not today");
    assert_again(begin(job("c", "insist")), "not today");
}

static void who_asks_for_another_try_gets_it_whatever_the_policy(void **state)
{
    (void)state;
    assert_again(begin(job("a", "ask_anyway")), "in a moment");
    assert_failed(begin(last_try(job("a", "ask_anyway"))), "in a moment");
}

static void whether_a_timeout_is_tried_again_is_the_functions_or_the_settings(void **state)
{
    (void)state;
    reason = BQ_CANCEL_TIMEOUT;
    assert_failed(begin(job("a", "stop_once")), "ran past its 300 s");
    settings.retry_on_timeout = BARQ_OFF;
    assert_failed(begin(job("b", "stop_when_told")), "ran past its 300 s");
    assert_int_equal(receipts(), 2);
}

static void a_function_has_its_own_delays(void **state)
{
    (void)state;
    bool long_one = false;

    /* Full jitter: that all of these are short has a chance of one in 10^20. */
    for (int i = 0; i < 20; i++) {
        assert_again(begin(job("a", "wait_long")), "not today");
        assert_true(said.outcome.defer_ms <= 3000000);
        long_one = long_one || said.outcome.defer_ms > 300000;
    }
    assert_true(long_one);
}

static void a_function_says_how_long_its_result_is_kept(void **state)
{
    (void)state;
    assert_int_equal(begin(job("a", "be_quiet"))->keep_result_ms, BARQ_DEFAULT_KEEP_RESULT_MS);
    settings.keep_result_ms = 5;
    assert_int_equal(begin(job("b", "be_quiet"))->keep_result_ms, 5);
    assert_int_equal(begin(job("c", "keep_none"))->keep_result_ms, BARQ_OFF);
    assert_true(begin(job("d", "keep_for_ever"))->keep_result_ms == BARQ_FOREVER);
    assert_true(begin(again(job("d", "keep_for_ever")))->keep_result_ms == BARQ_FOREVER);
    assert_true(said.outcome.from_receipt);
}

static void the_dispatcher_is_told_what_the_function_says(void **state)
{
    (void)state;
    (void)begin(job("a", "limited"));
    assert_true(said.started);
    assert_string_equal(said.limits.function, "limited");
    assert_int_equal(said.limits.job_timeout_ms, 1234);
    assert_int_equal(said.limits.max_tries, 3);
    assert_int_equal(said.limits.retry_min_ms, 20);
    assert_int_equal(said.limits.retry_max_ms, 30);
    assert_false(said.limits.retry_on_timeout);
    assert_int_equal(said.limits.memory_max_bytes, 1 << 20);
    assert_int_equal(said.limits.cpu_max_ms, 500);
    assert_int_equal(said.limits.output_max_bytes, 0);
    assert_int_equal(said.limits.recycle_after, 9);
}

static void or_what_the_settings_say_or_the_default(void **state)
{
    (void)state;
    (void)begin(job("a", "be_quiet"));
    assert_int_equal(said.limits.job_timeout_ms, BARQ_DEFAULT_JOB_TIMEOUT_MS);
    assert_int_equal(said.limits.max_tries, BARQ_DEFAULT_MAX_TRIES);
    assert_int_equal(said.limits.retry_min_ms, BQ_RETRY_MIN_MS);
    assert_int_equal(said.limits.retry_max_ms, BQ_RETRY_MAX_MS);
    assert_true(said.limits.retry_on_timeout);
    assert_int_equal(said.limits.memory_max_bytes, 0);
    assert_int_equal(said.limits.cpu_max_ms, 0);
    assert_int_equal(said.limits.output_max_bytes, BARQ_DEFAULT_OUTPUT_MAX_BYTES);
    assert_int_equal(said.limits.recycle_after, 0);

    settings.memory_max_bytes = 7;
    settings.cpu_max_ms = 8;
    settings.recycle_after = 10;
    settings.retry_on_timeout = BARQ_OFF;
    settings.retry_min_ms = 400000;
    (void)begin(job("b", "be_quiet"));
    assert_int_equal(said.limits.memory_max_bytes, 7);
    assert_int_equal(said.limits.cpu_max_ms, 8);
    assert_int_equal(said.limits.recycle_after, 10);
    assert_false(said.limits.retry_on_timeout);
    assert_int_equal(said.limits.retry_min_ms, 400000);
    assert_int_equal(said.limits.retry_max_ms, 400000);
}

/* -- results -- */

static void a_result_that_json_cannot_hold_fails_the_job(void **state)
{
    (void)state;
    assert_failed(begin(job("a", "return_nothing_finite")), "unable to serialize result");
    assert_int_equal(notes(), 0);
    assert_int_equal(receipts(), 1);
}

static void a_result_that_is_too_large_fails_the_job(void **state)
{
    (void)state;
    assert_failed(begin(job("a", "return_too_much")), "the result is larger than 1048576 bytes");
    assert_int_equal(notes(), 0);
}

static void a_result_for_which_there_was_no_memory_fails_the_job(void **state)
{
    (void)state;
    assert_failed(begin(job("a", "fill_the_arena")), "unable to serialize result");
}

/* -- told to stop -- */

static void a_job_past_its_time_is_tried_again(void **state)
{
    (void)state;
    reason = BQ_CANCEL_TIMEOUT;
    assert_again(begin(job("a", "stop_when_told")), "ran past its 300 s");
    assert_failed(begin(last_try(job("b", "stop_when_told"))), "ran past its 300 s");
    assert_int_equal(notes(), 0);
}

static void an_aborted_job_fails_for_good(void **state)
{
    (void)state;
    settings.on_job_failure = note_failure;
    reason = BQ_CANCEL_ABORT;
    assert_failed(begin(job("a", "stop_when_told")), "aborted");
    assert_int_equal(count_of("SELECT count(*) FROM notes WHERE text = 'aborted'"), 1);
}

static void a_job_stopped_with_its_worker_is_given_back(void **state)
{
    (void)state;
    reason = BQ_CANCEL_SHUTDOWN;
    assert_given_back(begin(job("a", "stop_when_told")), false);
    assert_int_equal(notes(), 0);
    assert_int_equal(receipts(), 0);
}

static void a_success_that_ignored_a_cancel_stays_one(void **state)
{
    (void)state;
    reason = BQ_CANCEL_ABORT;
    assert_int_equal(begin(job("a", "ignore_what_is_told"))->kind, BQ_OUTCOME_COMPLETE);
    assert_int_equal(begin(again(job("b", "ignore_what_is_told")))->kind, BQ_OUTCOME_COMPLETE);
    assert_int_equal(receipts(), 1);
}

static void what_wrote_and_ignored_a_cancel_is_not_committed(void **state)
{
    (void)state;
    reason = BQ_CANCEL_ABORT;
    assert_failed(begin(job("a", "write_and_ignore")), "aborted");
    assert_int_equal(notes(), 0);
}

static void told_before_the_handler_it_is_not_called(void **state)
{
    (void)state;
    assert_failed(attempt(job("a", "be_quiet"), BQ_CANCEL_ABORT), "aborted before start");
    assert_int_equal(receipts(), 1);
    assert_given_back(attempt(job("b", "be_quiet"), BQ_CANCEL_SHUTDOWN), false);
    assert_int_equal(runs, 0);
}

static void told_while_the_receipt_is_looked_up_it_is_still_found(void **state)
{
    (void)state;
    (void)begin(job("a", "have_children"));
    assert_int_equal(attempt(again(job("a", "have_children")), BQ_CANCEL_ABORT)->kind,
                     BQ_OUTCOME_COMPLETE);
    assert_int_equal(attempt(again(job("a", "have_children")), BQ_CANCEL_SHUTDOWN)->kind,
                     BQ_OUTCOME_COMPLETE);
}

/* -- a database that is away -- */

static void without_a_database_a_job_is_given_back(void **state)
{
    (void)state;
    place.database_url = "sqlite:/nonexistent/folder/data.db";
    assert_given_back(begin(job("a", "write_one")), true);
    assert_given_back(begin(again(job("b", "be_quiet"))), true);
    assert_given_back(begin(job("c", "gone")), true);
    assert_int_equal(runs, 1);
}

static void a_job_that_needs_no_database_does_not_notice(void **state)
{
    (void)state;
    place.database_url = "sqlite:/nonexistent/folder/data.db";
    assert_complete(begin(job("a", "be_quiet")), 1);
}

/* -- hostile bytes -- */

static void bytes_that_say_nothing_fail_without_a_receipt(void **state)
{
    (void)state;
    static const char *const bytes[] = {"", "{", "[]", "\x80\x04K\x01.", "{\"f\":\"be_quiet\"}"};

    for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
        const struct bq_outcome *outcome = begin(new_run("a", bytes[i], strlen(bytes[i])));
        assert_int_equal(outcome->kind, BQ_OUTCOME_FAILED);
        assert_string_equal(outcome->function, "<unknown>");
    }
    assert_int_equal(receipts(), 0);
}

static void a_verdict_says_more_than_bytes_that_say_nothing(void **state)
{
    (void)state;
    struct bq_run run = new_run("a", "", 0);

    run.verdict = "the job is larger than we like";
    assert_failed(begin(run), "larger than we like");
}

static void arguments_that_cannot_be_read_fail_with_a_receipt(void **state)
{
    (void)state;
    static const char bytes[] = "{\"f\":\"be_quiet\",\"a\":7,\"k\":{},\"et\":5}";

    assert_failed(begin(new_run("a", bytes, strlen(bytes))), "unable to read the job");
    assert_int_equal(receipts(), 1);
    assert_int_equal(runs, 0);
}

/* Numbers that are longer when they are written again. */
static void arguments_that_grow_do_not_keep_a_job_from_failing(void **state)
{
    (void)state;
    static const char head[] = "{\"f\":\"gone\",\"k\":{},\"et\":5,\"a\":[1e9";
    static const char next[] = ",1e9";
    size_t count = 250000;
    size_t len = strlen(head) + count * strlen(next) + 2;
    char *bytes = malloc(len + 1);

    assert_non_null(bytes);
    char *at = stpcpy(bytes, head);
    for (size_t i = 0; i < count; i++) {
        at = stpcpy(at, next);
    }
    (void)stpcpy(at, "]}");
    assert_failed(begin(new_run("a", bytes, len)), "function 'gone' not found");
    free(bytes);
}

static void with_however_little_memory_an_attempt_has_an_outcome(void **state)
{
    (void)state;
    static const char *const names[] = {"be_quiet", "gone", "write_one", "write_and_fail"};

    for (size_t bytes = 512; bytes < 4096; bytes += 64) {
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            bq_arena_clear(&arena);
            bq_arena_init(&arena, bytes);
            (void)begin(job(names[i], names[i]));
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_success_without_a_session_needs_no_receipt),
        TEST(a_success_that_only_read_needs_no_receipt),
        TEST(a_success_that_wrote_leaves_rows_and_a_receipt),
        TEST(a_job_claimed_before_leaves_a_receipt_even_if_it_wrote_nothing),
        TEST(a_job_claimed_before_may_take_as_long_as_its_function_says),
        TEST(a_session_is_clean_for_the_next_job),
        TEST(children_are_relayed_in_chunks_before_the_outcome),
        TEST(children_and_result_are_written_as_the_job_was),
        TEST(children_have_their_parents_parent_where_nobody_exports),
        TEST(an_attempt_is_a_span_and_the_parent_of_its_children),
        TEST(a_job_of_no_trace_begins_one),
        TEST(what_is_not_sampled_is_carried_only),
        TEST(a_refused_job_is_a_span_and_one_that_is_settled_or_has_its_receipt_is_none),
        TEST(what_comes_too_late_is_not_committed_but_given_back),
        TEST(what_wrote_nothing_is_never_too_late),
        TEST(a_failure_that_comes_too_late_calls_no_hook),
        TEST(a_job_past_its_time_uses_up_a_try_however_late_it_is),
        TEST(what_is_not_known_can_be_left_to_others),
        TEST(beside_arq_an_error_is_final_unless_said),
        TEST(a_job_that_has_its_receipt_is_not_run_again),
        TEST(the_receipt_comes_before_every_refusal),
        TEST(the_receipt_of_a_failure_is_its_outcome),
        TEST(an_id_used_again_is_another_job),
        TEST(whoever_inserts_the_receipt_first_decides),
        TEST(a_failure_after_anothers_success_is_a_success),
        TEST(a_receipt_brings_its_children_again),
        TEST(a_child_that_is_no_job_is_passed_over),
        TEST(an_error_is_tried_again_with_a_delay_and_leaves_nothing),
        TEST(an_error_without_a_text_has_its_status),
        TEST(a_handler_may_say_when_it_is_tried_again),
        TEST(the_last_try_fails_for_good),
        TEST(a_failure_for_good_is_not_tried_again),
        TEST(a_refusal_has_its_receipt_and_its_hook),
        TEST(what_the_hook_writes_is_committed_with_the_receipt),
        TEST(a_hook_that_fails_leaves_nothing_and_the_failure_stands),
        TEST(a_hook_can_be_left_out),
        TEST(a_hook_is_not_told_to_stop),
        TEST(a_handler_that_ends_its_transaction_has_failed),
        TEST(hooks_are_called_around_the_handler_in_its_transaction),
        TEST(what_on_job_start_wrote_goes_with_a_failure),
        TEST(an_attempt_fails_with_its_on_job_start),
        TEST(an_attempt_fails_with_its_on_job_end),
        TEST(on_job_end_may_change_the_result),
        TEST(hooks_are_told_to_stop_as_the_handler_is),
        TEST(what_is_refused_calls_no_hook),
        TEST(a_wish_of_what_succeeded_is_forgotten),
        TEST(progress_and_lines_are_told_before_the_outcome),
        TEST(lines_beyond_the_limit_are_counted),
        TEST(a_long_line_is_cut_between_characters),
        TEST(what_is_told_after_the_outcome_is_no_more_the_jobs),
        TEST(after_job_end_comes_when_the_outcome_is_acknowledged),
        TEST(after_job_end_follows_each_attempt_that_was_begun_and_knows_how_it_ended),
        TEST(after_job_end_knows_that_another_attempt_had_succeeded),
        TEST(after_job_end_does_not_follow_what_was_never_begun),
        TEST(after_job_end_does_not_follow_what_was_lost_to_somebody_else),
        TEST(an_after_job_end_that_fails_leaves_nothing_and_changes_nothing),
        TEST(what_after_job_end_enqueues_is_nobodys_child_in_its_jobs_queue),
        TEST(whether_an_error_is_tried_again_is_the_functions_or_the_settings),
        TEST(who_asks_for_another_try_gets_it_whatever_the_policy),
        TEST(whether_a_timeout_is_tried_again_is_the_functions_or_the_settings),
        TEST(a_function_has_its_own_delays),
        TEST(a_function_says_how_long_its_result_is_kept),
        TEST(the_dispatcher_is_told_what_the_function_says),
        TEST(or_what_the_settings_say_or_the_default),
        TEST(a_result_that_json_cannot_hold_fails_the_job),
        TEST(a_result_that_is_too_large_fails_the_job),
        TEST(a_result_for_which_there_was_no_memory_fails_the_job),
        TEST(a_job_past_its_time_is_tried_again),
        TEST(an_aborted_job_fails_for_good),
        TEST(a_job_stopped_with_its_worker_is_given_back),
        TEST(a_success_that_ignored_a_cancel_stays_one),
        TEST(what_wrote_and_ignored_a_cancel_is_not_committed),
        TEST(told_before_the_handler_it_is_not_called),
        TEST(told_while_the_receipt_is_looked_up_it_is_still_found),
        TEST(without_a_database_a_job_is_given_back),
        TEST(a_job_that_needs_no_database_does_not_notice),
        TEST(bytes_that_say_nothing_fail_without_a_receipt),
        TEST(a_verdict_says_more_than_bytes_that_say_nothing),
        TEST(arguments_that_cannot_be_read_fail_with_a_receipt),
        TEST(arguments_that_grow_do_not_keep_a_job_from_failing),
        TEST(with_however_little_memory_an_attempt_has_an_outcome),
    };

    bq_log_set_level(BQ_LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

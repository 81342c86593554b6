#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <barq/client.h>

#include "base/time.h"
#include "job/message.h"
#include "job/record.h"
#include "os/wake.h"
#include "session/fixture.h"
#include "session/outbox.h"
#include "support/holder.h"

enum { ALL = 100, ALL_BYTES = 1000000, WAIT_MS = 10000 };

static struct bq_job make(const char *id)
{
    return (struct bq_job){.id = id,
                           .queue = "later",
                           .payload = "{\"f\":1}",
                           .payload_bytes = 7,
                           .enqueued_at_ms = 10,
                           .due_at_ms = 20,
                           .expires_at_ms = 30};
}

static void put(const char *id)
{
    struct bq_job child = make(id);

    ok(bq_outbox_put(session, &child, &err));
}

/* Three rows of `job`, committed. */
static void put_three(void)
{
    bind_job();
    ok(bq_session_use(session, BQ_DB_WRITE, &err));
    put("a");
    put("b");
    put("c");
    ok(bq_session_commit(session, &err));
}

/* Two rows of the application's, committed. */
static void put_own(void)
{
    bq_session_unbind(session);
    ok(barq_session_begin(session, true, &err));
    put("x");
    put("y");
    ok(barq_session_commit(session, &err));
}

static size_t read_rows(int64_t after, size_t max_rows, size_t max_bytes,
                        struct bq_outbox_row **out)
{
    size_t count = 0;

    ok(bq_outbox_read(session, &job, after, max_rows, max_bytes, &arena, out, &count, &err));
    return count;
}

static size_t sweep(struct bq_outbox_row **out)
{
    size_t count = 0;

    ok(bq_outbox_sweep(session, 0, ALL, ALL_BYTES, &arena, out, &count, &err));
    return count;
}

static void a_jobs_rows_are_read_in_their_order(void **state)
{
    (void)state;
    struct bq_outbox_row *rows = NULL;

    put_three();
    put_own();
    assert_int_equal(read_rows(0, ALL, ALL_BYTES, &rows), 3);
    assert_string_equal(rows[0].job.id, "a");
    assert_string_equal(rows[2].job.id, "c");
    assert_true(rows[0].seq < rows[1].seq && rows[1].seq < rows[2].seq);
    assert_string_equal(rows[0].job.queue, "later");
    assert_int_equal(rows[0].job.payload_bytes, 7);
    assert_memory_equal(rows[0].job.payload, "{\"f\":1}", 7);
    assert_int_equal(rows[0].job.enqueued_at_ms, 10);
    assert_int_equal(rows[0].job.due_at_ms, 20);
    assert_int_equal(rows[0].job.expires_at_ms, 30);
    assert_true(rows[0].job.uncertain);
}

static void a_page_is_bounded_but_never_empty(void **state)
{
    (void)state;
    struct bq_outbox_row *rows = NULL;

    put_three();
    assert_int_equal(read_rows(0, 2, ALL_BYTES, &rows), 2);
    assert_int_equal(read_rows(rows[1].seq, 2, ALL_BYTES, &rows), 1);
    assert_string_equal(rows[0].job.id, "c");
    assert_int_equal(read_rows(rows[0].seq, 2, ALL_BYTES, &rows), 0);
    assert_int_equal(read_rows(0, ALL, 14, &rows), 2);
    assert_int_equal(read_rows(0, ALL, 1, &rows), 1);
}

static void a_page_is_as_large_as_its_arena(void **state)
{
    (void)state;
    struct bq_outbox_row *rows = NULL;
    struct barq_arena small;
    size_t count = 0;

    put_three();
    bq_arena_init(&small, 3 * sizeof(*rows) + 140);
    ok(bq_outbox_read(session, &job, 0, 3, ALL_BYTES, &small, &rows, &count, &err));
    assert_int_equal(count, 2);
    bq_arena_clear(&small);

    bq_arena_init(&small, 3 * sizeof(*rows) + 20);
    assert_int_equal(bq_outbox_read(session, &job, 0, 3, ALL_BYTES, &small, &rows, &count, &err),
                     BARQ_ERR_NOMEM);
    bq_arena_clear(&small);
}

static void relayed_rows_are_deleted_up_to_a_place(void **state)
{
    (void)state;
    struct bq_outbox_row *rows = NULL;

    put_three();
    assert_int_equal(read_rows(0, 2, ALL_BYTES, &rows), 2);
    ok(bq_outbox_delete(session, &job, rows[1].seq, &err));
    assert_int_equal(read_rows(0, ALL, ALL_BYTES, &rows), 1);
    assert_string_equal(rows[0].job.id, "c");

    put_own();
    ok(bq_outbox_delete(session, &job, INT64_MAX, &err));
    assert_int_equal(committed("SELECT count(*) FROM barq_outbox"), 2);
}

static void a_row_goes_with_its_transaction(void **state)
{
    (void)state;
    struct bq_outbox_row *rows = NULL;

    bind_job();
    ok(bq_session_use(session, BQ_DB_WRITE, &err));
    assert_false(bq_outbox_has(session));
    put("a");
    assert_true(bq_outbox_has(session));
    bq_session_rollback(session);
    assert_false(bq_outbox_has(session));
    assert_int_equal(read_rows(0, ALL, ALL_BYTES, &rows), 0);
}

static void a_row_needs_a_write_transaction(void **state)
{
    (void)state;
    struct bq_job child = make("a");

    assert_int_equal(bq_outbox_put(session, &child, &err), BARQ_ERR_BUG);
    bind_job();
    assert_int_equal(bq_outbox_put(session, &child, &err), BARQ_ERR_BUG);
    ok(bq_session_use(session, BQ_DB_READ, &err));
    assert_int_equal(bq_outbox_put(session, &child, &err), BARQ_ERR_BUG);
}

static void an_applications_rows_are_swept_until_deleted(void **state)
{
    (void)state;
    struct bq_outbox_row *rows = NULL;

    put_three();
    put_own();
    for (int i = 0; i < 2; i++) {
        assert_int_equal(sweep(&rows), 2);
        assert_string_equal(rows[0].job.id, "x");
        assert_true(rows[0].job.uncertain && rows[1].job.uncertain);
    }

    ok(bq_outbox_swept(session, rows, 1, &err));
    assert_int_equal(sweep(&rows), 1);
    assert_string_equal(rows[0].job.id, "y");
    assert_int_equal(committed("SELECT count(*) FROM barq_outbox"), 4);
}

static void sweeping_waits_for_nobody(void **state)
{
    (void)state;
    struct bq_outbox_row *rows = NULL;
    int64_t begun_ms = bq_mono_ms();

    put_own();
    struct holder holder = holder_start(url, "");
    assert_int_equal(sweep(&rows), 2);
    assert_true(bq_mono_ms() - begun_ms < WAIT_MS);
    holder_rollback(&holder);
}

/* Anybody can write such a row; those behind it must be swept all the same. */
static void what_no_broker_would_take_is_swept_without_its_bytes(void **state)
{
    (void)state;
    struct bq_outbox_row *rows = NULL;
    char insert[200];

    bq_session_unbind(session);
    ok(barq_session_begin(session, true, &err));
    for (int i = 0; i < 2; i++) {
        (void)snprintf(insert, sizeof(insert),
                       "INSERT INTO barq_outbox (job_id, queue, enqueued_at_ms, due_at_ms, payload)"
                       " VALUES (%s, 'later', 1, 1, zeroblob(%d))",
                       i == 0 ? "'large'" : "hex(zeroblob(9000000))",
                       i == 0 ? BQ_JOB_MAX_BYTES + 1 : 1);
        ok(exec(insert));
    }
    ok(barq_session_commit(session, &err));
    put_own();

    assert_int_equal(sweep(&rows), 4);
    assert_string_equal(rows[0].job.id, "");
    assert_int_equal(rows[0].job.payload_bytes, 0);
    assert_false(bq_job_id_valid(rows[1].job.id));
    assert_string_equal(rows[2].job.id, "x");
}

/* -- enqueueing -- */

static struct barq_value *arguments(void)
{
    struct barq_value *args = barq_tuple(&arena);

    barq_add(args, barq_int(&arena, 7));
    return args;
}

static void a_child_is_the_finished_job_in_its_parents_queue(void **state)
{
    (void)state;
    struct bq_outbox_row *rows = NULL;
    struct bq_job_record record;
    char id[BARQ_JOB_ID_MAX_BYTES + 1];
    struct bq_identity parent = job;
    parent.queue = "mine";

    bind_with(&(struct bq_session_job){.identity = &parent});
    ok(bq_session_use(session, BQ_DB_WRITE, &err));
    ok(barq_session_enqueue(session, "add", arguments(), NULL, NULL, id, &err));
    ok(bq_session_commit(session, &err));

    size_t count = 0;
    ok(bq_outbox_read(session, &parent, 0, ALL, ALL_BYTES, &arena, &rows, &count, &err));
    assert_int_equal(count, 1);
    assert_string_equal(rows[0].job.id, id);
    assert_string_equal(rows[0].job.queue, "mine");
    assert_int_equal(
        bq_job_decode(&arena, rows[0].job.payload, rows[0].job.payload_bytes, &record, &err),
        BQ_READ_ALL);
    assert_string_equal(record.function, "add");
    assert_int_equal(barq_as_int(barq_at(record.args, 0), 0), 7);
    assert_true(record.enqueued_at_ms == rows[0].job.enqueued_at_ms);
}

static void a_job_is_written_as_its_parent_was_or_as_the_environment_says(void **state)
{
    (void)state;
    struct bq_outbox_row *rows = NULL;

    bind_with(&(struct bq_session_job){.identity = &job, .codec = &bq_codec_pickle});
    ok(bq_session_use(session, BQ_DB_WRITE, &err));
    ok(barq_session_enqueue(session, "add", NULL, NULL, NULL, NULL, &err));
    ok(bq_session_commit(session, &err));
    assert_int_equal(read_rows(0, ALL, ALL_BYTES, &rows), 1);
    assert_ptr_equal(bq_codec_of(rows[0].job.payload, rows[0].job.payload_bytes), &bq_codec_pickle);

    bq_session_unbind(session);
    ok(barq_session_begin(session, true, &err));
    ok(barq_session_enqueue(session, "add", NULL, NULL, NULL, NULL, &err));
    assert_int_equal(setenv("BARQ_SERIALIZER", "msgpack", 1), 0);
    ok(barq_session_enqueue(session, "add", NULL, NULL, NULL, NULL, &err));
    assert_int_equal(setenv("BARQ_SERIALIZER", "yaml", 1), 0);
    assert_int_equal(barq_session_enqueue(session, "add", NULL, NULL, NULL, NULL, &err),
                     BARQ_ERR_ARG);
    unsetenv("BARQ_SERIALIZER");
    ok(barq_session_commit(session, &err));
    assert_int_equal(sweep(&rows), 2);
    assert_ptr_equal(bq_codec_of(rows[0].job.payload, rows[0].job.payload_bytes), &bq_codec_json);
    assert_ptr_equal(bq_codec_of(rows[1].job.payload, rows[1].job.payload_bytes),
                     &bq_codec_msgpack);
}

#define TRACEPARENT "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
#define ANOTHER     "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b8-00"

static struct bq_job_record decoded(const struct bq_job *made)
{
    struct bq_job_record record = {.traceparent = NULL};

    assert_int_equal(bq_job_decode(&arena, made->payload, made->payload_bytes, &record, &err),
                     BQ_READ_ALL);
    return record;
}

static void a_child_is_of_its_parents_trace_unless_it_has_another(void **state)
{
    (void)state;
    struct bq_outbox_row *rows = NULL;
    struct barq_enqueue_options other = {.traceparent = ANOTHER};

    bind_with(&(struct bq_session_job){
        .identity = &job, .traceparent = TRACEPARENT, .tracestate = "congo=t61rcWkgMzE"});
    ok(bq_session_use(session, BQ_DB_WRITE, &err));
    ok(barq_session_enqueue(session, "add", NULL, NULL, NULL, NULL, &err));
    ok(barq_session_enqueue(session, "add", NULL, NULL, &other, NULL, &err));
    barq_session_trace(session, ANOTHER, NULL); /* a job's has its own */
    ok(barq_session_enqueue(session, "add", NULL, NULL, NULL, NULL, &err));
    ok(bq_session_commit(session, &err));
    assert_int_equal(read_rows(0, ALL, ALL_BYTES, &rows), 3);
    assert_string_equal(decoded(&rows[0].job).traceparent, TRACEPARENT);
    assert_string_equal(decoded(&rows[0].job).tracestate, "congo=t61rcWkgMzE");
    assert_string_equal(decoded(&rows[1].job).traceparent, ANOTHER);
    assert_null(decoded(&rows[1].job).tracestate);
    assert_string_equal(decoded(&rows[2].job).traceparent, TRACEPARENT);
}

static void an_application_says_of_which_trace_its_jobs_are(void **state)
{
    (void)state;
    struct bq_outbox_row *rows = NULL;

    bq_session_unbind(session);
    ok(barq_session_begin(session, true, &err));
    barq_session_trace(session, TRACEPARENT, "congo=t61rcWkgMzE");
    ok(barq_session_enqueue(session, "add", NULL, NULL, NULL, NULL, &err));
    barq_session_trace(session, TRACEPARENT, "what is this?");
    ok(barq_session_enqueue(session, "add", NULL, NULL, NULL, NULL, &err));
    barq_session_trace(session, "what is this?", "congo=t61rcWkgMzE");
    ok(barq_session_enqueue(session, "add", NULL, NULL, NULL, NULL, &err));
    ok(barq_session_commit(session, &err));
    assert_int_equal(sweep(&rows), 3);
    assert_string_equal(decoded(&rows[0].job).traceparent, TRACEPARENT);
    assert_string_equal(decoded(&rows[0].job).tracestate, "congo=t61rcWkgMzE");
    assert_string_equal(decoded(&rows[1].job).traceparent, TRACEPARENT);
    assert_null(decoded(&rows[1].job).tracestate);
    assert_null(decoded(&rows[2].job).traceparent);
}

static void options_are_obeyed(void **state)
{
    (void)state;
    struct bq_outbox_row *rows = NULL;
    struct barq_enqueue_options options = {
        .id = "mine", .queue = "slow", .defer_ms = 5000, .expires_ms = 9000};

    ok(barq_session_begin(session, true, &err));
    ok(barq_session_enqueue(session, "add", NULL, NULL, &options, NULL, &err));
    ok(barq_session_enqueue(session, "add", NULL, NULL, NULL, NULL, &err));
    ok(barq_session_commit(session, &err));
    assert_int_equal(sweep(&rows), 2);
    assert_string_equal(rows[0].job.id, "mine");
    assert_string_equal(rows[0].job.queue, "slow");
    assert_int_equal(rows[0].job.due_at_ms - rows[0].job.enqueued_at_ms, 5000);
    assert_int_equal(rows[0].job.expires_at_ms - rows[0].job.enqueued_at_ms, 9000);
    assert_string_equal(rows[1].job.queue, ""); /* whoever relays it knows which */
}

/* The largest that can be, with what JSON writes as two bytes. */
static const char *const *many_ids(size_t count, size_t id_bytes)
{
    const char **ids = bq_arena_array(&arena, count, sizeof(char *));

    for (size_t i = 0; i < count; i++) {
        char *id = bq_arena_format(&arena, "%0*zu", (int)id_bytes, i);
        memset(id, '"', id_bytes - 5);
        ids[i] = id;
    }
    return ids;
}

static void what_brokers_are_told_beside_the_payload_is_kept(void **state)
{
    (void)state;
    struct bq_outbox_row *rows = NULL;
    struct barq_enqueue_options options = {.id = "then",
                                           .priority = -3,
                                           .key = "customer 7",
                                           barq_after("a", "b \" \\ \xc3\xa4"),
                                           .after_failed = true};

    ok(barq_session_begin(session, true, &err));
    ok(barq_session_enqueue(session, "add", NULL, NULL, &options, NULL, &err));
    ok(barq_session_enqueue(session, "add", NULL, NULL, NULL, NULL, &err));
    ok(barq_session_commit(session, &err));
    assert_int_equal(sweep(&rows), 2);
    assert_string_equal(rows[0].job.function, "add");
    assert_string_equal(rows[0].job.key, "customer 7");
    assert_int_equal(rows[0].job.priority, -3);
    assert_int_equal(rows[0].job.n_after, 2);
    assert_string_equal(rows[0].job.after[0], "a");
    assert_string_equal(rows[0].job.after[1], "b \" \\ \xc3\xa4");
    assert_true(rows[0].job.after_failed);
    assert_true(bq_job_valid(&rows[0].job));
    assert_null(rows[1].job.key);
    assert_int_equal(rows[1].job.n_after, 0);
    assert_false(rows[1].job.after_failed);
}

static void a_job_that_waits_for_as_many_as_can_be_fits_into_one_step(void **state)
{
    (void)state;
    struct bq_outbox_row *rows = NULL;
    const size_t shapes[][2] = {
        {BARQ_AFTER_MAX, BARQ_AFTER_MAX_BYTES / BARQ_AFTER_MAX},
        {BARQ_AFTER_MAX_BYTES / BARQ_JOB_ID_MAX_BYTES, BARQ_JOB_ID_MAX_BYTES}};

    ok(barq_session_begin(session, true, &err));
    for (int i = 0; i < 2; i++) {
        struct barq_enqueue_options options = {.after = many_ids(shapes[i][0], shapes[i][1]),
                                               .n_after = shapes[i][0]};
        ok(barq_session_enqueue(session, "add", NULL, NULL, &options, NULL, &err));
    }
    ok(barq_session_commit(session, &err));

    size_t count = 0;
    struct barq_arena page;
    bq_arena_init(&page, (size_t)2 * BQ_FRAME_MAX_BYTES);
    ok(bq_outbox_sweep(session, 0, 2, BQ_OUTBOX_CHUNK_BYTES, &page, &rows, &count, &err));
    assert_int_equal(count, 1); /* its ids count */
    assert_true(bq_job_valid(&rows[0].job));
    assert_int_equal(rows[0].job.n_after, BARQ_AFTER_MAX);
    int64_t first = rows[0].seq;
    bq_arena_reset(&page);
    ok(bq_outbox_sweep(session, first, 2, BQ_OUTBOX_CHUNK_BYTES, &page, &rows, &count, &err));
    assert_int_equal(count, 1);
    assert_true(bq_job_valid(&rows[0].job));
    bq_arena_clear(&page);
}

static void what_a_row_says_beside_its_payload_may_be_nonsense(void **state)
{
    (void)state;
    struct bq_outbox_row *rows = NULL;
    static const char *const bad[][2] = {
        {"priority", "5"},
        {"priority", "-5"},
        {"priority", "4294967296"},
        {"key", "''"},
        {"key", "x'00'"},
        {"key", "hex(zeroblob(200))"},
        {"function", "char(10)"},
        {"after", "''"},
        {"after", "'no list'"},
        {"after", "'{}'"},
        {"after", "'\"other\"'"},
        {"after", "'[1]'"},
        {"after", "'[[]]'"},
        {"after", "'[123456789012345678901234567890]'"},
        {"after", "'[\"a\\u0000b\"]'"},
        {"after", "'[\"\"]'"},
        {"after", "'[\"me\"]'"},
        {"after", "x'5b5d'"},
        {"after", "'[' || replace(hex(zeroblob(10000)), '00', '\"a\",') || '\"a\"]'"},
        {"after", "'[' || replace(hex(zeroblob(200000)), '00', '0,') || '0]'"},
        {"after", "'[\"a\"]' || hex(zeroblob(1000000))"},
    };
    enum { BAD = sizeof(bad) / sizeof(bad[0]) };
    char insert[400];

    ok(barq_session_begin(session, true, &err));
    for (size_t i = 0; i < BAD; i++) {
        (void)snprintf(insert, sizeof(insert),
                       "INSERT INTO barq_outbox (job_id, queue, enqueued_at_ms, due_at_ms, payload,"
                       " %s) VALUES ('me', 'later', 1, 1, x'7b7d', %s)",
                       bad[i][0], bad[i][1]);
        ok(exec(insert));
    }
    ok(exec("INSERT INTO barq_outbox (job_id, queue, enqueued_at_ms, due_at_ms, payload, after)"
            " VALUES ('good', 'later', 1, 1, x'7b7d', ' [ \"a,[{\" , \"\\u00e4\" ] ')"));
    ok(barq_session_commit(session, &err));

    assert_int_equal(sweep(&rows), BAD + 1);
    for (size_t i = 0; i < BAD; i++) {
        if (bq_job_valid(&rows[i].job)) {
            fail_msg("%s = %s", bad[i][0], bad[i][1]);
        }
    }
    assert_true(bq_job_valid(&rows[BAD].job));
    assert_int_equal(rows[BAD].job.n_after, 2);
    assert_string_equal(rows[BAD].job.after[0], "a,[{");
    assert_string_equal(rows[BAD].job.after[1], "\xc3\xa4");
}

static void what_cannot_be_a_job_is_refused_at_once(void **state)
{
    (void)state;
    struct barq_value *args = barq_tuple(&arena);
    barq_add(args, barq_bytes(&arena, "\1", 1));

    assert_int_equal(barq_session_enqueue(session, "add", NULL, NULL, NULL, NULL, &err),
                     BARQ_ERR_BUG);
    bind_with(&(struct bq_session_job){.identity = &job, .payload_max_bytes = 200});
    ok(bq_session_use(session, BQ_DB_WRITE, &err));
    assert_int_equal(barq_session_enqueue(session, "", NULL, NULL, NULL, NULL, &err), BARQ_ERR_ARG);
    assert_int_equal(barq_session_enqueue(session, "add", args, NULL, NULL, NULL, &err),
                     BARQ_ERR_TYPE);

    struct barq_value *large = barq_tuple(&arena);
    barq_add(large, barq_format(&arena, "%0300d", 0));
    assert_int_equal(barq_session_enqueue(session, "add", large, NULL, NULL, NULL, &err),
                     BARQ_ERR_LIMIT);
    assert_false(bq_outbox_has(session));
    assert_false(bq_session_broken(session, NULL));
}

static void an_applications_commit_wakes_the_relay(void **state)
{
    (void)state;
    int watch = -1;

    ok(bq_wake_watch(bq_session_wake_path(session), &watch, &err));
    ok(barq_session_begin(session, true, &err));
    ok(exec("INSERT INTO t VALUES (1, 1)"));
    ok(barq_session_commit(session, &err));
    assert_false(bq_wake_take(watch));

    put_own();
    assert_true(bq_wake_wait(watch, WAIT_MS));
    bq_fd_drop(&watch);
}

/* -- on PostgreSQL: from any program -- */

static void any_programs_row_is_a_job(void **state)
{
    (void)state;
    struct bq_outbox_row *rows = NULL;
    struct bq_job_record record;
    char id[BARQ_JOB_ID_MAX_BYTES + 1];

    (void)snprintf(id, sizeof(id), "%s",
                   postgres_say(store_server(),
                                "SELECT barq_enqueue('add', '[7, \"\u00e4\"]', '{\"x\": 1.5}')"));
    assert_int_equal(sweep(&rows), 1);
    const struct bq_job *made = &rows[0].job;
    assert_true(bq_job_valid(made));
    assert_string_equal(made->id, id);
    assert_int_equal(strlen(id), 36);
    assert_int_equal(id[14], '7');
    assert_string_equal(made->queue, "");
    assert_string_equal(made->function, "add");
    assert_true(made->due_at_ms == made->enqueued_at_ms && made->expires_at_ms == 0);
    assert_true(llabs(made->enqueued_at_ms - bq_wall_ms()) < WAIT_MS);
    assert_int_equal(bq_job_decode(&arena, made->payload, made->payload_bytes, &record, &err),
                     BQ_READ_ALL);
    assert_string_equal(record.function, "add");
    assert_int_equal(barq_as_int(barq_at(record.args, 0), 0), 7);
    assert_string_equal(barq_as_string(barq_at(record.args, 1), ""), "\xc3\xa4");
    assert_true(barq_as_double(barq_get(record.kwargs, "x"), 0) == 1.5);
    assert_true(record.enqueued_at_ms == made->enqueued_at_ms);
    assert_int_equal(strlen(record.nonce), 16);
}

static void any_program_says_what_a_client_can(void **state)
{
    (void)state;
    struct bq_outbox_row *rows = NULL;

    assert_string_equal(
        postgres_say(
            store_server(),
            "SET search_path = pg_catalog;"
            "SELECT public.barq_enqueue('add', queue => 'slow', id => 'mine',"
            " due_at => '2100-01-01T00:00:00.5Z', expires_at => '2100-01-02T00:00:00Z',"
            " key => 'k', priority => -3, after => '{a,\"b,\\\"c\"}', after_failed => true)"),
        "mine");
    assert_int_equal(sweep(&rows), 1);
    const struct bq_job *made = &rows[0].job;
    assert_true(bq_job_valid(made));
    assert_string_equal(made->queue, "slow");
    assert_true(made->due_at_ms == INT64_C(4102444800500));
    assert_true(made->expires_at_ms == INT64_C(4102531200000));
    assert_string_equal(made->key, "k");
    assert_int_equal(made->priority, -3);
    assert_int_equal(made->n_after, 2);
    assert_string_equal(made->after[1], "b,\"c");
    assert_true(made->after_failed);
}

static void any_programs_row_can_be_of_a_trace(void **state)
{
    (void)state;
    struct bq_outbox_row *rows = NULL;

    (void)postgres_say(store_server(),
                       "SELECT barq_enqueue('add', traceparent => '" TRACEPARENT
                       "', tracestate => 'a=\"quoted\\'), barq_enqueue('add', traceparent =>"
                       " '01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more')");
    assert_int_equal(sweep(&rows), 2);
    assert_string_equal(decoded(&rows[0].job).traceparent, TRACEPARENT);
    assert_string_equal(decoded(&rows[0].job).tracestate, "a=\"quoted\\");
    assert_non_null(decoded(&rows[1].job).traceparent);
    assert_null(decoded(&rows[1].job).tracestate);
}

static void what_any_program_says_wrongly_is_refused(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"''", "function"},
        {"NULL", "function"},
        {"'a' || chr(10)", "control character"},
        {"'add', '{}'", "args is a JSON array"},
        {"'add', NULL", "args is a JSON array"},
        {"'add', kwargs => '[]'", "kwargs is a JSON object"},
        {"'add', id => ''", "id"},
        {"'add', id => repeat('x', 513)", "id"},
        {"'add', queue => repeat('x', 256)", "queue"},
        {"'add', key => ''", "key"},
        {"'add', priority => 5", "priority"},
        {"'add', after => ARRAY['a', NULL]", "after"},
        {"'add', after => ARRAY['a', '']", "after"},
        {"'add', after => ARRAY[repeat('x', 513)]", "after"},
        {"'add', after => ARRAY['a' || chr(10)]", "after"},
        {"'add', id => 'me', after => '{me}'", "after"},
        {"'add', after => array_fill(repeat('x', 512), '{1025}')", "after"},
        {"'add', traceparent => ''", "traceparent"},
        {"'add', traceparent => '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-'",
         "traceparent"},
        {"'add', traceparent => 'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'",
         "traceparent"},
        {"'add', traceparent => '00-4BF92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'",
         "traceparent"},
        {"'add', traceparent => '00-00000000000000000000000000000000-00f067aa0ba902b7-01'",
         "traceparent"},
        {"'add', traceparent => '01-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01'",
         "traceparent"},
        {"'add', tracestate => 'a=1'", "tracestate"},
        {"'add', traceparent => '" TRACEPARENT "', tracestate => 'a=' || repeat('x', 511)",
         "tracestate"},
        {"'add', to_jsonb(ARRAY[repeat('x', 1048576)])", "1 MiB"},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const char *said = postgres_say(store_server(), "SELECT barq_enqueue(%s)", bad[i][0]);
        if (strncmp(said, "ERROR", 5) != 0 || !strstr(said, bad[i][1])) {
            fail_msg("%s: %s", bad[i][0], said);
        }
    }
    assert_int_equal(committed("SELECT count(*) FROM barq_outbox"), 0);
}

static void any_program_may_read_strings_otherwise(void **state)
{
    (void)state;
    struct bq_outbox_row *rows = NULL;

    assert_string_equal(postgres_say(store_server(), "SET standard_conforming_strings = off;"
                                                     " SELECT barq_enqueue('add', id => 'x1f')"),
                        "x1f");
    assert_int_equal(sweep(&rows), 1);
}

static void any_programs_rollback_enqueues_nothing(void **state)
{
    (void)state;
    (void)postgres_say(store_server(), "BEGIN; SELECT barq_enqueue('add'); ROLLBACK");
    assert_int_equal(committed("SELECT count(*) FROM barq_outbox"), 0);
}

/* Numbers are given when a row is written, and rows are seen when they are committed. */
static void a_row_that_is_committed_late_is_swept_next_time(void **state)
{
    (void)state;
    struct bq_outbox_row *rows = NULL;
    struct holder holder = holder_start(url, "SELECT barq_enqueue('add', id => 'first written')");

    (void)postgres_say(store_server(), "SELECT barq_enqueue('add', id => 'second')");
    assert_int_equal(sweep(&rows), 1);
    assert_string_equal(rows[0].job.id, "second");
    ok(bq_outbox_swept(session, rows, 1, &err));
    holder_commit(&holder);
    assert_int_equal(sweep(&rows), 1);
    assert_string_equal(rows[0].job.id, "first written");
}

/* What both databases do; then what is the one's, and the other's. */
#define ON_BOTH                                                                                    \
    TEST(a_jobs_rows_are_read_in_their_order), TEST(a_page_is_bounded_but_never_empty),            \
        TEST(a_page_is_as_large_as_its_arena), TEST(relayed_rows_are_deleted_up_to_a_place),       \
        TEST(a_row_goes_with_its_transaction), TEST(a_row_needs_a_write_transaction),              \
        TEST(an_applications_rows_are_swept_until_deleted), TEST(sweeping_waits_for_nobody),       \
        TEST(a_child_is_the_finished_job_in_its_parents_queue),                                    \
        TEST(a_job_is_written_as_its_parent_was_or_as_the_environment_says),                       \
        TEST(a_child_is_of_its_parents_trace_unless_it_has_another),                               \
        TEST(an_application_says_of_which_trace_its_jobs_are), TEST(options_are_obeyed),           \
        TEST(what_brokers_are_told_beside_the_payload_is_kept),                                    \
        TEST(a_job_that_waits_for_as_many_as_can_be_fits_into_one_step),                           \
        TEST(what_cannot_be_a_job_is_refused_at_once)

int main(int argc, char **argv)
{
    const struct CMUnitTest on_sqlite[] = {
        ON_BOTH,
        TEST(what_no_broker_would_take_is_swept_without_its_bytes),
        TEST(what_a_row_says_beside_its_payload_may_be_nonsense),
        TEST(an_applications_commit_wakes_the_relay),
    };
    const struct CMUnitTest on_postgres[] = {
        ON_BOTH,
        TEST(any_programs_row_is_a_job),
        TEST(any_program_says_what_a_client_can),
        TEST(any_programs_row_can_be_of_a_trace),
        TEST(what_any_program_says_wrongly_is_refused),
        TEST(any_program_may_read_strings_otherwise),
        TEST(any_programs_rollback_enqueues_nothing),
        TEST(a_row_that_is_committed_late_is_swept_next_time),
    };

    holder_main(argc, argv);
    store_main(argc, argv);
    return store_is_postgres()
               ? cmocka_run_group_tests_name("session/outbox", on_postgres, NULL, store_end)
               : cmocka_run_group_tests_name("session/outbox", on_sqlite, NULL, store_end);
}

/*
 * test_executor.c - an executor as the dispatcher sees it, with real children:
 * this binary, started afresh, plays the child that its role says.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/time.h"
#include "executor/limits.h"
#include "executor/states.h"

enum { DEADLINE_MS = 20000, FRAME_BYTES = 64 * 1024, NO_PID = (1 << 22) + 1 };

/* -- the children -- */

static void say(int type, const struct bq_buf *body)
{
    struct bq_channel channel;
    struct barq_error err;

    bq_channel_init(&channel, BQ_CHILD_SOCKET, FRAME_BYTES, (size_t)4 * FRAME_BYTES);
    bq_buf_put(bq_channel_begin(&channel, (uint8_t)type), body->data, body->len);
    if (bq_channel_end(&channel, &err) != BARQ_OK ||
        bq_channel_flush_all(&channel, &err) != BARQ_OK) {
        _exit(9);
    }
    channel.fd = -1; /* stays open */
    bq_channel_clear(&channel);
}

static void say_ready(void)
{
    bq_auto(buf) struct bq_buf body;
    struct bq_ready ready = {.max_jobs = 3, .threads = 1, .functions = "f", .wake_path = ""};

    bq_buf_init(&body, FRAME_BYTES);
    bq_ready_put(&body, &ready);
    say(BQ_MSG_READY, &body);
}

static void say_outcome(int64_t attempt)
{
    bq_auto(buf) struct bq_buf body;
    struct bq_outcome outcome = {.attempt = attempt,
                                 .kind = BQ_OUTCOME_COMPLETE,
                                 .function = "f",
                                 .error = "",
                                 .result = "1",
                                 .result_bytes = 1};

    bq_buf_init(&body, FRAME_BYTES);
    bq_outcome_put(&body, &outcome);
    say(BQ_MSG_OUTCOME, &body);
}

static void wait_for_end_of_socket(void)
{
    char byte;

    while (read(BQ_CHILD_SOCKET, &byte, 1) > 0) {
    }
}

static void write_garbage(const void *bytes, size_t len)
{
    ssize_t written = write(BQ_CHILD_SOCKET, bytes, len);

    (void)written;
    wait_for_end_of_socket();
}

static int play(const char *role)
{
    bq_auto(buf) struct bq_buf empty;
    bq_buf_init(&empty, 16);

    if (strcmp(role, "exits") == 0) {
        return 3;
    }
    if (strcmp(role, "silent") == 0) {
        wait_for_end_of_socket();
        return 0;
    }
    if (strcmp(role, "bad-length") == 0) {
        write_garbage("\xff\xff\xff\xff\x20", 5);
    }
    if (strcmp(role, "zero-length") == 0) {
        write_garbage("\0\0\0\0", 4);
    }
    if (strcmp(role, "cut-ready") == 0) {
        say(BQ_MSG_READY, &empty);
        wait_for_end_of_socket();
    }
    if (strcmp(role, "unknown-type") == 0) {
        say(200, &empty);
        wait_for_end_of_socket();
    }
    say_ready();
    if (strcmp(role, "ready-twice") == 0) {
        say_ready();
        wait_for_end_of_socket();
    }
    if (strcmp(role, "until-stop") == 0) {
        char byte;
        return read(BQ_CHILD_SOCKET, &byte, 1) == 1 ? 0 : 9;
    }
    if (strcmp(role, "last-words") == 0) {
        char byte;
        ssize_t got = read(BQ_CHILD_SOCKET, &byte, 1);
        (void)got;
        say_outcome(7);
        raise(SIGKILL);
    }
    if (strcmp(role, "closes") == 0) {
        close(BQ_CHILD_SOCKET);
        pause();
    }
    if (strcmp(role, "grandchild") == 0) {
        if (fork() == 0) {
            pause();
        }
        raise(SIGKILL);
    }
    wait_for_end_of_socket();
    return 0;
}

/* -- the dispatcher's side -- */

struct seen {
    int ready;
    int messages;
    bool refuse_messages;
    int ended;
    bool deaf; /* what is printed is not heard */
    char printed[200];
    bool ended_ready;
    char how[96];
};

struct fixture {
    struct bq_loop loop;
    struct bq_executor_options options;
    struct bq_executor executor;
    struct seen seen;
    char *argv[2];
};

static struct fixture fixture;

static void on_ready(struct bq_executor *executor, const struct bq_ready *ready)
{
    (void)executor;
    assert_int_equal(ready->n_queues, 0);
    assert_int_equal(ready->max_jobs, 3);
    fixture.seen.ready++;
}

static void on_refused(struct bq_executor *executor, const struct bq_refused *refused)
{
    (void)executor;
    (void)refused;
}

static bool on_message(struct bq_executor *executor, const struct bq_frame *frame)
{
    (void)executor;
    fixture.seen.messages++;
    return !fixture.seen.refuse_messages && frame->type == BQ_MSG_OUTCOME;
}

static void on_ended(struct bq_executor *executor, const char *how, bool was_ready)
{
    (void)executor;
    fixture.seen.ended++;
    fixture.seen.ended_ready = was_ready;
    (void)snprintf(fixture.seen.how, sizeof(fixture.seen.how), "%s", how);
}

static void on_printed(struct bq_executor *executor, const struct bq_output_line *line)
{
    (void)executor;
    size_t used = strlen(fixture.seen.printed);

    (void)snprintf(fixture.seen.printed + used, sizeof(fixture.seen.printed) - used, "%s|",
                   line->text);
    assert_int_equal(fixture.seen.ended, 0);
}

static bool on_hears(struct bq_executor *executor)
{
    (void)executor;
    return !fixture.seen.deaf;
}

static bool on_awaits(struct bq_executor *executor, int64_t attempt)
{
    (void)executor;
    (void)attempt;
    return false;
}

static const struct bq_executor_owner owner = {.ready = on_ready,
                                               .refused = on_refused,
                                               .message = on_message,
                                               .printed = on_printed,
                                               .hears = on_hears,
                                               .awaits = on_awaits,
                                               .ended = on_ended};

static void start(const char *role)
{
    struct barq_error err;

    fixture.seen = (struct seen){0};
    static char name[] = "child";
    fixture.argv[0] = name;
    fixture.options = (struct bq_executor_options){
        .path = "/proc/self/exe",
        .argv = fixture.argv,
        .role = role,
        .max_frame_bytes = FRAME_BYTES,
        .start_limit_ms = DEADLINE_MS,
    };
    assert_int_equal(bq_loop_init(&fixture.loop, &err), BARQ_OK);
    bq_executor_init(&fixture.executor, &fixture.loop, &owner, &fixture.options, 1);
    fixture.executor.spawn_at_ms = bq_mono_ms();
    assert_int_equal(bq_executor_spawn_due(&fixture.executor, bq_mono_ms(), &err), BARQ_OK);
    assert_int_equal(fixture.executor.state, BQ_EXECUTOR_STARTING);
}

static void stop(void)
{
    bq_executor_clear(&fixture.executor);
    bq_loop_clear(&fixture.loop);
}

/* Runs the loop until `*count` is at least `least`. */
static void wait_for(const int *count, int least)
{
    int64_t until_ms = bq_mono_ms() + DEADLINE_MS;

    while (*count < least) {
        assert_true(bq_mono_ms() < until_ms);
        bq_loop_wait(&fixture.loop, until_ms - bq_mono_ms());
    }
}

static void a_child_becomes_idle_when_it_is_ready(void **state)
{
    (void)state;
    start("ready");
    wait_for(&fixture.seen.ready, 1);
    assert_int_equal(fixture.executor.state, BQ_EXECUTOR_IDLE);
    bq_executor_stop(&fixture.executor, bq_mono_ms(), DEADLINE_MS);
    assert_int_equal(fixture.executor.state, BQ_EXECUTOR_STOPPING);
    stop();
}

static void the_end_before_ready_counts_and_delays_the_next_start(void **state)
{
    (void)state;
    start("exits");
    wait_for(&fixture.seen.ended, 1);
    assert_string_equal(fixture.seen.how, "exited with 3");
    assert_false(fixture.seen.ended_ready);
    assert_int_equal(fixture.executor.bad_starts, 1);
    assert_int_equal(fixture.executor.state, BQ_EXECUTOR_OFF);
    assert_true(fixture.executor.spawn_at_ms > bq_mono_ms());
    stop();
}

static void what_was_sent_before_a_crash_still_counts(void **state)
{
    (void)state;
    start("last-words");
    wait_for(&fixture.seen.ready, 1);
    bq_executor_assigned(&fixture.executor);
    bq_buf_put_i64(bq_executor_begin(&fixture.executor, BQ_MSG_RUN), 7);
    bq_executor_end(&fixture.executor);
    bq_executor_flush(&fixture.executor);
    wait_for(&fixture.seen.ended, 1);
    assert_int_equal(fixture.seen.messages, 1);
    assert_string_equal(fixture.seen.how, "killed by SIGKILL");
    assert_true(fixture.seen.ended_ready);
    stop();
}

static void a_child_that_makes_no_sense_is_killed(void **state)
{
    (void)state;
    static const char *const roles[] = {"bad-length", "zero-length", "cut-ready", "unknown-type",
                                        "ready-twice"};

    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        start(roles[i]);
        fixture.seen.refuse_messages = true;
        wait_for(&fixture.seen.ended, 1);
        assert_string_equal(fixture.seen.how, "sent what makes no sense");
        stop();
    }
}

static void a_child_that_closes_its_socket_and_stays_is_killed(void **state)
{
    (void)state;
    int64_t next_ms = INT64_MAX;

    start("closes");
    while (fixture.executor.state != BQ_EXECUTOR_KILLED) {
        bq_loop_wait(&fixture.loop, DEADLINE_MS);
    }
    assert_int_equal(fixture.seen.ended, 0);
    bq_executor_check(&fixture.executor, fixture.executor.deadline_ms, &next_ms);
    wait_for(&fixture.seen.ended, 1);
    assert_string_equal(fixture.seen.how, "closed its socket");
    stop();
}

static void a_grandchild_that_keeps_the_socket_does_not_hide_the_end(void **state)
{
    (void)state;
    start("grandchild");
    wait_for(&fixture.seen.ended, 1);
    assert_string_equal(fixture.seen.how, "killed by SIGKILL");
    stop();
}

static void a_deadline_kills_and_says_why(void **state)
{
    (void)state;
    int64_t next_ms = INT64_MAX;

    start("ready");
    wait_for(&fixture.seen.ready, 1);
    bq_executor_set_deadline(&fixture.executor, bq_mono_ms() + 1000000, "ran past its 1000 s");
    bq_executor_check(&fixture.executor, bq_mono_ms(), &next_ms);
    assert_int_equal(fixture.executor.state, BQ_EXECUTOR_IDLE);
    assert_int_equal(next_ms, fixture.executor.deadline_ms);
    bq_executor_check(&fixture.executor, next_ms, &next_ms);
    assert_int_equal(fixture.executor.state, BQ_EXECUTOR_KILLED);
    wait_for(&fixture.seen.ended, 1);
    assert_string_equal(fixture.seen.how, "ran past its 1000 s");
    assert_int_equal(fixture.executor.bad_starts, 0);
    stop();
}

static long number_of(pid_t pid, const char *file)
{
    char path[64];
    char text[32] = "";
    FILE *in;

    (void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
    in = fopen(path, "re");
    assert_non_null(in);
    assert_non_null(fgets(text, sizeof(text), in));
    (void)fclose(in);
    return strtol(text, NULL, 10);
}

static void a_child_is_expendable_when_memory_is_out_and_we_are_not(void **state)
{
    (void)state;
    start("ready");
    wait_for(&fixture.seen.ready, 1);
    assert_in_range(number_of(fixture.executor.child.pid, "oom_score_adj"),
                    number_of(getpid(), "oom_score_adj") + 1, 1000);
    stop();
}

static void what_a_child_uses_can_be_told_until_it_has_ended(void **state)
{
    (void)state;
    int64_t cpu_us = bq_cpu_us(getpid());

    assert_true(bq_resident_bytes(getpid()) > 4096);
    for (volatile int i = 0; bq_cpu_us(getpid()) < cpu_us + 1000; i++) {
    }
    start("ready");
    wait_for(&fixture.seen.ready, 1);
    assert_true(bq_resident_bytes(fixture.executor.child.pid) > 4096);
    assert_true(bq_cpu_us(fixture.executor.child.pid) > 0);
    stop();
    assert_int_equal(bq_resident_bytes(NO_PID), -1);
    assert_int_equal(bq_cpu_us(NO_PID), -1);
}

static void a_silent_child_is_killed_at_its_start_limit(void **state)
{
    (void)state;
    int64_t next_ms = INT64_MAX;

    start("silent");
    bq_executor_check(&fixture.executor, fixture.executor.deadline_ms, &next_ms);
    wait_for(&fixture.seen.ended, 1);
    assert_string_equal(fixture.seen.how, "took too long to start");
    assert_int_equal(fixture.executor.bad_starts, 1);
    stop();
}

static void what_has_several_jobs_is_idle_after_the_last(void **state)
{
    (void)state;
    struct bq_executor executor = {.state = BQ_EXECUTOR_IDLE, .was_ready = true};

    bq_executor_assigned(&executor);
    bq_executor_assigned(&executor);
    assert_int_equal(executor.state, BQ_EXECUTOR_BUSY);
    bq_executor_done(&executor);
    assert_int_equal(executor.state, BQ_EXECUTOR_BUSY);
    bq_executor_done(&executor);
    assert_int_equal(executor.state, BQ_EXECUTOR_IDLE);
}

static void who_retires_ends_when_idle_and_is_started_afresh(void **state)
{
    (void)state;

    start("until-stop");
    wait_for(&fixture.seen.ready, 1);
    bq_executor_assigned(&fixture.executor);
    bq_executor_retire(&fixture.executor, DEADLINE_MS);
    assert_int_equal(fixture.executor.state, BQ_EXECUTOR_BUSY);
    bq_executor_done(&fixture.executor);
    assert_int_equal(fixture.executor.state, BQ_EXECUTOR_RETIRING);
    bq_executor_flush(&fixture.executor);
    wait_for(&fixture.seen.ended, 1);
    assert_string_equal(fixture.seen.how, "exited with 0");
    assert_int_equal(fixture.executor.state, BQ_EXECUTOR_OFF);
    assert_true(fixture.executor.spawn_at_ms > 0);
    assert_int_equal(fixture.executor.bad_starts, 0);
    stop();
}

static void events_without_a_cell_are_refused(void **state)
{
    (void)state;
    static const struct {
        enum bq_executor_state state;
        enum bq_executor_event event;
    } none[] = {
        {BQ_EXECUTOR_OFF, BQ_EXECUTOR_READY},         {BQ_EXECUTOR_OFF, BQ_EXECUTOR_EXITED},
        {BQ_EXECUTOR_STARTING, BQ_EXECUTOR_DONE},     {BQ_EXECUTOR_STARTING, BQ_EXECUTOR_ASSIGNED},
        {BQ_EXECUTOR_IDLE, BQ_EXECUTOR_READY},        {BQ_EXECUTOR_IDLE, BQ_EXECUTOR_DONE},
        {BQ_EXECUTOR_BUSY, BQ_EXECUTOR_RETIRED},      {BQ_EXECUTOR_BUSY, BQ_EXECUTOR_READY},
        {BQ_EXECUTOR_STOPPING, BQ_EXECUTOR_ASSIGNED}, {BQ_EXECUTOR_RETIRING, BQ_EXECUTOR_ASSIGNED},
        {BQ_EXECUTOR_RETIRING, BQ_EXECUTOR_DONE},     {BQ_EXECUTOR_KILLED, BQ_EXECUTOR_RETIRED},
    };

    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        struct bq_executor executor = {.state = none[i].state};
        assert_false(bq_executor_step(&executor, none[i].event));
        assert_int_equal(executor.state, none[i].state);
    }
}

int main(void)
{
    const char *role = getenv("BARQ_EXECUTOR");
    if (role) {
        return play(role);
    }

    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_becomes_idle_when_it_is_ready),
        cmocka_unit_test(the_end_before_ready_counts_and_delays_the_next_start),
        cmocka_unit_test(what_was_sent_before_a_crash_still_counts),
        cmocka_unit_test(a_child_that_makes_no_sense_is_killed),
        cmocka_unit_test(a_child_that_closes_its_socket_and_stays_is_killed),
        cmocka_unit_test(a_grandchild_that_keeps_the_socket_does_not_hide_the_end),
        cmocka_unit_test(a_deadline_kills_and_says_why),
        cmocka_unit_test(a_child_is_expendable_when_memory_is_out_and_we_are_not),
        cmocka_unit_test(what_a_child_uses_can_be_told_until_it_has_ended),
        cmocka_unit_test(a_silent_child_is_killed_at_its_start_limit),
        cmocka_unit_test(what_has_several_jobs_is_idle_after_the_last),
        cmocka_unit_test(who_retires_ends_when_idle_and_is_started_afresh),
        cmocka_unit_test(events_without_a_cell_are_refused),
    };
    return cmocka_run_group_tests_name("executor", tests, NULL, NULL);
}

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "attempt/attempt.h"
#include "attempt/policy.h"
#include "attempt/threads.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/time.h"
#include "os/child.h"
#include "os/frame.h"
#include "os/loop.h"

enum {
    LAZY_MS = 2, /* how long STARTED may wait for its outcome before it is sent */
    LISTEN_AGAIN_MS =
        10 * 1000 /* when the connection for listening is lost, or was not to be had */
};

struct executor {
    struct bq_loop loop;
    struct bq_channel channel; /* its reading half; the desk has the other */
    struct bq_watch socket;
    struct bq_watch bell; /* the desk's */
    struct bq_desk desk;
    struct barq_settings settings; /* with the number of threads that there are */
    struct bq_workplace *places;   /* one for each */
    const char *database_url;      /* borrowed */
    struct bq_ear *ear;            /* the house's; NULL: it listens to nobody just now */
    struct bq_watch ear_watch;
    int64_t listen_at_ms; /* it tries to, then; INT64_MAX: never */
    int64_t look_at_ms;   /* what was said without hurry is sent then; 0: nothing was */
};

/*
 * Without a dispatcher there is nobody to work for, and nobody who ends our group. What was not committed is rolled
 * back by our end.
 */
static void end_now(void)
{
    if (getpgrp() == getpid()) {
        (void)kill(0, SIGKILL);
    }
    _exit(0);
}

/* A thread has it in its hands soon: what it says first may wait a moment for the rest. */
static void give(struct executor *executor, const struct bq_frame *frame)
{
    struct bq_reader in = bq_reader_of(frame->body, frame->len);
    int64_t attempt = bq_read_i64(&in);

    if (!bq_desk_give(&executor->desk, frame->type, attempt, frame->body, frame->len)) {
        bq_error("was given more work than fits");
        _exit(1);
    }
    if (executor->look_at_ms == 0) {
        executor->look_at_ms = bq_mono_ms() + LAZY_MS;
    }
}

static void stop_listening(struct executor *executor)
{
    bq_loop_remove(&executor->loop, &executor->ear_watch);
    bq_ear_close(executor->ear);
    executor->ear = NULL;
}

/* Applications have put jobs into the outbox, or the connection is lost. */
static void ear_ready(struct bq_watch *watch, uint32_t events)
{
    struct executor *executor =
        (struct executor *)(void *)((char *)watch - offsetof(struct executor, ear_watch));
    bq_auto(buf) struct bq_buf nothing;
    bool heard = false;
    (void)events;

    bq_buf_init(&nothing, 1);
    if (bq_ear_heard(executor->ear, &heard, NULL) != BARQ_OK) {
        stop_listening(executor);
    }
    if (heard) {
        bq_desk_post(&executor->desk, BQ_MSG_WOKEN, &nothing, true);
    }
}

/* A hint: without it the next sweep finds what there is. */
static void listen_to_database(struct executor *executor)
{
    int64_t now_ms = bq_mono_ms();
    struct barq_error err;
    int fd = -1;

    if (executor->ear || now_ms < executor->listen_at_ms) {
        return;
    }
    executor->listen_at_ms = now_ms + LISTEN_AGAIN_MS;
    enum barq_status status = bq_ear_open(executor->database_url, &executor->ear, &fd, &err);
    if (status == BARQ_OK && fd < 0) {
        executor->listen_at_ms = INT64_MAX;
    } else if (status == BARQ_OK) {
        executor->ear_watch = (struct bq_watch){.fd = -1, .ready = ear_ready};
        status = bq_loop_add(&executor->loop, &executor->ear_watch, fd, EPOLLIN, &err);
    }
    if (status != BARQ_OK && executor->ear) {
        stop_listening(executor);
    }
}

static void take_frame(struct executor *executor, const struct bq_frame *frame)
{
    struct bq_reader in = bq_reader_of(frame->body, frame->len);

    switch (frame->type) {
    case BQ_MSG_SWEEP:
        give(executor, frame);
        listen_to_database(executor);
        break;
    case BQ_MSG_RUN:
    case BQ_MSG_PRUNE:
        give(executor, frame);
        break;
    case BQ_MSG_RECALL:
        bq_desk_recall(&executor->desk);
        break;
    case BQ_MSG_STOP:
        bq_desk_stop(&executor->desk);
        break;
    case BQ_MSG_CANCEL: {
        int64_t attempt = bq_read_i64(&in);
        bq_desk_cancel(&executor->desk, attempt, (enum bq_cancel_reason)bq_read_u8(&in));
        break;
    }
    case BQ_MSG_RELAYED:
    case BQ_MSG_HELD:
    case BQ_MSG_ACKED: {
        int64_t attempt = bq_read_i64(&in);
        bq_desk_reply(&executor->desk, frame->type, attempt, bq_read_i64(&in));
        break;
    }
    default:
        bq_warn("was sent an unknown message", bq_int("type", frame->type));
        break;
    }
}

static void socket_ready(struct bq_watch *watch, uint32_t events)
{
    struct executor *executor =
        (struct executor *)(void *)((char *)watch - offsetof(struct executor, socket));
    struct bq_frame frame;
    struct barq_error err;
    bool found = true;
    (void)events;

    enum barq_status status = bq_channel_fill(&executor->channel, &err);
    while (status == BARQ_OK && found) {
        status = bq_channel_next(&executor->channel, &frame, &found, &err);
        if (status == BARQ_OK && found) {
            take_frame(executor, &frame);
        }
    }
    if (status != BARQ_OK || executor->channel.closed) {
        end_now();
    }
}

static void bell_rang(struct bq_watch *watch, uint32_t events)
{
    struct executor *executor =
        (struct executor *)(void *)((char *)watch - offsetof(struct executor, bell));
    (void)events;

    bq_desk_heard(&executor->desk);
    if (executor->look_at_ms == 0) {
        executor->look_at_ms = bq_mono_ms() + BQ_PROGRESS_EACH_MS;
    }
}

static enum barq_status open_loop(struct executor *executor, struct barq_error *err)
{
    size_t limit = BQ_FRAME_MAX_BYTES;

    executor->socket = (struct bq_watch){.fd = -1, .ready = socket_ready};
    executor->bell = (struct bq_watch){.fd = -1, .ready = bell_rang};
    /* Nothing that a handler starts may keep our socket open. */
    if (fcntl(BQ_CHILD_SOCKET, F_SETFD, FD_CLOEXEC) != 0) {
        return bq_fail(err, BARQ_ERR_BUG,
                       "executor: descriptor 3 is no socket; it is started by a worker only");
    }
    executor->ear_watch.fd = -1;
    bq_channel_init(&executor->channel, BQ_CHILD_SOCKET, limit, limit);
    enum barq_status status = bq_loop_init(&executor->loop, err);
    return status == BARQ_OK
               ? bq_loop_add(&executor->loop, &executor->socket, BQ_CHILD_SOCKET, EPOLLIN, err)
               : status;
}

/* The house has one thread, whatever the executors have. */
static int count_threads(const struct bq_executor_plan *plan, int of_settings)
{
    int threads = plan->threads != 0 ? plan->threads : of_settings;

    return threads == 0 || plan->house ? 1 : threads;
}

static enum barq_status take_settings(struct executor *executor,
                                      const struct bq_executor_plan *plan, struct barq_error *err)
{
    const struct barq_settings *settings = plan->settings;
    enum barq_status status = settings ? BARQ_OK : bq_module_load(plan->module, &settings, err);
    if (status == BARQ_OK) {
        status = bq_settings_check(settings, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    executor->settings = *settings;
    executor->settings.threads = count_threads(plan, settings->threads);
    executor->settings.shared_with_arq |= plan->shared_with_arq;
    executor->settings.leave_unknown |= plan->leave_unknown;
    return bq_settings_check(&executor->settings,
                             err); /* some limits need one thread, or a timeout */
}

static enum barq_status open_places(struct executor *executor, const char *database_url,
                                    struct barq_error *err)
{
    int threads = executor->settings.threads;

    executor->places = calloc((size_t)threads, sizeof(executor->places[0]));
    if (!executor->places) {
        return bq_fail(err, BARQ_ERR_NOMEM, "executor: out of memory");
    }
    enum barq_status status =
        bq_desk_init(&executor->desk, BQ_CHILD_SOCKET, BQ_FRAME_MAX_BYTES, threads, err);
    if (status == BARQ_OK) {
        bq_random(&executor->desk.output_key, sizeof(executor->desk.output_key));
        executor->desk.output_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, BQ_CHILD_SOCKET + 1);
        status =
            bq_loop_add(&executor->loop, &executor->bell, executor->desk.bell_fd, EPOLLIN, err);
    }
    for (int i = 0; status == BARQ_OK && i < threads; i++) {
        executor->places[i] = (struct bq_workplace){
            .settings = &executor->settings,
            .database_url = database_url,
            .desk = &executor->desk,
            .seat = &executor->desk.seats[i],
            .payload_max_bytes = BARQ_DEFAULT_PAYLOAD_MAX_BYTES,
            .traced = bq_trace_exported(),
        };
    }
    return status;
}

/* Settings, database, on_startup: in this thread, before the others are there. */
static enum barq_status prepare(struct executor *executor, const struct bq_executor_plan *plan,
                                bool *away, struct barq_error *err)
{
    bq_fault("executor.starting");
    enum barq_status status = take_settings(executor, plan, err);
    if (status == BARQ_OK) {
        status = open_places(executor, plan->database_url, err);
    }
    if (status != BARQ_OK) {
        return status;
    }

    struct bq_workplace *first = &executor->places[0];
    status = bq_workplace_open(first, 0, err);
    if (status == BARQ_OK) {
        bool pooled = bq_session_is_pooled(first->session); /* else there is a file that is rung */
        executor->database_url = plan->database_url;
        executor->listen_at_ms = pooled ? 0 : INT64_MAX;
        status = bq_run_startup(first, err);
    }
    *away = bq_database_away(status);
    return status;
}

static void list_functions(const struct barq_settings *settings, struct bq_buf *names)
{
    for (const struct barq_function *at = settings->functions; at->name; at++) {
        bq_buf_puts(names, at == settings->functions ? "" : ", ");
        bq_buf_puts(names, at->name);
    }
}

static void say_ready(struct executor *executor)
{
    const struct barq_settings *settings = &executor->settings;
    bq_auto(buf) struct bq_buf names;
    bq_auto(buf) struct bq_buf body;
    bq_auto(arena) struct barq_arena arena;
    struct bq_cron_job *crons = NULL;
    size_t n_crons = 0;

    bq_arena_init(&arena, BQ_CRONS_ARENA_BYTES + BQ_FRAME_MAX_BYTES);
    (void)!bq_settings_crons(&arena, settings, &crons, &n_crons, NULL); /* they were checked */
    bq_buf_init(&names, BQ_FRAME_SLACK_BYTES / 2);
    list_functions(settings, &names);
    const char *functions = bq_buf_cstr(&names);
    const char *wake_path = bq_session_wake_path(executor->places[0].session);
    /* Connections to SQLite cost nobody else anything. */
    bool pooled = bq_session_is_pooled(executor->places[0].session);
    int pool_size = pooled ? bq_pool_size(settings) : 0;
    int max_overflow = pooled ? bq_max_overflow(settings) : 0;
    struct bq_ready ready = {
        .max_jobs = settings->max_jobs,
        .threads = settings->threads,
        .max_tries = settings->max_tries,
        .job_timeout_ms = settings->job_timeout_ms,
        .keep_result_ms = settings->keep_result_ms,
        .retry_min_ms = settings->retry_min_ms,
        .retry_max_ms = settings->retry_max_ms,
        .job_completion_wait_ms = settings->job_completion_wait_ms,
        .health_check_interval_ms = settings->health_check_interval_ms,
        .recycle_after = settings->recycle_after,
        .shared_timeout_ms = bq_shared_timeout_ms(settings),
        .output_key = executor->desk.output_key,
        .functions = functions ? functions : "",
        .wake_path = wake_path ? wake_path : "",
        .pool_size = pool_size,
        .max_overflow = max_overflow,
        .cron_jobs = crons,
        .n_cron_jobs = n_crons,
    };
    bq_buf_init(&body, BQ_FRAME_MAX_BYTES);
    if (!bq_rules_tell(settings, &arena, &ready)) {
        bq_error("out of memory for the queues and limits");
        end_now();
    }
    bq_ready_put(&body, &ready);
    bq_desk_post(&executor->desk, BQ_MSG_READY, &body, true);
}

/* The desk may not be there yet. */
static void say_refused(bool away, const char *why)
{
    struct bq_channel channel;
    struct bq_refused refused = {.database_away = away, .why = why};
    struct barq_error err;

    bq_channel_init(&channel, BQ_CHILD_SOCKET, BQ_FRAME_SLACK_BYTES, BQ_FRAME_SLACK_BYTES);
    bq_refused_put(bq_channel_begin(&channel, BQ_MSG_REFUSED), &refused);
    enum barq_status status = bq_channel_end(&channel, &err);
    if (status == BARQ_OK) {
        status = bq_channel_flush_all(&channel, &err);
    }
    if (status != BARQ_OK) {
        bq_error("executor cannot say why it cannot start", bq_str("error", err.text));
    }
    bq_channel_clear(&channel);
}

_Noreturn static void serve(struct executor *executor)
{
    for (;;) {
        int64_t wait_ms = executor->look_at_ms == 0 ? -1 : executor->look_at_ms - bq_mono_ms();

        if (executor->look_at_ms != 0 && wait_ms <= 0) {
            bool again = bq_desk_look(&executor->desk);
            executor->look_at_ms = again ? bq_mono_ms() + LAZY_MS : 0;
            continue;
        }
        bq_loop_wait(&executor->loop, wait_ms);
    }
}

int bq_executor_main(const struct bq_executor_plan *plan)
{
    static struct executor executor; /* one a process; its threads outlive this frame */
    struct barq_error err;
    bool away = false;

    /* So that a line is told when it is printed, and not with some thousand others. */
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    if (open_loop(&executor, &err) != BARQ_OK) {
        bq_error("executor cannot start", bq_str("error", err.text));
        return 1;
    }
    enum barq_status status = prepare(&executor, plan, &away, &err);
    if (status == BARQ_OK) {
        status = bq_threads_start(executor.places, executor.settings.threads, &err);
    }
    if (status != BARQ_OK) {
        say_refused(away, err.text);
        return 1;
    }
    say_ready(&executor);
    serve(&executor);
}

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "attempt/attempt.h"
#include "attempt/threads.h"
#include "base/log.h"
#include "os/child.h"
#include "os/frame.h"
#include "os/loop.h"

/* How long STARTED may wait for company before it is sent. */
enum { LAZY_MS = 2 };

struct executor {
    struct bq_loop loop;
    struct bq_channel channel;
    struct bq_watch socket;
    struct bq_watch bell;
    struct bq_desk desk;
    struct bq_workplace place;
    struct bq_buf outgoing; /* collected from the desk */
    bool lazy;              /* something may wait in the desk without the bell */
};

static struct executor *executor_of(void *member, size_t offset)
{
    return (struct executor *)(void *)((char *)member - offset);
}

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

static void send_posted(struct executor *executor)
{
    struct bq_reader in = bq_reader_of(executor->outgoing.data, executor->outgoing.len);
    struct barq_error err;

    while (in.at != in.end) {
        uint8_t type = bq_read_u8(&in);
        size_t len;
        const char *body = bq_read_block(&in, &len);
        struct bq_buf *out = bq_channel_begin(&executor->channel, type);
        bq_buf_put(out, body, len);
        if (bq_channel_end(&executor->channel, &err) != BARQ_OK) {
            bq_error("cannot send to the dispatcher", bq_str("error", err.text));
            _exit(1);
        }
        if (executor->channel.out.len >= executor->channel.max_frame_bytes &&
            bq_channel_flush_all(&executor->channel, &err) != BARQ_OK) {
            end_now();
        }
    }
}

/* Everything that the thread has said goes out; the dispatcher always reads, so this may wait for it. */
static void send_out(struct executor *executor)
{
    struct barq_error err;

    bq_buf_reset(&executor->outgoing);
    bq_desk_collect(&executor->desk, &executor->outgoing);
    if (executor->outgoing.failed) {
        bq_error("more was said than fits");
        _exit(1);
    }
    send_posted(executor);
    if (bq_channel_flush_all(&executor->channel, &err) != BARQ_OK) {
        end_now();
    }
    executor->lazy = false;
    bq_desk_sent(&executor->desk);
}

static void bell_rang(struct bq_watch *watch, uint32_t events)
{
    (void)events;
    send_out(executor_of(watch, offsetof(struct executor, bell)));
}

static void give(struct executor *executor, const struct bq_frame *frame)
{
    struct bq_reader in = bq_reader_of(frame->body, frame->len);
    int64_t attempt = bq_read_i64(&in);

    if (!bq_desk_give(&executor->desk, frame->type, attempt, frame->body, frame->len)) {
        bq_error("was given work while it had some");
        _exit(1);
    }
    executor->lazy = true;
}

static void take_frame(struct executor *executor, const struct bq_frame *frame)
{
    struct bq_reader in = bq_reader_of(frame->body, frame->len);

    switch (frame->type) {
    case BQ_MSG_RUN:
    case BQ_MSG_SWEEP:
    case BQ_MSG_PRUNE:
        give(executor, frame);
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
    case BQ_MSG_HELD: {
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
    struct executor *executor = executor_of(watch, offsetof(struct executor, socket));
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

static enum barq_status open_desk(struct executor *executor, struct barq_error *err)
{
    size_t limit = BQ_FRAME_MAX_BYTES;

    executor->socket = (struct bq_watch){.fd = -1, .ready = socket_ready};
    executor->bell = (struct bq_watch){.fd = -1, .ready = bell_rang};
    /* Nothing that a handler starts may keep our socket open. */
    if (fcntl(BQ_CHILD_SOCKET, F_SETFD, FD_CLOEXEC) != 0) {
        return bq_fail(err, BARQ_ERR_BUG,
                       "executor: descriptor 3 is no socket; it is started by a worker only");
    }
    bq_channel_init(&executor->channel, BQ_CHILD_SOCKET, limit, 8 * limit);
    bq_buf_init(&executor->outgoing, 4 * limit);
    enum barq_status status = bq_desk_init(&executor->desk, limit, err);
    if (status == BARQ_OK) {
        status = bq_loop_init(&executor->loop, err);
    }
    if (status == BARQ_OK) {
        status = bq_loop_add(&executor->loop, &executor->socket, BQ_CHILD_SOCKET, EPOLLIN, err);
    }
    return status == BARQ_OK
               ? bq_loop_add(&executor->loop, &executor->bell, executor->desk.bell_fd, EPOLLIN, err)
               : status;
}

static enum barq_status prepare(struct executor *executor, const struct bq_executor_plan *plan,
                                bool *away, struct barq_error *err)
{
    const struct barq_settings *settings = plan->settings;
    enum barq_status status = settings ? BARQ_OK : bq_module_load(plan->module, &settings, err);
    if (status == BARQ_OK) {
        status = bq_settings_check(settings, err);
    }
    if (status != BARQ_OK) {
        return status;
    }

    executor->place = (struct bq_workplace){
        .settings = settings,
        .database_url = plan->database_url,
        .desk = &executor->desk,
        .payload_max_bytes = BARQ_DEFAULT_PAYLOAD_MAX_BYTES,
    };
    status = bq_session_open(plan->database_url, &executor->place.session, err);
    if (status == BARQ_OK) {
        status = bq_run_startup(&executor->place, err);
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
    const struct barq_settings *settings = executor->place.settings;
    bq_auto(buf) struct bq_buf names;
    bq_auto(buf) struct bq_buf body;

    bq_buf_init(&names, BQ_FRAME_SLACK_BYTES / 2);
    list_functions(settings, &names);
    const char *functions = bq_buf_cstr(&names);
    const char *wake_path = bq_session_wake_path(executor->place.session);
    struct bq_ready ready = {
        .queue_name = settings->queue_name ? settings->queue_name : "",
        .max_jobs = settings->max_jobs,
        .max_tries = settings->max_tries,
        .job_timeout_ms = settings->job_timeout_ms,
        .keep_result_ms = settings->keep_result_ms,
        .retry_min_ms = settings->retry_min_ms,
        .retry_max_ms = settings->retry_max_ms,
        .job_completion_wait_ms = settings->job_completion_wait_ms,
        .health_check_interval_ms = settings->health_check_interval_ms,
        .recycle_after = settings->recycle_after,
        .functions = functions ? functions : "",
        .wake_path = wake_path ? wake_path : "",
    };
    bq_buf_init(&body, BQ_FRAME_SLACK_BYTES);
    bq_ready_put(&body, &ready);
    bq_desk_post(&executor->desk, BQ_MSG_READY, &body, true);
}

static void say_refused(struct executor *executor, bool away, const char *why)
{
    bq_auto(buf) struct bq_buf body;
    struct bq_refused refused = {.database_away = away, .why = why};

    bq_buf_init(&body, BQ_FRAME_SLACK_BYTES);
    bq_refused_put(&body, &refused);
    bq_desk_post(&executor->desk, BQ_MSG_REFUSED, &body, true);
    send_out(executor);
}

/* Work that has just been given gets its LAZY_MS; most is done by then, and says so in one go. */
_Noreturn static void serve(struct executor *executor)
{
    for (;;) {
        bool lazy = executor->lazy;

        bq_loop_wait(&executor->loop, lazy ? LAZY_MS : -1);
        if (lazy && executor->lazy) {
            send_out(executor);
        }
    }
}

int bq_executor_main(const struct bq_executor_plan *plan)
{
    static struct executor executor; /* one a process; its thread outlives this frame */
    struct barq_error err;
    bool away = false;

    if (open_desk(&executor, &err) != BARQ_OK) {
        bq_error("executor cannot start", bq_str("error", err.text));
        return 1;
    }
    enum barq_status status = prepare(&executor, plan, &away, &err);
    if (status == BARQ_OK) {
        status = bq_thread_start(&executor.place, &err);
    }
    if (status != BARQ_OK) {
        say_refused(&executor, away, err.text);
        return 1;
    }
    say_ready(&executor);
    serve(&executor);
}

#include "executor/executor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/log.h"
#include "base/time.h"
#include "executor/limits.h"
#include "executor/states.h"

static struct bq_executor *owner_of_socket(struct bq_watch *watch)
{
    return (struct bq_executor *)(void *)((char *)watch - offsetof(struct bq_executor, socket));
}

static struct bq_executor *owner_of_pipe(struct bq_watch *watch)
{
    return (struct bq_executor *)(void *)((char *)watch - offsetof(struct bq_executor, pipe));
}

static struct bq_executor *owner_of_exit(struct bq_watch *watch)
{
    return (struct bq_executor *)(void *)((char *)watch - offsetof(struct bq_executor, exit));
}

void bq_executor_kill(struct bq_executor *executor, const char *why)
{
    if (executor->why[0] == '\0') {
        (void)snprintf(executor->why, sizeof(executor->why), "%s", why);
    }
    (void)bq_executor_step(executor, BQ_EXECUTOR_OVERDUE);
}

static void retire_idle(struct bq_executor *executor)
{
    if (!executor->retiring || executor->state != BQ_EXECUTOR_IDLE) {
        return;
    }
    (void)bq_executor_step(executor, BQ_EXECUTOR_RETIRED);
    bq_executor_set_deadline(executor, bq_mono_ms() + executor->retire_limit_ms,
                             "did not stop in time");
    (void)bq_executor_begin(executor, BQ_MSG_STOP);
    bq_executor_end(executor);
}

void bq_executor_retire(struct bq_executor *executor, int64_t limit_ms)
{
    executor->retiring = true;
    executor->retire_limit_ms = limit_ms;
    retire_idle(executor);
}

static bool take_ready(struct bq_executor *executor, const struct bq_frame *frame)
{
    struct bq_reader in = bq_reader_of(frame->body, frame->len);
    struct bq_ready ready;
    bq_auto(arena) struct barq_arena arena;

    bq_arena_init(&arena, executor->options->max_frame_bytes);
    if (!bq_ready_get(&in, &arena, &ready) || !bq_executor_step(executor, BQ_EXECUTOR_READY)) {
        return false;
    }
    executor->threads = (int)ready.threads;
    executor->output.key = ready.output_key;
    if (executor->state == BQ_EXECUTOR_IDLE) {
        executor->owner->ready(executor, &ready);
        retire_idle(executor);
    }
    return true;
}

static bool take_refused(struct bq_executor *executor, const struct bq_frame *frame)
{
    struct bq_reader in = bq_reader_of(frame->body, frame->len);
    struct bq_refused refused;
    bq_auto(arena) struct barq_arena arena;

    bq_arena_init(&arena, executor->options->max_frame_bytes);
    if (executor->was_ready || !bq_refused_get(&in, &arena, &refused)) {
        return false;
    }
    executor->owner->refused(executor, &refused);
    return true;
}

static bool take_frame(struct bq_executor *executor, const struct bq_frame *frame)
{
    switch (frame->type) {
    case BQ_MSG_READY:
        return take_ready(executor, frame);
    case BQ_MSG_REFUSED:
        return take_refused(executor, frame);
    default:
        return executor->owner->message(executor, frame);
    }
}

/* Gives out every whole message that has come. */
static void take_frames(struct bq_executor *executor)
{
    struct bq_frame frame;
    struct barq_error err;
    bool found = true;

    while (executor->channel.fd >= 0) {
        if (bq_channel_next(&executor->channel, &frame, &found, &err) != BARQ_OK ||
            (found && !take_frame(executor, &frame))) {
            bq_warn("executor sent what makes no sense", bq_int("executor", executor->number));
            bq_executor_kill(executor, "sent what makes no sense");
            return;
        }
        if (!found) {
            return;
        }
    }
}

/* Takes what has come; false when nothing had. */
static bool read_socket(struct bq_executor *executor)
{
    struct barq_error err;
    size_t before = executor->channel.in.len - executor->channel.in_taken;

    if (bq_channel_fill(&executor->channel, &err) != BARQ_OK) {
        bq_executor_kill(executor, "sent what makes no sense");
        return false;
    }
    bool came = executor->channel.in.len - executor->channel.in_taken > before;
    take_frames(executor);
    return came;
}

void bq_executor_flush(struct bq_executor *executor)
{
    bool more = false;
    struct barq_error err;

    if (!executor->unsent) {
        return;
    }
    if (bq_channel_flush(&executor->channel, &more, &err) != BARQ_OK) {
        /* Its end follows on the pidfd; what it has sent is still to be read. */
        more = false;
    }
    executor->unsent = more;
    uint32_t events = EPOLLIN | (more ? (uint32_t)EPOLLOUT : 0U);
    bq_loop_change(executor->loop, &executor->socket, events);
}

static void socket_ready(struct bq_watch *watch, uint32_t events)
{
    struct bq_executor *executor = owner_of_socket(watch);

    if (events & EPOLLOUT) {
        bq_executor_flush(executor);
    }
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        (void)read_socket(executor);
    }
    if (executor->channel.closed && executor->socket.fd >= 0) {
        bq_loop_remove(executor->loop, &executor->socket);
        (void)bq_executor_step(executor, BQ_EXECUTOR_CLOSED);
    }
}

/* -- what it prints -- */

static bool is_heard(void *data)
{
    struct bq_executor *executor = data;

    return executor->owner->hears(executor);
}

static void give_line(void *data, const struct bq_output_line *line)
{
    struct bq_executor *executor = data;

    executor->owner->printed(executor, line);
}

static bool is_awaited(void *data, int64_t attempt)
{
    struct bq_executor *executor = data;

    return executor->owner->awaits(executor, attempt);
}

static struct bq_output_reader reader_of(struct bq_executor *executor)
{
    return (struct bq_output_reader){
        .ready = is_heard, .line = give_line, .awaits = is_awaited, .data = executor};
}

/* At its end, or while nobody hears it, the pipe is not watched: it would be ready all the time. */
static void read_output(struct bq_executor *executor)
{
    struct bq_output_reader reader = reader_of(executor);
    struct barq_error err;

    enum bq_output_state state = bq_output_read(&executor->output, BQ_OUTPUT_BITE_BYTES, &reader);
    executor->unheard = state == BQ_OUTPUT_HELD;
    if (state == BQ_OUTPUT_HELD || state == BQ_OUTPUT_ENDED) {
        bq_loop_remove(executor->loop, &executor->pipe);
    } else if (executor->pipe.fd < 0 &&
               bq_loop_add(executor->loop, &executor->pipe, executor->output.fd, EPOLLIN, &err) !=
                   BARQ_OK) {
        bq_warn("cannot watch what an executor prints", bq_str("error", err.text));
    }
}

/* What it had said before it printed this comes first: whose it is may depend on that. */
static void pipe_ready(struct bq_watch *watch, uint32_t events)
{
    struct bq_executor *executor = owner_of_pipe(watch);
    (void)events;

    if (executor->channel.fd >= 0) {
        (void)read_socket(executor);
    }
    if (executor->output.fd >= 0) {
        read_output(executor);
    }
}

void bq_executor_hear_to(struct bq_executor *executor, int64_t attempt, bool marked)
{
    struct bq_output_reader reader = reader_of(executor);

    if (marked) {
        bq_output_read_to(&executor->output, attempt, &reader);
    } else {
        bq_output_cut(&executor->output, &reader);
    }
}

void bq_executor_hear(struct bq_executor *executor)
{
    if (executor->output.fd >= 0) {
        read_output(executor);
    }
}

static void finish_output(struct bq_executor *executor)
{
    struct bq_output_reader reader = reader_of(executor);

    bq_loop_remove(executor->loop, &executor->pipe);
    bq_output_finish(&executor->output, &reader);
    bq_output_close(&executor->output);
    executor->unheard = false;
}

static void report_end(struct bq_executor *executor, const struct bq_child_end *end)
{
    char how[BQ_CHILD_END_BYTES];
    bool was_ready = executor->was_ready;

    bq_child_end_text(end, how);
    bool ours = executor->why[0] != '\0' && end->signaled && end->code == SIGKILL;
    executor->load = 0;
    executor->unsent = false;
    (void)bq_executor_step(executor, BQ_EXECUTOR_EXITED);
    executor->owner->ended(executor, ours ? executor->why : how, was_ready);
}

/* The end of an executor is its pidfd, then what its socket still holds. */
static void exit_ready(struct bq_watch *watch, uint32_t events)
{
    struct bq_executor *executor = owner_of_exit(watch);
    struct bq_child_end end;
    (void)events;

    bq_loop_remove(executor->loop, &executor->exit);
    if (!bq_child_reap(&executor->child, &end)) {
        struct barq_error err;
        if (bq_loop_add(executor->loop, &executor->exit, executor->child.pidfd, EPOLLIN, &err) !=
            BARQ_OK) {
            bq_error("cannot watch an executor", bq_str("error", err.text));
        }
        return;
    }
    while (read_socket(executor)) {
    }
    bq_loop_remove(executor->loop, &executor->socket);
    bq_channel_clear(&executor->channel);
    finish_output(executor);
    report_end(executor, &end);
}

void bq_executor_init(struct bq_executor *executor, struct bq_loop *loop,
                      const struct bq_executor_owner *owner,
                      const struct bq_executor_options *options, int number)
{
    *executor = (struct bq_executor){
        .owner = owner,
        .options = options,
        .loop = loop,
        .number = number,
        .child = {.pidfd = -1},
        .channel = {.fd = -1},
        .socket = {.fd = -1, .ready = socket_ready},
        .exit = {.fd = -1, .ready = exit_ready},
        .threads = 1,
        .output = {.fd = -1},
        .pipe = {.fd = -1, .ready = pipe_ready},
    };
    bq_list_init(&executor->work);
}

static void wait_for_end(struct bq_executor *executor)
{
    struct bq_child_end end;
    struct pollfd poll_end = {.fd = executor->child.pidfd, .events = POLLIN};

    bq_child_kill(&executor->child, SIGKILL);
    while (!bq_child_reap(&executor->child, &end)) {
        (void)poll(&poll_end, 1, -1);
    }
}

void bq_executor_clear(struct bq_executor *executor)
{
    if (!executor->loop) {
        return;
    }
    bq_loop_remove(executor->loop, &executor->socket);
    bq_loop_remove(executor->loop, &executor->exit);
    bq_loop_remove(executor->loop, &executor->pipe);
    if (executor->child.pid != 0) {
        wait_for_end(executor);
    }
    bq_output_close(&executor->output);
    bq_channel_clear(&executor->channel);
    executor->state = BQ_EXECUTOR_OFF;
}

static enum barq_status watch_child(struct bq_executor *executor, int fd, struct barq_error *err)
{
    size_t limit = executor->options->max_frame_bytes;

    bq_channel_init(&executor->channel, fd, limit, 4 * limit);
    enum barq_status status = bq_loop_add(executor->loop, &executor->socket, fd, EPOLLIN, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bq_loop_add(executor->loop, &executor->pipe, executor->output.fd, EPOLLIN, err);
    if (status != BARQ_OK) {
        return status;
    }
    return bq_loop_add(executor->loop, &executor->exit, executor->child.pidfd, EPOLLIN, err);
}

static enum barq_status spawn(struct bq_executor *executor, struct barq_error *err)
{
    int pair[2];
    enum barq_status status = bq_socket_pair(pair, err);
    if (status != BARQ_OK) {
        return status;
    }

    bq_auto(fd) int ours = pair[0];
    bq_auto(fd) int theirs = pair[1];
    bq_auto(fd) int out = -1;
    char role[32];
    (void)snprintf(role, sizeof(role), "BARQ_EXECUTOR=%s", executor->options->role);
    const char *const extra_env[] = {role, NULL};
    status = bq_output_open(&executor->output, &out, err);
    if (status != BARQ_OK) {
        return status;
    }
    struct bq_child_options options = {
        .path = executor->options->path,
        .argv = executor->options->argv,
        .extra_env = extra_env,
        .socket_fd = theirs,
        .out_fd = out,
    };
    status = bq_child_spawn(&options, &executor->child, err);
    if (status != BARQ_OK) {
        bq_output_close(&executor->output);
        return status;
    }
    bq_expendable(executor->child.pid);
    status = watch_child(executor, bq_fd_take(&ours), err);
    if (status != BARQ_OK) {
        bq_executor_clear(executor); /* nobody would notice its end */
    }
    return status;
}

enum barq_status bq_executor_spawn_due(struct bq_executor *executor, int64_t now_ms,
                                       struct barq_error *err)
{
    if (executor->state != BQ_EXECUTOR_OFF || executor->spawn_at_ms == 0 ||
        executor->spawn_at_ms > now_ms) {
        return BARQ_OK;
    }

    enum barq_status status = spawn(executor, err);
    if (status != BARQ_OK) {
        return status;
    }
    executor->was_ready = false;
    executor->retiring = false;
    executor->used = false;
    executor->starts++;
    executor->jobs = 0;
    executor->why[0] = '\0';
    executor->spawned_at_ms = now_ms;
    (void)bq_executor_step(executor, BQ_EXECUTOR_SPAWNED);
    bq_executor_set_deadline(executor, now_ms + executor->options->start_limit_ms,
                             "took too long to start");
    return BARQ_OK;
}

struct bq_buf *bq_executor_begin(struct bq_executor *executor, enum bq_message type)
{
    return bq_channel_begin(&executor->channel, (uint8_t)type);
}

void bq_executor_end(struct bq_executor *executor)
{
    struct barq_error err;

    if (bq_channel_end(&executor->channel, &err) != BARQ_OK) {
        bq_warn("cannot send to an executor", bq_int("executor", executor->number),
                bq_str("error", err.text));
        bq_executor_kill(executor, "could not be sent a message");
        return;
    }
    executor->unsent = true;
}

bool bq_executor_clogged(const struct bq_executor *executor)
{
    const struct bq_channel *channel = &executor->channel;

    return channel->out.len - channel->out_sent >= channel->max_frame_bytes;
}

void bq_executor_assigned(struct bq_executor *executor)
{
    executor->load++;
    (void)bq_executor_step(executor, BQ_EXECUTOR_ASSIGNED);
}

void bq_executor_done(struct bq_executor *executor)
{
    executor->used = true;
    executor->load -= executor->load > 0; /* one that has ended has none any more */
    (void)bq_executor_step(executor, BQ_EXECUTOR_DONE);
    retire_idle(executor);
}

void bq_executor_stop(struct bq_executor *executor, int64_t now_ms, int64_t limit_ms)
{
    bool tell = executor->state == BQ_EXECUTOR_STARTING || executor->state == BQ_EXECUTOR_IDLE ||
                executor->state == BQ_EXECUTOR_BUSY;

    (void)bq_executor_step(executor, BQ_EXECUTOR_SHUTDOWN);
    if (tell) {
        bq_executor_set_deadline(executor, now_ms + limit_ms, "did not stop in time");
        (void)bq_executor_begin(executor, BQ_MSG_STOP);
        bq_executor_end(executor);
        bq_executor_flush(executor);
    }
}

void bq_executor_set_deadline(struct bq_executor *executor, int64_t at_ms, const char *why)
{
    executor->deadline_ms = at_ms;
    executor->deadline_why = why;
}

static void note_next(int64_t at_ms, int64_t *next_ms)
{
    if (at_ms != 0 && at_ms < *next_ms) {
        *next_ms = at_ms;
    }
}

void bq_executor_check(struct bq_executor *executor, int64_t now_ms, int64_t *next_ms)
{
    if (executor->deadline_ms != 0 && executor->deadline_ms <= now_ms) {
        bq_executor_kill(executor, executor->deadline_why);
    }
    note_next(executor->deadline_ms, next_ms);
    if (executor->state == BQ_EXECUTOR_OFF) {
        note_next(executor->spawn_at_ms, next_ms);
    }
}

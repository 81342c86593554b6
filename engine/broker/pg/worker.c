/*
 * worker.c - the worker half: one connection for exchanges, one that listens
 * for what wakes it, and a timer, behind one descriptor.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/time.h"
#include "broker/pg/exchange.h"
#include "broker/reply.h"

enum {
    LISTEN_BYTES = PG_SCHEMA_QUOTED_BYTES + 24,
    LOOK_EVERY_MS = 1000,
    JOIN_ARENA_BYTES = 64 * 1024,
    JOIN_MS =
        3000, /* for a server that is away when a worker starts; then the worker goes on without */
};

struct pg_worker {
    const struct pg_place *place; /* borrowed */
    struct pg_lease lease;
    int name_fd;          /* owned; broker/place.h */
    struct pg_link *line; /* owned; exchanges */
    struct pg_link *ear;  /* owned; wake-ups */
    int epoll_fd;         /* owned; of both and of the timer */
    int timer_fd;         /* owned; when an exchange is overdue, or has ended at once */

    struct bq_exchange *exchange; /* borrowed; under way, or ended and not given back */
    bool ended;
    bool sent;
    int64_t until_ms; /* by bq_mono_ms() */
    struct pg_request request;
    struct pg_request limits; /* for join(), and whenever the server may have lost them */
    bool joined;

    int64_t told_era; /* of the line: in it the server has been told what we know of */
    int64_t ear_era;  /* in which it was told to listen */
    struct bq_claims claims;
    bool woken;
};

static struct pg_worker *worker_of(struct bq_broker *broker)
{
    struct pg_worker *worker = bq_pg_broker_of(broker)->worker;

    assert(worker);
    return worker;
}

void bq_pg_worker_free(struct pg_worker *worker)
{
    if (!worker) {
        return;
    }
    bq_link_close(worker->line);
    bq_link_close(worker->ear);
    bq_pg_lease_clear(&worker->lease);
    bq_pg_request_clear(&worker->request);
    bq_pg_request_clear(&worker->limits);
    bq_claims_clear(&worker->claims);
    bq_fd_drop(&worker->name_fd);
    bq_fd_drop(&worker->epoll_fd);
    bq_fd_drop(&worker->timer_fd);
    free(worker);
}

static enum barq_status watch(struct pg_worker *worker, int fd, struct barq_error *err)
{
    struct epoll_event event = {.events = EPOLLIN};

    return epoll_ctl(worker->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0
               ? BARQ_OK
               : bq_fail_errno(err, "postgresql: watch a connection");
}

static enum barq_status open_descriptors(struct pg_worker *worker, struct barq_error *err)
{
    worker->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    worker->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (worker->epoll_fd < 0 || worker->timer_fd < 0) {
        return bq_fail_errno(err, "postgresql: a descriptor to wait on");
    }
    enum barq_status status = bq_link_open(worker->place, &worker->line, err);
    if (status == BARQ_OK) {
        status = bq_link_open(worker->place, &worker->ear, err);
    }
    if (status == BARQ_OK) {
        status = watch(worker, bq_link_fd(worker->line), err);
    }
    if (status == BARQ_OK) {
        status = watch(worker, bq_link_fd(worker->ear), err);
    }
    return status == BARQ_OK ? watch(worker, worker->timer_fd, err) : status;
}

static enum barq_status new_worker(const struct pg_place *place,
                                   const struct bq_worker_lease *wanted, struct pg_worker **out,
                                   struct barq_error *err)
{
    struct pg_worker *worker = calloc(1, sizeof(*worker));
    if (!worker) {
        return bq_fail(err, BARQ_ERR_NOMEM, "postgresql: out of memory");
    }
    worker->place = place;
    worker->name_fd = worker->epoll_fd = worker->timer_fd = -1;
    bq_pg_request_init(&worker->request, PG_REQUEST_MAX_BYTES);
    bq_pg_request_init(&worker->limits, PG_REQUEST_MAX_BYTES);
    bq_claims_init(&worker->claims);
    bq_pg_put_limits(&worker->limits, wanted->limits, wanted->n_limits);
    enum barq_status status = bq_pg_lease_init(&worker->lease, wanted, err);
    if (status == BARQ_OK && worker->lease.place[0] != '\0') {
        status = bq_place_take(worker->lease.token, &worker->name_fd, err);
    }
    if (status == BARQ_OK) {
        status = open_descriptors(worker, err);
    }
    if (status != BARQ_OK) {
        bq_pg_worker_free(worker);
        return status;
    }
    *out = worker;
    return BARQ_OK;
}

static void set_timer(struct pg_worker *worker, int64_t in_ms)
{
    struct itimerspec when = {
        .it_value = {.tv_sec = in_ms / 1000, .tv_nsec = in_ms % 1000 * 1000000 + (in_ms == 0)}};

    (void)timerfd_settime(worker->timer_fd, 0, &when, NULL);
}

static void stop_timer(struct pg_worker *worker)
{
    struct itimerspec never = {.it_value = {.tv_sec = 0}};

    (void)timerfd_settime(worker->timer_fd, 0, &never, NULL);
}

/* The exchange is over, as its status says; the descriptor tells so until it is given back. */
static void finish(struct pg_worker *worker)
{
    if (worker->exchange->status != BARQ_OK) {
        bq_reply_failed(worker->exchange);
    }
    worker->ended = true;
    set_timer(worker, 0);
}

static void fail(struct pg_worker *worker, enum barq_status status, const char *why)
{
    struct bq_exchange *x = worker->exchange;

    x->status = bq_fail(&x->err, status, "%s", why);
    finish(worker);
}

static void pack(struct pg_worker *worker)
{
    struct pg_lease *lease = &worker->lease;
    int64_t era = bq_link_era(worker->line);
    struct pg_view view = {
        .era = era,
        .claims = worker->told_era != era ? &worker->claims : NULL,
        .limits = worker->joined ? NULL : &worker->limits,
        .look = lease->place[0] != '\0' && bq_mono_ms() - lease->looked_at_ms >= LOOK_EVERY_MS,
    };

    if (view.look) {
        lease->looked_at_ms = bq_mono_ms();
    }
    bq_pg_request_reset(&worker->request);
    bq_pg_put_exchange(&worker->request, lease, &view, worker->exchange);
}

static void send_exchange(struct pg_worker *worker)
{
    const struct bq_buf *data = &worker->request.data;

    pack(worker);
    if (data->failed) {
        fail(worker, data->starved ? BARQ_ERR_NOMEM : BARQ_ERR_LIMIT,
             "postgresql: an exchange is larger than 512 MiB, or than the memory");
        return;
    }
    bq_fault("exchange.before_commit");
    bq_link_call(worker->line, PG_EXCHANGE, &worker->request);
    worker->sent = true;
}

/* The server has refused it: nothing has happened. What is not there any more, or may only be read, may be put right
 * by a new connection. */
static void take_refusal(struct pg_worker *worker, enum barq_status status)
{
    struct bq_exchange *x = worker->exchange;

    if (status == BARQ_ERR_CONFLICT && bq_mono_ms() < worker->until_ms) {
        worker->sent = false; /* a deadlock, or the like: once more */
        return;
    }
    x->status = status;
    if (status == BARQ_ERR_SQL || status == BARQ_ERR_DENIED || status == BARQ_ERR_CONN) {
        x->status = BARQ_ERR_CONN;
        x->err.status = BARQ_ERR_CONN;
        bq_link_break(worker->line, "it cannot serve now");
    }
    finish(worker);
}

/* What cannot be read, or noted, has happened all the same: by the next connection the server is told what we know. */
static void take_answer(struct pg_worker *worker, const PGresult *answer)
{
    struct bq_exchange *x = worker->exchange;

    enum barq_status status =
        bq_link_judge(worker->line, answer, worker->joined ? "exchange" : "join", &x->err);
    if (status != BARQ_OK) {
        take_refusal(worker, status);
        return;
    }
    if (bq_fault_cut("exchange.doubted")) {
        bq_link_break(worker->line, "cut as asked");
        fail(worker, BARQ_ERR_CONN, bq_link_error(worker->line)->text);
        return;
    }
    bq_fault("exchange.committed");
    if (x->n_settles > 0) {
        bq_fault("exchange.settled");
    }
    x->status = bq_pg_read_exchange(&worker->lease, answer, x);
    if (x->status == BARQ_OK && !bq_claims_note(&worker->claims, x)) {
        x->status = bq_fail(&x->err, BARQ_ERR_NOMEM, "postgresql: no memory for what was claimed");
    }
    if (x->status != BARQ_OK) {
        bq_link_break(worker->line, x->err.text);
    }
    worker->told_era = bq_link_era(worker->line);
    /* Whoever forgets a lease may have forgotten the limits. */
    worker->joined = x->status == BARQ_OK && !x->lease_lost;
    finish(worker);
}

static void give_up_if_late(struct pg_worker *worker)
{
    if (bq_mono_ms() < worker->until_ms) {
        return;
    }
    if (worker->sent) {
        bq_link_break(worker->line, "no answer in time");
    }
    const char *why = bq_link_error(worker->line)->text;
    fail(worker, BARQ_ERR_CONN, *why ? why : "postgresql: no connection in time");
}

/* Goes on with the exchange that is under way. What has been read does not make the descriptor readable again: all
 * of it is taken. */
static void go_on(struct pg_worker *worker)
{
    while (!worker->ended) {
        enum pg_link_state state = bq_link_work(worker->line);
        bq_auto(pg_result) PGresult *answer = worker->sent ? bq_link_answer(worker->line) : NULL;

        if (answer) {
            take_answer(worker, answer);
        } else if (worker->sent && state != PG_LINK_CALLING) {
            fail(worker, BARQ_ERR_CONN, bq_link_error(worker->line)->text);
        } else if (!worker->sent && state == PG_LINK_READY) {
            send_exchange(worker);
        } else {
            give_up_if_late(worker);
            return;
        }
    }
}

static void begin(struct pg_worker *worker, struct bq_exchange *exchange)
{
    assert(!worker->exchange);
    bq_reply_begin(exchange);
    worker->exchange = exchange;
    worker->ended = false;
    worker->sent = false;
    worker->until_ms = bq_pg_until(exchange->timeout_ms);
    set_timer(worker, exchange->timeout_ms < INT32_MAX ? exchange->timeout_ms : INT32_MAX);
    go_on(worker);
}

void bq_pg_begin(struct bq_broker *broker, struct bq_exchange *exchange)
{
    begin(worker_of(broker), exchange);
}

static struct bq_exchange *end(struct pg_worker *worker)
{
    if (worker->exchange && !worker->ended) {
        go_on(worker);
    } else if (!worker->exchange) {
        (void)bq_link_work(worker->line); /* it may have broken, and come back */
    }
    if (!worker->ended) {
        return NULL;
    }
    worker->ended = false;
    stop_timer(worker);
    return bq_take(worker->exchange);
}

struct bq_exchange *bq_pg_end(struct bq_broker *broker)
{
    return end(worker_of(broker));
}

/* After a break it listens anew; what came meanwhile may have been missed. True: it listens. */
static bool listen_if_new(struct pg_worker *worker)
{
    char sql[LISTEN_BYTES];
    enum pg_link_state state = bq_link_work(worker->ear);

    bq_libpq.PQclear(bq_link_answer(worker->ear));
    if (state == PG_LINK_READY && worker->ear_era != bq_link_era(worker->ear)) {
        worker->ear_era = bq_link_era(worker->ear);
        worker->woken = true;
        bq_pg_place_listen(worker->place, "wake", sql, sizeof(sql));
        bq_link_say(worker->ear, sql);
        return false;
    }
    return state == PG_LINK_READY;
}

/* The numbers of queues: is one of them ours? */
static bool is_for_us(const struct pg_worker *worker, const char *numbers)
{
    int64_t number;

    while (bq_pg_next_number(&numbers, &number)) {
        for (size_t i = 0; i < worker->lease.n_queues; i++) {
            if (worker->lease.numbers[i] == number) {
                return true;
            }
        }
        numbers += *numbers == ',';
    }
    return false;
}

bool bq_pg_woken(struct bq_broker *broker)
{
    struct pg_worker *worker = worker_of(broker);
    PGnotify *heard;

    (void)listen_if_new(worker);
    while ((heard = bq_link_heard(worker->ear))) {
        worker->woken = worker->woken || is_for_us(worker, heard->extra);
        bq_libpq.PQfreemem(heard);
    }
    bool woken = worker->woken;
    worker->woken = false;
    return woken;
}

int bq_pg_worker_fd(struct bq_broker *broker)
{
    return worker_of(broker)->epoll_fd;
}

/* It may come; meanwhile the worker waits for it with its exchanges, and joins by the first. */
static bool is_away(const struct pg_worker *worker, enum barq_status status)
{
    return !bq_link_is_hopeless(worker->line) &&
           (status == BARQ_ERR_CONN || status == BARQ_ERR_TIMEOUT || status == BARQ_ERR_FULL);
}

/* An exchange that does nothing but what comes with each. */
static enum barq_status announce(struct pg_worker *worker, int64_t until_ms, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_exchange x = {.arena = &arena, .renew = true, .timeout_ms = until_ms - bq_mono_ms()};

    bq_arena_init(&arena, JOIN_ARENA_BYTES);
    begin(worker, &x);
    while (!end(worker)) {
        if (bq_link_is_hopeless(worker->line)) {
            worker->exchange = NULL;
            stop_timer(worker);
            return bq_fail(err, bq_link_error(worker->line)->status, "%s",
                           bq_link_error(worker->line)->text);
        }
        (void)bq_link_wait(worker->line, worker->until_ms);
    }
    if (x.status != BARQ_OK && err) {
        *err = x.err;
    }
    return x.status;
}

enum barq_status bq_pg_join(struct bq_broker *handle, const struct bq_worker_lease *lease,
                            int64_t timeout_ms, struct barq_error *err)
{
    struct pg_broker *broker = bq_pg_broker_of(handle);
    int64_t until_ms = bq_pg_until(timeout_ms < JOIN_MS ? timeout_ms : JOIN_MS);
    struct pg_worker *worker = NULL;

    enum barq_status status = new_worker(&broker->place, lease, &worker, err);
    if (status != BARQ_OK) {
        return status;
    }
    assert(worker);
    /* Twice, since only the answer says whom to look after. */
    status = announce(worker, until_ms, err);
    if (status == BARQ_OK && worker->lease.n_neighbours > 0) {
        status = announce(worker, until_ms, err);
    }
    if (status != BARQ_OK && !is_away(worker, status)) {
        bq_pg_worker_free(worker);
        return status;
    }
    bq_pg_worker_free(broker->worker);
    broker->worker = worker;
    /* From here on nothing that comes is missed: each has begun to listen before its first exchange. */
    while (worker->joined && !listen_if_new(worker) && bq_link_wait(worker->ear, until_ms)) {
    }
    worker->woken = false;
    return BARQ_OK;
}

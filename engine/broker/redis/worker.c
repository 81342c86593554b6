/*
 * worker.c - the worker half: one connection for exchanges, one that listens
 * for what wakes it, and a timer, behind one descriptor.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/time.h"
#include "broker/redis/exchange.h"
#include "broker/reply.h"

enum {
    REQUEST_MAX_BYTES = 512 * 1024 * 1024 - 1,
    CHANNEL_BYTES = BARQ_QUEUE_MAX_BYTES + 64,
    LOOK_EVERY_MS = 1000,
    JOIN_MS =
        1000, /* for a server that is away when a worker starts; then the worker goes on without */
};

struct redis_worker {
    struct redis_lease lease;
    int name_fd;           /* owned; place.h */
    struct bq_redis *line; /* owned; exchanges */
    struct bq_redis *ear;  /* owned; wake-ups */
    int epoll_fd;          /* owned; of both and of the timer */
    int timer_fd;          /* owned; when an exchange is overdue, or has ended at once */

    struct bq_exchange *exchange; /* borrowed; under way, or ended and not given back */
    bool ended;
    bool sent;
    int64_t until_ms; /* by bq_mono_ms() */
    struct bq_buf request;
    struct bq_buf plain;
    struct bq_script_call call;
    struct bq_buf
        rules; /* of limits, packed, for join() and whenever the server may have lost them */
    bool joined;

    uint64_t line_era; /* in which the last exchange was sent */
    uint64_t ear_era;  /* in which it was told to listen */
    bool asks_events;  /* the ear waits for an answer before it listens */
    bool in_doubt;     /* an exchange was sent, and its answer was lost */
    struct bq_claims claims;
    bool woken;
};

static struct redis_worker *worker_of(struct bq_broker *broker)
{
    struct redis_worker *worker = bq_redis_broker_of(broker)->worker;

    assert(worker);
    return worker;
}

void bq_redis_worker_free(struct redis_worker *worker)
{
    if (!worker) {
        return;
    }
    bq_redis_close(worker->line);
    bq_redis_close(worker->ear);
    bq_redis_lease_clear(&worker->lease);
    bq_buf_clear(&worker->request);
    bq_buf_clear(&worker->plain);
    bq_buf_clear(&worker->rules);
    bq_claims_clear(&worker->claims);
    bq_fd_drop(&worker->name_fd);
    bq_fd_drop(&worker->epoll_fd);
    bq_fd_drop(&worker->timer_fd);
    free(worker);
}

static enum barq_status watch(struct redis_worker *worker, int fd, struct barq_error *err)
{
    struct epoll_event event = {.events = EPOLLIN};

    return epoll_ctl(worker->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0
               ? BARQ_OK
               : bq_fail_errno(err, "redis: watch a connection");
}

static enum barq_status open_descriptors(struct redis_worker *worker, const char *url,
                                         struct barq_error *err)
{
    worker->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    worker->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (worker->epoll_fd < 0 || worker->timer_fd < 0) {
        return bq_fail_errno(err, "redis: a descriptor to wait on");
    }
    enum barq_status status = bq_redis_connect(url, &worker->line, err);
    if (status == BARQ_OK) {
        status = bq_redis_connect(url, &worker->ear, err);
    }
    if (status == BARQ_OK) {
        status = watch(worker, bq_redis_fd(worker->line), err);
    }
    if (status == BARQ_OK) {
        status = watch(worker, bq_redis_fd(worker->ear), err);
    }
    return status == BARQ_OK ? watch(worker, worker->timer_fd, err) : status;
}

static enum barq_status new_worker(const char *url, const struct bq_worker_lease *lease,
                                   struct redis_worker **out, struct barq_error *err)
{
    struct redis_worker *worker = calloc(1, sizeof(*worker));
    if (!worker) {
        return bq_fail(err, BARQ_ERR_NOMEM, "redis: out of memory");
    }
    worker->name_fd = -1;
    worker->epoll_fd = -1;
    worker->timer_fd = -1;
    bq_buf_init(&worker->request, REQUEST_MAX_BYTES);
    bq_buf_init(&worker->plain, REQUEST_MAX_BYTES);
    bq_buf_init(&worker->rules, REDIS_CLIENT_MAX_BYTES);
    bq_claims_init(&worker->claims);
    enum barq_status status = bq_redis_lease_init(&worker->lease, lease, err);
    if (status == BARQ_OK && worker->lease.place[0] != '\0') {
        status = bq_place_take(worker->lease.token, &worker->name_fd, err);
    }
    if (status == BARQ_OK) {
        status = open_descriptors(worker, url, err);
    }
    if (status != BARQ_OK) {
        bq_redis_worker_free(worker);
        return status;
    }
    *out = worker;
    return BARQ_OK;
}

static void pack_limit(struct bq_buf *request, const struct bq_limit *limit)
{
    if (!limit->name || !*limit->name) {
        bq_pack_bool(request, false);
        return;
    }
    bq_pack_array(request, 4);
    bq_pack_text(request, limit->name);
    bq_pack_int(request, limit->max_running);
    bq_pack_int(request, limit->max_starts);
    bq_pack_int(request, limit->per_ms);
}

static enum barq_status keep_rules(struct redis_worker *worker,
                                   const struct bq_worker_lease *wanted, struct barq_error *err)
{
    struct bq_buf *rules = &worker->rules;

    bq_pack_array(rules, wanted->n_limits);
    for (size_t i = 0; i < wanted->n_limits; i++) {
        bq_pack_array(rules, 3);
        bq_pack_text(rules, wanted->limits[i].function);
        pack_limit(rules, &wanted->limits[i].all);
        pack_limit(rules, &wanted->limits[i].each_key);
    }
    return rules->failed ? bq_fail(err, BARQ_ERR_NOMEM, "redis: out of memory") : BARQ_OK;
}

static void pack_join(struct bq_buf *request, const struct redis_worker *worker)
{
    const struct redis_lease *lease = &worker->lease;

    bq_redis_begin_request(request, worker->line, 6);
    bq_redis_pack_worker(request, lease);
    bq_redis_pack_dead(request, lease);
    bq_pack_text(request, "queues");
    bq_pack_texts(request, (const char *const *)lease->queues, lease->n_queues);
    bq_redis_pack_lost(request);
    bq_pack_text(request, "rules");
    bq_buf_put(request, worker->rules.data, worker->rules.len);
}

static void be_joined(struct redis_worker *worker, const struct bq_redis_reply *reply)
{
    worker->joined = true;
    worker->lease.started_at_ms = bq_reply_number(reply, 0);
    bq_redis_read_neighbours(&worker->lease, bq_reply_item(reply, 1));
}

/* Twice, since only the answer says whom to look after. */
static enum barq_status announce(struct redis_broker *broker, struct redis_worker *worker,
                                 int64_t until_ms, struct barq_error *err)
{
    struct bq_redis_ask ask = {.script = BQ_SCRIPT_JOIN, .doing = "join", .until_ms = until_ms};
    const struct bq_redis_reply *reply = NULL;
    enum barq_status status = BARQ_OK;

    for (int i = 0; status == BARQ_OK && i < 2; i++) {
        bq_auto(buf) struct bq_buf request;

        bq_buf_init(&request, REDIS_CLIENT_MAX_BYTES);
        pack_join(&request, worker);
        status = bq_redis_ask(broker->redis, &ask, &request, &reply, err);
        if (status == BARQ_OK) {
            be_joined(worker, reply);
        }
        if (worker->lease.n_neighbours == 0) {
            break;
        }
    }
    return status;
}

static void listen_if_new(struct redis_worker *worker);

/* It may come; meanwhile the worker waits for it with its exchanges, and joins by the first. */
static bool is_away(enum barq_status status)
{
    return status == BARQ_ERR_CONN || status == BARQ_ERR_TIMEOUT || status == BARQ_ERR_FULL;
}

enum barq_status bq_redis_join(struct bq_broker *handle, const struct bq_worker_lease *lease,
                               int64_t timeout_ms, struct barq_error *err)
{
    struct redis_broker *broker = bq_redis_broker_of(handle);
    int64_t until_ms = bq_redis_until(timeout_ms < JOIN_MS ? timeout_ms : JOIN_MS);
    struct redis_worker *worker = NULL;
    enum barq_status status;

    for (size_t i = 0; i < lease->n_queues; i++) {
        status = bq_redis_check_queue(lease->queues[i], err);
        if (status != BARQ_OK) {
            return status;
        }
    }
    status = new_worker(broker->url, lease, &worker, err);
    if (status != BARQ_OK) {
        return status;
    }
    assert(worker);
    status = keep_rules(worker, lease, err);
    if (status == BARQ_OK) {
        status = bq_redis_turn_events_on(broker->redis, until_ms, err);
    }
    if (status == BARQ_OK) {
        status = announce(broker, worker, until_ms, err);
    }
    if (status != BARQ_OK && !is_away(status)) {
        bq_redis_worker_free(worker);
        return status;
    }
    bq_redis_worker_free(broker->worker);
    broker->worker = worker;
    /* From here on nothing that comes is missed: each has begun to listen before its first exchange. */
    while (worker->joined && bq_redis_work(worker->ear) != BQ_REDIS_READY &&
           bq_redis_wait(worker->ear, until_ms)) {
    }
    listen_if_new(worker);
    return BARQ_OK;
}

int bq_redis_worker_fd(struct bq_broker *broker)
{
    return worker_of(broker)->epoll_fd;
}

static void set_timer(struct redis_worker *worker, int64_t in_ms)
{
    struct itimerspec when = {
        .it_value = {.tv_sec = in_ms / 1000, .tv_nsec = in_ms % 1000 * 1000000 + (in_ms == 0)}};

    (void)timerfd_settime(worker->timer_fd, 0, &when, NULL);
}

static void stop_timer(struct redis_worker *worker)
{
    struct itimerspec never = {.it_value = {.tv_sec = 0}};

    (void)timerfd_settime(worker->timer_fd, 0, &never, NULL);
}

/* The exchange is over, as its status says; the descriptor tells so until it is given back. */
static void finish(struct redis_worker *worker)
{
    if (worker->exchange->status != BARQ_OK) {
        bq_reply_failed(worker->exchange);
    }
    worker->ended = true;
    set_timer(worker, 0);
}

static void fail(struct redis_worker *worker, enum barq_status status, const char *why)
{
    struct bq_exchange *x = worker->exchange;

    x->status = bq_fail(&x->err, status, "%s", why);
    worker->in_doubt = worker->in_doubt || worker->sent;
    finish(worker);
}

static void pack(struct redis_worker *worker)
{
    bool look = bq_mono_ms() - worker->lease.looked_at_ms >= LOOK_EVERY_MS;
    bool fresh = worker->line_era != bq_redis_era(worker->line);
    struct redis_view view = {
        .redis = worker->line,
        .fresh = fresh,
        .claims = fresh || worker->in_doubt ? &worker->claims : NULL,
        .look = look && worker->lease.place[0] != '\0',
    };

    if (view.look) {
        worker->lease.looked_at_ms = bq_mono_ms();
    }
    bq_buf_reset(&worker->plain);
    bq_redis_pack_plain(&worker->plain, &worker->lease, &view, worker->exchange);
    bq_buf_reset(&worker->request);
    bq_redis_pack_exchange(&worker->request, &worker->lease, &view, worker->exchange);
    worker->lease.n_neighbours = 0; /* they have been looked after */
}

static void pack_call(struct redis_worker *worker)
{
    worker->call =
        (struct bq_script_call){.script = worker->joined ? BQ_SCRIPT_EXCHANGE : BQ_SCRIPT_JOIN,
                                .request = &worker->request};
    if (worker->joined) {
        worker->call.plain = &worker->plain;
        pack(worker);
    } else {
        bq_buf_reset(&worker->request);
        pack_join(&worker->request, worker);
    }
}

/* The exchange; or, before the first and when the server has forgotten this worker, that it joins. */
static void send_call(struct redis_worker *worker)
{
    struct bq_exchange *x = worker->exchange;

    if (!worker->call.with_text) {
        pack_call(worker);
    }
    if (worker->request.failed || (worker->call.plain && worker->plain.failed)) {
        fail(worker,
             worker->request.starved || worker->plain.starved ? BARQ_ERR_NOMEM : BARQ_ERR_LIMIT,
             "redis: an exchange is larger than 512 MiB, or than the memory");
        return;
    }
    bq_fault("exchange.before_commit");
    x->status = bq_script_send(worker->line, &worker->call, &x->err);
    if (x->status != BARQ_OK) {
        finish(worker);
        return;
    }
    worker->sent = true;
    worker->line_era = bq_redis_era(worker->line);
}

static void take_refusal(struct redis_worker *worker, const struct bq_redis_reply *reply)
{
    struct bq_exchange *x = worker->exchange;

    x->status = bq_script_fail(reply, worker->joined ? "exchange" : "join", &x->err);
    if (x->status == BARQ_ERR_CONN) {
        bq_redis_break(worker->line, x->err.text);
    }
    /* A script that fails in the middle has done what came before. */
    worker->in_doubt = worker->in_doubt || !bq_script_was_refused(x->status);
    finish(worker);
}

static void take_answer(struct redis_worker *worker, const struct bq_redis_reply *reply)
{
    struct bq_exchange *x = worker->exchange;

    if (bq_script_is_unknown(reply) && !worker->call.with_text) {
        worker->call.with_text = true;
        send_call(worker);
        return;
    }
    worker->call.with_text = false;
    if (reply->kind == BQ_REDIS_ERROR) {
        take_refusal(worker, reply);
        return;
    }
    if (!worker->joined) {
        be_joined(worker, reply);
        worker->sent = false;
        return;
    }
    if (bq_fault_cut("exchange.doubted")) {
        bq_redis_break(worker->line, "cut as asked");
        fail(worker, BARQ_ERR_CONN, bq_redis_error(worker->line)->text);
        return;
    }
    bq_fault("exchange.committed");
    if (x->n_settles > 0) {
        bq_fault("exchange.settled");
    }
    x->status = bq_redis_read_exchange(&worker->lease, reply, x);
    if (x->status == BARQ_OK && !bq_claims_note(&worker->claims, x)) {
        x->status = bq_fail(&x->err, BARQ_ERR_NOMEM, "redis: no memory for what was claimed");
    }
    /* What cannot be read has happened all the same. */
    worker->in_doubt = x->status != BARQ_OK;
    /* Whoever forgets a lease may have forgotten the limits. */
    worker->joined = !x->lease_lost;
    finish(worker);
}

static void give_up_if_late(struct redis_worker *worker)
{
    if (bq_mono_ms() < worker->until_ms) {
        return;
    }
    const char *why = bq_redis_error(worker->line)->text;
    if (worker->sent) {
        bq_redis_break(worker->line, "no answer in time");
    }
    fail(worker, BARQ_ERR_CONN, worker->sent || !*why ? "redis: no answer in time" : why);
}

/* Goes on with the exchange that is under way. What has been read does not make the descriptor readable again: all
 * of it is taken. */
static void go_on(struct redis_worker *worker)
{
    while (!worker->ended) {
        enum bq_redis_state state = bq_redis_work(worker->line);
        const struct bq_redis_reply *reply = worker->sent ? bq_redis_next(worker->line) : NULL;

        if (reply) {
            take_answer(worker, reply);
        } else if (worker->sent &&
                   (state != BQ_REDIS_READY || bq_redis_pending(worker->line) == 0)) {
            fail(worker, BARQ_ERR_CONN, bq_redis_error(worker->line)->text);
        } else if (!worker->sent && state == BQ_REDIS_READY) {
            send_call(worker);
        } else {
            give_up_if_late(worker);
            return;
        }
    }
}

void bq_redis_begin(struct bq_broker *broker, struct bq_exchange *exchange)
{
    struct redis_worker *worker = worker_of(broker);

    assert(!worker->exchange);
    bq_reply_begin(exchange);
    worker->exchange = exchange;
    worker->ended = false;
    worker->sent = false;
    worker->call.with_text = false;
    worker->until_ms = bq_redis_until(exchange->timeout_ms);
    if (exchange->state) {
        worker->lease.state = *exchange->state;
        worker->lease.state.tally = NULL; /* the dispatcher's */
    }
    set_timer(worker, exchange->timeout_ms < INT32_MAX ? exchange->timeout_ms : INT32_MAX);
    go_on(worker);
}

struct bq_exchange *bq_redis_end(struct bq_broker *broker)
{
    struct redis_worker *worker = worker_of(broker);

    if (worker->exchange && !worker->ended) {
        go_on(worker);
    } else if (!worker->exchange) {
        (void)bq_redis_work(worker->line); /* it may have broken, and come back */
    }
    if (!worker->ended) {
        return NULL;
    }
    worker->ended = false;
    stop_timer(worker);
    return bq_take(worker->exchange);
}

static bool is_wake(const struct bq_redis_reply *message)
{
    const char *kind = bq_reply_words(message, 0);
    const char *channel = bq_reply_words(message, 1);
    const char *event = bq_reply_words(message, 2);

    if (!kind || !channel || !event || strcmp(kind, "message") != 0) {
        return false;
    }
    /* Keyspace events: what adds to a queue. */
    return strncmp(channel, "__key", 5) != 0 || strcmp(event, "zadd") == 0 ||
           strcmp(event, "zincr") == 0;
}

static enum barq_status subscribe(struct redis_worker *worker, bool events, const char *key)
{
    char channel[CHANNEL_BYTES];

    (void)snprintf(channel, sizeof(channel), events ? "__keyspace@%d__:%s" : "barq:wake:%d:%s",
                   bq_redis_db(worker->ear), key);
    const struct bq_redis_word words[] = {BQ_REDIS_WORD("SUBSCRIBE"), BQ_REDIS_WORD(channel)};
    return bq_redis_send(worker->ear, words, 2, NULL);
}

/* To what barq's clients say, and, where the server tells of changes, to what arq's do. */
static enum barq_status subscribe_all(struct redis_worker *worker)
{
    enum barq_status status = subscribe(worker, true, "arq:abort");

    for (size_t i = 0; status == BARQ_OK && i < worker->lease.n_queues; i++) {
        status = subscribe(worker, false, worker->lease.queues[i]);
        if (status == BARQ_OK) {
            status = subscribe(worker, true, worker->lease.queues[i]);
        }
    }
    return status;
}

static void listen(struct redis_worker *worker)
{
    if (subscribe_all(worker) != BARQ_OK) {
        bq_redis_break(worker->ear, "it cannot be told to listen");
        return;
    }
    (void)bq_redis_work(worker->ear);
}

/* After a break it listens anew; what came meanwhile may have been missed. */
static void listen_for_wakes(struct redis_worker *worker)
{
    worker->ear_era = bq_redis_era(worker->ear);
    worker->woken = true;
    worker->asks_events = bq_redis_ask_events(worker->ear);
    if (worker->asks_events) {
        (void)bq_redis_work(worker->ear);
    } else {
        listen(worker);
    }
}

static void listen_if_new(struct redis_worker *worker)
{
    if (bq_redis_work(worker->ear) == BQ_REDIS_READY &&
        worker->ear_era != bq_redis_era(worker->ear)) {
        listen_for_wakes(worker);
    }
}

bool bq_redis_woken(struct bq_broker *broker)
{
    struct redis_worker *worker = worker_of(broker);
    const struct bq_redis_reply *message;

    listen_if_new(worker);
    while ((message = bq_redis_next(worker->ear))) {
        if (worker->asks_events) {
            worker->asks_events = false;
            if (bq_redis_answer_events(worker->ear, message)) {
                listen(worker);
            }
            break;
        }
        worker->woken = worker->woken || is_wake(message);
    }
    bool woken = worker->woken;
    worker->woken = false;
    return woken;
}

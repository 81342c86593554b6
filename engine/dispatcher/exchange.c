#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/log.h"
#include "base/time.h"
#include "dispatcher/dispatcher.h"

/* After a failure the broker is left alone for 0.1 s, doubling to 5 s. */
enum { FIRST_PAUSE_MS = 100, LONGEST_PAUSE_MS = 5000, MAX_DOUBLINGS = 6 };

static size_t length(const struct bq_list *list)
{
    size_t n = 0;

    for (const struct bq_list *at = list->next; at != list; at = at->next) {
        n++;
    }
    return n;
}

/* Room for `count` items; what is in the array is not kept. False: out of memory. */
static bool make_room(void **array, size_t *capacity, size_t count, size_t bytes)
{
    if (count <= *capacity) {
        return true;
    }
    void *bigger = malloc(count * 2 * bytes);
    if (!bigger) {
        return false;
    }
    free(*array);
    *array = bigger;
    *capacity = count * 2;
    return true;
}

static void add_settles(struct bq_dispatcher *dispatcher)
{
    struct bq_exchange *exchange = &dispatcher->exchange;

    if (!make_room((void **)&dispatcher->settles, &dispatcher->settles_capacity,
                   length(&dispatcher->ended), sizeof(dispatcher->settles[0]))) {
        return;
    }
    bq_list_each (at, &dispatcher->ended) {
        struct bq_claim *claim = bq_list_owner(at, struct bq_claim, link);
        dispatcher->settles[exchange->n_settles++] = claim->settle;
        bq_list_remove(at);
        bq_list_add(&dispatcher->acking, at);
    }
    exchange->settles = dispatcher->settles;
}

static void add_enqueues(struct bq_dispatcher *dispatcher)
{
    struct bq_exchange *exchange = &dispatcher->exchange;
    size_t count = 0;

    bq_list_each (at, &dispatcher->relays) {
        count += bq_list_owner(at, struct bq_relay, link)->count;
    }
    if (!make_room((void **)&dispatcher->enqueues, &dispatcher->enqueues_capacity, count,
                   sizeof(dispatcher->enqueues[0]))) {
        return;
    }
    bq_list_each (at, &dispatcher->relays) {
        struct bq_relay *relay = bq_list_owner(at, struct bq_relay, link);
        memcpy(dispatcher->enqueues + exchange->n_enqueues, relay->enqueues,
               relay->count * sizeof(relay->enqueues[0]));
        exchange->n_enqueues += relay->count;
        bq_list_remove(at);
        bq_list_add(&dispatcher->relaying, at);
    }
    exchange->enqueues = dispatcher->enqueues;
}

/* What is enqueued can be claimed in the same exchange. */
static void add_ticks(struct bq_dispatcher *dispatcher)
{
    if (!dispatcher->stopping) {
        bq_crons_add(&dispatcher->crons, &dispatcher->exchange, bq_wall_ms());
        dispatcher->drained = dispatcher->drained && dispatcher->exchange.n_ticks == 0;
    }
}

static bool may_claim(const struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    if (dispatcher->stopping || dispatcher->database_away) {
        return false;
    }
    return !dispatcher->drained || dispatcher->look_at_ms <= now_ms ||
           (dispatcher->lost_waits &&
            (bq_claim_idle(dispatcher) > 0 || bq_claim_at_once(dispatcher) > 0));
}

static void add_claims(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    struct bq_exchange *exchange = &dispatcher->exchange;

    if (may_claim(dispatcher, now_ms)) {
        exchange->claim_max = bq_claim_room(dispatcher, &exchange->claim_lost_max);
        exchange->claim_free_max = bq_claim_at_once(dispatcher);
        bq_queues_deal(dispatcher, exchange);
        if (exchange->claim_lost_max > 0) {
            dispatcher->ask_lost_at_ms = now_ms + BQ_POLL_MS;
        }
    }
}

/* A burst asks whether anything is left when it has nothing in hand. */
static bool must_count(const struct bq_dispatcher *dispatcher)
{
    return dispatcher->options.burst && dispatcher->in_hand == 0 && dispatcher->swept_clean &&
           !dispatcher->idle_burst && bq_crons_started(&dispatcher->crons);
}

static void add_rest(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    struct bq_exchange *exchange = &dispatcher->exchange;

    exchange->renew = dispatcher->renew_at_ms <= now_ms;
    exchange->count = must_count(dispatcher) && exchange->claim_max > 0;
    if (dispatcher->probes) {
        exchange->probes = dispatcher->probes;
        exchange->n_probes = dispatcher->n_probes;
        dispatcher->probing = true;
    }
    if (dispatcher->stopping && dispatcher->in_hand == exchange->n_settles &&
        dispatcher->chore == BQ_CHORE_NONE) {
        exchange->leave = true;
    }
}

/* Each exchange tells what was aborted; a worker that has its hands full may have no other use for one. */
static bool asks_for_aborts(const struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    return !bq_list_empty(&dispatcher->running) && dispatcher->abort_at_ms <= now_ms;
}

static bool worth_it(const struct bq_exchange *exchange)
{
    return exchange->n_reports > 0 || exchange->n_settles > 0 || exchange->n_ticks > 0 ||
           exchange->n_enqueues > 0 || exchange->n_probes > 0 || exchange->claim_max > 0 ||
           exchange->renew || exchange->leave;
}

void bq_exchange_begin(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    if (dispatcher->exchanging || dispatcher->left || dispatcher->retry_exchange_at_ms > now_ms) {
        return;
    }
    bq_arena_reset(&dispatcher->exchange_arena);
    dispatcher->exchange_arena.limit_bytes =
        BQ_CLAIM_ARENA_BYTES; /* one large job may have raised it */
    dispatcher->exchange = (struct bq_exchange){
        .timeout_ms = BQ_EXCHANGE_TIMEOUT_MS,
        .arena = &dispatcher->exchange_arena,
        .next_due_in_ms = -1,
    };
    bq_report_begin(dispatcher, now_ms);
    add_settles(dispatcher);
    add_ticks(dispatcher);
    add_enqueues(dispatcher);
    add_claims(dispatcher, now_ms);
    add_rest(dispatcher, now_ms);
    if (worth_it(&dispatcher->exchange) || asks_for_aborts(dispatcher, now_ms)) {
        dispatcher->exchanging = true;
        dispatcher->exchange_began_at_ms = now_ms;
        dispatcher->exchange.state = bq_health_news(dispatcher, dispatcher->exchange.renew, now_ms);
        bq_log_flush(); /* what the broker knows is in the log */
        dispatcher->broker->ops->begin(dispatcher->broker, &dispatcher->exchange);
    }
}

static void settled(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    size_t i = 0;

    bq_list_each (at, &dispatcher->acking) {
        struct bq_claim *claim = bq_list_owner(at, struct bq_claim, link);
        if (dispatcher->settles[i++].stale) {
            bq_warn("a job was lost before it could be acknowledged",
                    bq_str("job", claim->claimed.job.id));
        }
        if (claim->stays) {
            bq_ack_after(dispatcher, claim, !dispatcher->settles[i - 1].stale, now_ms);
        } else {
            bq_claim_drop(dispatcher, claim);
        }
    }
}

static void relayed(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    size_t from = 0;

    bq_list_each (at, &dispatcher->relaying) {
        struct bq_relay *relay = bq_list_owner(at, struct bq_relay, link);
        memcpy(relay->enqueues, dispatcher->enqueues + from,
               relay->count * sizeof(relay->enqueues[0]));
        from += relay->count;
        bq_relay_done(dispatcher, relay, now_ms);
    }
}

static void aborts(struct bq_dispatcher *dispatcher, const struct bq_exchange *exchange)
{
    for (size_t i = 0; i < exchange->n_aborts; i++) {
        struct bq_claim *claim = bq_claim_running(dispatcher, exchange->aborts[i]);
        if (claim) {
            bq_cancel_claim(dispatcher, claim, BQ_CANCEL_ABORT);
            continue;
        }
        bq_list_each (at, &dispatcher->waiting) {
            struct bq_claim *waiting = bq_list_owner(at, struct bq_claim, link);
            if (strcmp(waiting->claimed.job.id, exchange->aborts[i]) == 0) {
                waiting->claimed.aborted = true;
            }
        }
    }
}

/* Where some were lost there may be more: without this they'd pile up behind a load that never ends. */
static void look_for_more_lost(struct bq_dispatcher *dispatcher, const struct bq_exchange *exchange,
                               int64_t now_ms)
{
    for (size_t i = 0; i < exchange->n_claimed; i++) {
        if (exchange->claimed[i].alone || exchange->claimed[i].losses > 0) {
            dispatcher->ask_lost_at_ms = now_ms;
            return;
        }
    }
}

static void claimed(struct bq_dispatcher *dispatcher, const struct bq_exchange *exchange,
                    int64_t now_ms)
{
    if (exchange->claim_max > 0) {
        dispatcher->drained = exchange->n_claimed < exchange->claim_max;
        int64_t poll_ms = dispatcher->broker->ops->poll_ms;
        int64_t due_ms = exchange->next_due_in_ms;
        dispatcher->look_at_ms = now_ms + poll_ms;
        if (due_ms > 0 && due_ms < poll_ms) {
            dispatcher->look_at_ms = now_ms + due_ms;
        }
        dispatcher->lost_waits = dispatcher->drained && due_ms == 0;
    }
    bq_claim_take(dispatcher, exchange);
    look_for_more_lost(dispatcher, exchange, now_ms);
    if (dispatcher->stopping) {
        bq_stop_release(dispatcher); /* asked for before we were told to stop */
    }
    if (exchange->count) {
        dispatcher->idle_burst = exchange->unfinished == 0;
        dispatcher->swept_clean = dispatcher->idle_burst;
    }
}

static void give_back(struct bq_list *from, struct bq_list *to)
{
    /* In front of what has come since, in the same order. */
    while (!bq_list_empty(from)) {
        struct bq_list *last = from->prev;
        bq_list_remove(last);
        bq_list_push(to, last);
    }
}

static void failed(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    int doublings =
        dispatcher->broker_failures < MAX_DOUBLINGS ? dispatcher->broker_failures : MAX_DOUBLINGS;
    int64_t pause_ms = (int64_t)FIRST_PAUSE_MS << doublings;

    dispatcher->retry_exchange_at_ms =
        now_ms + (pause_ms < LONGEST_PAUSE_MS ? pause_ms : LONGEST_PAUSE_MS);
    dispatcher->broker_failures++;
    bq_warn("the broker cannot be used; will try again",
            bq_str("error", dispatcher->exchange.err.text));
    bq_report_end(dispatcher, false);
    give_back(&dispatcher->acking, &dispatcher->ended);
    give_back(&dispatcher->relaying, &dispatcher->relays);
}

static void succeeded(struct bq_dispatcher *dispatcher, const struct bq_exchange *exchange,
                      int64_t now_ms)
{
    if (dispatcher->broker_failures > 0) {
        bq_info("the broker is back");
    }
    dispatcher->broker_failures = 0;
    dispatcher->retry_exchange_at_ms = 0;
    bq_report_end(dispatcher, true);
    settled(dispatcher, now_ms);
    bq_fault("dispatcher.acknowledged");
    bq_crons_done(&dispatcher->crons, exchange);
    relayed(dispatcher, now_ms);
    if (exchange->renew) {
        dispatcher->renew_at_ms = now_ms + dispatcher->options.lease_ms / 3;
        bq_health_status(dispatcher);
    }
    if (exchange->lease_lost) {
        bq_lease_lost(dispatcher);
    }
    claimed(dispatcher, exchange, now_ms);
    aborts(dispatcher, exchange);
    dispatcher->abort_at_ms = now_ms + dispatcher->broker->ops->poll_ms;
    dispatcher->left = exchange->leave;
}

void bq_exchange_end(struct bq_dispatcher *dispatcher, int64_t now_ms)
{
    struct bq_exchange *exchange = dispatcher->broker->ops->end(dispatcher->broker);
    if (!exchange) {
        return;
    }

    dispatcher->exchanging = false;
    bool probed = dispatcher->probing;
    dispatcher->probing = false;
    if (exchange->status == BARQ_OK) {
        succeeded(dispatcher, exchange, now_ms);
    } else {
        failed(dispatcher, now_ms);
    }
    if (probed && exchange->status == BARQ_OK) {
        bq_house_probed(dispatcher);
    }
}

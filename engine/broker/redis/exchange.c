#include "broker/redis/exchange.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "broker/history.h"
#include "broker/reply.h"
#include "job/message.h"

enum { HEALTH_BYTES = 256, CLAIM_BYTES = BARQ_JOB_ID_MAX_BYTES + 24 };

/* Where main_exchange.lua puts what. */
enum {
    ANSWER_LOST,
    ANSWER_STALE,
    ANSWER_TICKS,
    ANSWER_REFUSED,
    ANSWER_HELD,
    ANSWER_ABORTS,
    ANSWER_CLAIMED,
    ANSWER_DUE,
    ANSWER_UNFINISHED,
    ANSWER_NEIGHBOURS,
    ANSWER_CLAIM,
    ANSWER_GROUPS
};

static void pack_reports(struct bq_buf *request, const struct bq_exchange *x)
{
    bq_pack_text(request, "reports");
    bq_pack_array(request, x->n_reports);
    for (size_t i = 0; i < x->n_reports; i++) {
        const struct bq_report *report = &x->reports[i];

        bq_pack_array(request, 4);
        bq_pack_text(request, report->id);
        bq_pack_digits(request, report->claim);
        if (report->progress) {
            bq_pack_array(request, 3);
            bq_pack_digits(request, report->done);
            bq_pack_digits(request, report->total);
            bq_pack_text(request, report->note ? report->note : "");
        } else {
            bq_pack_bool(request, false);
        }
        if (report->log_bytes > 0) {
            bq_pack_bytes(request, report->log, report->log_bytes);
        } else {
            bq_pack_bool(request, false);
        }
    }
}

static void pack_settle(struct bq_buf *request, const struct bq_settle *settle)
{
    bool has_history = settle->history && strlen(settle->history) <= BQ_HISTORY_MAX_BYTES;

    bq_pack_array(request, settle->kind == BQ_SETTLE_COMPLETE ? 5 : 12);
    bq_pack_int(request, settle->kind);
    bq_pack_text(request, settle->id);
    bq_pack_digits(request, settle->claim);
    bq_pack_bytes(request, settle->result, settle->result_bytes);
    bq_pack_int(request, bq_redis_keep_of(settle));
    if (settle->kind == BQ_SETTLE_COMPLETE) {
        return;
    }
    bq_pack_int(request, settle->defer_ms);
    bq_pack_int(request, settle->tries_used);
    bq_pack_int(request, settle->crashes_used);
    bq_pack_bool(request, settle->alone);
    bq_pack_bool(request, settle->claimed_before);
    bq_pack_text_if(request, has_history ? settle->history : NULL);
    bq_pack_int_if(request, settle->leave_ms);
}

/* Those that pack_plain() does not tell. */
static void pack_settles(struct bq_buf *request, const struct bq_exchange *x)
{
    size_t told = bq_redis_count_complete(x);

    bq_pack_text(request, "settles");
    bq_pack_array(request, x->n_settles - told);
    for (size_t i = 0; i < x->n_settles; i++) {
        if (told == 0 || x->settles[i].kind != BQ_SETTLE_COMPLETE) {
            pack_settle(request, &x->settles[i]);
        }
    }
}

static void pack_ticks(struct bq_buf *request, const struct bq_exchange *x)
{
    bq_pack_text(request, "ticks");
    bq_pack_array(request, x->n_ticks);
    for (size_t i = 0; i < x->n_ticks; i++) {
        const struct bq_tick *tick = &x->ticks[i];

        bq_pack_array(request, 9);
        bq_pack_text(request, tick->queue);
        bq_pack_text(request, tick->name);
        bq_pack_text(request, tick->function);
        bq_pack_text(request, tick->schedule);
        bq_pack_text(request, tick->time_zone);
        bq_pack_int(request, tick->next_at_ms);
        bq_pack_int(request, tick->at_ms);
        bq_pack_int(request, tick->apart_ms);
        if (tick->at_ms != 0) {
            bq_pack_job(request, &tick->job);
        } else {
            bq_pack_bool(request, false);
        }
    }
}

static void pack_jobs(struct bq_buf *request, const struct bq_exchange *x)
{
    bq_pack_text(request, "jobs");
    bq_pack_array(request, x->n_enqueues);
    for (size_t i = 0; i < x->n_enqueues; i++) {
        bq_pack_job(request, &x->enqueues[i].job);
    }
    bq_pack_text(request, "probes");
    bq_pack_array(request, x->n_probes);
    for (size_t i = 0; i < x->n_probes; i++) {
        const struct bq_identity *identity = &x->probes[i].identity;

        bq_pack_array(request, 3);
        bq_pack_text(request, identity->queue);
        bq_pack_text(request, identity->id);
        bq_pack_int(request, identity->enqueued_at_ms);
    }
}

/* arq's line, to which the script adds how many are queued. */
static void pack_health(struct bq_buf *request, const struct redis_lease *lease)
{
    char text[HEALTH_BYTES];
    char when[32];
    time_t now = (time_t)(bq_wall_ms() / 1000);
    struct tm local;

    (void)strftime(when, sizeof(when), "%b-%d %H:%M:%S", localtime_r(&now, &local));
    (void)snprintf(text, sizeof(text),
                   "%s j_complete=%" PRId64 " j_failed=%" PRId64 " j_retried=%" PRId64
                   " j_ongoing=%" PRId64 " queued=",
                   when, lease->state.complete, lease->state.failed, lease->state.retried,
                   lease->state.running);
    bq_pack_text(request, text);
}

static void pack_state(struct bq_buf *request, const struct redis_lease *lease,
                       const struct bq_exchange *x)
{
    const struct bq_worker_state *state = x->state;

    bq_pack_text(request, "state");
    if (state) {
        bq_pack_array(request, 7);
        bq_pack_int(request, state->executors);
        bq_pack_int(request, state->threads);
        bq_pack_int(request, state->running);
        bq_pack_int(request, state->complete);
        bq_pack_int(request, state->failed);
        bq_pack_int(request, state->retried);
        if (state->tally) {
            bq_pack_text(request, state->tally);
        } else {
            bq_pack_bool(request, false);
        }
    } else {
        bq_pack_bool(request, false);
    }
    bq_pack_text(request, "health");
    if ((x->renew || state) && !x->leave) {
        pack_health(request, lease);
    } else {
        bq_pack_bool(request, false);
    }
}

static void pack_claims(struct bq_buf *request, const struct redis_lease *lease,
                        const struct bq_exchange *x)
{
    bq_pack_text(request, "claim_max");
    bq_pack_int(request, (int64_t)x->claim_max);
    bq_pack_text(request, "lost_max");
    bq_pack_int(request, (int64_t)x->claim_lost_max);
    bq_pack_text(request, "free_max");
    bq_pack_int(request, (int64_t)x->claim_free_max);
    bq_pack_text(request, "bytes");
    bq_pack_int(request, bq_redis_room_for(x));
    bq_pack_text(request, "each");
    bq_pack_int(request, BQ_CLAIMED_EACH_BYTES);
    bq_pack_text(request, "payload_max");
    bq_pack_int(request, BQ_JOB_MAX_BYTES);
    bq_pack_text(request, "shares");
    bq_redis_pack_shares(request, lease, x);
}

void bq_redis_pack_lost(struct bq_buf *request)
{
    char lost[BQ_HISTORY_LOST_BYTES];

    bq_history_lost(bq_wall_ms(), lost);
    bq_pack_text(request, "lost");
    bq_pack_text(request, lost);
    bq_pack_text(request, "history_max");
    bq_pack_int(request, BQ_HISTORY_MAX_ENTRIES);
}

/* Numbers that scripts must not have of their own. */
static void pack_constants(struct bq_buf *request)
{
    bq_redis_pack_lost(request);
    bq_pack_text(request, "log_max");
    bq_pack_int(request, BQ_JOB_LOG_MAX_BYTES);
    bq_pack_text(request, "dead_keep");
    bq_pack_int(request, BQ_DEAD_KEEP_MS);
    bq_pack_text(request, "cron_keep");
    bq_pack_int(request, BQ_CRON_KEEP_MS);
    bq_pack_text(request, "cron_ahead");
    bq_pack_int(request, BQ_CRON_AHEAD_MS);
}

/* As a list of "claim\nid". */
static void pack_held(struct bq_buf *request, const struct bq_claims *claims)
{
    bq_pack_array(request, claims->count);
    bq_list_each (at, &claims->all) {
        const struct bq_claim *claim = bq_list_owner(at, struct bq_claim, link);
        char text[CLAIM_BYTES];

        (void)snprintf(text, sizeof(text), "%" PRId64 "\n%s", claim->number, claim->id);
        bq_pack_text(request, text);
    }
}

static void pack_flag(struct bq_buf *request, const char *name, bool flag)
{
    bq_pack_text(request, name);
    bq_pack_bool(request, flag);
}

void bq_redis_pack_exchange(struct bq_buf *request, const struct redis_lease *lease,
                            const struct redis_view *view, const struct bq_exchange *x)
{
    /* worker, dead, queues; 6 constants; 5 flags; held; reports, settles, ticks, jobs, probes; state, health;
     * 7 of claims */
    bq_redis_begin_request(request, view->redis, 3 + 6 + 5 + 1 + 5 + 2 + 7);
    bq_redis_pack_worker(request, lease);
    bq_redis_pack_dead(request, lease);
    bq_pack_text(request, "queues");
    bq_pack_texts(request, (const char *const *)lease->queues, lease->n_queues);
    pack_constants(request);
    pack_flag(request, "fresh", view->fresh);
    pack_flag(request, "look", view->look);
    pack_flag(request, "renew", x->renew);
    pack_flag(request, "count", x->count);
    pack_flag(request, "leave", x->leave);
    bq_pack_text(request, "held");
    if (view->claims) {
        pack_held(request, view->claims);
    } else {
        bq_pack_bool(request, false);
    }
    pack_reports(request, x);
    pack_settles(request, x);
    pack_ticks(request, x);
    pack_jobs(request, x);
    pack_state(request, lease, x);
    pack_claims(request, lease, x);
}

static bool read_aborts(const struct bq_redis_reply *ids, struct bq_exchange *x)
{
    size_t count = ids->kind == BQ_REDIS_ARRAY ? ids->len : 0;

    x->aborts = count > 0 ? bq_reply_array(x->arena, count, sizeof(char *)) : NULL;
    for (size_t i = 0; x->aborts && i < count; i++) {
        const char *id = bq_reply_words(ids, i);

        x->aborts[x->n_aborts] = id ? bq_reply_text(x->arena, id) : NULL;
        x->n_aborts += x->aborts[x->n_aborts] != NULL;
    }
    return x->aborts || count == 0;
}

/* A digit for each of `count`. */
static bool has_digits(const struct bq_redis_reply *reply, size_t i, size_t count)
{
    const struct bq_redis_reply *digits = bq_reply_item(reply, i);

    return digits->kind == BQ_REDIS_TEXT && digits->len == count;
}

static bool is_answer(const struct bq_redis_reply *reply, const struct bq_exchange *x)
{
    const struct bq_redis_reply *ticks = bq_reply_item(reply, ANSWER_TICKS);

    return has_digits(reply, ANSWER_STALE, x->n_settles) &&
           has_digits(reply, ANSWER_REFUSED, x->n_enqueues) &&
           has_digits(reply, ANSWER_HELD, x->n_probes) && ticks->kind == BQ_REDIS_ARRAY &&
           ticks->len == x->n_ticks && reply->len > ANSWER_GROUPS;
}

static void read_digits(const struct bq_redis_reply *reply, struct bq_exchange *x)
{
    const char *stale = reply->items[ANSWER_STALE].text; /* of those in columns first */
    size_t told = bq_redis_count_complete(x);
    size_t complete = 0;
    size_t other = told;

    for (size_t i = 0; i < x->n_settles; i++) {
        bool first = told > 0 && x->settles[i].kind == BQ_SETTLE_COMPLETE;
        x->settles[i].stale = stale[first ? complete++ : other++] == '1';
    }
    for (size_t i = 0; i < x->n_enqueues; i++) {
        x->enqueues[i].exists = reply->items[ANSWER_REFUSED].text[i] == '1';
    }
    for (size_t i = 0; i < x->n_probes; i++) {
        x->probes[i].held = reply->items[ANSWER_HELD].text[i] == '1';
    }
    for (size_t i = 0; i < x->n_ticks; i++) {
        const struct bq_redis_reply *tick = &reply->items[ANSWER_TICKS].items[i];

        x->ticks[i].since_ms = bq_reply_number(tick, 0);
        x->ticks[i].taken = bq_reply_number(tick, 1) != 0;
    }
}

enum barq_status bq_redis_read_exchange(struct redis_lease *lease,
                                        const struct bq_redis_reply *reply, struct bq_exchange *x)
{
    if (!is_answer(reply, x)) {
        return bq_fail(&x->err, BARQ_ERR_CORRUPT, "redis: an exchange's answer is none");
    }
    int64_t number = bq_reply_number(reply, ANSWER_CLAIM);
    if (!bq_redis_read_claims(&reply->items[ANSWER_CLAIMED], &reply->items[ANSWER_GROUPS], number,
                              x) ||
        !read_aborts(&reply->items[ANSWER_ABORTS], x)) {
        return bq_fail(&x->err, BARQ_ERR_NOMEM, "redis: no memory for what was claimed");
    }
    read_digits(reply, x);
    x->lease_lost = bq_reply_number(reply, ANSWER_LOST) != 0;
    x->next_due_in_ms = bq_reply_number(reply, ANSWER_DUE);
    x->unfinished = bq_reply_number(reply, ANSWER_UNFINISHED);
    if (reply->items[ANSWER_NEIGHBOURS].len > 0) {
        bq_redis_read_neighbours(lease, &reply->items[ANSWER_NEIGHBOURS]);
    }
    return BARQ_OK;
}

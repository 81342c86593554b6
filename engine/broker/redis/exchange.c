#include "broker/redis/exchange.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "broker/history.h"
#include "broker/reply.h"
#include "job/message.h"
#include "job/record.h"

/* What a claimed job may take of the arena beside its id and payload: queue, function, key, refusal. */
enum { EACH_BYTES = 2 * BARQ_QUEUE_MAX_BYTES + BARQ_FUNCTION_MAX_BYTES + 128 };
enum { HEALTH_BYTES = 256, CLAIM_BYTES = BARQ_JOB_ID_MAX_BYTES + 24 };

/* Of a row: a queue, a function, a key and some numbers. */
enum { ROW_MAX_BYTES = BARQ_QUEUE_MAX_BYTES + BARQ_FUNCTION_MAX_BYTES + BARQ_KEY_MAX_BYTES + 256 };

/* Where claim.lua puts what, and what its flags mean. Of a job without a record only the first four are told, and its
 * row, not its fields. */
enum {
    CLAIM_ID,
    CLAIM_PAYLOAD,
    CLAIM_TURN,
    CLAIM_FIELDS,
    CLAIM_QUEUE,
    CLAIM_PAYLOAD_BYTES,
    CLAIM_TRIES,
    CLAIM_FLAGS
};
enum { FLAG_ABORTED = 1, FLAG_DOUBTED = 2, FLAG_GHOST = 4 };

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
    ANSWER_CLAIM
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

/* 0: none, -1: for ever. */
static int64_t keep_of(const struct bq_settle *settle)
{
    if (settle->keep_result_ms == BARQ_FOREVER) {
        return -1;
    }
    return settle->keep_result_ms > 0 ? settle->keep_result_ms : 0;
}

static void pack_settle(struct bq_buf *request, const struct bq_settle *settle)
{
    bool has_history = settle->history && strlen(settle->history) <= BQ_HISTORY_MAX_BYTES;

    bq_pack_array(request, settle->kind == BQ_SETTLE_COMPLETE ? 5 : 12);
    bq_pack_int(request, settle->kind);
    bq_pack_text(request, settle->id);
    bq_pack_digits(request, settle->claim);
    bq_pack_bytes(request, settle->result, settle->result_bytes);
    bq_pack_int(request, keep_of(settle));
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
        bq_pack_array(request, 6);
        bq_pack_int(request, state->executors);
        bq_pack_int(request, state->threads);
        bq_pack_int(request, state->running);
        bq_pack_int(request, state->complete);
        bq_pack_int(request, state->failed);
        bq_pack_int(request, state->retried);
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
    size_t taken = x->arena->used_bytes + x->claim_max * sizeof(struct bq_claimed);
    size_t room = taken < x->arena->limit_bytes ? x->arena->limit_bytes - taken : 0;

    bq_pack_text(request, "claim_max");
    bq_pack_int(request, (int64_t)x->claim_max);
    bq_pack_text(request, "lost_max");
    bq_pack_int(request, (int64_t)x->claim_lost_max);
    bq_pack_text(request, "free_max");
    bq_pack_int(request, (int64_t)x->claim_free_max);
    bq_pack_text(request, "bytes");
    bq_pack_int(request, (int64_t)(room < INT64_MAX ? room : INT64_MAX));
    bq_pack_text(request, "each");
    bq_pack_int(request, EACH_BYTES);
    bq_pack_text(request, "payload_max");
    bq_pack_int(request, BQ_JOB_MAX_BYTES);
    bq_pack_text(request, "shares");
    bq_pack_array(request, x->n_shares > 0 ? x->n_shares : 1);
    for (size_t i = 0; i < x->n_shares; i++) {
        bq_pack_array(request, 2);
        bq_pack_text(request, x->shares[i].queue);
        bq_pack_int(request, (int64_t)x->shares[i].max);
    }
    if (x->n_shares == 0) {
        bq_pack_array(request, 2);
        bq_pack_text(request, lease->queues[0]);
        bq_pack_int(request, (int64_t)x->claim_max);
    }
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
    bq_pack_text(request, "settles");
    bq_pack_array(request, x->n_settles);
    for (size_t i = 0; i < x->n_settles; i++) {
        pack_settle(request, &x->settles[i]);
    }
    pack_ticks(request, x);
    pack_jobs(request, x);
    pack_state(request, lease, x);
    pack_claims(request, lease, x);
}

/* An id without bytes: what arq would have made of it, to be failed as expired. */
static bool make_ghost(struct barq_arena *arena, struct bq_job *job)
{
    const struct bq_job_record record = {.function = "<unknown>", .nonce = ""};
    bq_auto(buf) struct bq_buf bytes;

    bq_buf_init(&bytes, BQ_HISTORY_ENTRY_MAX_BYTES);
    if (bq_job_encode(&bq_codec_pickle, &record, &bytes, NULL) != BARQ_OK) {
        return false;
    }
    job->payload = bq_arena_memdup(arena, bytes.data, bytes.len);
    job->payload_bytes = bytes.len;
    job->expires_at_ms = 1;
    return job->payload != NULL;
}

/* The fields of a job that has no record: its row, taken apart. */
struct row {
    char text[ROW_MAX_BYTES];
    struct bq_redis_reply parts[FIELDS];
    struct bq_redis_reply all;
};

static void split_row(const struct bq_redis_reply *text, struct row *row)
{
    char *at = row->text;

    *row = (struct row){.all = {.kind = BQ_REDIS_ARRAY, .items = row->parts, .text = ""}};
    (void)snprintf(row->text, sizeof(row->text), "%s", text->text);
    for (size_t i = 0; at && i < FIELDS; i++) {
        char *part = strsep(&at, "\t");

        row->parts[i] = (struct bq_redis_reply){
            .kind = *part ? BQ_REDIS_TEXT : BQ_REDIS_NIL, .text = part, .len = strlen(part)};
        row->all.len++;
    }
}

/* What of a claimed job is the queue's matter: all but its bytes. */
static struct bq_job read_names(const struct bq_redis_reply *claimed,
                                const struct bq_redis_reply *fields)
{
    const char *id = bq_reply_words(claimed, CLAIM_ID);
    const char *queue = bq_reply_words(claimed, CLAIM_QUEUE);
    struct bq_job job = {.id = id ? id : ""};

    if (!queue) {
        queue = bq_reply_words(fields, FIELD_QUEUE);
    }
    job.queue = queue ? queue : "";
    bq_redis_read_job(fields, &job);
    job.due_at_ms =
        bq_reply_number(claimed, CLAIM_TURN) + job.priority * (int64_t)BARQ_PRIORITY_STEP_MS;
    return job;
}

static void read_bytes(const struct bq_redis_reply *claimed, struct bq_job *job)
{
    const struct bq_redis_reply *payload = bq_reply_item(claimed, CLAIM_PAYLOAD);

    if (payload->kind == BQ_REDIS_TEXT) {
        job->payload = payload->text;
        job->payload_bytes = payload->len;
    } else {
        job->payload_bytes = (size_t)bq_reply_number(claimed, CLAIM_PAYLOAD_BYTES);
    }
}

static bool read_claimed(const struct bq_redis_reply *claimed, struct barq_arena *arena,
                         struct bq_claimed *out)
{
    const struct bq_redis_reply *fields = bq_reply_item(claimed, CLAIM_FIELDS);
    int64_t flags = bq_reply_number(claimed, CLAIM_FLAGS);
    int64_t tries = bq_reply_number(claimed, CLAIM_TRIES); /* as arq counts */
    struct row split;

    if (fields->kind == BQ_REDIS_TEXT) {
        split_row(fields, &split);
        fields = &split.all;
    }
    struct bq_job job = read_names(claimed, fields);
    const char *refusal = bq_reply_words(fields, FIELD_REFUSAL);
    bool started = bq_reply_number(fields, FIELD_BEFORE) != 0 || tries > 0;

    read_bytes(claimed, &job);
    job.uncertain =
        !started && (bq_reply_number(fields, FIELD_UNCERTAIN) != 0 || (flags & FLAG_DOUBTED) != 0);
    if ((flags & FLAG_GHOST) && !make_ghost(arena, &job)) {
        return false;
    }
    *out = (struct bq_claimed){
        .claimed_before = started || job.uncertain,
        .aborted = (flags & FLAG_ABORTED) != 0,
        .tries = (int)bq_reply_number(fields, FIELD_TRIES),
        .losses = (int)bq_reply_number(fields, FIELD_LOSSES),
        .crashes = (int)bq_reply_number(fields, FIELD_CRASHES),
        .alone = bq_reply_number(fields, FIELD_ALONE) != 0,
        .refusal = refusal ? bq_reply_text(arena, refusal) : NULL,
    };
    out->tries = tries > out->tries ? (int)tries : out->tries;
    if (refusal && !out->refusal) {
        return false; /* it must not be run */
    }
    return bq_reply_first_job(arena, &job, &out->job);
}

/* All claims of an exchange have one number. */
static bool read_claims(const struct bq_redis_reply *claimed, int64_t number, struct bq_exchange *x)
{
    size_t count = claimed->kind == BQ_REDIS_ARRAY ? claimed->len : 0;

    if (count == 0) {
        return true;
    }
    x->claimed = bq_reply_array(x->arena, count, sizeof(struct bq_claimed));
    for (size_t i = 0; x->claimed && i < count; i++) {
        if (!read_claimed(&claimed->items[i], x->arena, &x->claimed[i])) {
            return false;
        }
        x->claimed[i].claim = number;
        x->n_claimed++;
    }
    bq_reply_lost_first(x);
    return x->claimed != NULL;
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
           ticks->len == x->n_ticks && reply->len > ANSWER_CLAIM;
}

static void read_digits(const struct bq_redis_reply *reply, struct bq_exchange *x)
{
    for (size_t i = 0; i < x->n_settles; i++) {
        x->settles[i].stale = reply->items[ANSWER_STALE].text[i] == '1';
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
    if (!read_claims(&reply->items[ANSWER_CLAIMED], number, x) ||
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

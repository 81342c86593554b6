#include "broker/pg/exchange.h"

#include <limits.h>
#include <string.h>

#include "broker/history.h"
#include "broker/reply.h"
#include "job/message.h"

/* What a claimed job may take of the arena beside its id and payload: queue, function, key, refusal. */
enum {
    EACH_BYTES =
        2 * BARQ_QUEUE_MAX_BYTES + BARQ_FUNCTION_MAX_BYTES + 128 + sizeof(struct bq_claimed)
};

/* The columns of sql/exchange.sql, and what its rows are. */
enum {
    KIND,
    ID,
    QUEUE,
    PAYLOAD,
    PAYLOAD_BYTES,
    ENQUEUED_AT,
    DUE_AT,
    EXPIRES_AT,
    FUNCTION,
    KEY,
    REFUSAL,
    PRIORITY,
    FLAGS,
    TRIES,
    LOSSES,
    CRASHES,
    COLUMNS
};
enum { ROW_NUMBERS = 0, ROW_ABORT = 1, ROW_NEIGHBOUR = 2, ROW_CLAIMED = 3 };
/* In the row of the numbers, which is the last. */
enum { NUMBERS = ID, TICKS = QUEUE, STALE = FUNCTION, REFUSED = KEY, HELD = REFUSAL };
enum { BEFORE = 3, BEFORE_UNCERTAIN = 2, FLAG_ABORTED = 4, FLAG_ALONE = 8 };

enum { NEIGHBOURS_MAX = 64 };

#define PUT_NO(request, ...)                                                                       \
    bq_pg_put_no_arrays((request), (const enum pg_type[]){__VA_ARGS__},                            \
                        sizeof((const enum pg_type[]){__VA_ARGS__}) / sizeof(enum pg_type))

static void put_dead(struct pg_request *request, const struct pg_lease *lease)
{
    bq_pg_begin_array(request, PG_TEXT);
    for (size_t i = 0; lease->place[0] != '\0' && i < lease->n_neighbours; i++) {
        if (bq_place_is_free(lease->neighbours[i])) {
            bq_pg_add_text(request, lease->neighbours[i]);
        }
    }
    bq_pg_end_array(request);
}

/* What we know of that we have claimed. */
static void put_claims(struct pg_request *request, const struct bq_claims *claims)
{
    if (!claims) {
        PUT_NO(request, PG_TEXT, PG_INT8);
        return;
    }
    bq_pg_begin_array(request, PG_TEXT);
    bq_list_each (at, &claims->all) {
        bq_pg_add_text(request, bq_list_owner(at, struct bq_claim, link)->id);
    }
    bq_pg_end_array(request);
    bq_pg_begin_array(request, PG_INT8);
    bq_list_each (at, &claims->all) {
        bq_pg_add_int8(request, bq_list_owner(at, struct bq_claim, link)->number);
    }
    bq_pg_end_array(request);
}

static void put_worker(struct pg_request *request, const struct pg_lease *lease,
                       const struct pg_view *view, const struct bq_exchange *x)
{
    bq_pg_put_text(request, lease->token);
    bq_pg_put_int8(request, lease->worker);
    bq_pg_put_int8(request, view->era);
    bq_pg_put_int8(request, lease->last_claim);
    put_claims(request, view->claims);
    bq_pg_put_bool(request, x->renew);
    bq_pg_put_bool(request, x->count);
    bq_pg_put_bool(request, x->leave);
    bq_pg_put_bool(request, view->look);
    bq_pg_put_text(request, lease->place);
    bq_pg_put_text(request, lease->name);
    bq_pg_put_text(request, lease->queues_text);
    bq_pg_put_int8(request, lease->lease_ms);
    bq_pg_put_int8(request, lease->started_at_ms);
    bq_pg_put_texts(request, (const char *const *)lease->queues, lease->n_queues);
    put_dead(request, lease);
}

/* One field of all rules. */
enum limit_field { LIMIT_NAME, LIMIT_RUNNING, LIMIT_STARTS, LIMIT_PER };

static void put_limit_field(struct pg_request *request, const struct bq_limit_rule *rules,
                            size_t count, bool each_key, enum limit_field field)
{
    bq_pg_begin_array(request, field == LIMIT_NAME  ? PG_TEXT
                               : field == LIMIT_PER ? PG_INT8
                                                    : PG_INT4);
    for (size_t i = 0; i < count; i++) {
        const struct bq_limit *limit = each_key ? &rules[i].each_key : &rules[i].all;
        bool named = limit->name && limit->name[0] != '\0';

        if (field == LIMIT_NAME) {
            bq_pg_add_text(request, named ? limit->name : NULL);
        } else if (field == LIMIT_PER) {
            bq_pg_add_int8(request, limit->per_ms);
        } else {
            bq_pg_add_int4(request,
                           field == LIMIT_RUNNING ? limit->max_running : limit->max_starts);
        }
    }
    bq_pg_end_array(request);
}

void bq_pg_put_limits(struct pg_request *request, const struct bq_limit_rule *rules, size_t count)
{
    bq_pg_begin_array(request, PG_TEXT);
    for (size_t i = 0; i < count; i++) {
        bq_pg_add_text(request, rules[i].function);
    }
    bq_pg_end_array(request);
    for (int each_key = 0; each_key <= 1; each_key++) {
        for (enum limit_field field = LIMIT_NAME; field <= LIMIT_PER; field++) {
            put_limit_field(request, rules, count, each_key != 0, field);
        }
    }
}

static void put_state(struct pg_request *request, const struct bq_worker_state *state)
{
    if (!state) {
        PUT_NO(request, PG_INT8);
        bq_pg_put_text(request, NULL);
        return;
    }
    bq_pg_begin_array(request, PG_INT8);
    bq_pg_add_int8(request, state->executors);
    bq_pg_add_int8(request, state->threads);
    bq_pg_add_int8(request, state->running);
    bq_pg_add_int8(request, state->complete);
    bq_pg_add_int8(request, state->failed);
    bq_pg_add_int8(request, state->retried);
    bq_pg_end_array(request);
    bq_pg_put_text(request, state->tally);
}

/* An array with an item for each of `count`, which `item` is made of by `add`. */
#define PUT_EACH(request, type, count, add)                                                        \
    do {                                                                                           \
        bq_pg_begin_array((request), (type));                                                      \
        for (size_t i = 0; i < (count); i++) {                                                     \
            add;                                                                                   \
        }                                                                                          \
        bq_pg_end_array(request);                                                                  \
    } while (false)

static void put_log(struct pg_request *request, const struct bq_report *report)
{
    if (report->log_bytes > 0) {
        bq_pg_add_words(request, report->log, report->log_bytes);
    } else {
        bq_pg_add_null(request);
    }
}

static void put_progress(struct pg_request *request, const struct bq_report *report, int64_t number)
{
    if (report->progress) {
        bq_pg_add_int8(request, number);
    } else {
        bq_pg_add_null(request);
    }
}

static void put_reports(struct pg_request *request, const struct bq_exchange *x)
{
    const struct bq_report *all = x->reports;

    if (x->n_reports == 0) {
        PUT_NO(request, PG_TEXT, PG_INT8, PG_INT8, PG_INT8, PG_TEXT, PG_TEXT);
        return;
    }
    PUT_EACH(request, PG_TEXT, x->n_reports, bq_pg_add_text(request, all[i].id));
    PUT_EACH(request, PG_INT8, x->n_reports, bq_pg_add_int8(request, all[i].claim));
    PUT_EACH(request, PG_INT8, x->n_reports, put_progress(request, &all[i], all[i].done));
    PUT_EACH(request, PG_INT8, x->n_reports, put_progress(request, &all[i], all[i].total));
    PUT_EACH(request, PG_TEXT, x->n_reports,
             bq_pg_add_text(request, all[i].note && *all[i].note ? all[i].note : NULL));
    PUT_EACH(request, PG_TEXT, x->n_reports, put_log(request, &all[i]));
}

/* 0: none, -1: for ever. */
static int64_t keep_of(const struct bq_settle *settle)
{
    if (settle->keep_result_ms == BARQ_FOREVER) {
        return -1;
    }
    return settle->keep_result_ms > 0 ? settle->keep_result_ms : 0;
}

static bool are_complete(const struct bq_exchange *x)
{
    for (size_t i = 0; i < x->n_settles; i++) {
        if (x->settles[i].kind != BQ_SETTLE_COMPLETE) {
            return false;
        }
    }
    return true;
}

static void put_result(struct pg_request *request, const struct bq_settle *settle)
{
    bool ends = settle->kind == BQ_SETTLE_COMPLETE || settle->kind == BQ_SETTLE_FAIL;

    if (ends && keep_of(settle) != 0) {
        bq_pg_add_bytes(request, settle->result, settle->result_bytes);
    } else {
        bq_pg_add_null(request);
    }
}

/* What only those have that are not complete. */
static void put_returns(struct pg_request *request, const struct bq_exchange *x)
{
    const struct bq_settle *all = x->settles;

    if (are_complete(x)) {
        PUT_NO(request, PG_INT8, PG_INT4, PG_INT4, PG_BOOL, PG_BOOL, PG_TEXT, PG_INT8);
        return;
    }
    PUT_EACH(request, PG_INT8, x->n_settles, bq_pg_add_int8(request, all[i].defer_ms));
    PUT_EACH(request, PG_INT4, x->n_settles, bq_pg_add_int4(request, all[i].tries_used));
    PUT_EACH(request, PG_INT4, x->n_settles, bq_pg_add_int4(request, all[i].crashes_used));
    PUT_EACH(request, PG_BOOL, x->n_settles, bq_pg_add_bool(request, all[i].alone));
    PUT_EACH(request, PG_BOOL, x->n_settles, bq_pg_add_bool(request, all[i].claimed_before));
    PUT_EACH(request, PG_TEXT, x->n_settles, bq_pg_add_text(request, all[i].history));
    PUT_EACH(request, PG_INT8, x->n_settles, bq_pg_add_int8(request, all[i].leave_ms));
}

static void put_settles(struct pg_request *request, const struct bq_exchange *x)
{
    const struct bq_settle *all = x->settles;

    if (x->n_settles == 0) {
        PUT_NO(request, PG_INT4, PG_TEXT, PG_INT8, PG_BYTEA, PG_INT8, PG_INT8, PG_INT4, PG_INT4,
               PG_BOOL, PG_BOOL, PG_TEXT, PG_INT8);
        return;
    }
    PUT_EACH(request, PG_INT4, x->n_settles, bq_pg_add_int4(request, (int32_t)all[i].kind));
    PUT_EACH(request, PG_TEXT, x->n_settles, bq_pg_add_text(request, all[i].id));
    PUT_EACH(request, PG_INT8, x->n_settles, bq_pg_add_int8(request, all[i].claim));
    PUT_EACH(request, PG_BYTEA, x->n_settles, put_result(request, &all[i]));
    PUT_EACH(request, PG_INT8, x->n_settles, bq_pg_add_int8(request, keep_of(&all[i])));
    put_returns(request, x);
}

static void put_ticks(struct pg_request *request, const struct bq_exchange *x)
{
    const struct bq_tick *all = x->ticks;
    size_t count = x->n_ticks;

    if (count == 0) {
        PUT_NO(request, PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT, PG_TEXT, PG_INT8, PG_INT8, PG_INT8);
        bq_pg_put_no_jobs(request);
        return;
    }
    PUT_EACH(request, PG_TEXT, count, bq_pg_add_text(request, all[i].queue));
    PUT_EACH(request, PG_TEXT, count, bq_pg_add_text(request, all[i].name));
    PUT_EACH(request, PG_TEXT, count, bq_pg_add_text(request, all[i].function));
    PUT_EACH(request, PG_TEXT, count, bq_pg_add_text(request, all[i].schedule));
    PUT_EACH(request, PG_TEXT, count, bq_pg_add_text(request, all[i].time_zone));
    PUT_EACH(request, PG_INT8, count, bq_pg_add_int8(request, all[i].next_at_ms));
    PUT_EACH(request, PG_INT8, count, bq_pg_add_int8(request, all[i].at_ms));
    PUT_EACH(request, PG_INT8, count, bq_pg_add_int8(request, all[i].apart_ms));
    bq_pg_put_jobs(request, &(struct pg_jobs){&all->job, sizeof(*all), count});
}

static void put_probes(struct pg_request *request, const struct bq_exchange *x)
{
    const struct bq_probe *all = x->probes;

    if (x->n_probes == 0) {
        PUT_NO(request, PG_TEXT, PG_TEXT, PG_INT8);
        return;
    }
    PUT_EACH(request, PG_TEXT, x->n_probes, bq_pg_add_text(request, all[i].identity.id));
    PUT_EACH(request, PG_TEXT, x->n_probes, bq_pg_add_text(request, all[i].identity.queue));
    PUT_EACH(request, PG_INT8, x->n_probes,
             bq_pg_add_int8(request, all[i].identity.enqueued_at_ms));
}

static int32_t int_of(size_t number)
{
    return number < INT_MAX ? (int32_t)number : INT_MAX;
}

static void put_claim(struct pg_request *request, const struct pg_lease *lease,
                      const struct bq_exchange *x)
{
    size_t taken = x->arena->used_bytes;
    size_t room = taken < x->arena->limit_bytes ? x->arena->limit_bytes - taken : 0;

    bq_pg_put_int4(request, int_of(x->claim_max));
    bq_pg_put_int4(request, int_of(x->claim_lost_max));
    bq_pg_put_int4(request, int_of(x->claim_free_max));
    bq_pg_put_int8(request, (int64_t)(room < INT64_MAX ? room : INT64_MAX));
    bq_pg_put_int4(request, EACH_BYTES);
    bq_pg_put_int4(request, BQ_JOB_MAX_BYTES);
    if (x->n_shares == 0) {
        bq_pg_put_texts(request, (const char *const *)lease->queues, 1);
        PUT_EACH(request, PG_INT4, 1, bq_pg_add_int4(request, int_of(x->claim_max)));
        return;
    }
    PUT_EACH(request, PG_TEXT, x->n_shares, bq_pg_add_text(request, x->shares[i].queue));
    PUT_EACH(request, PG_INT4, x->n_shares, bq_pg_add_int4(request, int_of(x->shares[i].max)));
}

void bq_pg_put_exchange(struct pg_request *request, const struct pg_lease *lease,
                        const struct pg_view *view, const struct bq_exchange *x)
{
    put_worker(request, lease, view, x);
    if (view->limits) {
        bq_pg_append(request, view->limits);
    } else {
        PUT_NO(request, PG_TEXT, PG_TEXT, PG_INT4, PG_INT4, PG_INT8, PG_TEXT, PG_INT4, PG_INT4,
               PG_INT8);
    }
    put_state(request, x->state);
    put_reports(request, x);
    put_settles(request, x);
    put_ticks(request, x);
    if (x->n_enqueues > 0) {
        bq_pg_put_jobs(request,
                       &(struct pg_jobs){&x->enqueues->job, sizeof(*x->enqueues), x->n_enqueues});
    } else {
        bq_pg_put_no_jobs(request);
    }
    put_probes(request, x);
    put_claim(request, lease, x);
}

/* -- the answer -- */

static const char *text_of(const PGresult *rows, int row, int column)
{
    const char *text = bq_pg_words(rows, row, column);

    return text ? text : "";
}

static bool read_claimed(const PGresult *rows, int row, int64_t claim, struct barq_arena *arena,
                         struct bq_claimed *out)
{
    int64_t flags = bq_pg_number(rows, row, FLAGS);
    const char *refusal = bq_pg_words(rows, row, REFUSAL);
    size_t payload_bytes = 0;
    const void *payload = bq_pg_bytes(rows, row, PAYLOAD, &payload_bytes);
    struct bq_job job = {.id = text_of(rows, row, ID),
                         .queue = text_of(rows, row, QUEUE),
                         .payload = payload,
                         .payload_bytes = (size_t)bq_pg_number(rows, row, PAYLOAD_BYTES),
                         .enqueued_at_ms = bq_pg_number(rows, row, ENQUEUED_AT),
                         .due_at_ms = bq_pg_number(rows, row, DUE_AT),
                         .expires_at_ms = bq_pg_number(rows, row, EXPIRES_AT),
                         .uncertain = (flags & BEFORE) == BEFORE_UNCERTAIN,
                         .function = text_of(rows, row, FUNCTION),
                         .key = bq_pg_words(rows, row, KEY),
                         .priority = (int)bq_pg_number(rows, row, PRIORITY)};

    *out = (struct bq_claimed){
        .claim = claim,
        .claimed_before = (flags & BEFORE) != 0,
        .aborted = (flags & FLAG_ABORTED) != 0,
        .alone = (flags & FLAG_ALONE) != 0,
        .tries = (int)bq_pg_number(rows, row, TRIES),
        .losses = (int)bq_pg_number(rows, row, LOSSES),
        .crashes = (int)bq_pg_number(rows, row, CRASHES),
        .refusal = refusal ? bq_reply_text(arena, refusal) : NULL,
    };
    /* The server has seen to it that they fit; what it judged by is less than what they take by a little. */
    return (!refusal || out->refusal) && bq_reply_first_job(arena, &job, &out->job);
}

static size_t count_rows(const PGresult *rows, int64_t kind)
{
    size_t count = 0;

    for (int i = 0; i < bq_libpq.PQntuples(rows); i++) {
        count += bq_pg_number(rows, i, KIND) == kind;
    }
    return count;
}

static bool make_room(const PGresult *rows, struct bq_exchange *x)
{
    size_t claimed = count_rows(rows, ROW_CLAIMED);
    size_t aborts = count_rows(rows, ROW_ABORT);

    x->claimed = claimed > 0 ? bq_reply_array(x->arena, claimed, sizeof(*x->claimed)) : NULL;
    x->aborts = aborts > 0 ? bq_reply_array(x->arena, aborts, sizeof(char *)) : NULL;
    return (x->claimed || claimed == 0) && (x->aborts || aborts == 0);
}

static void read_neighbour(struct pg_lease *lease, const char *token)
{
    if (strlen(token) < BQ_TOKEN_BYTES && lease->n_neighbours < NEIGHBOURS_MAX) {
        memcpy(lease->neighbours[lease->n_neighbours++], token, strlen(token) + 1);
    }
}

static bool read_abort(const char *id, struct bq_exchange *x)
{
    const char *copy = x->aborts ? bq_reply_text(x->arena, id) : NULL;

    if (copy) {
        x->aborts[x->n_aborts++] = copy;
    }
    return copy != NULL;
}

/* False: out of memory. */
static bool read_rows(struct pg_lease *lease, const PGresult *rows, struct bq_exchange *x)
{
    for (int i = 0; i < bq_libpq.PQntuples(rows); i++) {
        int64_t kind = bq_pg_number(rows, i, KIND);

        if (kind == ROW_ABORT && !read_abort(text_of(rows, i, ID), x)) {
            return false;
        }
        if (kind == ROW_NEIGHBOUR) {
            read_neighbour(lease, text_of(rows, i, ID));
        }
        if (kind == ROW_CLAIMED) {
            struct bq_claimed *out = x->claimed ? &x->claimed[x->n_claimed] : NULL;

            if (!out || !read_claimed(rows, i, lease->last_claim, x->arena, out)) {
                return false;
            }
            x->n_claimed++;
        }
    }
    return true;
}

/* The server's numbers, in the order of sql/exchange.sql. */
static bool read_numbers(struct pg_lease *lease, const char *text, struct bq_exchange *x)
{
    int64_t worker;
    int64_t lost;
    int64_t started;
    int64_t claim;

    if (!bq_pg_next_number(&text, &worker) || !bq_pg_next_number(&text, &lost) ||
        !bq_pg_next_number(&text, &started) || !bq_pg_next_number(&text, &claim) ||
        !bq_pg_next_number(&text, &x->next_due_in_ms) ||
        !bq_pg_next_number(&text, &x->unfinished)) {
        return false;
    }
    for (size_t i = 0; i < lease->n_queues; i++) {
        if (!bq_pg_next_number(&text, &lease->numbers[i])) {
            return false;
        }
    }
    x->lease_lost = lost != 0;
    lease->worker = worker;
    lease->started_at_ms = started;
    lease->last_claim = claim > 0 ? claim : lease->last_claim;
    return true;
}

/* Sets what `places`, from 1 on, are told of. */
static void read_places(const PGresult *rows, int row, struct bq_exchange *x)
{
    const char *stale = text_of(rows, row, STALE);
    const char *refused = text_of(rows, row, REFUSED);
    const char *held = text_of(rows, row, HELD);
    int64_t place;

    while (bq_pg_next_number(&stale, &place)) {
        if (place >= 1 && (size_t)place <= x->n_settles) {
            x->settles[place - 1].stale = true;
        }
    }
    while (bq_pg_next_number(&refused, &place)) {
        if (place >= 1 && (size_t)place <= x->n_enqueues) {
            x->enqueues[place - 1].exists = true;
        }
    }
    while (bq_pg_next_number(&held, &place)) {
        if (place >= 1 && (size_t)place <= x->n_probes) {
            x->probes[place - 1].held = true;
        }
    }
}

/* "SINCE:TAKEN" of each. */
static bool read_ticks(const char *text, struct bq_exchange *x)
{
    for (size_t i = 0; i < x->n_ticks; i++) {
        int64_t taken = 0;

        if (!bq_pg_next_number(&text, &x->ticks[i].since_ms) || *text++ != ':' ||
            !bq_pg_next_number(&text, &taken)) {
            return false;
        }
        x->ticks[i].taken = taken != 0;
    }
    return true;
}

enum barq_status bq_pg_read_exchange(struct pg_lease *lease, const PGresult *rows,
                                     struct bq_exchange *x)
{
    int last = bq_libpq.PQntuples(rows) - 1;

    lease->n_neighbours = 0;
    if (bq_libpq.PQnfields(rows) != COLUMNS || last < 0 ||
        bq_pg_number(rows, last, KIND) != ROW_NUMBERS ||
        !read_numbers(lease, text_of(rows, last, NUMBERS), x) ||
        !read_ticks(text_of(rows, last, TICKS), x)) {
        return bq_fail(&x->err, BARQ_ERR_CORRUPT, "postgresql: an exchange's answer is none");
    }
    read_places(rows, last, x);
    if (!make_room(rows, x) || !read_rows(lease, rows, x)) {
        return bq_fail(&x->err, BARQ_ERR_NOMEM, "postgresql: no memory for what was claimed");
    }
    bq_reply_lost_first(x);
    return BARQ_OK;
}

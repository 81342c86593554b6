/*
 * claimed.c - what an exchange has claimed: of most jobs four columns, since
 * there is no more to be said, and of any other all that is known of it.
 */
#include <stdio.h>
#include <string.h>

#include "broker/redis/exchange.h"
#include "broker/reply.h"
#include "job/message.h"
#include "job/record.h"

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

/* Where plain.lua puts what. */
enum { GROUP_QUEUE, GROUP_IDS, GROUP_PAYLOADS, GROUP_DUES, GROUP_ROWS };

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

static size_t length_of(const struct bq_redis_reply *array)
{
    return array->kind == BQ_REDIS_ARRAY ? array->len : 0;
}

/* Of the jobs of one queue, all plain. */
static bool read_group(const struct bq_redis_reply *group, int64_t number, struct bq_exchange *x)
{
    const struct bq_redis_reply *ids = bq_reply_item(group, GROUP_IDS);
    const struct bq_redis_reply *payloads = bq_reply_item(group, GROUP_PAYLOADS);
    const struct bq_redis_reply *rows = bq_reply_item(group, GROUP_ROWS);
    const char *queue = bq_reply_words(group, GROUP_QUEUE);

    for (size_t i = 0; i < length_of(ids); i++) {
        const struct bq_redis_reply *payload = bq_reply_item(payloads, i);
        const char *id = bq_reply_words(ids, i);
        struct bq_job job = {.id = id ? id : "",
                             .queue = queue ? queue : "",
                             .payload = payload->text,
                             .payload_bytes = payload->len,
                             .due_at_ms = bq_reply_number(bq_reply_item(group, GROUP_DUES), i)};
        struct row split;

        split_row(bq_reply_item(rows, i), &split);
        bq_redis_read_job(&split.all, &job);
        x->claimed[x->n_claimed] = (struct bq_claimed){.claim = number};
        if (!bq_reply_first_job(x->arena, &job, &x->claimed[x->n_claimed].job)) {
            return false;
        }
        x->n_claimed++;
    }
    return true;
}

static int64_t turn_of(const struct bq_claimed *claimed)
{
    return claimed->job.due_at_ms - claimed->job.priority * (int64_t)BARQ_PRIORITY_STEP_MS;
}

/* Puts the first `count`, mostly few, in their turns among the others. */
static void merge(struct bq_exchange *x, size_t count)
{
    while (count-- > 0) {
        struct bq_claimed one = x->claimed[count];
        size_t at = count;

        for (; at + 1 < x->n_claimed && turn_of(&x->claimed[at + 1]) < turn_of(&one); at++) {
            x->claimed[at] = x->claimed[at + 1];
        }
        x->claimed[at] = one;
    }
}

static size_t count_claimed(const struct bq_redis_reply *claimed,
                            const struct bq_redis_reply *groups)
{
    size_t count = length_of(claimed);

    for (size_t i = 0; i < length_of(groups); i++) {
        count += length_of(bq_reply_item(&groups->items[i], GROUP_IDS));
    }
    return count;
}

bool bq_redis_read_claims(const struct bq_redis_reply *claimed, const struct bq_redis_reply *groups,
                          int64_t number, struct bq_exchange *x)
{
    size_t count = count_claimed(claimed, groups);
    if (count == 0) {
        return true;
    }
    x->claimed = bq_reply_array(x->arena, count, sizeof(struct bq_claimed));
    if (!x->claimed) {
        return false;
    }
    for (size_t i = 0; i < length_of(claimed); i++) {
        if (!read_claimed(&claimed->items[i], x->arena, &x->claimed[i])) {
            return false;
        }
        x->claimed[i].claim = number; /* all claims of an exchange have one */
        x->n_claimed++;
    }
    for (size_t i = 0; i < length_of(groups); i++) {
        if (!read_group(&groups->items[i], number, x)) {
            return false;
        }
    }
    if (length_of(groups) > 0) {
        merge(x, length_of(claimed));
    }
    bq_reply_lost_first(x);
    return true;
}

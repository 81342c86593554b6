/*
 * reply.h - a broker's answers, put into the arena of whoever asked.
 */
#ifndef BQ_BROKER_REPLY_H
#define BQ_BROKER_REPLY_H

#include "broker/broker.h"

/* Copies a job; false when it does not fit into the arena. */
bool bq_reply_job(struct barq_arena *arena, const struct bq_job *from, struct bq_job *out)
    BARQ_MUST_CHECK;

/*
 * The same for the first of the claimed, which is given however large it is, or nobody could ever
 * claim it: raises the arena's limit if need be. False when the heap is exhausted.
 */
bool bq_reply_first_job(struct barq_arena *arena, const struct bq_job *from, struct bq_job *out)
    BARQ_MUST_CHECK;

/* Puts what was claimed in its order: first those that were lost or must run alone. */
void bq_reply_lost_first(struct bq_exchange *exchange);

/* `count` items of `bytes`; small things that must be told, so they raise the limit, too. */
void *bq_reply_array(struct barq_arena *arena, size_t count, size_t bytes);
char *bq_reply_text(struct barq_arena *arena, const char *text);
/* The cursor of what follows `seq` in a list. */
char *bq_reply_cursor(struct barq_arena *arena, int64_t seq);

/* Until when a result that is kept so long from now on is to be seen: 0 when it is not kept; INT64_MAX for ever. */
int64_t bq_result_until_ms(int64_t now_ms, int64_t keep_result_ms);
/* Why a job must not be run that was to wait for `id`, which has failed, or was deleted; returns `out`. */
enum { BQ_REFUSAL_BYTES = BARQ_JOB_ID_MAX_BYTES + 64 };
const char *bq_reply_refusal(char out[BQ_REFUSAL_BYTES], const char *id, bool deleted);

/* What the dispatcher's part of an exchange does not say, as it is before anything has happened. */
void bq_reply_begin(struct bq_exchange *exchange);
/* The exchange has failed with what is in its `err`: nothing has happened. */
void bq_reply_failed(struct bq_exchange *exchange);

#endif

/*
 * pack.h - a request for a script: MessagePack, which Redis' Lua reads.
 *
 * Lua's numbers are doubles: what may be larger than 2^53 goes as text.
 */
#ifndef BQ_BROKER_REDIS_PACK_H
#define BQ_BROKER_REDIS_PACK_H

#include "base/buf.h"
#include "broker/broker.h"

void bq_pack_map(struct bq_buf *out, size_t pairs);
void bq_pack_array(struct bq_buf *out, size_t items);
void bq_pack_bytes(struct bq_buf *out, const void *bytes, size_t len);
void bq_pack_text(struct bq_buf *out, const char *text);
void bq_pack_int(struct bq_buf *out, int64_t number);
void bq_pack_bool(struct bq_buf *out, bool yes);
/* A number as its digits. */
void bq_pack_digits(struct bq_buf *out, int64_t number);
/* False for what is not said: NULL or "", 0. */
void bq_pack_text_if(struct bq_buf *out, const char *text);
void bq_pack_int_if(struct bq_buf *out, int64_t number);
/* A job as enqueue.lua reads it. */
void bq_pack_job(struct bq_buf *out, const struct bq_job *job);
/* An array of `count` texts. */
void bq_pack_texts(struct bq_buf *out, const char *const *texts, size_t count);

#endif

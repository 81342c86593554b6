/*
 * msgpack.h - the two halves of the MessagePack codec.
 */
#ifndef BQ_CODEC_MSGPACK_H
#define BQ_CODEC_MSGPACK_H

#include "codec/codec.h"

/* Extension -1: an instant, of 4, 8 or 12 bytes. */
enum { BQ_MSGPACK_TIMESTAMP = -1 };

enum barq_status bq_msgpack_read(struct barq_arena *arena, const void *bytes, size_t len,
                                 struct barq_value **out, struct barq_error *err) BARQ_MUST_CHECK;

#endif

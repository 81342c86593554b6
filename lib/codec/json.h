/*
 * json.h - the two halves of the JSON codec.
 */
#ifndef BQ_CODEC_JSON_H
#define BQ_CODEC_JSON_H

#include "codec/codec.h"

enum barq_status bq_json_read(struct barq_arena *arena, const void *bytes, size_t len,
                              struct barq_value **out, struct barq_error *err) BARQ_MUST_CHECK;

#endif

/*
 * json.h - the two halves of the JSON codec.
 */
#ifndef BQ_CODEC_JSON_H
#define BQ_CODEC_JSON_H

#include "codec/codec.h"

enum barq_status bq_json_read(struct barq_arena *arena, const void *bytes, size_t len,
                              struct barq_value **out, struct barq_error *err) BARQ_MUST_CHECK;

/* Writes a string with its quotes; `bytes` are UTF-8. For JSON that nobody has as a value. */
void bq_json_put_string(struct bq_buf *out, const char *bytes, size_t len);

#endif

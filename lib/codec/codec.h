/*
 * codec.h - values to bytes and back. Each wire format is one file that
 * exports one struct bq_codec; codecs.c is the table of them.
 */
#ifndef BQ_CODEC_CODEC_H
#define BQ_CODEC_CODEC_H

#include <stdbool.h>
#include <stddef.h>

#include <barq/value.h>

#include "base/buf.h"
#include "base/error.h"

struct bq_codec {
    const char *name;
    bool has_names; /* it can hold named values, and with them a failure as an exception */
    /* Appends to `out`, whose limit bounds it. BARQ_ERR_TYPE names the path of what the format cannot hold,
     * BARQ_ERR_LIMIT when `out` is full, BARQ_ERR_NOMEM / others for a broken value (barq_value_check()). */
    enum barq_status (*encode)(const struct barq_value *value, struct bq_buf *out,
                               struct barq_error *err);
    /* Reads all of `bytes` as one value into `arena`. BARQ_ERR_FORMAT names the offset; nothing of the bytes is
     * executed, and depth, size and memory are bounded. */
    enum barq_status (*decode)(struct barq_arena *arena, const void *bytes, size_t len,
                               struct barq_value **out, struct barq_error *err);
};

extern const struct bq_codec bq_codec_json;
extern const struct bq_codec bq_codec_msgpack;
extern const struct bq_codec bq_codec_pickle;

/* "json", "msgpack", "pickle"; NULL: there is none of that name. */
const struct bq_codec *bq_codec_named(const char *name);

/* The codec that wrote `bytes`, a map or anything in JSON, by the first of them; NULL: none that we know. */
const struct bq_codec *bq_codec_of(const void *bytes, size_t len);

#endif

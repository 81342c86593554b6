/*
 * codecs.c - the table of wire formats, and what is public of them.
 */
#include <string.h>

#include <barq/value.h>

#include "base/arena.h"
#include "base/error.h"
#include "codec/codec.h"

#define TEXT(text) (text), sizeof(text) - 1

/* By the bytes that a format can start with, the first that fits. */
static const struct {
    const char *first_bytes;
    size_t count;
    size_t least_bytes;
    const struct bq_codec *codec;
} codecs[] = {
    {TEXT("{[\"0123456789-tfn \t\r\n"), 1, &bq_codec_json},
    {TEXT("\x80"), 2, &bq_codec_pickle}, /* alone it is MessagePack's empty map */
    {TEXT("\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\xde\xdf"), 1,
     &bq_codec_msgpack},
};

const struct bq_codec *bq_codec_of(const void *bytes, size_t len)
{
    const char *first = bytes;

    for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
        if (len >= codecs[i].least_bytes &&
            memchr(codecs[i].first_bytes, *first, codecs[i].count)) {
            return codecs[i].codec;
        }
    }
    return NULL;
}

const struct bq_codec *bq_codec_named(const char *name)
{
    for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
        if (strcmp(codecs[i].codec->name, name) == 0) {
            return codecs[i].codec;
        }
    }
    return NULL;
}

enum barq_status barq_from_json(struct barq_arena *arena, const char *text, size_t len,
                                struct barq_value **out, struct barq_error *err)
{
    return bq_codec_json.decode(arena, text, len, out, err);
}

enum barq_status barq_to_json(struct barq_arena *arena, const struct barq_value *value,
                              const char **out, size_t *len, struct barq_error *err)
{
    bq_auto(buf) struct bq_buf text;
    bq_buf_init(&text, arena->limit_bytes - arena->used_bytes);
    enum barq_status status = barq_value_check(value, err);
    if (status != BARQ_OK) {
        return status;
    }

    status = bq_codec_json.encode(value, &text, err);
    if (status != BARQ_OK && status != BARQ_ERR_LIMIT) {
        return status;
    }
    const char *copy = status == BARQ_OK ? bq_arena_strndup(arena, text.data, text.len) : NULL;
    if (!copy) {
        return bq_fail(err, BARQ_ERR_NOMEM, "json: the text does not fit into its arena");
    }
    *out = copy;
    if (len) {
        *len = text.len;
    }
    return BARQ_OK;
}

#include "job/serializer.h"

#include <stdlib.h>

#include "base/error.h"

static enum barq_status find(const char *by, const char *name, const struct bq_codec **out,
                             struct barq_error *err)
{
    const struct bq_codec *codec = bq_codec_named(name);
    if (!codec) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "%s: there is no serializer '%.40s'; there are json, msgpack, pickle", by,
                       name);
    }
    *out = codec;
    return BARQ_OK;
}

enum barq_status bq_serializer_find(const char *name, const struct bq_codec *otherwise,
                                    const struct bq_codec **out, struct barq_error *err)
{
    if (name) {
        return find("serializer", name, out, err);
    }
    const char *variable = getenv("BARQ_SERIALIZER");
    if (variable && variable[0] != '\0') {
        return find("BARQ_SERIALIZER", variable, out, err);
    }
    *out = otherwise;
    return BARQ_OK;
}

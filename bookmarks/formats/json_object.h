/*
 * json_object.h - what one JSON object says of a video, whoever wrote it.
 */
#ifndef BM_JSON_OBJECT_H
#define BM_JSON_OBJECT_H

#include <stdbool.h>

#include "formats/item.h"

/* The "format" of our own export. */
#define BM_JSON_OWN "bookmarks"

struct bm_json_context {
    const struct bm_sink *sink;
    int64_t line;
    const char *folder; /* NULL: none */
    bool inside;        /* of an archive: what was only watched was not meant */
    bool own;
    bool listed; /* one of many: one without an address may be of another kind */
};

/*
 * Gives the video, playlist or channel of `value`, or, when it has no address
 * itself, those of the objects in it; when there are none, that is told.
 */
enum barq_status bm_json_object(const struct bm_json_context *context,
                                const struct barq_value *value, struct barq_error *err)
    BARQ_MUST_CHECK;

/* What a list is called; NULL: it does not say. */
const char *bm_json_name(const struct barq_value *value);

#endif

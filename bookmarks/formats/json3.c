/* json3: YouTube's captions as JSON. */
#include <barq/value.h>

#include "formats/cues.h"

enum { PARSED_MAX_BYTES = 256 * 1024 * 1024 };

static void read_event(const struct barq_value *event, struct bm_cues *cues, struct bq_buf *text)
{
    const struct barq_value *segments = barq_get(event, "segs");
    int64_t start_ms = barq_as_int(barq_get(event, "tStartMs"), -1);
    int64_t lasts_ms = barq_as_int(barq_get(event, "dDurationMs"), 0);
    size_t len = 0;

    bq_buf_reset(text);
    for (size_t i = 0; i < barq_count(segments); i++) {
        const struct barq_value *piece = barq_get(barq_at(segments, i), "utf8");
        const void *bytes = barq_kind(piece) == BARQ_STRING ? barq_as_bytes(piece, &len) : NULL;
        if (bytes) {
            bq_buf_put(text, bytes, len);
        }
    }
    /* One that only breaks a line (aAppend) has no words. */
    if (start_ms >= 0 && start_ms < INT32_MAX && lasts_ms < INT32_MAX && text->len > 0) {
        bm_cues_add(cues, start_ms, start_ms + lasts_ms, text->data, text->len);
    }
}

bool bm_json3_read(const char *text, size_t len, struct bm_cues *cues)
{
    bq_auto(arena) struct barq_arena scratch;
    bq_auto(buf) struct bq_buf words;
    struct barq_value *body = NULL;
    bq_arena_init(&scratch, PARSED_MAX_BYTES);
    bq_buf_init(&words, BM_CAPTIONS_MAX_BYTES);
    if (barq_from_json(&scratch, text, len, &body, NULL) != BARQ_OK) {
        return false;
    }

    const struct barq_value *events = barq_get(body, "events");
    for (size_t i = 0; i < barq_count(events) && !cues->full && !cues->too_many; i++) {
        read_event(barq_at(events, i), cues, &words);
    }
    cues->full |= words.starved;
    return true;
}

/*
 * Any bytes for the reader of time zones: nothing crashes, and what is taken
 * has one offset at each instant, within spans that follow each other.
 *
 *     clang -fsanitize=fuzzer,address,undefined ...
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const int64_t first_s = -62167219200; /* the years 0000 to 9999 */
static const int64_t last_s = 253402300799;

static void walk(const struct bq_zone *zone)
{
    struct bq_zone_span span;
    int64_t at_s = first_s;

    for (int i = 0; i < 1000 && at_s < last_s; i++) {
        bq_zone_at(zone, at_s, &span);
        assert(span.from_s <= at_s && at_s < span.until_s);
        assert(abs(span.offset_s) < BQ_ZONE_OFFSET_MAX_S);
        assert(abs(span.before_s) < BQ_ZONE_OFFSET_MAX_S);
        at_s = span.until_s;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_zone *zone = NULL;

    bq_arena_init(&arena, BQ_ZONE_ARENA_BYTES);
    if (bq_zone_read(&arena, bytes, len, &zone, NULL) == BARQ_OK) {
        walk(zone);
    }
    const char *text = bq_arena_strndup(&arena, (const char *)bytes, len);
    if (text && bq_zone_parse(&arena, text, &zone, NULL) == BARQ_OK) {
        walk(zone);
    }
    return 0;
}

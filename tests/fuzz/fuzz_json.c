/*
 * Any bytes for the JSON reader and for what reads jobs and results: nothing
 * crashes, and what is read can be written and read again as the same.
 *
 *     clang -fsanitize=fuzzer,address,undefined ...
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <barq/value.h>

#include "base/arena.h"
#include "job/record.h"

enum { ARENA_MAX_BYTES = 4 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void round_trip(struct barq_arena *arena, const struct barq_value *value)
{
    struct barq_value *again;
    const char *text;
    const char *text_again;
    size_t len;

    if (barq_to_json(arena, value, &text, &len, NULL) != BARQ_OK ||
        barq_from_json(arena, text, len, &again, NULL) != BARQ_OK ||
        barq_to_json(arena, again, &text_again, NULL, NULL) != BARQ_OK) {
        assert(arena->limit_bytes - arena->used_bytes < ARENA_MAX_BYTES / 2);
        return;
    }
    assert(barq_equal(value, again));
    assert(strcmp(text, text_again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, ARENA_MAX_BYTES);
    struct barq_value *value;
    struct bq_job_record job;
    struct bq_result_record result;
    struct barq_error err;

    if (barq_from_json(&arena, (const char *)bytes, len, &value, &err) == BARQ_OK) {
        round_trip(&arena, value);
    }
    (void)bq_job_decode(&arena, bytes, len, &job, &err);
    (void)!bq_result_decode(&arena, bytes, len, &result, &err);
    return 0;
}

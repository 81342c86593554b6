/*
 * Any bytes as a form with files: nothing crashes, parts lie within the body and behind each other,
 * and reading ends.
 *
 *     clang -fsanitize=fuzzer,address,undefined ...
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "http/multipart.h"

enum { ARENA_MAX_BYTES = 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* The first line is the content type; a copy, so that reading past the end is seen. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, ARENA_MAX_BYTES);
    const char *text = (const char *)bytes;
    const char *end = len > 0 ? memchr(text, '\n', len) : NULL;
    size_t type_len = end ? (size_t)(end - text) : 0;
    size_t body_len = end ? len - type_len - 1 : 0;
    const char *type = bq_arena_strndup(&arena, text, type_len);
    char *body = malloc(body_len + 1);
    struct bq_multipart form;
    struct bq_multipart_part part;
    bool more = true;
    const char *last = body;

    assert(type && body);
    memcpy(body, end ? end + 1 : text, body_len);
    enum barq_status status = bq_multipart_open(&form, type, body, body_len, NULL);
    for (int n = 0; status == BARQ_OK && more; n++) {
        assert(n <= BQ_MULTIPART_MAX_PARTS);
        status = bq_multipart_next(&form, &arena, &part, &more, NULL);
        if (status == BARQ_OK && more) {
            assert(part.name && part.data > last && part.data + part.len <= body + body_len);
            last = part.data + part.len;
        }
    }
    free(body);
    return 0;
}

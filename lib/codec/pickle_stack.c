/*
 * pickle_stack.c - the pickle machine's stack, memo and bytes.
 *
 * A value that is used several times is copied for each use after the first,
 * up to a limit: in a tree, sharing that doubles at each level would take all
 * memory.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <barq/value.h>

#include "base/arena.h"
#include "base/error.h"
#include "codec/pickle.h"

enum { WHY_BYTES = 160 };

void *bq_pickle_fail(struct bq_pickle *in, enum barq_status status, const char *format, ...)
{
    char why[WHY_BYTES];
    va_list values;
    uint8_t byte = in->opcode < in->end ? *in->opcode : 0;

    va_start(values, format);
    (void)vsnprintf(why, sizeof(why), format, values);
    va_end(values);
    in->status = bq_fail(in->err, status, "pickle: cannot read opcode 0x%02x (%s) at byte %zu: %s",
                         byte, bq_pickle_opcode_name(byte), (size_t)(in->opcode - in->start), why);
    return NULL;
}
struct barq_value *bq_pickle_made(struct bq_pickle *in, struct barq_value *value)
{
    if (!value) {
        (void)bq_pickle_fail(in, BARQ_ERR_NOMEM, "no memory is left for its values");
    }
    return value;
}

bool bq_pickle_bad(struct bq_pickle *in, const char *why)
{
    (void)bq_pickle_fail(in, BARQ_ERR_FORMAT, "%s", why);
    return false;
}

struct barq_value *bq_pickle_use(struct bq_pickle *in, struct barq_value *value)
{
    if (!bq_pickle_finish(in, value)) {
        return NULL;
    }
    if (!value->closed) {
        return value;
    }

    size_t before = in->arena->used_bytes;
    struct barq_value *copy = bq_pickle_made(in, barq_copy(in->arena, value));
    in->shared_bytes += in->arena->used_bytes - before;
    if (copy && in->shared_bytes > BQ_PICKLE_SHARED_MAX_BYTES) {
        return bq_pickle_fail(in, BARQ_ERR_LIMIT,
                              "what is shared takes more than %d MiB written out",
                              BQ_PICKLE_SHARED_MAX_BYTES / (1024 * 1024));
    }
    return copy;
}

static bool still_whole(struct bq_pickle *in, const struct barq_value *box)
{
    switch ((enum bq_flaw)box->flaw) {
    case BQ_FLAW_NONE:
        return true;
    case BQ_FLAW_ITSELF:
    case BQ_FLAW_CLOSED:
        return bq_pickle_bad(in, "it changes a value that is in use, perhaps in itself");
    case BQ_FLAW_TOO_DEEP:
        (void)bq_pickle_fail(in, BARQ_ERR_LIMIT, "more than %d containers in each other",
                             BARQ_VALUE_MAX_DEPTH);
        return false;
    case BQ_FLAW_MISSING:
    case BQ_FLAW_FULL:
    case BQ_FLAW_ELSEWHERE:
    case BQ_FLAW_TOO_MANY:
    case BQ_FLAW_NO_CONTAINER:
        break;
    }
    return bq_pickle_made(in, NULL) != NULL;
}

bool bq_pickle_add(struct bq_pickle *in, struct barq_value *box, struct barq_value *item)
{
    struct barq_value *whole = bq_pickle_use(in, item);
    if (!whole) {
        return false;
    }
    barq_add(box, whole);
    return still_whole(in, box);
}

bool bq_pickle_put(struct bq_pickle *in, struct barq_value *map, struct barq_value *key,
                   struct barq_value *value)
{
    struct barq_value *whole_key = bq_pickle_use(in, key);
    struct barq_value *whole = whole_key ? bq_pickle_use(in, value) : NULL;
    if (!whole) {
        return false;
    }
    barq_put(map, whole_key, whole);
    return still_whole(in, map);
}

/* Makes `*places` hold at least `wanted`. */
static bool widen(struct bq_pickle *in, struct barq_value ***places, size_t *capacity,
                  size_t wanted)
{
    size_t more = *capacity > 0 ? 2 * *capacity : BQ_PICKLE_FIRST_CAPACITY;
    if (wanted <= *capacity) {
        return true;
    }
    while (more < wanted) {
        more *= 2;
    }

    struct barq_value **wider =
        (struct barq_value **)bq_arena_array(in->scratch, more, sizeof(struct barq_value *));
    if (!wider) {
        (void)bq_pickle_fail(in, BARQ_ERR_NOMEM, "no memory is left for its stack");
        return false;
    }
    if (*capacity > 0) {
        memcpy((void *)wider, (const void *)*places, *capacity * sizeof(struct barq_value *));
    }
    *places = wider;
    *capacity = more;
    return true;
}

bool bq_pickle_push_or_mark(struct bq_pickle *in, struct barq_value *value)
{
    if (!widen(in, &in->stack, &in->stack_capacity, in->depth + 1)) {
        return false;
    }
    in->stack[in->depth++] = value;
    return true;
}

bool bq_pickle_push(struct bq_pickle *in, struct barq_value *value)
{
    return value && bq_pickle_push_or_mark(in, value);
}

struct barq_value *bq_pickle_pop(struct bq_pickle *in)
{
    struct barq_value *value = in->depth > 0 ? in->stack[in->depth - 1] : NULL;
    if (!value) {
        (void)bq_pickle_bad(in, "it needs more values than there are");
        return NULL;
    }
    in->depth--;
    return value;
}

struct barq_value *bq_pickle_top(struct bq_pickle *in)
{
    struct barq_value *value = bq_pickle_pop(in);

    in->depth += value != NULL;
    return value;
}

struct barq_value **bq_pickle_pop_marked(struct bq_pickle *in, size_t *count)
{
    size_t first = in->depth;
    while (first > 0 && in->stack[first - 1]) {
        first--;
    }
    if (first == 0) {
        return bq_pickle_fail(in, BARQ_ERR_FORMAT, "it needs a mark, and there is none");
    }
    *count = in->depth - first;
    in->depth = first - 1;
    return in->stack + first;
}

bool bq_pickle_memo_put(struct bq_pickle *in, size_t place)
{
    struct barq_value *value = bq_pickle_top(in);
    if (!value) {
        return false;
    }
    if (place >= (size_t)(in->end - in->start)) {
        return bq_pickle_bad(in, "a place in the memo beyond the number of bytes");
    }
    if (!widen(in, &in->memo, &in->memo_capacity, place + 1)) {
        return false;
    }
    in->memo[place] = value;
    in->memo_count = place >= in->memo_count ? place + 1 : in->memo_count;
    return true;
}

bool bq_pickle_memo_get(struct bq_pickle *in, size_t place)
{
    struct barq_value *value = place < in->memo_count ? in->memo[place] : NULL;

    return value ? bq_pickle_push(in, value)
                 : bq_pickle_bad(in, "nothing is in that place of the memo");
}

const uint8_t *bq_pickle_take(struct bq_pickle *in, uint64_t len)
{
    const uint8_t *bytes = in->at;
    if ((uint64_t)(in->end - in->at) < len) {
        return bq_pickle_fail(in, BARQ_ERR_FORMAT, "the bytes end within it");
    }
    in->at += len;
    return bytes;
}

bool bq_pickle_take_number(struct bq_pickle *in, int bytes, uint64_t *out)
{
    const uint8_t *from = bq_pickle_take(in, (uint64_t)bytes);
    uint64_t number = 0;
    for (int i = bytes - 1; from && i >= 0; i--) {
        number = number << 8 | from[i];
    }
    *out = number;
    return from != NULL;
}

const uint8_t *bq_pickle_take_sized(struct bq_pickle *in, int bytes, uint64_t *len)
{
    return bq_pickle_take_number(in, bytes, len) ? bq_pickle_take(in, *len) : NULL;
}

const char *bq_pickle_take_line(struct bq_pickle *in, size_t *len)
{
    const char *line = (const char *)in->at;
    const char *end = memchr(line, '\n', (size_t)(in->end - in->at));
    if (!end) {
        return bq_pickle_fail(in, BARQ_ERR_FORMAT, "the bytes end within it");
    }
    *len = (size_t)(end - line);
    in->at += *len + 1;
    return line;
}

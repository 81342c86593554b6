#include "web/text.h"

#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"

enum { ESCAPE_BYTES = 4 }; /* "\xff" */

const char *bw_clean(struct barq_arena *arena, const char *text)
{
    size_t len = strlen(text);
    if (bq_utf8_valid(text, len)) {
        return text;
    }

    size_t room = len * ESCAPE_BYTES + 1;
    char *clean = bq_arena_alloc(arena, room);
    if (clean) {
        (void)bq_log_clean(text, len, clean, room);
    }
    return clean;
}

struct barq_value *bw_text(struct barq_arena *arena, const char *text)
{
    if (!text) {
        return barq_null(arena);
    }
    const char *clean = bw_clean(arena, text);
    return clean ? barq_string(arena, clean) : NULL;
}

struct barq_value *bw_maybe(struct barq_arena *arena, int64_t number)
{
    return number == 0 ? barq_null(arena) : barq_int(arena, number);
}

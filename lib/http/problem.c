#include "http/problem.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"

const char bq_http_too_large[] = "{\"type\":\"about:blank\","
                                 "\"title\":\"The answer is too large: ask for less\","
                                 "\"status\":500,\"code\":\"answer_too_large\","
                                 "\"detail\":\"The answer is too large: ask for less\"}";

struct barq_value *bq_http_problem(struct barq_arena *arena, const struct bq_http_problem *problem,
                                   const char *where, const char *detail)
{
    struct barq_value *value = barq_map(arena);

    barq_set_key(value, "type", barq_format(arena, "%s#problem-%s", where, problem->code));
    barq_set_key(value, "title", barq_string(arena, problem->title));
    barq_set_key(value, "status", barq_int(arena, problem->status));
    barq_set_key(value, "code", barq_string(arena, problem->code));
    barq_set_key(value, "detail", barq_string(arena, detail ? detail : problem->title));
    return value;
}

const char *bq_http_sentence(struct barq_arena *arena, const char *text)
{
    const char *room_ends = strstr(text, ": ");
    char *own = bq_arena_strdup(arena, room_ends ? room_ends + 2 : text);

    if (own) {
        *own = (char)toupper((unsigned char)*own);
    }
    return own;
}

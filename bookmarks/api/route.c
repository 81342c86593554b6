#include "api/route.h"

#include <string.h>

#include "base/text.h"

/* Ends at a slash, or at the end. */
static size_t part_len(const char *path)
{
    return strcspn(path, "/");
}

/* Does one part, decoded, fit that of the pattern? What a {} stands for is an id. */
static bool part_fits(const char *pattern, size_t pattern_len, const char *part, const char **ids,
                      size_t *n_ids)
{
    if (*pattern != '{') {
        return strlen(part) == pattern_len && memcmp(pattern, part, pattern_len) == 0;
    }
    if (*part == '\0' || *n_ids == BM_API_MAX_IDS) {
        return false;
    }
    ids[(*n_ids)++] = part;
    return true;
}

/* `parts` are the path's. */
static bool fits(const char *pattern, const char *const *parts, size_t n_parts, const char **ids)
{
    size_t n_ids = 0;

    for (size_t i = 0; i < n_parts; i++) {
        if (*pattern != '/') {
            return false;
        }
        size_t len = part_len(++pattern);
        if (!part_fits(pattern, len, parts[i], ids, &n_ids)) {
            return false;
        }
        pattern += len;
    }
    return *pattern == '\0';
}

/* Both fit the same path: does `a` spell out what `b` leaves open, before the reverse happens? */
static bool is_closer(const char *a, const char *b)
{
    while (*a != '\0' && *b != '\0') {
        size_t a_len = part_len(++a);
        size_t b_len = part_len(++b);
        if ((*a == '{') != (*b == '{')) {
            return *b == '{';
        }
        a += a_len;
        b += b_len;
    }
    return false;
}

/* Cuts "/a%20b/c" into its parts, decoded; false when it is no path, or the arena is full. */
static bool cut(const char *raw_path, struct barq_arena *arena, const char ***out, size_t *count)
{
    size_t n = 0;
    size_t most = 0;

    for (const char *at = raw_path; *at != '\0'; at++) {
        most += *at == '/';
    }
    const char **parts = bq_arena_array(arena, most + 1, sizeof(*parts));
    while (parts && *raw_path == '/') {
        size_t len = part_len(++raw_path);
        char *part = bq_arena_strndup(arena, raw_path, len);
        if (!part || !bq_percent_decode(part)) {
            return false;
        }
        parts[n++] = part;
        raw_path += len;
    }
    *out = parts;
    *count = n;
    return parts && *raw_path == '\0';
}

/* -- what a path allows -- */

static bool is_method(const struct bm_api_route *route, const char *method)
{
    return strcmp(route->method, method) == 0 ||
           (strcmp(method, "HEAD") == 0 && strcmp(route->method, "GET") == 0);
}

static const char *add_method(const char *allowed, const char *method, struct barq_arena *arena)
{
    const char *head = strcmp(method, "GET") == 0 ? ", HEAD" : "";

    if (!allowed) {
        return bq_arena_format(arena, "%s%s", method, head);
    }
    return strstr(allowed, method) ? allowed
                                   : bq_arena_format(arena, "%s, %s%s", allowed, method, head);
}

/* -- finding -- */

struct search {
    const char *method;
    const char **parts;
    size_t n_parts;
    const struct bm_api_route *found;
    const char *allowed; /* NULL: no path has fitted */
};

static bool look_at(struct search *search, const struct bm_api_route *route,
                    struct barq_arena *arena, const char *ids[BM_API_MAX_IDS])
{
    const char *own[BM_API_MAX_IDS] = {0};

    if (!fits(route->path, search->parts, search->n_parts, own)) {
        return true;
    }
    search->allowed = add_method(search->allowed, route->method, arena);
    if (is_method(route, search->method) &&
        (!search->found || is_closer(route->path, search->found->path))) {
        search->found = route;
        memcpy(ids, own, sizeof(own));
    }
    return search->allowed != NULL;
}

enum bm_api_found bm_api_find(const struct bm_api_topic *const *topics, size_t n_topics,
                              const char *method, const char *raw_path, struct barq_arena *arena,
                              const struct bm_api_route **out, const char *ids[BM_API_MAX_IDS],
                              const char **allowed)
{
    struct search search = {.method = method};

    if (!cut(raw_path, arena, &search.parts, &search.n_parts)) {
        return BM_API_NO_PATH;
    }
    for (size_t i = 0; i < n_topics; i++) {
        for (size_t k = 0; k < topics[i]->count; k++) {
            if (!look_at(&search, &topics[i]->routes[k], arena, ids)) {
                return BM_API_NO_MEMORY;
            }
        }
    }
    if (!search.allowed) {
        return BM_API_NO_PATH;
    }
    *allowed = bq_arena_format(arena, "%s, OPTIONS", search.allowed);
    *out = search.found;
    if (!*allowed) {
        return BM_API_NO_MEMORY;
    }
    return search.found ? BM_API_FOUND : BM_API_NO_METHOD;
}

#include "http/route.h"

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
    if (*part == '\0' || *n_ids == BQ_HTTP_MAX_IDS) {
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
static bool cut(struct bq_http_search *search, const char *raw_path)
{
    size_t most = 0;

    for (const char *at = raw_path; *at != '\0'; at++) {
        most += *at == '/';
    }
    search->parts = bq_arena_array(search->arena, most + 1, sizeof(*search->parts));
    while (search->parts && *raw_path == '/') {
        size_t len = part_len(++raw_path);
        char *part = bq_arena_strndup(search->arena, raw_path, len);
        if (!part || !bq_percent_decode(part)) {
            return false;
        }
        search->parts[search->n_parts++] = part;
        raw_path += len;
    }
    return search->parts && *raw_path == '\0';
}

/* -- what a path allows -- */

static bool is_method(const char *of_route, const char *method)
{
    return strcmp(of_route, method) == 0 ||
           (strcmp(method, "HEAD") == 0 && strcmp(of_route, "GET") == 0);
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

bool bq_http_search_begin(struct bq_http_search *search, const char *method, const char *raw_path,
                          struct barq_arena *arena)
{
    *search = (struct bq_http_search){.method = method, .arena = arena};
    return cut(search, raw_path);
}

bool bq_http_search_try(struct bq_http_search *search, const char *method, const char *path,
                        const void *route)
{
    const char *own[BQ_HTTP_MAX_IDS] = {0};

    if (!fits(path, search->parts, search->n_parts, own)) {
        return true;
    }
    search->allowed = add_method(search->allowed, method, search->arena);
    if (is_method(method, search->method) &&
        (!search->found || is_closer(path, search->found_path))) {
        search->found = route;
        search->found_path = path;
        memcpy(search->ids, own, sizeof(own));
    }
    return search->allowed != NULL;
}

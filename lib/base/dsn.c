#include "base/dsn.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

#define SCHEME_BYTES "abcdefghijklmnopqrstuvwxyz0123456789+.-"

/* Ends `text` at the first `mark` and returns what follows, or "" without a mark. */
static char *cut(char *text, char mark)
{
    char *hit = strchrnul(text, mark);

    if (*hit == '\0') {
        return hit;
    }
    *hit = '\0';
    return hit + 1;
}

/* Splits "user:password@hosts". The last @ counts, so that one in a password cannot move the host. */
static bool split_authority(char *text, struct bq_dsn *dsn)
{
    char *at = strrchr(text, '@');
    if (!at) {
        dsn->hosts = text;
        return true;
    }

    *at = '\0';
    dsn->hosts = at + 1;
    char *password = cut(text, ':');
    dsn->user = text;
    dsn->password = password;
    return bq_percent_decode(text) && bq_percent_decode(password);
}

enum barq_status bq_dsn_parse(struct barq_arena *arena, const char *text, struct bq_dsn *out,
                              struct barq_error *err)
{
    size_t len = strnlen(text, BQ_DSN_MAX_BYTES + 1);
    if (len > BQ_DSN_MAX_BYTES) {
        return bq_fail(err, BARQ_ERR_LIMIT, "dsn: longer than %d bytes", BQ_DSN_MAX_BYTES);
    }

    size_t scheme_len = strspn(text, SCHEME_BYTES);
    if (scheme_len == 0 || text[scheme_len] != ':') {
        return bq_fail(err, BARQ_ERR_FORMAT, "dsn: does not start with a scheme and a colon");
    }

    const char *after = text + scheme_len + 1;
    const char *path = after;
    if (strncmp(after, "//", 2) == 0) {
        after += 2;
        path = after + strcspn(after, "/?");
    }

    char *scheme = bq_arena_strndup(arena, text, scheme_len);
    char *authority = bq_arena_strndup(arena, after, (size_t)(path - after));
    char *rest = bq_arena_strndup(arena, path, strlen(path));
    if (!scheme || !authority || !rest) {
        return bq_fail(err, BARQ_ERR_NOMEM, "dsn: arena is full");
    }

    struct bq_dsn dsn = {.scheme = scheme, .user = "", .password = "", .hosts = ""};
    dsn.options = cut(rest, '?');
    dsn.path = rest;
    if (!split_authority(authority, &dsn) || !bq_percent_decode(rest)) {
        return bq_fail(err, BARQ_ERR_FORMAT, "dsn: a %%-escape in it is broken");
    }

    *out = dsn;
    return BARQ_OK;
}

static void hide_authority(char *text)
{
    char *authority = strstr(text, "://");
    char *at = strrchr(text, '@');
    if (!authority || !at || at < authority) {
        return;
    }
    char *colon = memchr(authority + 3, ':', (size_t)(at - (authority + 3)));
    if (colon) {
        memset(colon + 1, '*', (size_t)(at - (colon + 1)));
    }
}

void bq_dsn_hide(char *text)
{
    static const char name[] = "password=";

    hide_authority(text);
    for (char *at = strstr(text, name); at; at = strstr(at, name)) {
        at += strlen(name);
        memset(at, '*', strcspn(at, "&"));
    }
}

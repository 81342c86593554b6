#include "http/place.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

bool bq_http_is_local(const char *host)
{
    return bq_starts_with(host, "127.") || strcmp(host, "[::1]") == 0 || strcmp(host, "::1") == 0;
}

void bq_http_bare_host(const char *host, char out[BQ_HTTP_HOST_BYTES])
{
    size_t len = strlen(host);
    bool brackets = len > 1 && host[0] == '[' && host[len - 1] == ']';

    (void)snprintf(out, BQ_HTTP_HOST_BYTES, "%.*s", (int)(brackets ? len - 2 : len),
                   host + brackets);
}

bool bq_http_is_base_path(const char *path)
{
    size_t len = strlen(path);
    bool is_clean = strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789-._~/") == len;

    return len == 0 || strcmp(path, "/") == 0 ||
           (is_clean && path[0] == '/' && path[len - 1] != '/' && !strstr(path, "//") &&
            !strstr(path, "/."));
}

const char *bq_http_below(const char *base_path, const char *raw_path)
{
    size_t len = strlen(base_path);
    bool is_below =
        strncmp(raw_path, base_path, len) == 0 && (raw_path[len] == '/' || raw_path[len] == '\0');

    if (!is_below || len == 0) {
        return raw_path;
    }
    return raw_path[len] == '\0' ? "/" : raw_path + len;
}

const char *bq_http_sender(const struct bq_http_call *call)
{
    const char *chain = bq_http_header(call, "X-Forwarded-For");
    bool is_near = bq_starts_with(call->peer, "127.") || strcmp(call->peer, "::1") == 0;

    if (!is_near || !chain) {
        return call->peer;
    }
    const char *last = strrchr(chain, ','); /* what is before it, the caller may have made up */
    last = last ? last + 1 : chain;
    return last + strspn(last, " ");
}

#include "http/gate.h"

#include <string.h>

#include "base/text.h"

const struct bq_http_field bq_http_strict_headers[] = {
    {"Content-Security-Policy",
     "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
    {"Referrer-Policy", "same-origin"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Cache-Control", "no-store"},
    {NULL, NULL},
};

/* Among names with "," between? */
static bool is_listed(const char *given, size_t len, const char *hosts)
{
    for (const char *at = hosts; at && *at;) {
        size_t one = strcspn(at, ",");
        if (one == len && strncasecmp(given, at, len) == 0) {
            return true;
        }
        at += one + (at[one] == ',');
    }
    return false;
}

/* "", ":80" */
static bool is_port(const char *text)
{
    return *text == '\0' || (*text == ':' && text[1 + strspn(text + 1, "0123456789")] == '\0');
}

bool bq_http_is_ours(const struct bq_http_names *names, const struct bq_http_call *call)
{
    const char *given = bq_http_header(call, "Host"); /* with or without a port */
    if (!given) {
        return false;
    }
    size_t len = *given == '[' ? strcspn(given, "]") + 1 : strcspn(given, ":");

    if (len > strlen(given) || !is_port(given + len)) {
        return false;
    }
    return len > 0 &&
           (is_listed(given, len, "localhost,127.0.0.1,[::1]") ||
            is_listed(given, len, names->host) || is_listed(given, len, names->more_hosts));
}

/*
 * A page of ours names itself as it names us; or, behind a proxy that names us as it likes, by a name
 * that we were told.
 */
static bool is_origin_foreign(const struct bq_http_names *names, const char *origin,
                              const char *host)
{
    bool is_web = bq_starts_with(origin, "http://") || bq_starts_with(origin, "https://");
    const char *own = is_web ? strstr(origin, "://") + 3 : "";

    return !is_web ||
           ((!host || strcmp(own, host) != 0) && !is_listed(own, strlen(own), names->more_hosts));
}

bool bq_http_is_foreign(const struct bq_http_names *names, const struct bq_http_call *call)
{
    const char *origin = bq_http_header(call, "Origin");
    const char *site = bq_http_header(call, "Sec-Fetch-Site");
    bool only_looks = strcmp(call->method, "GET") == 0 || strcmp(call->method, "HEAD") == 0;

    if (origin && is_origin_foreign(names, origin, bq_http_header(call, "Host"))) {
        return true;
    }
    /* "none": typed in by a person. A link from elsewhere may lead here, and only that. */
    return !only_looks && site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
}

bool bq_http_has_only_json(const struct bq_http_call *call)
{
    static const char json[] = "application/json";
    const char *type = bq_http_header(call, "Content-Type");

    if (!type) {
        return call->body_bytes == 0;
    }
    size_t len = strcspn(type, "; \t");
    return len == sizeof(json) - 1 && strncasecmp(type, json, len) == 0;
}

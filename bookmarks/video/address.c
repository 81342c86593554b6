#include "video/address.h"

#include <string.h>

#include "base/text.h"

char *bm_address_cut(char *text, const char *marks)
{
    char *hit = text + strcspn(text, marks);

    if (*hit == '\0') {
        return hit;
    }
    *hit = '\0';
    return hit + 1;
}

bool bm_address_value(const char *query, const char *key, char *out, size_t size)
{
    size_t key_len = strlen(key);

    for (const char *at = query; *at != '\0'; at += strcspn(at, "&;"), at += *at != '\0') {
        if (strncmp(at, key, key_len) == 0 && at[key_len] == '=') {
            const char *value = at + key_len + 1;
            size_t len = strcspn(value, "&;");
            if (len >= size) {
                return false;
            }
            memcpy(out, value, len);
            out[len] = '\0';
            return bq_percent_decode(out);
        }
    }
    return false;
}

/* `host` is `domain`, or a name below it. */
static bool is_host(const char *host, const char *domain)
{
    size_t len = strlen(host);
    size_t domain_len = strlen(domain);

    if (len < domain_len || !bq_equal_nocase(host + len - domain_len, domain)) {
        return false;
    }
    return len == domain_len || host[len - domain_len - 1] == '.';
}

bool bm_address_is_youtube(const struct bm_address *address)
{
    const char *host = address->host;

    return is_host(host, "youtube.com") || is_host(host, "youtube-nocookie.com") ||
           is_host(host, "youtubekids.com") || bq_equal_nocase(host, "youtube.googleapis.com") ||
           is_host(host, "ytimg.com");
}

bool bm_address_is_short(const struct bm_address *address)
{
    return is_host(address->host, "youtu.be");
}

/* Refuses "://user@host" and ports that are not numbers; takes the port and a last dot off. */
static bool clean_host(char *host)
{
    char *port = bm_address_cut(host, ":");
    size_t len = strlen(host);

    if (strchr(host, '@') || strchr(port, '@') || strspn(port, "0123456789") != strlen(port)) {
        return false;
    }
    if (len > 0 && host[len - 1] == '.') {
        host[len - 1] = '\0';
    }
    return true;
}

/* Takes "https://", "http://" or "//" off; NULL when another scheme is there. */
static char *after_scheme(char *text)
{
    static const char *const schemes[] = {"https://", "http://", "//"};

    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        size_t len = strlen(schemes[i]);
        if (strncasecmp(text, schemes[i], len) == 0) {
            return text + len;
        }
    }
    size_t word = strcspn(text, ":/?#");
    return strncmp(text + word, "://", 3) == 0 ? NULL : text;
}

bool bm_address_split(char *text, struct bm_address *out)
{
    char *host = after_scheme(text);
    if (!host) {
        return false;
    }

    out->fragment = bm_address_cut(host, "#");
    out->query = bm_address_cut(host, "?");
    out->path = bm_address_cut(host, "/");
    out->host = host;
    return clean_host(host);
}

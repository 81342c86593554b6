#include "video/url.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

enum { MAX_REDIRECTS = 3 };

#define ID_BYTES    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
#define LIVE_STREAM "a channel's live stream: it does not say which video"
#define BLANKS      " \t\r\n\v\f"

/* An address without its scheme, taken apart in place. */
struct address {
    char *host;
    char *path; /* without its first slash */
    char *query;
    char *fragment;
};

bool bm_video_id_valid(const char *id)
{
    return strspn(id, ID_BYTES) == BM_YOUTUBE_ID_BYTES && id[BM_YOUTUBE_ID_BYTES] == '\0';
}

void bm_watch_url(const char *id, char out[BM_WATCH_URL_BYTES])
{
    snprintf(out, BM_WATCH_URL_BYTES, "https://www.youtube.com/watch?v=%s", id);
}

/* Takes the id at the beginning of `text`; what follows must not be a byte of an id. */
static enum barq_status take_id(const char *text, char *id, struct barq_error *err)
{
    size_t len = strspn(text, ID_BYTES);

    if (len == 0) {
        return bq_fail(err, BARQ_ERR_FORMAT, "a YouTube address without the id of a video");
    }
    if (len != BM_YOUTUBE_ID_BYTES) {
        return bq_fail(err, BARQ_ERR_FORMAT, "an id has %d characters, this one %zu",
                       BM_YOUTUBE_ID_BYTES, len);
    }
    memcpy(id, text, len);
    id[len] = '\0';
    return BARQ_OK;
}

/* Ends `text` at the first of `marks`; returns what follows, or the empty end of the text. */
static char *cut(char *text, const char *marks)
{
    char *hit = text + strcspn(text, marks);

    if (*hit == '\0') {
        return hit;
    }
    *hit = '\0';
    return hit + 1;
}

/* The decoded value of a key, or NULL. Both & and ; separate, so that "&amp;v=" reads as "v=". */
static char *query_value(char *query, const char *key)
{
    size_t len = strlen(key);

    for (char *at = query; *at != '\0'; at += strcspn(at, "&;"), at += *at != '\0') {
        if (strncmp(at, key, len) == 0 && at[len] == '=') {
            char *value = at + len + 1;
            cut(value, "&;");
            return bq_percent_decode(value) ? value : NULL;
        }
    }
    return NULL;
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

static bool is_youtube(const char *host)
{
    return is_host(host, "youtube.com") || is_host(host, "youtube-nocookie.com") ||
           is_host(host, "youtubekids.com") || bq_equal_nocase(host, "youtube.googleapis.com") ||
           is_host(host, "ytimg.com");
}

/* What the first part of a path says about where the id is, or about what there is instead. */
enum place { IN_QUERY, IN_PATH, IN_LINK, NOWHERE };

static const struct form {
    const char *part;
    enum place place;
    const char *detail; /* IN_LINK: the parameter that holds the address; NOWHERE: what it is */
} forms[] = {
    {"", IN_QUERY, NULL},
    {"watch", IN_QUERY, NULL},
    {"watch_popup", IN_QUERY, NULL},
    {"shorts", IN_PATH, NULL},
    {"live", IN_PATH, NULL},
    {"embed", IN_PATH, NULL},
    {"v", IN_PATH, NULL},
    {"e", IN_PATH, NULL},
    {"vi", IN_PATH, NULL}, /* thumbnails */
    {"vi_webp", IN_PATH, NULL},
    {"an_webp", IN_PATH, NULL},
    {"attribution_link", IN_LINK, "u"},
    {"redirect", IN_LINK, "q"},
    {"oembed", IN_LINK, "url"},
    {"signin", IN_LINK, "next"},
    {"m", IN_LINK, "continue"}, /* consent.youtube.com */
    {"ml", IN_LINK, "continue"},
    {"playlist", NOWHERE, "a playlist, not a video"},
    {"channel", NOWHERE, "a channel, not a video"},
    {"c", NOWHERE, "a channel, not a video"},
    {"user", NOWHERE, "a channel, not a video"},
    {"live_stream", NOWHERE, LIVE_STREAM},
    {"clip", NOWHERE, "a clip: it does not say which video it is from"},
    {"results", NOWHERE, "a search, not a video"},
    {"feed", NOWHERE, "a feed, not a video"},
    {"post", NOWHERE, "a post, not a video"},
    {"hashtag", NOWHERE, "a hashtag, not a video"},
};

/* NULL for a part that is in no form. */
static const struct form *form_of(const char *part)
{
    static const struct form handle = {"@", NOWHERE, "a channel, not a video"};

    if (*part == '@') {
        return &handle;
    }
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (strcmp(part, forms[i].part) == 0) {
            return &forms[i];
        }
    }
    return NULL;
}

/* Refuses "://user@host" and ports that are not numbers; takes the port and a last dot off. */
static bool clean_host(char *host)
{
    char *port = cut(host, ":");
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

static bool split(char *text, struct address *out)
{
    char *host = after_scheme(text);
    if (!host) {
        return false;
    }

    out->fragment = cut(host, "#");
    out->query = cut(host, "?");
    out->path = cut(host, "/");
    out->host = host;
    return clean_host(host);
}

static enum barq_status parse(char *text, int redirects, char *id, struct barq_error *err);

/* An address within an address; a path alone is one on YouTube. */
static enum barq_status follow(char *link, int redirects, char *id, struct barq_error *err)
{
    char whole[BM_URL_MAX_BYTES + 1];

    if (!link || redirects >= MAX_REDIRECTS) {
        return bq_fail(err, BARQ_ERR_FORMAT,
                       "a link to somewhere else, which is missing or broken");
    }
    const char *host = *link == '/' && link[1] != '/' ? "youtube.com" : "";
    int len = snprintf(whole, sizeof(whole), "%s%s", host, link);
    if (len < 0 || (size_t)len >= sizeof(whole)) {
        return bq_fail(err, BARQ_ERR_LIMIT, "longer than %d bytes", BM_URL_MAX_BYTES);
    }
    return parse(whole, redirects + 1, id, err);
}

/* "/watch?v=ID", "/watch/ID", and for the oldest links "/#/watch?v=ID" and "/#!v=ID" */
static enum barq_status from_watch(struct address *address, char *rest, char *id,
                                   struct barq_error *err)
{
    char *value = query_value(address->query, "v");
    if (value) {
        return take_id(value, id, err);
    }
    if (*rest != '\0') {
        return take_id(rest, id, err);
    }
    if (query_value(address->query, "list")) {
        return bq_fail(err, BARQ_ERR_FORMAT, "a playlist, not a video");
    }

    char *fragment = address->fragment + strspn(address->fragment, "!");
    fragment = *fragment == '/' ? cut(fragment, "?") : fragment;
    value = query_value(fragment, "v");
    return take_id(value ? value : "", id, err);
}

static enum barq_status from_path(char *rest, char *id, struct barq_error *err)
{
    cut(rest, "/");
    if (strcmp(rest, "videoseries") == 0) {
        return bq_fail(err, BARQ_ERR_FORMAT, "a playlist, not a video");
    }
    if (strcmp(rest, "live_stream") == 0) {
        return bq_fail(err, BARQ_ERR_FORMAT, LIVE_STREAM);
    }
    return bq_percent_decode(rest) ? take_id(rest, id, err) : take_id("", id, err);
}

static enum barq_status from_form(const struct form *form, struct address *address, char *rest,
                                  int redirects, char *id, struct barq_error *err)
{
    switch (form->place) {
    case IN_QUERY:
        return from_watch(address, rest, id, err);
    case IN_PATH:
        return from_path(rest, id, err);
    case IN_LINK:
        return follow(query_value(address->query, form->detail), redirects, id, err);
    case NOWHERE:
        break;
    }
    return bq_fail(err, BARQ_ERR_FORMAT, "%s", form->detail);
}

static enum barq_status from_address(struct address *address, int redirects, char *id,
                                     struct barq_error *err)
{
    bool is_short = is_host(address->host, "youtu.be");
    if (!is_short && !is_youtube(address->host)) {
        return bq_fail(err, BARQ_ERR_FORMAT, "not a YouTube address");
    }

    char *rest = cut(address->path, "/");
    const struct form *form = form_of(address->path);
    if (form) {
        return from_form(form, address, rest, redirects, id, err);
    }
    if (is_short) {
        return from_path(address->path, id, err);
    }
    return bq_fail(err, BARQ_ERR_FORMAT, "a YouTube page, but no video");
}

/* A word of an id's characters alone. */
static enum barq_status from_word(const char *word, char *id, struct barq_error *err)
{
    static const char *const lists[] = {"PL", "UU", "LL", "FL", "RD", "OLAK5uy_", "EC", "UL"};
    size_t len = strlen(word);

    if (len == 24 && bq_starts_with(word, "UC")) {
        return bq_fail(err, BARQ_ERR_FORMAT, "a channel, not a video");
    }
    for (size_t i = 0; len > BM_YOUTUBE_ID_BYTES + 1 && i < sizeof(lists) / sizeof(lists[0]); i++) {
        if (bq_starts_with(word, lists[i])) {
            return bq_fail(err, BARQ_ERR_FORMAT, "a playlist, not a video");
        }
    }
    return take_id(word, id, err);
}

static enum barq_status parse(char *text, int redirects, char *id, struct barq_error *err)
{
    struct address address;

    if (text[strcspn(text, BLANKS)] != '\0') {
        return bq_fail(err, BARQ_ERR_FORMAT, "not an address: white space in it");
    }
    if (text[strspn(text, ID_BYTES)] == '\0') {
        return from_word(text, id, err);
    }
    if (*text == '@' && !strpbrk(text, "/.")) {
        return bq_fail(err, BARQ_ERR_FORMAT, "a channel, not a video");
    }
    if (!split(text, &address)) {
        return bq_fail(err, BARQ_ERR_FORMAT, "not a YouTube address");
    }
    return from_address(&address, redirects, id, err);
}

/* Moves both ends inwards over white space. */
static void trim(const char **text, size_t *len)
{
    while (*len > 0 && strchr(BLANKS, (*text)[*len - 1]) && (*text)[*len - 1] != '\0') {
        *len -= 1;
    }
    while (*len > 0 && strchr(BLANKS, **text) && **text != '\0') {
        *text += 1;
        *len -= 1;
    }
}

bool bm_video_url_likely(const char *text, size_t len)
{
    char copy[BM_URL_MAX_BYTES + 1];
    struct address address;

    trim(&text, &len);
    if (len == 0 || len > BM_URL_MAX_BYTES || memchr(text, '\0', len)) {
        return false;
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    return split(copy, &address) && (is_youtube(address.host) || is_host(address.host, "youtu.be"));
}

enum barq_status bm_video_url_parse(const char *text, size_t len, char id[BM_VIDEO_ID_BYTES],
                                    struct barq_error *err)
{
    char copy[BM_URL_MAX_BYTES + 1];
    char found[BM_VIDEO_ID_BYTES];

    trim(&text, &len);
    if (len == 0) {
        return bq_fail(err, BARQ_ERR_ARG, "empty");
    }
    if (len > BM_URL_MAX_BYTES) {
        return bq_fail(err, BARQ_ERR_LIMIT, "longer than %d bytes", BM_URL_MAX_BYTES);
    }
    if (memchr(text, '\0', len)) {
        return bq_fail(err, BARQ_ERR_FORMAT, "not an address: a NUL byte in it");
    }
    memcpy(copy, text, len);
    copy[len] = '\0';

    enum barq_status status = parse(copy, 0, found, err);
    if (status == BARQ_OK) {
        memcpy(id, found, sizeof(found));
    }
    return status;
}

#include "video/url.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "video/target.h"

enum { MAX_REDIRECTS = 3 };

#define LIVE_STREAM "a channel's live stream: it does not say which video"
#define BLANKS      " \t\r\n\v\f"

const char *bm_target_kind_name(enum bm_target_kind kind)
{
    static const char *const kinds[] = {[BM_TARGET_VIDEO] = "video",
                                        [BM_TARGET_PLAYLIST] = "playlist",
                                        [BM_TARGET_CHANNEL] = "channel"};

    return kinds[kind];
}

void bm_watch_url(const char *id, char out[BM_WATCH_URL_BYTES])
{
    snprintf(out, BM_WATCH_URL_BYTES, "https://www.youtube.com/watch?v=%s", id);
}

void bm_target_url(const struct bm_target *target, char out[BM_TARGET_URL_BYTES])
{
    const char *before = target->kind == BM_TARGET_VIDEO      ? "watch?v="
                         : target->kind == BM_TARGET_PLAYLIST ? "playlist?list="
                         : bq_starts_with(target->id, "UC")   ? "channel/"
                                                              : "";
    snprintf(out, BM_TARGET_URL_BYTES, "https://www.youtube.com/%s%s", before, target->id);
}

/* What the first part of a path says about where the id is, or about what there is instead. */
enum place { IN_QUERY, IN_PATH, IN_LINK, A_PLAYLIST, A_CHANNEL, A_FEED, NOWHERE };

static const struct form {
    const char *part;
    enum place place;
    /* IN_LINK: the parameter that holds the address; A_CHANNEL: what its id begins with;
     * NOWHERE: what it is */
    const char *detail;
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
    {"playlist", A_PLAYLIST, NULL},
    {"channel", A_CHANNEL, ""},
    {"c", A_CHANNEL, "c/"},
    {"user", A_CHANNEL, "user/"},
    {"feeds", A_FEED, NULL},
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
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (strcmp(part, forms[i].part) == 0) {
            return &forms[i];
        }
    }
    return NULL;
}

static enum barq_status parse(char *text, int redirects, struct bm_target *out,
                              struct barq_error *err);

/* An address within an address; a path alone is one on YouTube. */
static enum barq_status follow(const char *query, const char *key, int redirects,
                               struct bm_target *out, struct barq_error *err)
{
    char link[BM_URL_MAX_BYTES + 1];
    char whole[BM_URL_MAX_BYTES + 1];

    if (redirects >= MAX_REDIRECTS || !bm_address_value(query, key, link, sizeof(link))) {
        return bq_fail(err, BARQ_ERR_FORMAT,
                       "a link to somewhere else, which is missing or broken");
    }
    const char *host = *link == '/' && link[1] != '/' ? "youtube.com" : "";
    int len = snprintf(whole, sizeof(whole), "%s%s", host, link);
    if (len < 0 || (size_t)len >= sizeof(whole)) {
        return bq_fail(err, BARQ_ERR_LIMIT, "longer than %d bytes", BM_URL_MAX_BYTES);
    }
    return parse(whole, redirects + 1, out, err);
}

/* Where in the video the address wants to begin. */
static void take_start(const struct bm_address *address, struct bm_target *out)
{
    char value[32];
    static const char *const keys[] = {"t", "start", "time_continue"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && out->start_s == 0; i++) {
        if (bm_address_value(address->query, keys[i], value, sizeof(value)) ||
            bm_address_value(address->fragment, keys[i], value, sizeof(value))) {
            out->start_s = bm_target_seconds(value);
        }
    }
}

/* "?list=ID" of what says no video. */
static enum barq_status from_list(const struct bm_address *address, struct bm_target *out,
                                  struct barq_error *err)
{
    char list[BM_TARGET_ID_BYTES] = "";

    if (!bm_address_value(address->query, "list", list, sizeof(list))) {
        *list = '\0';
    }
    return bm_target_playlist(list, out, err);
}

/* "/watch?v=ID", "/watch/ID", and for the oldest links "/#/watch?v=ID" and "/#!v=ID" */
static enum barq_status from_watch(struct bm_address *address, const char *rest,
                                   struct bm_target *out, struct barq_error *err)
{
    char value[BM_URL_MAX_BYTES + 1] = "";

    take_start(address, out);
    if (bm_address_value(address->query, "v", value, sizeof(value))) {
        return bm_target_video(value, out, err);
    }
    if (*rest != '\0') {
        return bm_target_video(rest, out, err);
    }
    if (bm_address_value(address->query, "list", value, sizeof(value))) {
        return from_list(address, out, err);
    }

    char *fragment = address->fragment + strspn(address->fragment, "!");
    fragment = *fragment == '/' ? bm_address_cut(fragment, "?") : fragment;
    bool found = bm_address_value(fragment, "v", value, sizeof(value));
    return bm_target_video(found ? value : "", out, err);
}

static enum barq_status from_path(const struct bm_address *address, char *rest,
                                  struct bm_target *out, struct barq_error *err)
{
    bm_address_cut(rest, "/");
    if (strcmp(rest, "videoseries") == 0) {
        return from_list(address, out, err);
    }
    if (strcmp(rest, "live_stream") == 0) {
        return bq_fail(err, BARQ_ERR_FORMAT, LIVE_STREAM);
    }
    take_start(address, out);
    return bm_target_video(bq_percent_decode(rest) ? rest : "", out, err);
}

static enum barq_status from_channel(const char *prefix, char *rest, struct bm_target *out,
                                     struct barq_error *err)
{
    bm_address_cut(rest, "/");
    return bm_target_channel(prefix, rest, out, err);
}

/* "/feeds/videos.xml?channel_id=ID", of a channel or a playlist */
static enum barq_status from_feed(const struct bm_address *address, struct bm_target *out,
                                  struct barq_error *err)
{
    char id[BM_TARGET_ID_BYTES];

    if (bm_address_value(address->query, "channel_id", id, sizeof(id))) {
        return bm_target_channel("", id, out, err);
    }
    if (bm_address_value(address->query, "playlist_id", id, sizeof(id))) {
        return bm_target_playlist(id, out, err);
    }
    return bq_fail(err, BARQ_ERR_FORMAT, "a feed, not a video");
}

static enum barq_status from_form(const struct form *form, struct bm_address *address, char *rest,
                                  int redirects, struct bm_target *out, struct barq_error *err)
{
    switch (form->place) {
    case IN_QUERY:
        return from_watch(address, rest, out, err);
    case IN_PATH:
        return from_path(address, rest, out, err);
    case IN_LINK:
        return follow(address->query, form->detail, redirects, out, err);
    case A_PLAYLIST:
        return from_list(address, out, err);
    case A_CHANNEL:
        return from_channel(form->detail, rest, out, err);
    case A_FEED:
        return from_feed(address, out, err);
    case NOWHERE:
        break;
    }
    return bq_fail(err, BARQ_ERR_FORMAT, "%s", form->detail);
}

static enum barq_status from_address(struct bm_address *address, int redirects,
                                     struct bm_target *out, struct barq_error *err)
{
    bool is_short = bm_address_is_short(address);
    if (!is_short && !bm_address_is_youtube(address)) {
        return bq_fail(err, BARQ_ERR_TYPE, "not a YouTube address");
    }

    char *rest = bm_address_cut(address->path, "/");
    const struct form *form = form_of(address->path);
    if (form) {
        return from_form(form, address, rest, redirects, out, err);
    }
    if (is_short) {
        return from_path(address, address->path, out, err);
    }
    if (*address->path == '@') {
        return bm_target_channel("@", address->path + 1, out, err);
    }
    return bq_fail(err, BARQ_ERR_FORMAT, "a YouTube page, but no video");
}

static enum barq_status parse(char *text, int redirects, struct bm_target *out,
                              struct barq_error *err)
{
    struct bm_address address;

    if (text[strcspn(text, BLANKS)] != '\0') {
        return bq_fail(err, BARQ_ERR_FORMAT, "not an address: white space in it");
    }
    if (text[strspn(text, BM_ID_CHARACTERS)] == '\0') {
        return bm_target_word(text, out, err);
    }
    if (*text == '@' && !strpbrk(text, "/.")) {
        return bm_target_channel("@", text + 1, out, err);
    }
    if (!bm_address_split(text, &address)) {
        return bq_fail(err, BARQ_ERR_TYPE, "not a YouTube address");
    }
    return from_address(&address, redirects, out, err);
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
    struct bm_address address;

    trim(&text, &len);
    if (len == 0 || len > BM_URL_MAX_BYTES || memchr(text, '\0', len)) {
        return false;
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    return bm_address_split(copy, &address) &&
           (bm_address_is_youtube(&address) || bm_address_is_short(&address));
}

enum barq_status bm_target_parse(const char *text, size_t len, struct bm_target *out,
                                 struct barq_error *err)
{
    char copy[BM_URL_MAX_BYTES + 1];
    struct bm_target found = {.start_s = 0};

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

    enum barq_status status = parse(copy, 0, &found, err);
    if (status == BARQ_OK) {
        *out = found;
    }
    return status;
}

enum barq_status bm_video_url_parse(const char *text, size_t len, char id[BM_VIDEO_ID_BYTES],
                                    struct barq_error *err)
{
    struct bm_target target = {.kind = BM_TARGET_VIDEO};

    enum barq_status status = bm_target_parse(text, len, &target, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (target.kind != BM_TARGET_VIDEO) {
        return bq_fail(err, BARQ_ERR_FORMAT, "a %s, not a video", bm_target_kind_name(target.kind));
    }
    memcpy(id, target.id, BM_VIDEO_ID_BYTES);
    return BARQ_OK;
}

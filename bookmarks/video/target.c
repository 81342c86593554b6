#include "video/target.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

enum { LIST_ID_MIN = 12, SECONDS_MAX = 1000000 };

bool bm_video_id_valid(const char *id)
{
    return strspn(id, BM_ID_CHARACTERS) == BM_YOUTUBE_ID_BYTES && id[BM_YOUTUBE_ID_BYTES] == '\0';
}

enum barq_status bm_target_video(const char *text, struct bm_target *out, struct barq_error *err)
{
    size_t len = strspn(text, BM_ID_CHARACTERS);

    if (len == 0) {
        return bq_fail(err, BARQ_ERR_FORMAT, "a YouTube address without the id of a video");
    }
    if (len != BM_YOUTUBE_ID_BYTES) {
        return bq_fail(err, BARQ_ERR_FORMAT, "an id has %d characters, this one %zu",
                       BM_YOUTUBE_ID_BYTES, len);
    }
    out->kind = BM_TARGET_VIDEO;
    snprintf(out->id, sizeof(out->id), "%.*s", (int)len, text);
    return BARQ_OK;
}

/* What a playlist's id begins with, and why no key can read it. */
static const struct list_kind {
    const char *prefix;
    bool whole; /* the prefix is all of it */
    const char *denied;
} list_kinds[] = {
    {"WL", true, "Watch later is its owner's alone: it comes with Google Takeout"},
    {"LL", true, "the liked videos are their owner's alone: they come with Google Takeout"},
    {"LM", true, "the liked music is its owner's alone: it comes with Google Takeout"},
    {"RDCLAK5uy_", false, NULL},
    {"RD", false, "a mix: YouTube makes it up anew for everyone"},
    {"UL", false, "a mix: YouTube makes it up anew for everyone"},
    {"TL", false, "a queue that YouTube forgets"},
    {"LL", false, "the liked videos are their owner's alone: they come with Google Takeout"},
    {"PL", false, NULL},
    {"EC", false, NULL},
    {"UU", false, NULL},
    {"FL", false, NULL},
    {"PU", false, NULL},
    {"OLAK5uy_", false, NULL},
};

/* NULL when it is none. */
static const struct list_kind *list_kind_of(const char *id)
{
    size_t len = strlen(id);

    if (len >= BM_TARGET_ID_BYTES || strspn(id, BM_ID_CHARACTERS) != len) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof(list_kinds) / sizeof(list_kinds[0]); i++) {
        const struct list_kind *kind = &list_kinds[i];
        bool long_enough = kind->whole ? len == strlen(kind->prefix) : len >= LIST_ID_MIN;
        bool mix = strcmp(id, "RDMM") == 0;
        if ((long_enough || mix) && bq_starts_with(id, kind->prefix)) {
            return kind;
        }
    }
    return NULL;
}

enum barq_status bm_target_playlist(const char *id, struct bm_target *out, struct barq_error *err)
{
    const struct list_kind *kind = list_kind_of(id);

    if (!kind) {
        return bq_fail(err, BARQ_ERR_FORMAT, "not the id of a playlist");
    }
    if (kind->denied) {
        return bq_fail(err, BARQ_ERR_DENIED, "%s", kind->denied);
    }
    out->kind = BM_TARGET_PLAYLIST;
    snprintf(out->id, sizeof(out->id), "%s", id);
    return BARQ_OK;
}

static bool is_channel_id(const char *id)
{
    return bq_starts_with(id, "UC") && strlen(id) == BM_CHANNEL_ID_CHARACTERS &&
           strspn(id, BM_ID_CHARACTERS) == BM_CHANNEL_ID_CHARACTERS;
}

/* Handles and names may be of any script; nothing in them breaks a line or an address. */
static bool is_name(const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)name[i] <= ' ' || strchr("/?#&\"<>\\\x7f", name[i])) {
            return false;
        }
    }
    return len > 0 && bq_utf8_valid(name, len);
}

enum barq_status bm_target_channel(const char *prefix, const char *name, struct bm_target *out,
                                   struct barq_error *err)
{
    char decoded[BM_TARGET_ID_BYTES];
    int len = snprintf(decoded, sizeof(decoded), "%s", name);
    bool whole =
        len >= 0 && (size_t)len + strlen(prefix) < sizeof(decoded) && bq_percent_decode(decoded);

    if (!whole || !(*prefix == '\0' ? is_channel_id(decoded) : is_name(decoded))) {
        return bq_fail(err, BARQ_ERR_FORMAT, "a channel's address without its id or name");
    }
    out->kind = BM_TARGET_CHANNEL;
    snprintf(out->id, sizeof(out->id), "%s%.100s", prefix, decoded);
    return BARQ_OK;
}

enum barq_status bm_target_word(const char *word, struct bm_target *out, struct barq_error *err)
{
    if (is_channel_id(word)) {
        return bm_target_channel("", word, out, err);
    }
    return list_kind_of(word) ? bm_target_playlist(word, out, err)
                              : bm_target_video(word, out, err);
}

int64_t bm_target_seconds(const char *text)
{
    int64_t seconds = 0;

    while (*text != '\0' && seconds <= SECONDS_MAX) {
        size_t digits = strspn(text, "0123456789");
        int64_t number = 0;
        if (digits == 0 || digits > 7) {
            return 0;
        }
        for (size_t i = 0; i < digits; i++) {
            number = number * 10 + (text[i] - '0');
        }
        text += digits;
        seconds += *text == 'h' ? number * 3600 : *text == 'm' ? number * 60 : number;
        if (*text != '\0' && !strchr("hms", *text)) {
            return 0;
        }
        text += *text != '\0';
    }
    return seconds <= SECONDS_MAX ? seconds : 0;
}

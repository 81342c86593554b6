/*
 * metadata.h - what the outside knows of a video, wherever it was asked.
 */
#ifndef BM_METADATA_H
#define BM_METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct barq_arena;

enum {
    BM_YOUTUBE_ID_BYTES = 11,
    BM_METADATA_MAX_IDS = 50, /* YouTube answers for so many in one call, at the price of one */
    /* Of a title, a channel, a tag; YouTube allows 100 characters. Pages of 1000 must fit. */
    BM_METADATA_TEXT_BYTES = 500,
    BM_METADATA_DESCRIPTION_BYTES = 20 * 1024, /* YouTube allows 5000 characters */
};

/* Why a video is not to be had, for good. The names are those of bm_refusal_name(). */
enum bm_refusal {
    BM_REFUSAL_NONE,
    BM_REFUSAL_GONE,       /* deleted, or never there */
    BM_REFUSAL_PRIVATE,    /* also: for members only */
    BM_REFUSAL_ABSENT,     /* gone or private: who was asked does not tell which */
    BM_REFUSAL_AGE,        /* only for those who have signed in */
    BM_REFUSAL_REGION,     /* not from here */
    BM_REFUSAL_TOO_LONG,   /* for what it was asked for */
    BM_REFUSAL_BLOCKED,    /* by the model's provider: safety, recitation, ... */
    BM_REFUSAL_NO_TEXT,    /* it has no captions */
    BM_REFUSAL_UNREADABLE, /* may not be read: a list of somebody else */
    BM_REFUSAL_BAD_ANSWER, /* a model's answer that is of no use */
    BM_REFUSAL_REQUEST,    /* the request was wrong */
    BM_REFUSALS,
};

enum bm_answer {
    BM_UNKNOWN,
    BM_YES,
    BM_NO,
};

/* Where a video may be seen. */
enum bm_region {
    BM_EVERYWHERE, /* as far as is known */
    BM_ONLY_IN,
    BM_NOT_IN,
};

/* Strings live in the arena of the call; NULL is unknown. */
struct bm_metadata {
    const char *youtube_id; /* as asked for */
    bool found;
    const char *reason;      /* when not found: one sentence for the person; else NULL */
    enum bm_refusal refusal; /* when not found */
    const char *title;
    const char *channel;
    const char *channel_id;
    int64_t duration_s;      /* -1: unknown; 0: live or upcoming */
    int64_t published_at_ms; /* INT64_MIN: unknown */
    const char *language;    /* as told: "en", "de-DE", or ISO 639-3 "eng" */
    const char *const *tags; /* NULL only when there are none */
    size_t n_tags;
    const char *thumbnail_url;
    const char *description; /* at most BM_METADATA_DESCRIPTION_BYTES */
    const char *category_id; /* YouTube's number: "28" */
    int64_t views;           /* -1: unknown, as are the next two */
    int64_t likes;
    int64_t comments;
    const char *privacy;    /* "public", "unlisted", "private" */
    const char *live;       /* "none", "live", "upcoming", "was" */
    int64_t live_at_ms;     /* when it begins or began; INT64_MIN: unknown */
    const char *definition; /* "hd", "sd" */
    enum bm_answer embeddable;
    enum bm_answer captioned; /* by a person */
    enum bm_region region;
    const char *countries; /* of the region: "AT,DE" */
    const char *origin;    /* who said so: "api", "oembed", "feed", "ytdlp", "file", "shipped" */
};

/* YouTube's categories: "28" is "Science & Technology", and back; NULL: there is none. */
const char *bm_category_name(const char *category_id);
const char *bm_category_id(const char *name);

/* "gone", "private", ...; "" for none */
const char *bm_refusal_name(enum bm_refusal refusal);

/* `count` entries that are not found yet, for `reason` (not copied); NULL when `arena` is full. */
struct bm_metadata *bm_metadata_none(const char *const *ids, size_t count, const char *reason,
                                     struct barq_arena *arena);

/* One of which nothing is known. */
struct bm_metadata bm_metadata_unknown(const char *youtube_id);

/* The entry of `id` among them that is not found yet; NULL when there is none. */
struct bm_metadata *bm_metadata_wanted(struct bm_metadata *videos, size_t count, const char *id);

/*
 * A copy of `text` in `arena`, cut to BM_METADATA_TEXT_BYTES; NULL when it is
 * empty or NULL. `*full` is set when the arena is.
 */
const char *bm_metadata_keep(struct barq_arena *arena, const char *text, bool *full);

/* The same, cut to `max` bytes. */
const char *bm_metadata_keep_most(struct barq_arena *arena, const char *text, size_t max,
                                  bool *full);

#endif

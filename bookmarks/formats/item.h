/*
 * item.h - what is found in a file of any format: a video, a playlist, a
 * channel, or what cannot be read and why.
 */
#ifndef BM_ITEM_H
#define BM_ITEM_H

#include <stddef.h>
#include <stdint.h>

#include <barq/error.h>
#include <barq/value.h>

#include "video/url.h"

enum bm_reading {
    BM_READ_TARGET,
    BM_READ_FAILED,  /* it was to be a video, and is none */
    BM_READ_SKIPPED, /* of other sites, or not meant: told, but nothing is wrong */
};

struct bm_item_field {
    const char *name;
    const char *text;
};

enum { BM_ITEM_TAGS_MAX = 64 };

/* All of it is valid UTF-8, and the reader's until its sink returns. NULL is unknown. */
struct bm_item {
    enum bm_reading reading;
    struct bm_target target; /* BM_READ_TARGET */
    const char *why;         /* else: half a sentence */
    const char *text;        /* as it was written; "" when that was not readable */
    int64_t line;            /* from 1; of a row, a bookmark, a member of a list */
    const char *member;      /* the file within an archive or a folder */
    const char *title;       /* only a hint: may be old, or someone's own words */
    const char *note;
    const char *folder; /* names with "/" between: a list, or the folders of a bookmark */
    const char *tags[BM_ITEM_TAGS_MAX];
    size_t n_tags;
    int64_t added_at_ms; /* INT64_MIN: unknown */
    const struct bm_item_field *fields;
    size_t n_fields;
    const struct barq_value *record; /* of our own export: all that was known of the video */
};

/* Who takes what is read; a status other than BARQ_OK ends the reading with it. */
struct bm_sink {
    void *context;
    enum barq_status (*item)(void *context, const struct bm_item *item, struct barq_error *err);
    /* Of our own JSON, once and before its items: all but the videos. NULL: not wanted. */
    enum barq_status (*head)(void *context, const struct barq_value *head, struct barq_error *err);
};

/* Reads `text` as an address or an id and gives what it means, or why it means nothing, to `sink`;
 * `item` has the rest. `mixed`: what is not YouTube's was to be expected, and is skipped. */
enum barq_status bm_item_give(const struct bm_sink *sink, struct bm_item *item, const char *text,
                              bool mixed, struct barq_error *err) BARQ_MUST_CHECK;
/* Gives a failure. */
enum barq_status bm_item_fail(const struct bm_sink *sink, int64_t line, const char *text,
                              const char *why, struct barq_error *err) BARQ_MUST_CHECK;

/* Seconds, milliseconds or microseconds since 1970, whichever is in this century; INT64_MIN: none. */
int64_t bm_item_instant(double number);
/* Such a number, RFC 3339, or "2021-05-01 12:00:00 UTC"; INT64_MIN: none. */
int64_t bm_item_time(const char *text);
/* Splits "a, b" (or at another mark) in place into the tags of `item`. */
void bm_item_tags(struct bm_item *item, char *text, char mark);

#endif

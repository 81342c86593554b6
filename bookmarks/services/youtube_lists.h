/*
 * youtube_lists.h - what is in a playlist, in a channel, or found by words: the
 * Data API's playlistItems.list, playlists.list, channels.list and search.list.
 *
 * Each call is one page. Rules, errors and verdicts are those of
 * bm_youtube_fetch(); the verdict's units say what a call has cost.
 */
#ifndef BM_YOUTUBE_LISTS_H
#define BM_YOUTUBE_LISTS_H

#include "services/youtube.h"

enum {
    BM_LIST_UNITS = 1,
    BM_SEARCH_UNITS = 100,
    BM_LIST_ID_MAX_BYTES = 100,
    BM_LISTED_PAGE = 50,
};

/* A video as a list has it. Strings live in the arena of the call; NULL is unknown. */
struct bm_listed {
    const char *youtube_id;
    const char *title;
    const char *channel; /* of the video, not of the list */
    const char *channel_id;
    const char *thumbnail_url;
    int64_t added_at_ms;     /* to the playlist; INT64_MIN: unknown */
    int64_t published_at_ms; /* INT64_MIN: unknown */
    enum bm_refusal dead;    /* GONE or PRIVATE: the list still has it; else NONE */
};

struct bm_listed_page {
    const struct bm_listed *videos;
    size_t count;
    const char *next; /* the token of the next page; NULL: this is the last one */
    int64_t total;    /* of all pages, as YouTube says; -1: it doesn't */
};

/* A playlist or a channel. */
struct bm_list_source {
    const char *id; /* "PL...", or "UC..." */
    const char *title;
    const char *description;
    const char *channel_id; /* of a playlist: its owner; of a channel: its own */
    const char *channel;
    const char *handle; /* "@name"; NULL: unknown */
    const char *thumbnail_url;
    const char *uploads; /* of a channel: the playlist of all its videos */
    int64_t videos;      /* how many; -1: unknown */
};

/* Where and with what key, and what goes with each call. */
struct bm_youtube_call {
    const struct bm_youtube_source *source;
    int cancel_fd; /* -1: none */
    int64_t now_ms;
    struct barq_arena *arena;
};

/*
 * A page of a playlist; `token` is NULL for the first one. What only its owner
 * may read (Watch later, history, mixes) is refused without a call.
 */
enum barq_status bm_youtube_playlist_page(const struct bm_youtube_call *call,
                                          const char *playlist_id, const char *token,
                                          struct bm_listed_page *out, struct bm_verdict *verdict,
                                          struct barq_error *err) BARQ_MUST_CHECK;

/* What a playlist is called and how long it is. */
enum barq_status bm_youtube_playlist(const struct bm_youtube_call *call, const char *playlist_id,
                                     struct bm_list_source *out, struct bm_verdict *verdict,
                                     struct barq_error *err) BARQ_MUST_CHECK;

/* A channel by "UC..." or by "@handle". */
enum barq_status bm_youtube_channel(const struct bm_youtube_call *call, const char *channel,
                                    struct bm_list_source *out, struct bm_verdict *verdict,
                                    struct barq_error *err) BARQ_MUST_CHECK;

/* The newest videos that match `words`, of one channel unless `channel_id` is NULL; dear: 100 units. */
struct bm_youtube_search {
    const char *words;
    const char *channel_id;     /* NULL: of all */
    int64_t published_after_ms; /* 0: whenever */
};

enum barq_status bm_youtube_search_page(const struct bm_youtube_call *call,
                                        const struct bm_youtube_search *search, const char *token,
                                        struct bm_listed_page *out, struct bm_verdict *verdict,
                                        struct barq_error *err) BARQ_MUST_CHECK;

/* It could be one: 2 to BM_LIST_ID_MAX_BYTES letters, digits, - and _. */
bool bm_playlist_id_valid(const char *playlist_id);

/*
 * "UU..." of the channel "UC...": its uploads as a playlist, without a call.
 * False when `channel_id` is none.
 */
enum { BM_CHANNEL_ID_BYTES = 24 };
bool bm_youtube_uploads(const char *channel_id, char out[BM_CHANNEL_ID_BYTES + 1]);

#endif

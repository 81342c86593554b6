/*
 * web.h - what youtube.com tells without a key: oEmbed, and feeds.
 *
 * Nobody has promised these, and their limits are not known: they are a second
 * choice. Verdicts are of BM_SERVICE_WEB.
 */
#ifndef BM_WEB_H
#define BM_WEB_H

#include "base/arena.h"
#include "formats/feed.h"
#include "http/client.h"
#include "services/outcome.h"

#define BM_WEB_HOME "https://www.youtube.com"

/* Where, and what goes with each call. */
struct bm_web_call {
    const char *base_url; /* NULL: BM_WEB_HOME */
    int64_t timeout_ms;   /* 0: 30 s */
    int cancel_fd;        /* -1: none */
    struct barq_arena *arena;
    struct bq_http_client *client; /* NULL; freed by bm_web_call_drop() */
};

void bm_web_call_drop(struct bm_web_call *call); /* for bm_auto(web_call) */

/*
 * oEmbed: title, channel and picture of one video. Not found is an answer, as
 * with bm_youtube_fetch(): gone (404) or private (403). One that may not be
 * embedded (401) is there, and nothing else is known of it.
 *
 * BARQ_ERR_CANCELED, BARQ_ERR_CONN, BARQ_ERR_TIMEOUT, BARQ_ERR_FORMAT, BARQ_ERR_LIMIT,
 * BARQ_ERR_NOMEM   RETRY
 * BARQ_ERR_BUSY    HELD
 * BARQ_ERR_DENIED  SETUP, or REFUSED: the id is none
 */
enum barq_status bm_oembed_fetch(struct bm_web_call *call, const char *id, struct bm_metadata *out,
                                 struct bm_verdict *verdict, struct barq_error *err)
    BARQ_MUST_CHECK;

/*
 * The newest videos of a channel ("UC...") or a playlist, newest first. The
 * same errors; REFUSED when there is no such channel or playlist.
 */
enum barq_status bm_feed_fetch(struct bm_web_call *call, const char *source, struct bm_feed *out,
                               struct bm_verdict *verdict, struct barq_error *err) BARQ_MUST_CHECK;

/*
 * An answer of youtube.com that is none: the verdict of its status alone, for
 * what it was asked ("the video", "the feed").
 */
enum barq_status bm_web_judge(int http_status, const char *what, struct bm_verdict *verdict,
                              struct barq_error *err) BARQ_MUST_CHECK;

#endif

/*
 * outcome.h - what came of a call to the outside, and what the caller does then.
 *
 * Whatever is asked, by whatever way, ends in one of these classes. Each call
 * returns a barq_status and a sentence, and fills a verdict in every case:
 *
 *     status = bm_youtube_fetch(..., &verdict, err);
 *     switch (verdict.outcome) { ... }
 */
#ifndef BM_OUTCOME_H
#define BM_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <barq/error.h>

#include "video/metadata.h"

/* What is limited, and so held, by itself. The names are those of bm_service_name(). */
enum bm_service {
    BM_SERVICE_NONE,    /* files of our own: never held */
    BM_SERVICE_YOUTUBE, /* the Data API, with a key */
    BM_SERVICE_WEB,     /* youtube.com without a key: oEmbed, feeds, captions */
    BM_SERVICE_YTDLP,
    BM_SERVICE_GEMINI,
    BM_SERVICE_OPENAI, /* any server that speaks like it */
    BM_SERVICES,
};

enum bm_outcome {
    BM_CALL_OK,       /* there is a value */
    BM_CALL_RETRY,    /* network, 5xx, an answer cut off or not understood: after retry_ms */
    BM_CALL_HELD,     /* a rate or a quota: no call of the service before until_at_ms (hold.h) */
    BM_CALL_SETUP,    /* key, model or address: tell the person; it fails until that is changed */
    BM_CALL_REFUSED,  /* for this item, for good: `refusal` says why */
    BM_CALL_CANCELED, /* cancel_fd became readable */
    BM_CALL_OUTCOMES,
};

struct bm_verdict {
    enum bm_outcome outcome;
    enum bm_service service;
    enum bm_refusal refusal; /* of REFUSED */
    int64_t retry_ms; /* of RETRY and HELD: as the server asks, 0: it doesn't, the caller's own */
    int64_t until_at_ms; /* of HELD by a day's quota: when there is a new one; else 0 */
    int64_t units;       /* of YouTube's quota that were used up, whatever came of it */
};

/* "youtube", "web", "yt-dlp", "gemini", "openai", as they are stored; "YouTube", ... for people. */
const char *bm_service_name(enum bm_service service);
const char *bm_service_label(enum bm_service service);
bool bm_service_parse(const char *name, enum bm_service *out);

const char *bm_outcome_name(enum bm_outcome outcome); /* "ok", "retry", "held", ... */

/*
 * Fills both, so that they cannot disagree; what the verdict has besides
 * outcome and refusal stays. Returns the status of the outcome:
 * RETRY is BARQ_ERR_CONN, HELD BARQ_ERR_BUSY, SETUP and REFUSED BARQ_ERR_DENIED.
 */
enum barq_status bm_judged(struct bm_verdict *verdict, enum bm_outcome outcome,
                           enum bm_refusal refusal, struct barq_error *err, const char *format, ...)
    BARQ_PRINTF(5, 6);

#endif

/*
 * source.h - a page of a playlist's or a channel's videos, from whomever can be asked for it.
 */
#ifndef BM_JOBS_SOURCE_H
#define BM_JOBS_SOURCE_H

#include <barq/worker.h>

#include "services/settings.h"
#include "services/youtube_lists.h"
#include "video/target.h"

/* What one job is about. */
struct bm_list_page {
    struct bm_services_settings services;
    const char *list_id;
    const char *kind; /* "playlist" or "channel" */
    const char *id;
    const char *token;                 /* of the page; NULL: the first */
    bool process;                      /* once all pages are in */
    char playlist[BM_TARGET_ID_BYTES]; /* found by asking, like all that follows */
    struct bm_listed_page page;
    bool first_only; /* there is more, but not without a key */
};

/* Fills the page. With no transaction open; as services/outcome.h. */
enum barq_status bm_source_ask(struct barq_context *ctx, struct bm_list_page *source,
                               struct bm_verdict *verdict, struct barq_error *err) BARQ_MUST_CHECK;

#endif

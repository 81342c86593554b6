/*
 * routes.h - the topics of the API, one a file, each with the table of its routes.
 */
#ifndef BM_API_ROUTES_H
#define BM_API_ROUTES_H

#include "api/route.h"

extern const struct bm_api_topic bm_api_bulk_topic;
extern const struct bm_api_topic bm_api_channels_topic;
extern const struct bm_api_topic bm_api_docs_topic;
extern const struct bm_api_topic bm_api_duplicates_topic;
extern const struct bm_api_topic bm_api_export_topic;
extern const struct bm_api_topic bm_api_fields_topic;
extern const struct bm_api_topic bm_api_events_topic;
extern const struct bm_api_topic bm_api_import_topic;
extern const struct bm_api_topic bm_api_lists_topic;
extern const struct bm_api_topic bm_api_login_topic;
extern const struct bm_api_topic bm_api_notes_topic;
extern const struct bm_api_topic bm_api_proposal_topic;
extern const struct bm_api_topic bm_api_runs_topic;
extern const struct bm_api_topic bm_api_search_topic;
extern const struct bm_api_topic bm_api_settings_topic;
extern const struct bm_api_topic bm_api_statistics_topic;
extern const struct bm_api_topic bm_api_subscriptions_topic;
extern const struct bm_api_topic bm_api_system_topic;
extern const struct bm_api_topic bm_api_tags_topic;
extern const struct bm_api_topic bm_api_tokens_topic;
extern const struct bm_api_topic bm_api_transcript_topic;
extern const struct bm_api_topic bm_api_usage_topic;
extern const struct bm_api_topic bm_api_videos_topic;
extern const struct bm_api_topic bm_api_views_topic;

/* All of them, in routes.c. */
extern const struct bm_api_topic *const bm_api_topics[];
extern const size_t bm_api_n_topics;

#endif

#include "api/routes.h"

/* clang-format off */
const struct bm_api_topic *const bm_api_topics[] = {
    &bm_api_system_topic,
    &bm_api_search_topic,
    &bm_api_docs_topic,
    &bm_api_login_topic,
    &bm_api_tokens_topic,
    &bm_api_settings_topic,
    &bm_api_usage_topic,
    &bm_api_lists_topic,
    &bm_api_statistics_topic,
    &bm_api_fields_topic,
    &bm_api_proposal_topic,
    &bm_api_duplicates_topic, /* before the videos, of whom one could be called that */
    &bm_api_videos_topic,
    &bm_api_transcript_topic,
    &bm_api_bulk_topic,
    &bm_api_tags_topic,
    &bm_api_notes_topic,
    &bm_api_channels_topic,
    &bm_api_views_topic,
    &bm_api_import_topic,
    &bm_api_export_topic,
    &bm_api_runs_topic,
    &bm_api_events_topic,
    &bm_api_subscriptions_topic,
};
/* clang-format on */

const size_t bm_api_n_topics = sizeof(bm_api_topics) / sizeof(bm_api_topics[0]);

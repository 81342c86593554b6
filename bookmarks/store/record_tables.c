#include "store/record.h"
#include "video/metadata.h"

/* What is no row's own is not here: ids, whose list or video it is, and what the queue knows. */

enum {
    SHORT = BM_METADATA_TEXT_BYTES,
    NAME = 255,
    URL = 2048,
    LONG = BM_METADATA_DESCRIPTION_BYTES
};

#define TABLE(variable, table)                                                                     \
    const struct bm_record_table variable = {#table, table##_columns,                              \
                                             sizeof(table##_columns) / sizeof(table##_columns[0])}

static const struct bm_record_column lists_columns[] = {
    {"name", "name", BM_RECORD_TEXT, NAME, NULL, true},
    {"description", "description", BM_RECORD_TEXT, 4000, NULL, false},
    {"created_at_ms", "created_at", BM_RECORD_TIME, 0, NULL, false},
    {"updated_at_ms", "updated_at", BM_RECORD_TIME, 0, NULL, false},
};
TABLE(bm_record_list, lists);

static const struct bm_record_column fields_columns[] = {
    {"name", "name", BM_RECORD_TEXT, 64, NULL, true},
    {"label", "label", BM_RECORD_TEXT, NAME, NULL, true},
    {"type", "type", BM_RECORD_TEXT, NAME,
     "text select multi-select number rating duration boolean date link", true},
    {"is_required", "required", BM_RECORD_BOOL, 0, NULL, false},
    {"instruction", "instruction", BM_RECORD_TEXT, 4000, NULL, false},
    {"options", "options", BM_RECORD_LIST, NAME, NULL, false},
    {"min_value", "min", BM_RECORD_DOUBLE, 0, NULL, false},
    {"max_value", "max", BM_RECORD_DOUBLE, 0, NULL, false},
    {"max_length", "max_length", BM_RECORD_INT, 0, NULL, false},
    {"unit", "unit", BM_RECORD_TEXT, 32, NULL, false},
    {"rule", "rule", BM_RECORD_JSON, 0, NULL, false},
    {"show_on_card", "show_on_card", BM_RECORD_BOOL, 0, NULL, false},
    {"position", "position", BM_RECORD_INT, 0, NULL, true},
    {"created_at_ms", "created_at", BM_RECORD_TIME, 0, NULL, true},
    {"updated_at_ms", "updated_at", BM_RECORD_TIME, 0, NULL, true},
};
TABLE(bm_record_field, fields);

static const struct bm_record_column field_values_columns[] = {
    {"value", "value", BM_RECORD_JSON, 0, NULL, true},
    {"source", "source", BM_RECORD_TEXT, NAME, "rule model import person", true},
    {"model", "model", BM_RECORD_TEXT, NAME, NULL, false},
    {"model_version", "model_version", BM_RECORD_TEXT, NAME, NULL, false},
    {"evidence_at_seconds", "evidence_at_seconds", BM_RECORD_INT, 0, NULL, false},
    {"evidence_quote", "evidence_quote", BM_RECORD_TEXT, 4000, NULL, false},
    {"updated_at_ms", "updated_at", BM_RECORD_TIME, 0, NULL, true},
};
TABLE(bm_record_value, field_values);

static const struct bm_record_column tags_columns[] = {
    {"name", "name", BM_RECORD_TEXT, NAME, NULL, true},
    {"color", "color", BM_RECORD_TEXT, 7, NULL, false},
    {"is_category", "is_category", BM_RECORD_BOOL, 0, NULL, false},
    {"position", "position", BM_RECORD_INT, 0, NULL, true},
    {"created_at_ms", "created_at", BM_RECORD_TIME, 0, NULL, true},
    {"updated_at_ms", "updated_at", BM_RECORD_TIME, 0, NULL, true},
};
TABLE(bm_record_tag, tags);

static const struct bm_record_column channels_columns[] = {
    {"id", "id", BM_RECORD_TEXT, NAME, NULL, true},
    {"name", "name", BM_RECORD_TEXT, SHORT, NULL, true},
    {"thumbnail_url", "thumbnail_url", BM_RECORD_TEXT, URL, NULL, false},
    {"description", "description", BM_RECORD_TEXT, 0, NULL, false},
    {"is_hidden", "is_hidden", BM_RECORD_BOOL, 0, NULL, false},
    {"created_at_ms", "created_at", BM_RECORD_TIME, 0, NULL, true},
    {"updated_at_ms", "updated_at", BM_RECORD_TIME, 0, NULL, true},
};
TABLE(bm_record_channel, channels);

static const struct bm_record_column views_columns[] = {
    {"name", "name", BM_RECORD_TEXT, NAME, NULL, true},
    {"query", "query", BM_RECORD_TEXT, URL, NULL, false},
    {"sort", "sort", BM_RECORD_TEXT, NAME, NULL, false},
    {"columns", "columns", BM_RECORD_JSON, 0, NULL, false},
    {"layout", "layout", BM_RECORD_TEXT, NAME, NULL, false},
    {"position", "position", BM_RECORD_INT, 0, NULL, true},
    {"created_at_ms", "created_at", BM_RECORD_TIME, 0, NULL, true},
    {"updated_at_ms", "updated_at", BM_RECORD_TIME, 0, NULL, true},
};
TABLE(bm_record_view, views);

static const struct bm_record_column subscriptions_columns[] = {
    {"kind", "kind", BM_RECORD_TEXT, NAME, "channel playlist keyword", true},
    {"target", "target", BM_RECORD_TEXT, NAME, NULL, true},
    {"name", "name", BM_RECORD_TEXT, NAME, NULL, true},
    {"filters", "filters", BM_RECORD_JSON, 0, NULL, false},
    {"every_ms", "every_ms", BM_RECORD_INT, 0, NULL, true},
    {"next_at_ms", "next_at", BM_RECORD_TIME, 0, NULL, true},
    {"last_at_ms", "last_at", BM_RECORD_TIME, 0, NULL, false},
    {"error", "error", BM_RECORD_TEXT, SHORT, NULL, false},
    {"is_active", "is_active", BM_RECORD_BOOL, 0, NULL, false},
    {"created_at_ms", "created_at", BM_RECORD_TIME, 0, NULL, true},
    {"updated_at_ms", "updated_at", BM_RECORD_TIME, 0, NULL, true},
};
TABLE(bm_record_subscription, subscriptions);

static const struct bm_record_column videos_columns[] = {
    {"status", "status", BM_RECORD_TEXT, NAME, "pending completed failed", false},
    {"error", "error", BM_RECORD_TEXT, SHORT, NULL, false},
    {"title", "title", BM_RECORD_TEXT, SHORT, NULL, false},
    {"own_title", "own_title", BM_RECORD_TEXT, SHORT, NULL, false},
    {"channel", "channel", BM_RECORD_TEXT, SHORT, NULL, false},
    {"channel_id", "channel_id", BM_RECORD_TEXT, NAME, NULL, false},
    {"duration_seconds", "duration_seconds", BM_RECORD_INT, 0, NULL, false},
    {"published_at_ms", "published", BM_RECORD_TIME, 0, NULL, false},
    {"language", "language", BM_RECORD_TEXT, NAME, NULL, false},
    {"tags", "youtube_tags", BM_RECORD_LIST, SHORT, NULL, false},
    {"thumbnail_url", "thumbnail_url", BM_RECORD_TEXT, URL, NULL, false},
    {"description", "description", BM_RECORD_TEXT, LONG, NULL, false},
    {"view_count", "view_count", BM_RECORD_INT, 0, NULL, false},
    {"like_count", "like_count", BM_RECORD_INT, 0, NULL, false},
    {"comment_count", "comment_count", BM_RECORD_INT, 0, NULL, false},
    {"category", "category", BM_RECORD_TEXT, NAME, NULL, false},
    {"live", "live", BM_RECORD_TEXT, NAME, NULL, false},
    {"is_embeddable", "is_embeddable", BM_RECORD_BOOL, 0, NULL, false},
    {"privacy", "privacy", BM_RECORD_TEXT, NAME, NULL, false},
    {"has_captions", "has_captions", BM_RECORD_BOOL, 0, NULL, false},
    {"availability", "availability", BM_RECORD_TEXT, NAME, "available private gone unknown", false},
    {"checked_at_ms", "checked_at", BM_RECORD_TIME, 0, NULL, false},
    {"metadata_origin", "metadata_origin", BM_RECORD_TEXT, NAME, NULL, false},
    {"metadata_at_ms", "metadata_at", BM_RECORD_TIME, 0, NULL, false},
    {"added_at_ms", "added_at", BM_RECORD_TIME, 0, NULL, false},
    {"start_seconds", "start_seconds", BM_RECORD_INT, 0, NULL, false},
    {"watch_position_seconds", "watch_position_seconds", BM_RECORD_INT, 0, NULL, false},
    {"watched_at_ms", "watched_at", BM_RECORD_TIME, 0, NULL, false},
    {"priority", "priority", BM_RECORD_INT, 0, NULL, false},
    {"created_at_ms", "created_at", BM_RECORD_TIME, 0, NULL, false},
    {"updated_at_ms", "updated_at", BM_RECORD_TIME, 0, NULL, false},
};
TABLE(bm_record_video, videos);

static const struct bm_record_column notes_columns[] = {
    {"at_seconds", "at_seconds", BM_RECORD_INT, 0, NULL, false},
    {"text", "text", BM_RECORD_TEXT, 0, NULL, true},
    {"created_at_ms", "created_at", BM_RECORD_TIME, 0, NULL, true},
    {"updated_at_ms", "updated_at", BM_RECORD_TIME, 0, NULL, true},
};
TABLE(bm_record_note, notes);

static const struct bm_record_column chapters_columns[] = {
    {"start_seconds", "start_seconds", BM_RECORD_INT, 0, NULL, true},
    {"title", "title", BM_RECORD_TEXT, SHORT, NULL, true},
    {"source", "source", BM_RECORD_TEXT, NAME, NULL, true},
};
TABLE(bm_record_chapter, chapters);

static const struct bm_record_column transcripts_columns[] = {
    {"language", "language", BM_RECORD_TEXT, NAME, NULL, true},
    {"source", "source", BM_RECORD_TEXT, NAME, NULL, true},
    {"is_auto", "is_auto", BM_RECORD_BOOL, 0, NULL, false},
    {"fetched_at_ms", "fetched_at", BM_RECORD_TIME, 0, NULL, true},
};
TABLE(bm_record_transcript, transcripts);

static const struct bm_record_column cues_columns[] = {
    {"position", "position", BM_RECORD_INT, 0, NULL, true},
    {"start_ms", "start_ms", BM_RECORD_INT, 0, NULL, true},
    {"end_ms", "end_ms", BM_RECORD_INT, 0, NULL, true},
    {"text", "text", BM_RECORD_TEXT, 0, NULL, true},
};
TABLE(bm_record_cue, cues);

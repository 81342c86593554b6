#include "export/whole.h"

#include "auto.h"
#include "base/error.h"
#include "base/time.h"
#include "store/record.h"

/* Puts the rows under `key`, if there are any. */
static enum barq_status put_rows(struct bm_export_job *job, const char *key,
                                 const struct bm_record_table *table, const char *rest,
                                 const char *id, struct barq_value *map, struct barq_arena *arena,
                                 struct barq_error *err)
{
    struct barq_value *list = NULL;

    enum barq_status status =
        bm_record_all(job->session, table, rest, BARQ_PARAMS(barq_sql_text(id)), arena, &list, err);
    if (status == BARQ_OK && barq_count(list) > 0) {
        barq_set_key(map, key, list);
    }
    return status;
}

/* {NAME: {"value", "source", ...}} of field_values or of values_aside. */
static enum barq_status put_values(struct bm_export_job *job, const char *key, const char *rest,
                                   const char *id, struct barq_value *map, struct barq_arena *arena,
                                   struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    struct barq_value *values = barq_map(arena);

    enum barq_status status = bm_record_query(job->session, &bm_record_value, ", f.name", rest,
                                              BARQ_PARAMS(barq_sql_text(id)), &rows, err);
    for (bool more = true; status == BARQ_OK;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        struct barq_value *value = barq_map(arena);
        bm_record_read(&bm_record_value, rows, value, arena);
        barq_set_key(values, barq_column_text(rows, (int)bm_record_value.count), value);
    }
    if (status == BARQ_OK && barq_count(values) > 0) {
        barq_set_key(map, key, values);
    }
    return status;
}

#define FROM_TAGS                                                                                  \
    "FROM video_tags v JOIN tags g ON g.id = v.tag_id WHERE v.video_id = ?1"                       \
    " ORDER BY g.position, g.id"

/* [{"name", "created_at"}] */
static enum barq_status put_tags(struct bm_export_job *job, const char *id, struct barq_value *map,
                                 struct barq_arena *arena, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    struct barq_value *tags = barq_list(arena);

    enum barq_status status = barq_query(job->session, "SELECT g.name, v.created_at_ms " FROM_TAGS,
                                         BARQ_PARAMS(barq_sql_text(id)), &rows, err);
    for (bool more = true; status == BARQ_OK;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        struct barq_value *tag = barq_map(arena);
        char created[BQ_TIME_TEXT_BYTES];
        bq_time_text(barq_column_int(rows, 1), created);
        barq_set_key(tag, "name", barq_string(arena, barq_column_text(rows, 0)));
        barq_set_key(tag, "created_at", barq_string(arena, created));
        barq_add(tags, tag);
    }
    if (status == BARQ_OK && barq_count(tags) > 0) {
        barq_set_key(map, "tags", tags);
    }
    return status;
}

enum barq_status bm_tag_names(struct bm_export_job *job, const char *video_id,
                              struct barq_arena *arena, struct barq_value **out,
                              struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    struct barq_value *names = barq_list(arena);

    enum barq_status status = barq_query(job->session, "SELECT g.name " FROM_TAGS,
                                         BARQ_PARAMS(barq_sql_text(video_id)), &rows, err);
    for (bool more = true; status == BARQ_OK;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        barq_add(names, barq_string(arena, barq_column_text(rows, 0)));
    }
    *out = names;
    return status;
}

/* [[START_MS, END_MS, TEXT], ...]: the greater part of many an export, so without keys. */
static enum barq_status read_cues(struct bm_export_job *job, const char *transcript_id,
                                  struct barq_arena *arena, struct barq_value **out,
                                  struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    struct barq_value *cues = barq_list(arena);

    enum barq_status status = barq_query(
        job->session,
        "SELECT start_ms, end_ms, text FROM cues WHERE transcript_id = ?1 ORDER BY position",
        BARQ_PARAMS(barq_sql_text(transcript_id)), &rows, err);
    for (bool more = true; status == BARQ_OK;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        struct barq_value *cue = barq_list(arena);
        barq_add(cue, barq_int(arena, barq_column_int(rows, 0)));
        barq_add(cue, barq_int(arena, barq_column_int(rows, 1)));
        barq_add(cue, barq_string(arena, barq_column_text(rows, 2)));
        barq_add(cues, cue);
    }
    *out = cues;
    return status;
}

/* Those of one video are few: languages, each by hand and by machine. */
enum { TRANSCRIPTS_MAX = 200 };

struct transcripts {
    const char *ids[TRANSCRIPTS_MAX];
    struct barq_value *maps[TRANSCRIPTS_MAX];
    size_t count;
};

static enum barq_status read_transcripts(struct bm_export_job *job, const char *id,
                                         struct barq_arena *arena, struct transcripts *out,
                                         struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;

    enum barq_status status = bm_record_query(
        job->session, &bm_record_transcript, ", t.id",
        "FROM transcripts t WHERE t.video_id = ?1 ORDER BY t.language, t.is_auto LIMIT 200",
        BARQ_PARAMS(barq_sql_text(id)), &rows, err);
    for (bool more = true; status == BARQ_OK;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        out->ids[out->count] =
            bq_arena_strdup(arena, barq_column_text(rows, (int)bm_record_transcript.count));
        out->maps[out->count] = barq_map(arena);
        bm_record_read(&bm_record_transcript, rows, out->maps[out->count], arena);
        out->count++;
    }
    return status;
}

static enum barq_status put_transcripts(struct bm_export_job *job, const char *id,
                                        struct barq_value *map, struct barq_arena *arena,
                                        struct barq_error *err)
{
    struct transcripts transcripts = {.count = 0};
    struct barq_value *list = barq_list(arena);

    enum barq_status status = read_transcripts(job, id, arena, &transcripts, err);
    for (size_t i = 0; status == BARQ_OK && i < transcripts.count; i++) {
        struct barq_value *cues = NULL;
        status = read_cues(job, transcripts.ids[i], arena, &cues, err);
        barq_set_key(transcripts.maps[i], "cues", cues);
        barq_add(list, transcripts.maps[i]);
    }
    if (status == BARQ_OK && transcripts.count > 0) {
        barq_set_key(map, "transcripts", list);
    }
    return status;
}

/* The row of its channel goes with the first video of it. */
#define FROM_CHANNELS                                                                              \
    "FROM channels t JOIN videos v ON v.channel_id = t.id WHERE v.id = ?1 AND NOT EXISTS"          \
    " (SELECT 1 FROM videos w WHERE w.channel_id = v.channel_id AND w.list_id = v.list_id AND"     \
    " (w.position < v.position OR (w.position = v.position AND w.id < v.id)))"

enum barq_status bm_whole_video(struct bm_export_job *job, const struct bm_export_video *video,
                                struct barq_arena *arena, struct barq_error *err)
{
    struct barq_value *map = video->record;
    const char *id = video->id;

    enum barq_status status = put_tags(job, id, map, arena, err);
    if (status == BARQ_OK) {
        status = put_values(job, "fields",
                            "FROM field_values t JOIN fields f ON f.id = t.field_id"
                            " WHERE t.video_id = ?1 ORDER BY f.position, f.id",
                            id, map, arena, err);
    }
    if (status == BARQ_OK) {
        status = put_values(job, "fields_aside",
                            "FROM values_aside t JOIN fields f ON f.id = t.field_id"
                            " WHERE t.video_id = ?1 ORDER BY f.position, f.id",
                            id, map, arena, err);
    }
    if (status == BARQ_OK) {
        status = put_rows(job, "notes", &bm_record_note,
                          "FROM notes t WHERE t.video_id = ?1 ORDER BY t.created_at_ms, t.id", id,
                          map, arena, err);
    }
    if (status == BARQ_OK) {
        status = put_rows(job, "chapters", &bm_record_chapter,
                          "FROM chapters t WHERE t.video_id = ?1 ORDER BY t.start_seconds", id, map,
                          arena, err);
    }
    if (status == BARQ_OK) {
        status = put_transcripts(job, id, map, arena, err);
    }
    if (status == BARQ_OK) {
        status =
            put_rows(job, "channel_row", &bm_record_channel, FROM_CHANNELS, id, map, arena, err);
    }
    return status;
}

/* -- of the list -- */

static enum barq_status put_list(struct bm_export_job *job, struct barq_value *map,
                                 struct barq_arena *arena, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    struct barq_value *list = barq_map(arena);
    bool more = false;

    enum barq_status status =
        bm_record_query(job->session, &bm_record_list, "", "FROM lists t WHERE t.id = ?1",
                        BARQ_PARAMS(barq_sql_text(job->list->id)), &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    if (status == BARQ_OK && more) {
        bm_record_read(&bm_record_list, rows, list, arena);
        barq_set_key(map, "list", list);
    }
    return status;
}

/* [[YOUTUBE_ID, MATCHED_AT], ...] */
static enum barq_status read_matches(struct bm_export_job *job, const char *id,
                                     struct barq_arena *arena, struct barq_value **out,
                                     struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    struct barq_value *matches = barq_list(arena);

    enum barq_status status =
        barq_query(job->session,
                   "SELECT youtube_id, matched_at_ms FROM subscription_matches"
                   " WHERE subscription_id = ?1 ORDER BY youtube_id",
                   BARQ_PARAMS(barq_sql_text(id)), &rows, err);
    for (bool more = true; status == BARQ_OK;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        struct barq_value *match = barq_list(arena);
        char matched[BQ_TIME_TEXT_BYTES];
        bq_time_text(barq_column_int(rows, 1), matched);
        barq_add(match, barq_string(arena, barq_column_text(rows, 0)));
        barq_add(match, barq_string(arena, matched));
        barq_add(matches, match);
    }
    *out = matches;
    return status;
}

enum { FOLLOWING_MAX = 1000 };

struct following {
    const char *ids[FOLLOWING_MAX];
    struct barq_value *maps[FOLLOWING_MAX];
    size_t count;
};

static enum barq_status read_following(struct bm_export_job *job, struct following *out,
                                       struct barq_arena *arena, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;

    enum barq_status status =
        bm_record_query(job->session, &bm_record_subscription, ", t.id",
                        "FROM subscriptions t WHERE t.list_id = ?1 ORDER BY t.kind, t.target"
                        " LIMIT 1000",
                        BARQ_PARAMS(barq_sql_text(job->list->id)), &rows, err);
    for (bool more = true; status == BARQ_OK;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        out->ids[out->count] =
            bq_arena_strdup(arena, barq_column_text(rows, (int)bm_record_subscription.count));
        out->maps[out->count] = barq_map(arena);
        bm_record_read(&bm_record_subscription, rows, out->maps[out->count], arena);
        out->count++;
    }
    return status;
}

static enum barq_status put_following(struct bm_export_job *job, struct barq_value *map,
                                      struct barq_arena *arena, struct barq_error *err)
{
    struct following *following = bq_arena_alloc(arena, sizeof(*following));
    struct barq_value *list = barq_list(arena);
    if (!following) {
        return bq_fail(err, BARQ_ERR_NOMEM, "export: arena is full");
    }

    enum barq_status status = read_following(job, following, arena, err);
    for (size_t i = 0; status == BARQ_OK && i < following->count; i++) {
        struct barq_value *matches = NULL;
        status = read_matches(job, following->ids[i], arena, &matches, err);
        barq_set_key(following->maps[i], "matches", matches);
        barq_add(list, following->maps[i]);
    }
    if (status == BARQ_OK && following->count > 0) {
        barq_set_key(map, "following", list);
    }
    return status;
}

enum barq_status bm_whole_list(struct bm_export_job *job, struct barq_value *map,
                               struct barq_arena *arena, struct barq_error *err)
{
    const char *id = job->list->id;

    enum barq_status status = put_list(job, map, arena, err);
    if (status == BARQ_OK) {
        status = put_rows(job, "fields", &bm_record_field,
                          "FROM fields t WHERE t.list_id = ?1 ORDER BY t.position, t.id", id, map,
                          arena, err);
    }
    if (status == BARQ_OK) {
        status = put_rows(job, "tags", &bm_record_tag,
                          "FROM tags t WHERE t.id IN (SELECT g.tag_id FROM video_tags g JOIN"
                          " videos v ON v.id = g.video_id WHERE v.list_id = ?1)"
                          " ORDER BY t.position, t.id",
                          id, map, arena, err);
    }
    if (status == BARQ_OK) {
        status = put_rows(job, "views", &bm_record_view,
                          "FROM views t WHERE t.list_id = ?1 ORDER BY t.position, t.id", id, map,
                          arena, err);
    }
    if (status == BARQ_OK) {
        status = put_following(job, map, arena, err);
    }
    return status;
}

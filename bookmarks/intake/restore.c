#include "intake/restore.h"

#include <string.h>

#include "base/arena.h"
#include "base/time.h"
#include "intake/labels.h"
#include "store/record.h"
#include "store/transcripts.h"
#include "store/values.h"

enum { VALUE_MAX_BYTES = 1024 * 1024 };

/* A row of the video, with an id of its own if `has_id`; `id` (may be NULL) is told that. */
static enum barq_status put_row(struct bm_put *put, const struct bm_record_table *table,
                                const char *video_id, const struct barq_value *map, bool has_id,
                                char *id, bool *done, struct barq_error *err)
{
    char made[BM_ID_BYTES];
    bq_uuid7(put->options->now_ms, made);

    const struct bm_record_extra extra[] = {{"video_id", barq_sql_text(video_id)},
                                            {"id", barq_sql_text(made)}};
    if (id) {
        memcpy(id, made, sizeof(made));
    }
    return bm_record_insert(put->session, table, NULL, map, extra, has_id ? 2 : 1, done, err);
}

static enum barq_status put_rows(struct bm_put *put, const struct bm_record_table *table,
                                 const char *video_id, const struct barq_value *list, bool has_id,
                                 struct barq_error *err)
{
    enum barq_status status = BARQ_OK;
    bool done;

    for (size_t i = 0; status == BARQ_OK && i < barq_count(list); i++) {
        status = put_row(put, table, video_id, barq_at(list, i), has_id, NULL, &done, err);
    }
    return status;
}

/* -- values -- */

static const struct bm_field *field_of(const struct bm_put *put, const char *name)
{
    for (size_t i = 0; i < put->n_fields; i++) {
        if (strcmp(put->fields[i].name, name) == 0) {
            return &put->fields[i];
        }
    }
    return NULL;
}

/* As it was, with its source and evidence; only what the field allows. */
static enum barq_status put_value(struct bm_put *put, const char *video_id,
                                  const struct bm_field *field, const struct barq_value *map,
                                  struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct barq_scalar number;
    struct barq_scalar text;
    bool done;
    bq_arena_init(&arena, VALUE_MAX_BYTES);
    if (!field || bm_field_check(field, barq_get(map, "value"), NULL) != BARQ_OK) {
        put->values_refused++;
        return BARQ_OK;
    }

    enum barq_status status =
        bm_value_keys(field, barq_get(map, "value"), &arena, &number, &text, err);
    if (status != BARQ_OK) {
        return status;
    }
    const struct bm_record_extra extra[] = {{"video_id", barq_sql_text(video_id)},
                                            {"field_id", barq_sql_text(field->id)},
                                            {"value_number", number},
                                            {"value_text", text}};
    return bm_record_insert(put->session, &bm_record_value, NULL, map, extra, 4, &done, err);
}

static enum barq_status put_aside(struct bm_put *put, const char *video_id,
                                  const struct bm_field *field, const struct barq_value *map,
                                  struct barq_error *err)
{
    bool done;
    if (!field) {
        return BARQ_OK;
    }

    const struct bm_record_extra extra[] = {{"video_id", barq_sql_text(video_id)},
                                            {"field_id", barq_sql_text(field->id)}};
    return bm_record_insert(put->session, &bm_record_value, "values_aside", map, extra, 2, &done,
                            err);
}

typedef enum barq_status put_one(struct bm_put *put, const char *video_id,
                                 const struct bm_field *field, const struct barq_value *map,
                                 struct barq_error *err);

/* {NAME: {"value", ...}} */
static enum barq_status put_values(struct bm_put *put, const char *video_id,
                                   const struct barq_value *values, put_one *one,
                                   struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < barq_count(values); i++) {
        const char *name = barq_as_string(barq_key_at(values, i), "");
        status = one(put, video_id, field_of(put, name), barq_at(values, i), err);
    }
    return status;
}

/* -- what is in tables of its own -- */

/* [{"name", "created_at"}]; of a CSV it is text, and the item has its tags. */
static enum barq_status put_tags(struct bm_put *put, const char *video_id,
                                 const struct barq_value *tags, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < barq_count(tags); i++) {
        const struct barq_value *tag = barq_at(tags, i);
        int64_t at_ms = put->options->now_ms;
        if (!bq_time_parse(barq_as_string(barq_get(tag, "created_at"), ""), &at_ms)) {
            at_ms = put->options->now_ms;
        }
        status = bm_put_label(put, video_id, barq_as_string(barq_get(tag, "name"), ""), at_ms, err);
    }
    return status;
}

/* [[START_MS, END_MS, TEXT], ...] */
static enum barq_status put_cues(struct bm_put *put, const char *transcript_id,
                                 const struct barq_value *cues, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < barq_count(cues); i++) {
        const struct barq_value *cue = barq_at(cues, i);
        status = barq_exec(put->session,
                           "INSERT INTO cues (transcript_id, position, start_ms, end_ms, text)"
                           " VALUES (?1, ?2, ?3, ?4, ?5)",
                           BARQ_PARAMS(barq_sql_text(transcript_id), barq_sql_int((int64_t)i + 1),
                                       barq_sql_int(barq_as_int(barq_at(cue, 0), 0)),
                                       barq_sql_int(barq_as_int(barq_at(cue, 1), 0)),
                                       barq_sql_text(barq_as_string(barq_at(cue, 2), ""))),
                           err);
    }
    return status;
}

static enum barq_status put_transcripts(struct bm_put *put, const char *video_id,
                                        const struct barq_value *list, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < barq_count(list); i++) {
        const struct barq_value *transcript = barq_at(list, i);
        char id[BM_ID_BYTES];
        bool done;
        status = put_row(put, &bm_record_transcript, video_id, transcript, true, id, &done, err);
        if (status == BARQ_OK && done) {
            status = put_cues(put, id, barq_get(transcript, "cues"), err);
            if (status == BARQ_OK) {
                status = bm_transcript_is_whole(put->session, id, err);
            }
        }
    }
    return status;
}

static enum barq_status put_channel(struct bm_put *put, const struct barq_value *rows,
                                    struct barq_error *err)
{
    bool done;

    return barq_count(rows) == 0 ? BARQ_OK
                                 : bm_record_insert(put->session, &bm_record_channel, NULL,
                                                    barq_at(rows, 0), NULL, 0, &done, err);
}

enum barq_status bm_restore_video(struct bm_put *put, const char *video_id,
                                  const struct barq_value *record, struct barq_error *err)
{
    enum barq_status status =
        bm_record_update(put->session, &bm_record_video, video_id, record, err);

    if (status == BARQ_OK) {
        status = put_tags(put, video_id, barq_get(record, "tags"), err);
    }
    if (status == BARQ_OK) {
        status = put_values(put, video_id, barq_get(record, "fields"), put_value, err);
    }
    if (status == BARQ_OK) {
        status = put_values(put, video_id, barq_get(record, "fields_aside"), put_aside, err);
    }
    if (status == BARQ_OK) {
        status = put_rows(put, &bm_record_note, video_id, barq_get(record, "notes"), true, err);
    }
    if (status == BARQ_OK) {
        status =
            put_rows(put, &bm_record_chapter, video_id, barq_get(record, "chapters"), false, err);
    }
    if (status == BARQ_OK) {
        status = put_transcripts(put, video_id, barq_get(record, "transcripts"), err);
    }
    return status == BARQ_OK ? put_channel(put, barq_get(record, "channel_row"), err) : status;
}

#include "intake/labels.h"

#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "base/arena.h"
#include "base/text.h"
#include "base/time.h"
#include "fields/label.h"
#include "fields/value_text.h"
#include "store/record.h"
#include "store/values.h"

enum { NAME_MAX_BYTES = 255, VALUE_MAX_BYTES = 4 * 1024 * 1024 };

/* Of categories a video keeps the one that it has. */
enum barq_status bm_put_label(struct bm_put *put, const char *video_id, const char *name,
                              int64_t at_ms, struct barq_error *err)
{
    struct bm_label_row row = {.at_ms = at_ms};
    const char *key = row.key;
    if (!bm_is_label(name, NAME_MAX_BYTES)) {
        return BARQ_OK;
    }

    bm_label_key(name, row.key);
    if (bm_label_rows_take(put->labels, key)) {
        snprintf(row.video_id, sizeof(row.video_id), "%s", video_id);
        snprintf(row.name, sizeof(row.name), "%s", name);
        return bm_label_rows_add(put->labels, put->session, &row, put->options->now_ms, err);
    }
    return barq_exec(put->session,
                     "INSERT INTO video_tags (video_id, tag_id, created_at_ms)"
                     " SELECT ?1, id, ?3 FROM tags WHERE name_key = ?2 AND (is_category = 0 OR NOT"
                     " EXISTS (SELECT 1 FROM video_tags v JOIN tags g ON g.id = v.tag_id"
                     " WHERE v.video_id = ?1 AND g.is_category = 1)) ON CONFLICT DO NOTHING",
                     BARQ_PARAMS(barq_sql_text(video_id), barq_sql_text(key), barq_sql_int(at_ms)),
                     err);
}

static enum barq_status put_folders(struct bm_put *put, const char *video_id, const char *path,
                                    struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (const char *at = path; status == BARQ_OK && *at != '\0';) {
        char name[NAME_MAX_BYTES + 1];
        size_t len = strcspn(at, "/");
        size_t begin = strspn(at, " ");
        size_t end = len;
        while (end > begin && at[end - 1] == ' ') {
            end--;
        }
        snprintf(name, sizeof(name), "%.*s",
                 (int)bq_utf8_cut(at + begin, end > begin ? end - begin : 0, NAME_MAX_BYTES),
                 at + begin);
        if (!bq_equal_nocase(name, put->list_name)) {
            status = bm_put_label(put, video_id, name, put->options->now_ms, err);
        }
        at += len + (at[len] == '/');
    }
    return status;
}

enum barq_status bm_put_labels(struct bm_put *put, const char *video_id, const struct bm_item *item,
                               struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    if (item->folder) {
        status = put_folders(put, video_id, item->folder, err);
    }
    for (size_t i = 0; status == BARQ_OK && i < item->n_tags; i++) {
        status = bm_put_label(put, video_id, item->tags[i], put->options->now_ms, err);
    }
    return status;
}

enum barq_status bm_put_tags(struct bm_put *put, const struct barq_value *tags,
                             struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < barq_count(tags); i++) {
        const char *name = barq_as_string(barq_get(barq_at(tags, i), "name"), "");
        char key[BM_LABEL_KEY_BYTES];
        char id[BM_ID_BYTES];
        bool done;
        if (!bm_is_label(name, NAME_MAX_BYTES)) {
            continue;
        }
        bm_label_key(name, key);
        bq_uuid7(put->options->now_ms, id);
        const struct bm_record_extra extra[] = {{"id", barq_sql_text(id)},
                                                {"name_key", barq_sql_text(key)}};
        status = bm_record_insert(put->session, &bm_record_tag, NULL, barq_at(tags, i), extra, 2,
                                  &done, err);
    }
    return status;
}

/* -- values -- */

static const struct bm_field *field_of(const struct bm_put *put, const char *name)
{
    for (size_t i = 0; i < put->n_fields; i++) {
        if (bq_equal_nocase(put->fields[i].name, name)) {
            return &put->fields[i];
        }
    }
    return NULL;
}

/* A table that comes back as it went out changes nothing: then a rule's value stays the rule's. */
static bool is_there(const struct bm_field_value *values, size_t count,
                     const struct bm_field *field, const struct barq_value *value)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(values[i].field_id, field->id) == 0) {
            return barq_equal(values[i].value, value);
        }
    }
    return false;
}

/* A value that its field does not allow costs itself, and not its video. */
static enum barq_status put_value(struct bm_put *put, const char *video_id,
                                  const struct bm_field *field, const char *text,
                                  struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct bm_field_value given = {.source = BM_BY_IMPORT};
    const struct bm_field_value *values = NULL;
    struct barq_value *value = NULL;
    size_t count = 0;
    bq_arena_init(&arena, VALUE_MAX_BYTES);

    enum barq_status status = bm_value_parse(field, text, &arena, &value, err);
    if (status == BARQ_OK) {
        status = bm_field_values(put->session, video_id, &arena, &values, &count, err);
    }
    given.value = value;
    if (status == BARQ_OK && value && !is_there(values, count, field, value)) {
        status = bm_field_value_set(put->session, video_id, field, &given, put->options->now_ms,
                                    NULL, err);
    }
    put->values_refused += status == BARQ_ERR_TYPE;
    return status == BARQ_ERR_TYPE ? BARQ_OK : status;
}

enum barq_status bm_put_values(struct bm_put *put, const char *video_id, const struct bm_item *item,
                               struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < item->n_fields; i++) {
        const struct bm_field *field = field_of(put, item->fields[i].name);
        if (field) {
            status = put_value(put, video_id, field, item->fields[i].text, err);
        }
    }
    return status;
}

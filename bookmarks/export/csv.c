#include <string.h>

#include "auto.h"
#include "base/buf.h"
#include "base/error.h"
#include "export/format.h"
#include "export/whole.h"
#include "fields/value_text.h"
#include "store/record.h"
#include "store/values.h"
#include "video/url.h"

enum { LIST_MAX_BYTES = 1024 * 1024 };

/* Quoted when it must be; and when it would begin a comment, or has blanks that a reader trims. */
static bool must_be_quoted(const char *text)
{
    size_t len = strlen(text);

    return len > 0 && (text[strcspn(text, ",;\t\"\r\n")] != '\0' || *text == '#' || *text == ' ' ||
                       text[len - 1] == ' ');
}

static void put(FILE *file, const char *text)
{
    if (!must_be_quoted(text)) {
        fputs(text, file);
        return;
    }
    fputc('"', file);
    for (; *text != '\0'; text++) {
        if (*text == '"') {
            fputc('"', file);
        }
        fputc(*text, file);
    }
    fputc('"', file);
}

static void put_next(FILE *file, const char *text)
{
    fputc(',', file);
    put(file, text);
}

/*
 * Text of strangers: a spreadsheet would run "=cmd|..." as a formula, so an
 * apostrophe goes before what begins like one, as spreadsheets themselves
 * write text; and before an apostrophe, so that the import knows which was
 * ours. False when `arena` is full.
 */
static bool put_text(FILE *file, const char *text, struct barq_arena *arena)
{
    const char *shown = text;

    if (*shown != '\0' && strchr("=+-@\t\r'", *shown)) {
        shown = bq_arena_format(arena, "'%s", text);
    }
    put_next(file, shown ? shown : "");
    return shown;
}

/* "a|b|c", with a backslash before what is a bar or a backslash in a text itself. */
static bool put_list(FILE *file, const struct barq_value *list, struct barq_arena *arena)
{
    bq_auto(buf) struct bq_buf text;
    bq_buf_init(&text, LIST_MAX_BYTES);

    for (size_t i = 0; i < barq_count(list); i++) {
        bq_buf_puts(&text, i > 0 ? "|" : "");
        for (const char *at = barq_as_string(barq_at(list, i), ""); *at != '\0'; at++) {
            bq_buf_puts(&text, *at == '|' || *at == '\\' ? "\\" : "");
            bq_buf_put_u8(&text, (uint8_t)*at);
        }
    }
    const char *whole = bq_buf_cstr(&text);
    return whole && put_text(file, whole, arena);
}

static enum barq_status arena_full(struct barq_error *err)
{
    return bq_fail(err, BARQ_ERR_NOMEM, "export: arena is full");
}

static enum barq_status begin(struct bm_export_job *job, struct barq_arena *arena,
                              struct barq_error *err)
{
    fputs("url", job->file);
    for (size_t i = 0; i < bm_record_video.count; i++) {
        put_next(job->file, bm_record_video.columns[i].key);
    }
    fputs(",tags", job->file);
    for (size_t i = 0; i < job->n_fields; i++) {
        const char *name = bq_arena_format(arena, "field_%s", job->fields[i].name);
        if (!name) {
            return arena_full(err);
        }
        put_next(job->file, name);
    }
    fputs("\r\n", job->file);
    return BARQ_OK;
}

/* A number may begin with a minus: only text can be a formula. */
static bool put_value(FILE *file, const struct barq_value *value, struct barq_arena *arena)
{
    enum barq_kind kind = barq_kind(value);
    const char *text = kind == BARQ_LIST ? NULL : bm_value_text(value, "|", arena);

    if (kind == BARQ_LIST) {
        return put_list(file, value, arena);
    }
    if (kind == BARQ_STRING && text) {
        return put_text(file, text, arena);
    }
    put_next(file, text ? text : "");
    return text;
}

/* Options of a multi-select with a bar between them, as bm_value_parse() takes them. */
static bool put_field(FILE *file, const struct barq_value *value, struct barq_arena *arena)
{
    const char *text = barq_kind(value) == BARQ_LIST ? bm_value_text(value, "|", arena) : NULL;

    return text ? put_text(file, text, arena) : put_value(file, value, arena);
}

static enum barq_status put_fields(struct bm_export_job *job, const char *video_id,
                                   struct barq_arena *arena, struct barq_error *err)
{
    const struct bm_field_value *values = NULL;
    size_t count = 0;

    enum barq_status status = bm_field_values(job->session, video_id, arena, &values, &count, err);
    for (size_t i = 0; status == BARQ_OK && i < job->n_fields; i++) {
        const struct barq_value *value = NULL;
        for (size_t v = 0; v < count; v++) {
            value = strcmp(values[v].field_id, job->fields[i].id) == 0 ? values[v].value : value;
        }
        if (!put_field(job->file, value, arena)) {
            return arena_full(err);
        }
    }
    return status;
}

static enum barq_status write_video(struct bm_export_job *job, const struct bm_export_video *video,
                                    struct barq_arena *arena, struct barq_error *err)
{
    struct barq_value *tags = NULL;
    char url[BM_WATCH_URL_BYTES];
    bm_watch_url(video->youtube_id, url);

    enum barq_status status = bm_tag_names(job, video->id, arena, &tags, err);
    if (status != BARQ_OK) {
        return status;
    }
    put(job->file, url);
    for (size_t i = 0; i < bm_record_video.count; i++) {
        const char *key = bm_record_video.columns[i].key;
        if (!put_value(job->file, barq_get(video->record, key), arena)) {
            return arena_full(err);
        }
    }
    if (!put_value(job->file, tags, arena)) {
        return arena_full(err);
    }
    status = put_fields(job, video->id, arena, err);
    fputs("\r\n", job->file);
    return status;
}

static void end(struct bm_export_job *job)
{
    (void)job;
}

const struct bm_export_format bm_export_csv = {
    "csv", "text/csv; charset=utf-8", false, begin, write_video, end};

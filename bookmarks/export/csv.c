#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/time.h"
#include "export/field_text.h"
#include "export/format.h"
#include "video/url.h"

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
    put(file, text ? text : "");
}

/*
 * Text of strangers: a spreadsheet would run "=cmd|..." as a formula, so an
 * apostrophe goes before what begins like one, as spreadsheets themselves
 * write text. The JSON has it as it is.
 */
static void put_text(FILE *file, const char *text, struct barq_arena *arena)
{
    const char *shown = text ? text : "";

    if (*shown != '\0' && strchr("=+-@\t\r", *shown)) {
        shown = bq_arena_format(arena, "'%s", shown);
    }
    put_next(file, shown);
}

static enum barq_status begin(struct bm_export_job *job, struct barq_arena *arena,
                              struct barq_error *err)
{
    fputs("url,status,title,channel,duration_seconds,published,language,tags,error", job->file);
    for (size_t i = 0; i < job->n_fields; i++) {
        const char *name = bq_arena_format(arena, "field_%s", job->fields[i].name);
        if (!name) {
            return bq_fail(err, BARQ_ERR_NOMEM, "export: arena is full");
        }
        put_next(job->file, name);
    }
    fputs("\r\n", job->file);
    return BARQ_OK;
}

static void put_tags(FILE *file, const struct bm_metadata *metadata, struct barq_arena *arena)
{
    const char *text = "";

    for (size_t i = 0; text && i < metadata->n_tags; i++) {
        text = bq_arena_format(arena, "%s%s%s", text, i > 0 ? "|" : "", metadata->tags[i]);
    }
    put_text(file, text, arena);
}

static void put_number(FILE *file, int64_t number, int64_t unknown)
{
    char text[24] = "";

    if (number != unknown) {
        snprintf(text, sizeof(text), "%" PRId64, number);
    }
    put_next(file, text);
}

static void put_time(FILE *file, int64_t at_ms)
{
    char text[BQ_TIME_TEXT_BYTES] = "";

    if (at_ms != INT64_MIN) {
        bq_time_text(at_ms, text);
    }
    put_next(file, text);
}

/* False when `arena` is full. */
static bool put_field(FILE *file, const struct bm_field_value *value, struct barq_arena *arena)
{
    const char *text = bm_field_text(value, "|", arena);
    enum barq_kind kind = barq_kind(value ? value->value : NULL);

    if (!text) {
        return false;
    }
    if (kind == BARQ_STRING || kind == BARQ_LIST) {
        put_text(file, text, arena);
    } else {
        put_next(file, text); /* a number may begin with a minus */
    }
    return true;
}

static enum barq_status write_video(struct bm_export_job *job, const struct bm_video *video,
                                    const struct bm_field_value *values, size_t count,
                                    struct barq_arena *arena, struct barq_error *err)
{
    const struct bm_metadata *metadata = &video->metadata;
    char url[BM_WATCH_URL_BYTES];
    bm_watch_url(metadata->youtube_id, url);

    put(job->file, url);
    put_next(job->file, bm_video_status_name(video->status));
    put_text(job->file, metadata->title, arena);
    put_text(job->file, metadata->channel, arena);
    put_number(job->file, metadata->duration_s, -1);
    put_time(job->file, metadata->published_at_ms);
    put_text(job->file, metadata->language, arena);
    put_tags(job->file, metadata, arena);
    put_text(job->file, video->error, arena);
    for (size_t i = 0; i < job->n_fields; i++) {
        const struct bm_field_value *value = bm_value_of(&job->fields[i], values, count);
        if (!put_field(job->file, value, arena)) {
            return bq_fail(err, BARQ_ERR_NOMEM, "export: arena is full");
        }
    }
    fputs("\r\n", job->file);
    return BARQ_OK;
}

static void end(struct bm_export_job *job)
{
    (void)job;
}

const struct bm_export_format bm_export_csv = {begin, write_video, end};

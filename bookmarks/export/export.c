#include "export/export.h"

#include <string.h>

#include "auto.h"
#include "base/auto.h"
#include "base/error.h"
#include "export/format.h"
#include "store/record.h"

enum { PAGE = 100, PAGE_ARENA_BYTES = 64 * 1024 * 1024 };

static const struct bm_export_format *const formats[BM_FORMATS] = {
    [BM_CSV] = &bm_export_csv,
    [BM_JSON] = &bm_export_json,
    [BM_HTML] = &bm_export_html,
    [BM_FEED] = &bm_export_feed,
};

const char *bm_format_name(enum bm_format format)
{
    return formats[format]->name;
}

const char *bm_format_media_type(enum bm_format format)
{
    return formats[format]->media_type;
}

bool bm_format_parse(const char *name, enum bm_format *out)
{
    for (int i = 0; i < BM_FORMATS; i++) {
        if (strcmp(name, formats[i]->name) == 0) {
            *out = (enum bm_format)i;
            return true;
        }
    }
    return false;
}

/* Where the next page begins: behind this video. */
struct place {
    int64_t position;
    char id[BM_ID_BYTES];
    bool done;
};

static enum barq_status read_row(const struct barq_rows *rows, struct barq_arena *arena,
                                 struct bm_export_video *out, struct barq_error *err)
{
    int more = (int)bm_record_video.count;

    out->id = bq_arena_strdup(arena, barq_column_text(rows, more));
    out->youtube_id = bq_arena_strdup(arena, barq_column_text(rows, more + 1));
    out->position = barq_column_int(rows, more + 2);
    out->record = barq_map(arena);
    bm_record_read(&bm_record_video, rows, out->record, arena);
    if (!out->id || !out->youtube_id) {
        return bq_fail(err, BARQ_ERR_NOMEM, "export: arena is full");
    }
    return barq_value_check(out->record, err);
}

#define FROM_VIDEOS "FROM videos t WHERE t.list_id = ?1"

static enum barq_status read_rows(struct bm_export_job *job, bool newest, const struct place *after,
                                  struct barq_arena *arena, struct bm_export_video *out,
                                  size_t *count, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    const char *rest =
        newest ? FROM_VIDEOS " ORDER BY t.created_at_ms DESC, t.position DESC, t.id DESC LIMIT 100"
               : FROM_VIDEOS " AND t.position >= ?2 AND (t.position > ?2 OR t.id > ?3)"
                             " ORDER BY t.position, t.id LIMIT 100";

    enum barq_status status = bm_record_query(
        job->session, &bm_record_video, ", t.id, t.youtube_id, t.position", rest,
        (const struct barq_scalar[]){barq_sql_text(job->list->id), barq_sql_int(after->position),
                                     barq_sql_text(after->id)},
        newest ? 1 : 3, &rows, err);
    for (bool more = true; status == BARQ_OK && *count < PAGE;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        status = read_row(rows, arena, &out[(*count)++], err);
    }
    return status;
}

/* `place` moves to the last video of the page. */
static enum barq_status write_page(const struct bm_export_format *format, struct bm_export_job *job,
                                   struct place *place, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct bm_export_video videos[PAGE];
    size_t count = 0;
    bq_arena_init(&arena, PAGE_ARENA_BYTES);

    enum barq_status status = read_rows(job, format->newest, place, &arena, videos, &count, err);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        status = format->video(job, &videos[i], &arena, err);
        job->videos++;
    }
    place->done = count < PAGE || format->newest;
    if (count > 0) {
        place->position = videos[count - 1].position;
        memcpy(place->id, videos[count - 1].id, sizeof(place->id));
    }
    return status;
}

static enum barq_status write_begin(const struct bm_export_format *format,
                                    struct bm_export_job *job, struct barq_arena *arena,
                                    struct barq_error *err)
{
    enum barq_status status =
        bm_fields(job->session, job->list->id, arena, &job->fields, &job->n_fields, err);

    return status == BARQ_OK ? format->begin(job, arena, err) : status;
}

/* One page, out of memory: nobody knows how long the reader of `file` takes. */
static enum barq_status export_page(const struct bm_export_format *format,
                                    struct bm_export_job *job, FILE *file, struct place *place,
                                    struct barq_arena *arena, struct barq_error *err)
{
    bq_auto(memory) char *text = NULL;
    size_t len = 0;

    enum barq_status status = barq_session_begin(job->session, false, err);
    if (status != BARQ_OK) {
        return status;
    }
    job->file = open_memstream(&text, &len);
    status = job->file ? BARQ_OK : bq_fail(err, BARQ_ERR_NOMEM, "export: out of memory");
    if (status == BARQ_OK) {
        status = arena ? write_begin(format, job, arena, err) : write_page(format, job, place, err);
    }
    barq_session_rollback(job->session);
    if (job->file && fclose(job->file) != 0 && status == BARQ_OK) {
        return bq_fail(err, BARQ_ERR_NOMEM, "export: out of memory");
    }
    job->file = file;
    if (status == BARQ_OK && fwrite(text, 1, len, file) != len) {
        return bq_fail_errno(err, "export: cannot write");
    }
    return status;
}

enum barq_status bm_export(struct barq_session *session, const struct bm_list *list,
                           enum bm_format wanted, FILE *file, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    const struct bm_export_format *format = formats[wanted];
    struct bm_export_job job = {.session = session, .list = list};
    struct place place = {.position = INT64_MIN};
    bq_arena_init(&arena, PAGE_ARENA_BYTES);

    enum barq_status status = export_page(format, &job, file, &place, &arena, err);
    while (status == BARQ_OK && !place.done) {
        status = export_page(format, &job, file, &place, NULL, err);
    }
    if (status == BARQ_OK) {
        format->end(&job);
    }
    if (status == BARQ_OK && (fflush(file) != 0 || ferror(file))) {
        return bq_fail_errno(err, "export: cannot write");
    }
    return status;
}

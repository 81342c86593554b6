#include "export/export.h"

#include <string.h>

#include "auto.h"
#include "base/auto.h"
#include "base/error.h"
#include "base/time.h"
#include "export/format.h"

enum { PAGE = 200, PAGE_ARENA_BYTES = 64 * 1024 * 1024 };

static const struct bm_export_format *const formats[] = {
    [BM_CSV] = &bm_export_csv,
    [BM_JSON] = &bm_export_json,
};

/* One video and its values, in an arena of its own. */
static enum barq_status write_video(struct barq_session *session,
                                    const struct bm_export_format *format,
                                    struct bm_export_job *job, const struct bm_video *video,
                                    struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    const struct bm_field_value *values = NULL;
    size_t count = 0;
    bq_arena_init(&arena, PAGE_ARENA_BYTES);

    enum barq_status status = bm_field_values(session, video->id, &arena, &values, &count, err);
    if (status == BARQ_OK) {
        status = format->video(job, video, values, count, &arena, err);
    }
    job->videos++;
    return status;
}

/* `*after` moves to the last position of the page, and to -1 behind the last page. */
static enum barq_status write_page(struct barq_session *session,
                                   const struct bm_export_format *format, struct bm_export_job *job,
                                   int64_t *after, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    const struct bm_video *videos = NULL;
    size_t count = 0;
    struct bm_video_filter filter = {
        .list_id = job->list->id, .status = BARQ_OFF, .after_position = *after};
    bq_arena_init(&arena, PAGE_ARENA_BYTES);

    enum barq_status status = bm_videos(session, &filter, PAGE, &arena, &videos, &count, err);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        status = write_video(session, format, job, &videos[i], err);
    }
    if (status == BARQ_OK) {
        *after = count == PAGE ? videos[count - 1].position : -1;
    }
    return status;
}

/* One page, out of memory: nobody knows how long the reader of `file` takes. */
static enum barq_status export_page(struct barq_session *session,
                                    const struct bm_export_format *format,
                                    struct bm_export_job *job, FILE *file, int64_t *after,
                                    struct barq_error *err)
{
    bq_auto(memory) char *text = NULL;
    size_t len = 0;

    enum barq_status status = barq_session_begin(session, false, err);
    if (status != BARQ_OK) {
        return status;
    }
    job->file = open_memstream(&text, &len);
    status = job->file ? write_page(session, format, job, after, err)
                       : bq_fail(err, BARQ_ERR_NOMEM, "export: out of memory");
    barq_session_rollback(session);
    if (job->file && fclose(job->file) != 0 && status == BARQ_OK) {
        return bq_fail(err, BARQ_ERR_NOMEM, "export: out of memory");
    }
    job->file = file;
    if (status == BARQ_OK && fwrite(text, 1, len, file) != len) {
        return bq_fail_errno(err, "export: cannot write");
    }
    return status;
}

static enum barq_status read_fields(struct barq_session *session, struct bm_export_job *job,
                                    struct barq_arena *arena, struct barq_error *err)
{
    enum barq_status status = barq_session_begin(session, false, err);

    if (status == BARQ_OK) {
        status = bm_fields(session, job->list->id, arena, &job->fields, &job->n_fields, err);
        barq_session_rollback(session);
    }
    return status;
}

enum barq_status bm_export(struct barq_session *session, const struct bm_list *list,
                           enum bm_format wanted, FILE *file, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    const struct bm_export_format *format = formats[wanted];
    struct bm_export_job job = {.file = file, .list = list};
    int64_t after = 0;
    bq_arena_init(&arena, PAGE_ARENA_BYTES);

    enum barq_status status = read_fields(session, &job, &arena, err);
    if (status == BARQ_OK) {
        status = format->begin(&job, &arena, err);
    }
    while (status == BARQ_OK && after >= 0) {
        status = export_page(session, format, &job, file, &after, err);
    }
    if (status == BARQ_OK) {
        format->end(&job);
    }
    if (status == BARQ_OK && (fflush(file) != 0 || ferror(file))) {
        return bq_fail_errno(err, "export: cannot write");
    }
    return status;
}

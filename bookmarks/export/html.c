#include <string.h>

#include "base/error.h"
#include "base/time.h"
#include "export/format.h"
#include "export/markup.h"
#include "export/whole.h"
#include "store/record.h"
#include "video/url.h"

/* Netscape bookmarks: the list is a folder, its tags are TAGS, its notes the text below. */

static enum barq_status begin(struct bm_export_job *job, struct barq_arena *arena,
                              struct barq_error *err)
{
    (void)arena;
    (void)err;
    fputs("<!DOCTYPE NETSCAPE-Bookmark-file-1>\n"
          "<META HTTP-EQUIV=\"Content-Type\" CONTENT=\"text/html; charset=UTF-8\">\n"
          "<TITLE>Bookmarks</TITLE>\n<H1>Bookmarks</H1>\n<DL><p>\n    <DT><H3>",
          job->file);
    bm_put_markup(job->file, job->list->name);
    fputs("</H3>\n    <DL><p>\n", job->file);
    return BARQ_OK;
}

/* When it came to where it was imported from, or else to us. */
static long long added_seconds(const struct barq_value *record)
{
    int64_t at_ms = 0;
    const char *added = barq_as_string(barq_get(record, "added_at"), NULL);

    added = added ? added : barq_as_string(barq_get(record, "created_at"), "");
    return bq_time_parse(added, &at_ms) ? (long long)(at_ms / 1000) : 0;
}

/* A comma separates tags here: one in a tag becomes a blank. */
static void put_tags(FILE *file, const struct barq_value *tags, struct barq_arena *arena)
{
    for (size_t i = 0; i < barq_count(tags); i++) {
        char *name = bq_arena_strdup(arena, barq_as_string(barq_at(tags, i), ""));
        for (char *comma = name; comma && (comma = strchr(comma, ',')) != NULL;) {
            *comma = ' ';
        }
        fputs(i > 0 ? "," : " TAGS=\"", file);
        bm_put_markup(file, name);
    }
    fputs(barq_count(tags) > 0 ? "\"" : "", file);
}

static enum barq_status put_notes(struct bm_export_job *job, const char *video_id,
                                  struct barq_arena *arena, struct barq_error *err)
{
    struct barq_value *notes = NULL;

    enum barq_status status =
        bm_record_all(job->session, &bm_record_note,
                      "FROM notes t WHERE t.video_id = ?1 ORDER BY t.created_at_ms, t.id",
                      BARQ_PARAMS(barq_sql_text(video_id)), arena, &notes, err);
    for (size_t i = 0; status == BARQ_OK && i < barq_count(notes); i++) {
        fputs(i > 0 ? "\n\n" : "        <DD>", job->file);
        bm_put_markup(job->file, barq_as_string(barq_get(barq_at(notes, i), "text"), ""));
    }
    fputs(barq_count(notes) > 0 ? "\n" : "", job->file);
    return status;
}

static enum barq_status write_video(struct bm_export_job *job, const struct bm_export_video *video,
                                    struct barq_arena *arena, struct barq_error *err)
{
    struct barq_value *tags = NULL;
    char url[BM_WATCH_URL_BYTES];
    bm_watch_url(video->youtube_id, url);
    const char *title = barq_as_string(barq_get(video->record, "own_title"), NULL);
    title = title ? title : barq_as_string(barq_get(video->record, "title"), url);

    enum barq_status status = bm_tag_names(job, video->id, arena, &tags, err);
    if (status != BARQ_OK) {
        return status;
    }
    fprintf(job->file, "        <DT><A HREF=\"%s\" ADD_DATE=\"%lld\"", url,
            added_seconds(video->record));
    put_tags(job->file, tags, arena);
    fputs(">", job->file);
    bm_put_markup(job->file, title);
    fputs("</A>\n", job->file);
    return put_notes(job, video->id, arena, err);
}

static void end(struct bm_export_job *job)
{
    fputs("    </DL><p>\n</DL><p>\n", job->file);
}

const struct bm_export_format bm_export_html = {
    "html", "text/html; charset=utf-8", false, begin, write_video, end};

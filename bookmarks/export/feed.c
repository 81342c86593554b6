#include "base/error.h"
#include "base/time.h"
#include "export/format.h"
#include "export/markup.h"
#include "video/url.h"

/* Atom (RFC 4287): what is new in a list, for a feed reader. */

static void put_element(FILE *file, const char *before, const char *text, const char *after)
{
    fputs(before, file);
    bm_put_markup(file, text);
    fputs(after, file);
}

static enum barq_status begin(struct bm_export_job *job, struct barq_arena *arena,
                              struct barq_error *err)
{
    (void)arena;
    (void)err;
    fputs("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
          "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n",
          job->file);
    put_element(job->file, "  <title>", job->list->name, "</title>\n");
    put_element(job->file, "  <id>urn:uuid:", job->list->id, "</id>\n");
    fputs("  <author><name>bookmarks</name></author>\n", job->file);
    return BARQ_OK;
}

static const char *text_of(const struct bm_export_video *video, const char *key,
                           const char *otherwise)
{
    return barq_as_string(barq_get(video->record, key), otherwise);
}

static enum barq_status write_video(struct bm_export_job *job, const struct bm_export_video *video,
                                    struct barq_arena *arena, struct barq_error *err)
{
    FILE *file = job->file;
    char url[BM_WATCH_URL_BYTES];
    const char *title = text_of(video, "own_title", text_of(video, "title", video->youtube_id));

    (void)arena;
    (void)err;
    bm_watch_url(video->youtube_id, url);
    if (job->videos == 0) { /* the newest: since then nothing has changed */
        put_element(file, "  <updated>", text_of(video, "created_at", ""), "</updated>\n");
    }
    put_element(file, "  <entry>\n    <id>urn:uuid:", video->id, "</id>\n");
    put_element(file, "    <title>", title, "</title>\n");
    put_element(file, "    <link href=\"", url, "\"/>\n");
    put_element(file, "    <updated>", text_of(video, "created_at", ""), "</updated>\n");
    if (text_of(video, "published", NULL)) {
        put_element(file, "    <published>", text_of(video, "published", ""), "</published>\n");
    }
    if (text_of(video, "channel", NULL)) {
        put_element(file, "    <author><name>", text_of(video, "channel", ""),
                    "</name></author>\n");
    }
    put_element(file, "    <summary>", text_of(video, "description", ""), "</summary>\n");
    fputs("  </entry>\n", file);
    return BARQ_OK;
}

static void end(struct bm_export_job *job)
{
    if (job->videos == 0) {
        char created[BQ_TIME_TEXT_BYTES];
        bq_time_text(job->list->created_at_ms, created);
        put_element(job->file, "  <updated>", created, "</updated>\n");
    }
    fputs("</feed>\n", job->file);
}

const struct bm_export_format bm_export_feed = {
    "feed", "application/atom+xml; charset=utf-8", true, begin, write_video, end};

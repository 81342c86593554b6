#include "export/format.h"
#include "export/whole.h"
#include "formats/json_object.h"
#include "video/url.h"

enum { VERSION = 1 };

static enum barq_status put(FILE *file, const struct barq_value *value, const char *end,
                            struct barq_arena *arena, struct barq_error *err)
{
    const char *json = NULL;
    size_t len = 0;

    enum barq_status status = barq_to_json(arena, value, &json, &len, err);
    if (status == BARQ_OK) {
        fwrite(json, 1, len, file);
        fputs(end, file);
    }
    return status;
}

/* One object, whose last member is written video by video. */
static enum barq_status begin(struct bm_export_job *job, struct barq_arena *arena,
                              struct barq_error *err)
{
    struct barq_value *head = barq_map(arena);

    barq_set_key(head, "format", barq_string(arena, BM_JSON_OWN));
    barq_set_key(head, "version", barq_int(arena, VERSION));
    enum barq_status status = bm_whole_list(job, head, arena, err);
    for (size_t i = 0; status == BARQ_OK && i < barq_count(head); i++) {
        fputs(i == 0 ? "{" : "", job->file);
        status = put(job->file, barq_key_at(head, i), ": ", arena, err);
        if (status == BARQ_OK) {
            status = put(job->file, barq_at(head, i), ",\n", arena, err);
        }
    }
    fputs("\"videos\": [", job->file);
    return status;
}

static enum barq_status write_video(struct bm_export_job *job, const struct bm_export_video *video,
                                    struct barq_arena *arena, struct barq_error *err)
{
    char url[BM_WATCH_URL_BYTES];
    bm_watch_url(video->youtube_id, url);

    barq_set_key(video->record, "url", barq_string(arena, url));
    enum barq_status status = bm_whole_video(job, video, arena, err);
    fputs(job->videos > 0 ? ",\n" : "\n", job->file);
    return status == BARQ_OK ? put(job->file, video->record, "", arena, err) : status;
}

static void end(struct bm_export_job *job)
{
    fputs("\n]}\n", job->file);
}

const struct bm_export_format bm_export_json = {"json", "application/json", false,
                                                begin,  write_video,        end};

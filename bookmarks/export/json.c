#include "export/format.h"
#include "export/video_json.h"

static enum barq_status put(FILE *file, const struct barq_value *value, struct barq_arena *arena,
                            struct barq_error *err)
{
    const char *json = NULL;
    size_t len = 0;

    enum barq_status status = barq_to_json(arena, value, &json, &len, err);
    if (status == BARQ_OK) {
        fwrite(json, 1, len, file);
    }
    return status;
}

static enum barq_status begin(struct bm_export_job *job, struct barq_arena *arena,
                              struct barq_error *err)
{
    struct barq_value *list = barq_map(arena);
    struct barq_value *fields = barq_list(arena);

    barq_set_key(list, "id", barq_string(arena, job->list->id));
    barq_set_key(list, "name", barq_string(arena, job->list->name));
    for (size_t i = 0; i < job->n_fields; i++) {
        barq_add(fields, bm_field_json(&job->fields[i], arena));
    }
    fputs("{\"list\": ", job->file);
    enum barq_status status = put(job->file, list, arena, err);
    if (status == BARQ_OK) {
        fputs(",\n\"fields\": ", job->file);
        status = put(job->file, fields, arena, err);
    }
    fputs(",\n\"videos\": [", job->file);
    return status;
}

static enum barq_status write_video(struct bm_export_job *job, const struct bm_video *video,
                                    const struct bm_field_value *values, size_t count,
                                    struct barq_arena *arena, struct barq_error *err)
{
    struct barq_value *map = bm_video_json(video, job->fields, job->n_fields, values, count, arena);

    fputs(job->videos > 0 ? ",\n" : "\n", job->file);
    return put(job->file, map, arena, err);
}

static void end(struct bm_export_job *job)
{
    fputs("\n]}\n", job->file);
}

const struct bm_export_format bm_export_json = {begin, write_video, end};

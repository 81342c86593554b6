#include "jobs/next.h"

#include <string.h>

#include <barq/client.h>

#include "base/arena.h"

enum { ARENA_BYTES = 256 * 1024 };

bool bm_step_of(struct barq_context *ctx, struct bm_step *out)
{
    *out = (struct bm_step){
        .video_id = barq_arg_string(ctx, 0, "video_id", NULL),
        .list_id = barq_arg_string(ctx, 1, "list_id", ""),
        .schema = barq_arg(ctx, 2, "schema"),
        .run_id = barq_arg_string(ctx, 3, "run_id", NULL),
        .tries = barq_arg_int(ctx, 4, "try", 0),
    };
    return out->video_id != NULL;
}

bool bm_in_schema(const struct barq_value *schema, const char *name)
{
    const struct barq_value *names = barq_get(schema, "fields");

    if (barq_is_null(names)) {
        return true;
    }
    for (size_t i = 0; i < barq_count(names); i++) {
        if (strcmp(barq_as_string(barq_at(names, i), ""), name) == 0) {
            return true;
        }
    }
    return false;
}

bool bm_is_for_model(const struct bm_field *field)
{
    return field->instruction && *field->instruction != '\0';
}

enum barq_status bm_enqueue_step(struct barq_session *session, const char *function,
                                 const struct bm_step *step, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, ARENA_BYTES);
    const struct barq_enqueue_options options = {.priority = step->priority};
    struct barq_value *args = barq_list(&arena);

    barq_add(args, barq_string(&arena, step->video_id));
    barq_add(args, barq_string(&arena, step->list_id));
    barq_add(args, step->schema ? barq_copy(&arena, step->schema) : barq_null(&arena));
    barq_add(args, step->run_id ? barq_string(&arena, step->run_id) : barq_null(&arena));
    barq_add(args, barq_int(&arena, step->tries));
    return barq_session_enqueue(session, function, args, NULL, &options, NULL, err);
}

/* The fields that the run is about; by name, so that one which comes meanwhile is not filled. */
static struct barq_value *schema_of(const struct bm_run *run, const struct bm_field *fields,
                                    size_t n_fields, bool *for_model, struct barq_arena *arena)
{
    struct barq_value *schema = barq_map(arena);
    struct barq_value *names = barq_list(arena);

    for (size_t i = 0; i < n_fields; i++) {
        if (!run->field || strcmp(run->field, fields[i].name) == 0) {
            barq_add(names, barq_string(arena, fields[i].name));
            *for_model |= bm_is_for_model(&fields[i]);
        }
    }
    barq_set_key(schema, "fields", names);
    if (run->dry) {
        barq_set_key(schema, "dry", barq_bool(arena, true));
    }
    return schema;
}

enum barq_status bm_enqueue_after_metadata(struct barq_session *session, const struct bm_run *run,
                                           const struct bm_field *fields, size_t n_fields,
                                           bool has_model, const char *video_id, int64_t tries,
                                           struct barq_arena *arena, struct barq_error *err)
{
    bool for_model = false;
    const struct bm_step step = {
        .video_id = video_id,
        .list_id = run->list_id,
        .schema = schema_of(run, fields, n_fields, &for_model, arena),
        .run_id = run->id,
        .tries = tries,
        .priority = run->priority,
    };

    return bm_enqueue_step(session, has_model && for_model ? "fetch_transcript" : "process_video",
                           &step, err);
}

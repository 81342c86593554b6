#include "jobs/next.h"

#include <string.h>

#include <barq/client.h>

/* The fields that the run is about; by name, so that one which comes meanwhile is not filled. */
static struct barq_value *schema_of(const struct bm_run *run, const struct bm_field *fields,
                                    size_t n_fields, struct barq_arena *arena)
{
    struct barq_value *schema = barq_map(arena);
    struct barq_value *names = barq_list(arena);

    for (size_t i = 0; i < n_fields; i++) {
        if (!run->field || strcmp(run->field, fields[i].name) == 0) {
            barq_add(names, barq_string(arena, fields[i].name));
        }
    }
    barq_set_key(schema, "fields", names);
    return schema;
}

enum barq_status bm_enqueue_next(struct barq_session *session, const struct bm_run *run,
                                 const struct bm_field *fields, size_t n_fields,
                                 const struct bm_next *next, enum bm_step done,
                                 struct barq_arena *arena, struct barq_error *err)
{
    const struct barq_enqueue_options options = {.priority = run->priority};
    struct barq_value *args = barq_list(arena);

    (void)done;
    barq_add(args, barq_string(arena, next->video_id));
    barq_add(args, barq_string(arena, run->list_id));
    barq_add(args, schema_of(run, fields, n_fields, arena));
    barq_add(args, barq_string(arena, run->id));
    barq_add(args, barq_int(arena, next->tries));
    return barq_session_enqueue(session, "process_video", args, NULL, &options, NULL, err);
}

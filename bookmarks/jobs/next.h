/*
 * next.h - the steps that a video of a run takes, and the job of the next one.
 *
 *     fetch_metadata -> fetch_transcript -> extract_fields -> process_video
 *
 * The two in the middle are for fields that a model fills in; without such fields, or
 * without a model, they are left out.
 */
#ifndef BM_NEXT_H
#define BM_NEXT_H

#include <barq/function.h>

#include "services/model.h"
#include "store/fields.h"
#include "store/runs.h"

/* A video on its way: the arguments that all jobs of one video have, in this order. */
struct bm_step {
    const char *video_id;
    const char *list_id;
    const struct barq_value *schema; /* {"fields": [NAME, ...], "dry"?: true}; null: all fields */
    const char *run_id;              /* NULL: of none */
    int64_t tries;
    int priority; /* not an argument: each enqueues with that of its run */
};

/* Of a running job; false when it has no video. */
bool bm_step_of(struct barq_context *ctx, struct bm_step *out);
/* Is the field one of the schema's? */
bool bm_in_schema(const struct barq_value *schema, const char *name);
/* A model fills it in: the person has said what to look for. */
bool bm_is_for_model(const struct bm_field *field);

/* The job `function` for the step; in the session's transaction. */
enum barq_status bm_enqueue_step(struct barq_session *session, const char *function,
                                 const struct bm_step *step, struct barq_error *err)
    BARQ_MUST_CHECK;

/* After its metadata: with a model, for one of the fields, first the transcript. `fields` are the list's. */
enum barq_status bm_enqueue_after_metadata(struct barq_session *session, const struct bm_run *run,
                                           const struct bm_field *fields, size_t n_fields,
                                           bool has_model, const char *video_id, int64_t tries,
                                           struct barq_arena *arena, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif

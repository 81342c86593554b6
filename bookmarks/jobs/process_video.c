/* The third step: fills the fields of one video, and completes it. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/time.h"
#include "fields/rules.h"
#include "jobs/functions.h"
#include "jobs/next.h"
#include "store/runs.h"

/* A field's rule at work: what it found, or NULL. */
struct filled {
    const struct bm_field *field;
    struct barq_value *value;
};

struct processing {
    const char *run_id; /* NULL: of none */
    bool may_go_on;
    struct bm_video video;
    const struct bm_field *fields;
    size_t n_fields;
    struct filled *filled;
    size_t n_filled;
};

static enum barq_status done(struct barq_context *ctx, const char *result)
{
    barq_return(ctx, barq_string(barq_arena_of(ctx), result));
    return BARQ_OK;
}

static enum barq_status read_for_processing(struct barq_context *ctx, const char *video_id,
                                            struct processing *out, struct barq_error *err)
{
    struct barq_arena *arena = barq_arena_of(ctx);
    struct barq_session *session = NULL;

    enum barq_status status = barq_session_read(ctx, &session, err);
    if (status == BARQ_OK) {
        status = bm_video_get(session, video_id, arena, &out->video, err);
    }
    if (status == BARQ_OK && out->run_id) {
        status = bm_run_may_go_on(session, out->run_id, video_id, barq_arg_int(ctx, 4, "try", 0),
                                  &out->may_go_on, err);
    }
    if (status == BARQ_OK) {
        status = bm_fields(session, out->video.list_id, arena, &out->fields, &out->n_fields, err);
    }
    enum barq_status ended = session ? barq_session_end(session, NULL) : BARQ_OK;
    return status != BARQ_OK ? status : ended;
}

/* The rules at work: pure, with no session open. */
static enum barq_status fill_fields(struct processing *work, const struct barq_value *schema,
                                    struct barq_arena *arena, struct barq_error *err)
{
    work->filled = bq_arena_array(arena, work->n_fields, sizeof(*work->filled));
    if (!work->filled && work->n_fields > 0) {
        return bq_fail(err, BARQ_ERR_NOMEM, "process_video: arena is full");
    }
    for (size_t i = 0; i < work->n_fields; i++) {
        const struct bm_field *field = &work->fields[i];
        struct barq_value *value = NULL;
        if (!field->rule || !bm_in_schema(schema, field->name)) {
            continue;
        }
        enum barq_status status =
            bm_rule_apply(field->rule, &work->video.metadata, arena, &value, err);
        if (status == BARQ_OK && value) {
            status = bm_field_check(field, value, err);
        }
        if (status != BARQ_OK) {
            return status;
        }
        work->filled[work->n_filled++] = (struct filled){.field = field, .value = value};
    }
    return BARQ_OK;
}

static enum barq_status store_fields(struct barq_session *session, const struct processing *work,
                                     int64_t now_ms, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    for (size_t i = 0; status == BARQ_OK && i < work->n_filled; i++) {
        struct bm_field_value found = {.value = work->filled[i].value, .source = BM_BY_RULE};
        status = bm_field_value_set(session, work->video.id, work->filled[i].field, &found, now_ms,
                                    NULL, err);
    }
    return status;
}

/* A dry run of a list that no model is asked for: what the rules say. */
static enum barq_status show(struct barq_context *ctx, const struct processing *work,
                             struct barq_error *err)
{
    struct barq_arena *arena = barq_arena_of(ctx);
    struct barq_session *session = NULL;
    struct barq_value *values = barq_map(arena);
    struct barq_value *data = barq_map(arena);

    for (size_t i = 0; i < work->n_filled; i++) {
        struct barq_value *value = work->filled[i].value;
        barq_set_key(values, work->filled[i].field->name, value ? value : barq_null(arena));
    }
    barq_set_key(data, "values", values);
    enum barq_status status = barq_session_write(ctx, &session, err);
    if (status == BARQ_OK) {
        status =
            bm_run_preview(session, work->run_id, work->video.id, data, bq_wall_ms(), arena, err);
    }
    return status == BARQ_OK ? done(ctx, "previewed") : status;
}

/* Completes the video and stores its fields, all at once; unless somebody was faster. */
static enum barq_status complete(struct barq_context *ctx, const struct processing *work,
                                 struct barq_error *err)
{
    struct barq_session *session = NULL;
    int64_t now_ms = bq_wall_ms();
    bool changed = false;

    enum barq_status status = barq_session_write(ctx, &session, err);
    if (status == BARQ_OK) {
        status =
            bm_run_video_end(session, work->run_id, work->video.id, NULL, now_ms, &changed, err);
    }
    if (status == BARQ_OK && !changed) {
        return done(ctx, "already_completed");
    }
    if (status == BARQ_OK) {
        status = store_fields(session, work, now_ms, err);
    }
    return status == BARQ_OK ? done(ctx, "completed") : status;
}

enum barq_status bm_process_video(struct barq_context *ctx, struct barq_error *err)
{
    const char *video_id = barq_arg_string(ctx, 0, "video_id", NULL);
    const struct barq_value *schema = barq_arg(ctx, 2, "schema");
    struct processing work = {.run_id = barq_arg_string(ctx, 3, "run_id", NULL), .may_go_on = true};
    if (!video_id) {
        return barq_fail(ctx, err, "process_video: video_id is needed");
    }

    enum barq_status status = read_for_processing(ctx, video_id, &work, err);
    if (status == BARQ_ERR_NOTFOUND) {
        return done(ctx, "gone");
    }
    if (status != BARQ_OK) {
        return status;
    }
    bool dry = work.run_id && barq_as_bool(barq_get(schema, "dry"), false);
    if (work.video.status != BM_PENDING && !dry) {
        return done(ctx, work.video.status == BM_COMPLETED ? "already_completed" : "failed_before");
    }
    if (!work.may_go_on) {
        return done(ctx, "not_now"); /* whoever lets it go on enqueues it again */
    }
    status = fill_fields(&work, schema, barq_arena_of(ctx), err);
    if (status == BARQ_ERR_FORMAT || status == BARQ_ERR_TYPE) {
        char why[BARQ_ERROR_MAX_BYTES];
        snprintf(why, sizeof(why), "%s", err->text);
        return barq_fail(ctx, err, "%s", why); /* the same rule would find the same again */
    }
    if (status != BARQ_OK) {
        return status;
    }
    return dry ? show(ctx, &work, err) : complete(ctx, &work, err);
}

#include "intake/put.h"

#include <barq/client.h>

#include "intake/labels.h"
#include "store/video_put.h"

enum { EXPANSION_MAX_BYTES = 16 * 1024 };

enum barq_status bm_put_begin(struct bm_put *put, struct barq_arena *arena, struct barq_error *err)
{
    const struct bm_import_options *options = put->options;
    if (options->preview) {
        return BARQ_OK;
    }

    enum barq_status status = bm_next_position(put->session, options->list_id, &put->position, err);
    if (status == BARQ_OK) {
        status =
            bm_fields(put->session, options->list_id, arena, &put->fields, &put->n_fields, err);
    }
    return status;
}

/* All that a file says of a video but the video itself. */
static enum barq_status put_words(struct bm_put *put, const char *video_id,
                                  const struct bm_item *item, struct barq_error *err)
{
    enum barq_status status = bm_put_labels(put, video_id, item, err);

    if (status == BARQ_OK && item->note) {
        status = bm_video_put_note(put->session, video_id, item->note, put->options->now_ms, err);
    }
    return status == BARQ_OK ? bm_put_values(put, video_id, item, err) : status;
}

static enum barq_status look_for_video(struct bm_put *put, const struct bm_item *item, bool again,
                                       enum bm_intake *out, struct barq_error *err)
{
    bool there = false;

    enum barq_status status =
        bm_video_is_there(put->session, put->options->list_id, item->target.id, &there, err);
    *out = there || again ? BM_PRESENT : BM_ADDED;
    return status;
}

enum barq_status bm_put_video(struct bm_put *put, const struct bm_item *item, bool again,
                              enum bm_intake *out, struct barq_error *err)
{
    const struct bm_import_options *options = put->options;
    const struct bm_new_video video = {.list_id = options->list_id,
                                       .youtube_id = item->target.id,
                                       .position = put->position,
                                       .title = item->title,
                                       .added_at_ms = item->added_at_ms,
                                       .start_s = item->target.start_s,
                                       .priority = options->priority};
    char id[BM_ID_BYTES];
    bool added = false;
    if (options->preview) {
        return look_for_video(put, item, again, out, err);
    }

    enum barq_status status = bm_video_put(put->session, &video, options->now_ms, id, &added, err);
    if (status != BARQ_OK) {
        return status;
    }
    put->position += added;
    *out = added ? BM_ADDED : BM_PRESENT;
    return put_words(put, id, item, err);
}

/* Behind what people wait for, like all that comes in bulk. */
enum barq_status bm_put_expansion(struct bm_put *put, const struct bm_item *item,
                                  struct barq_error *err)
{
    const struct barq_enqueue_options behind = {.priority = put->options->priority - 1};
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, EXPANSION_MAX_BYTES);
    struct barq_value *args = barq_list(&arena);
    if (put->options->preview) {
        return BARQ_OK;
    }

    barq_add(args, barq_string(&arena, put->options->list_id));
    barq_add(args, barq_string(&arena, bm_target_kind_name(item->target.kind)));
    barq_add(args, barq_string(&arena, item->target.id));
    return barq_session_enqueue(put->session, "expand_source", args, NULL, &behind, NULL, err);
}

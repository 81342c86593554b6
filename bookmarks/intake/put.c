#include "intake/put.h"

#include <stdio.h>
#include <string.h>

#include <barq/client.h>

#include "base/error.h"
#include "base/text.h"
#include "intake/head.h"
#include "intake/labels.h"
#include "intake/restore.h"
#include "store/events.h"

enum { EXPANSION_MAX_BYTES = 16 * 1024, LIST_MAX_BYTES = 64 * 1024 };

/* A new list is called what a person said, or what its export says, or what its file is called. */
static const char *name_of(const struct bm_import_options *options, const struct barq_value *head)
{
    const char *exported = barq_as_string(barq_get(barq_get(head, "list"), "name"), NULL);

    return options->name_is_guess && exported ? exported : options->list_name;
}

static void use_list(struct bm_put *put, const char *id, const char *name)
{
    snprintf(put->list_id, sizeof(put->list_id), "%s", id);
    snprintf(put->list_name, sizeof(put->list_name), "%s", name);
}

/* An export brings its own fields: then a new list has no others. */
static enum barq_status make_list(struct bm_put *put, const char *name,
                                  const struct barq_value *head, struct barq_error *err)
{
    char id[BM_ID_BYTES];

    enum barq_status status = bm_list_add(
        put->session, name, head ? "none" : put->options->template, put->options->now_ms, id, err);
    if (status == BARQ_OK) {
        put->made = true;
        use_list(put, id, name);
    }
    return status;
}

static enum barq_status find_list(struct bm_put *put, const struct barq_value *head,
                                  struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    const struct bm_import_options *options = put->options;
    struct bm_list list;
    bq_arena_init(&arena, LIST_MAX_BYTES);
    const char *name = options->list_id ? options->list_id : name_of(options, head);

    enum barq_status status = bm_list_find(put->session, name, &arena, &list, err);
    if (status == BARQ_OK) {
        use_list(put, list.id, list.name);
        return BARQ_OK;
    }
    if (status != BARQ_ERR_NOTFOUND || options->list_id) {
        return status;
    }
    return options->preview ? BARQ_OK : make_list(put, name, head, err);
}

enum barq_status bm_put_begin(struct bm_put *put, const struct barq_value *head,
                              struct barq_arena *arena, struct barq_error *err)
{
    enum barq_status status = *put->list_id == '\0' ? find_list(put, head, err) : BARQ_OK;

    if (status != BARQ_OK || put->options->preview) {
        return status;
    }
    if (head) {
        status = bm_put_head(put, head, err);
    }
    if (status == BARQ_OK) {
        status = bm_label_rows_begin(put->labels, put->session, arena, err);
    }
    if (status == BARQ_OK) {
        status = bm_next_position(put->session, put->list_id, &put->position, err);
    }
    if (status == BARQ_OK) {
        status = bm_fields(put->session, put->list_id, arena, &put->fields, &put->n_fields, err);
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

static enum barq_status look_for_video(struct bm_put *put, const struct bm_item *item,
                                       enum bm_intake *out, struct barq_error *err)
{
    const char *list_id = *put->list_id != '\0' ? put->list_id : NULL;
    bool there = false;

    enum barq_status status =
        bm_video_is_there(put->session, list_id, item->target.id, &there, err);
    *out = there ? BM_PRESENT : BM_ADDED;
    return status;
}

/* A file may say anything; metadata will say it better. */
static const char *title_of(const struct bm_item *item, struct barq_arena *arena)
{
    if (!item->title || item->record) {
        return NULL;
    }
    size_t len = bq_utf8_cut(item->title, strlen(item->title), BM_METADATA_TEXT_BYTES);
    return bq_arena_strndup(arena, item->title, len);
}

static void take_new(const struct bm_put *put, const struct bm_item *item, struct barq_arena *arena,
                     struct bm_new_video *out)
{
    *out = (struct bm_new_video){.list_id = put->list_id,
                                 .youtube_id = item->target.id,
                                 .title = title_of(item, arena),
                                 /* a record says that itself */
                                 .added_at_ms = item->record ? INT64_MIN : item->added_at_ms,
                                 .start_s = item->target.start_s,
                                 .priority = put->options->priority};
}

enum barq_status bm_put_videos(struct bm_put *put, const struct bm_item *const *items, size_t count,
                               struct barq_arena *arena, struct bm_placed *placed,
                               struct barq_error *err)
{
    struct bm_new_video *videos = bq_arena_array(arena, count, sizeof(*videos));
    if (put->options->preview || count == 0) {
        return BARQ_OK;
    }
    if (!videos) {
        return bq_fail(err, BARQ_ERR_NOMEM, "import: out of memory");
    }

    for (size_t i = 0; i < count; i++) {
        take_new(put, items[i], arena, &videos[i]);
    }
    return bm_videos_put(put->session, videos, count, put->options->now_ms, &put->position, placed,
                         err);
}

enum barq_status bm_put_again(struct bm_put *put, const struct bm_item *item,
                              struct barq_error *err)
{
    const struct bm_new_video video = {.list_id = put->list_id, .youtube_id = item->target.id};
    struct bm_placed placed;
    if (put->options->preview) {
        return BARQ_OK;
    }

    enum barq_status status =
        bm_videos_put(put->session, &video, 1, put->options->now_ms, &put->position, &placed, err);
    return status == BARQ_OK ? put_words(put, placed.id, item, err) : status;
}

enum barq_status bm_put_rest(struct bm_put *put, const struct bm_item *item,
                             const struct bm_placed *placed, enum bm_intake *out,
                             struct barq_error *err)
{
    enum barq_status status = BARQ_OK;
    if (put->options->preview) {
        return look_for_video(put, item, out, err);
    }

    *out = placed->added ? BM_ADDED : BM_PRESENT;
    if (placed->added && item->record) {
        status = bm_restore_video(put, placed->id, item->record, err);
    }
    return status == BARQ_OK ? put_words(put, placed->id, item, err) : status;
}

enum barq_status bm_put_end(struct bm_put *put, int64_t added, struct barq_error *err)
{
    const struct bm_event event = {
        .at_ms = put->options->now_ms, .kind = "videos.added", .list_id = put->list_id};
    bq_auto(arena) struct barq_arena arena;
    bq_arena_init(&arena, EXPANSION_MAX_BYTES);
    struct barq_value *data = barq_map(&arena);
    if (put->options->preview) {
        return BARQ_OK;
    }

    enum barq_status status =
        bm_label_rows_write(put->labels, put->session, put->options->now_ms, err);
    if (status != BARQ_OK || added == 0) {
        return status;
    }
    barq_set_key(data, "added", barq_int(&arena, added));
    return bm_event_add_value(put->session, &event, data, &arena, err);
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

    barq_add(args, barq_string(&arena, put->list_id));
    barq_add(args, barq_string(&arena, bm_target_kind_name(item->target.kind)));
    barq_add(args, barq_string(&arena, item->target.id));
    barq_add(args, barq_string(&arena, "")); /* the first page */
    barq_add(args, barq_bool(&arena, !put->options->no_process));
    return barq_session_enqueue(put->session, "expand_source", args, NULL, &behind, NULL, err);
}

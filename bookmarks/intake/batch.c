#include "intake/batch.h"

#include "base/error.h"

void bm_batch_init(struct bm_batch *batch)
{
    batch->count = 0;
    bq_arena_init(&batch->arena, BM_BATCH_MAX_BYTES);
}

void bm_batch_clear(struct bm_batch *batch)
{
    batch->count = 0;
    bq_arena_clear(&batch->arena);
}

void bm_batch_reset(struct bm_batch *batch)
{
    batch->count = 0;
    bq_arena_reset(&batch->arena);
}

bool bm_batch_is_full(const struct bm_batch *batch)
{
    return batch->count == BM_BATCH_ITEMS || batch->arena.used_bytes > BM_BATCH_FULL_BYTES;
}

/* NULL of NULL; `*full` when there is no room. */
static const char *copy(struct barq_arena *arena, const char *text, bool *full)
{
    char *kept = text ? bq_arena_strdup(arena, text) : NULL;

    *full |= text && !kept;
    return kept;
}

static void copy_fields(struct barq_arena *arena, const struct bm_item *item, struct bm_item *kept,
                        bool *full)
{
    struct bm_item_field *fields = bq_arena_array(arena, item->n_fields, sizeof(*fields));
    if (!fields) {
        kept->n_fields = 0;
        *full |= item->n_fields > 0;
        return;
    }

    for (size_t i = 0; i < item->n_fields; i++) {
        fields[i].name = copy(arena, item->fields[i].name, full);
        fields[i].text = copy(arena, item->fields[i].text, full);
    }
    kept->fields = fields;
}

enum barq_status bm_batch_add(struct bm_batch *batch, const struct bm_item *item, int64_t twice,
                              struct barq_error *err)
{
    struct barq_arena *arena = &batch->arena;
    struct bm_item *kept = bq_arena_memdup(arena, item, sizeof(*item));
    bool full = !kept;
    if (full) {
        return bq_fail(err, BARQ_ERR_NOMEM, "import: out of memory");
    }

    kept->why = copy(arena, item->why, &full);
    kept->text = copy(arena, item->text, &full);
    kept->member = copy(arena, item->member, &full);
    kept->title = copy(arena, item->title, &full);
    kept->note = copy(arena, item->note, &full);
    kept->folder = copy(arena, item->folder, &full);
    for (size_t i = 0; i < item->n_tags; i++) {
        kept->tags[i] = copy(arena, item->tags[i], &full);
    }
    copy_fields(arena, item, kept, &full);
    kept->record = item->record ? barq_copy(arena, item->record) : NULL;
    if (full || (item->record && !kept->record)) {
        return bq_fail(err, BARQ_ERR_LIMIT, "import: one video with more than %d MiB",
                       BM_BATCH_MAX_BYTES / 1024 / 1024);
    }
    batch->items[batch->count] = kept;
    batch->twice[batch->count++] = twice;
    return BARQ_OK;
}

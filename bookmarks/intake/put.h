/*
 * put.h - one item into its list, in the transaction that is open.
 */
#ifndef BM_PUT_H
#define BM_PUT_H

#include "intake/import.h"
#include "intake/label_rows.h"
#include "store/fields.h"
#include "store/store.h"
#include "store/video_put.h"

struct bm_put {
    struct barq_session *session;
    const struct bm_import_options *options;
    char list_id[BM_ID_BYTES]; /* "", of a preview: the list is not there yet */
    bool made;                 /* this import has made the list */
    char list_name[BM_NAME_MAX_BYTES + 1];
    int64_t position; /* of the next new video */
    const struct bm_field *fields;
    size_t n_fields;
    struct bm_label_rows *labels; /* borrowed: the import's */
    int64_t values_refused;       /* counted up */
};

/*
 * Finds the list, or makes it, and reads what the items of a batch need;
 * `arena` holds it. `head` (may be NULL) is of our own export: the name of a
 * new list, unless a person gave one, and all else of it that is not there yet.
 */
enum barq_status bm_put_begin(struct bm_put *put, const struct barq_value *head,
                              struct barq_arena *arena, struct barq_error *err) BARQ_MUST_CHECK;
/* Writes the labels that wait, and tells those who listen to the list that so many videos were added; the
 * last thing of a transaction. */
enum barq_status bm_put_end(struct bm_put *put, int64_t added, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Videos of which none was earlier in the file: their rows. A preview only looks, one by one: bm_put_rest(). */
enum barq_status bm_put_videos(struct bm_put *put, const struct bm_item *const *items, size_t count,
                               struct barq_arena *arena, struct bm_placed *placed,
                               struct barq_error *err) BARQ_MUST_CHECK;
/* All else that the file says of one of them; added, or present. */
enum barq_status bm_put_rest(struct bm_put *put, const struct bm_item *item,
                             const struct bm_placed *placed, enum bm_intake *out,
                             struct barq_error *err) BARQ_MUST_CHECK;
/* One that was earlier in the file: it has nothing new but labels. */
enum barq_status bm_put_again(struct bm_put *put, const struct bm_item *item,
                              struct barq_error *err) BARQ_MUST_CHECK;
/* A playlist or channel: the job that adds its videos. */
enum barq_status bm_put_expansion(struct bm_put *put, const struct bm_item *item,
                                  struct barq_error *err) BARQ_MUST_CHECK;

#endif

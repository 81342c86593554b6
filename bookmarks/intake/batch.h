/*
 * batch.h - items that wait for their transaction.
 */
#ifndef BM_BATCH_H
#define BM_BATCH_H

#include "base/arena.h"
#include "formats/item.h"

enum {
    BM_BATCH_ITEMS = 250, /* a transaction; some 15 ms, far from the 5 s that one may take */
    BM_BATCH_MAX_BYTES = 64 * 1024 * 1024,
    BM_BATCH_FULL_BYTES = 4 * 1024 * 1024,
};

struct bm_batch {
    struct bm_item *items[BM_BATCH_ITEMS]; /* in `arena` */
    int64_t twice[BM_BATCH_ITEMS]; /* the line in which the video was before; -1: none, it is new */
    size_t count;
    struct barq_arena arena;
};

void bm_batch_init(struct bm_batch *batch);
void bm_batch_clear(struct bm_batch *batch);
void bm_batch_reset(struct bm_batch *batch);
bool bm_batch_is_full(const struct bm_batch *batch);

/* Keeps a copy; `twice` as above. */
enum barq_status bm_batch_add(struct bm_batch *batch, const struct bm_item *item, int64_t twice,
                              struct barq_error *err) BARQ_MUST_CHECK;

#endif

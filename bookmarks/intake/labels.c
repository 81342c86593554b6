#include "intake/labels.h"

enum barq_status bm_put_labels(struct bm_put *put, const char *video_id, const struct bm_item *item,
                               struct barq_error *err)
{
    (void)put;
    (void)video_id;
    (void)item;
    (void)err;
    return BARQ_OK;
}

enum barq_status bm_put_values(struct bm_put *put, const char *video_id, const struct bm_item *item,
                               struct barq_error *err)
{
    (void)put;
    (void)video_id;
    (void)item;
    (void)err;
    return BARQ_OK;
}

/*
 * label_rows.h - labels that wait for their statement: one for many, since each costs a round trip.
 */
#ifndef BM_LABEL_ROWS_H
#define BM_LABEL_ROWS_H

#include <stdint.h>

#include <barq/session.h>

#include "base/arena.h"
#include "fields/label.h"
#include "store/id.h"

enum { BM_LABEL_ROWS = 50 };

struct bm_label_row {
    char video_id[BM_ID_BYTES];
    char name[BM_LABEL_MAX_BYTES + 1];
    char key[BM_LABEL_KEY_BYTES]; /* of bm_label_key() */
    int64_t at_ms;
};

struct bm_label_rows {
    struct bm_label_row rows[BM_LABEL_ROWS];
    size_t count;
    const char *const
        *categories; /* their keys: of these a video has one, so they are given one by one */
    size_t n_categories;
};

/* At the beginning of a transaction; the keys are in `arena` until its end. */
enum barq_status bm_label_rows_begin(struct bm_label_rows *rows, struct barq_session *session,
                                     struct barq_arena *arena, struct barq_error *err)
    BARQ_MUST_CHECK;
/* A label of a video; false: it is a category's name. */
bool bm_label_rows_take(const struct bm_label_rows *rows, const char *key);
/* Writes all, when there is no room. `row` is copied. */
enum barq_status bm_label_rows_add(struct bm_label_rows *rows, struct barq_session *session,
                                   const struct bm_label_row *row, int64_t now_ms,
                                   struct barq_error *err) BARQ_MUST_CHECK;
/* Writes what waits: makes the tags that are not there yet, and gives them. */
enum barq_status bm_label_rows_write(struct bm_label_rows *rows, struct barq_session *session,
                                     int64_t now_ms, struct barq_error *err) BARQ_MUST_CHECK;

#endif

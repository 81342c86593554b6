/*
 * format.h - what an export looks like; export.c has the table of formats.
 */
#ifndef BM_EXPORT_FORMAT_H
#define BM_EXPORT_FORMAT_H

#include "export/export.h"

struct bm_export_job {
    FILE *file; /* borrowed; whether it took everything is asked once, at the end */
    const struct bm_list *list;
    const struct bm_field *fields;
    size_t n_fields;
    int64_t videos; /* written so far */
};

struct bm_export_format {
    enum barq_status (*begin)(struct bm_export_job *job, struct barq_arena *arena,
                              struct barq_error *err);
    enum barq_status (*video)(struct bm_export_job *job, const struct bm_video *video,
                              const struct bm_field_value *values, size_t count,
                              struct barq_arena *arena, struct barq_error *err);
    void (*end)(struct bm_export_job *job);
};

extern const struct bm_export_format bm_export_csv;
extern const struct bm_export_format bm_export_json;

#endif

/*
 * format.h - what an export looks like; export.c has the table of formats.
 */
#ifndef BM_EXPORT_FORMAT_H
#define BM_EXPORT_FORMAT_H

#include "export/export.h"

/* A row of the list. */
struct bm_export_video {
    const char *id;
    const char *youtube_id;
    int64_t position;
    struct barq_value *record; /* a map, as store/record.h has it; keys can be added */
};

struct bm_export_job {
    struct barq_session *session; /* reading */
    FILE *file; /* borrowed; whether it took everything is asked once, at the end */
    const struct bm_list *list;
    const struct bm_field *fields;
    size_t n_fields;
    int64_t videos; /* written so far */
};

struct bm_export_format {
    const char *name;
    const char *media_type;
    bool newest; /* the 100 that came last, the last one first; else all, in their order */
    enum barq_status (*begin)(struct bm_export_job *job, struct barq_arena *arena,
                              struct barq_error *err);
    enum barq_status (*video)(struct bm_export_job *job, const struct bm_export_video *video,
                              struct barq_arena *arena, struct barq_error *err);
    void (*end)(struct bm_export_job *job);
};

extern const struct bm_export_format bm_export_csv;
extern const struct bm_export_format bm_export_json;
extern const struct bm_export_format bm_export_html;
extern const struct bm_export_format bm_export_feed;

#endif

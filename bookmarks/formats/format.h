/*
 * format.h - what reader.c wants of a format. Each exports one of these.
 */
#ifndef BM_FORMAT_H
#define BM_FORMAT_H

#include "formats/item.h"
#include "formats/layout.h"

struct bm_head {
    const char *bytes; /* the first ones, without a byte order mark; UTF-8 unless it is a zip */
    size_t len;
    bool whole;              /* they are all there are */
    bool inside;             /* of an archive */
    struct bm_layout layout; /* of a table */
};

struct bm_format {
    const char *name;
    /* `*out` is the format's own. */
    enum barq_status (*open)(const struct bm_sink *sink, const struct bm_head *head, void **out,
                             struct barq_error *err);
    enum barq_status (*push)(void *self, const char *bytes, size_t len, struct barq_error *err);
    enum barq_status (*end)(void *self, struct barq_error *err);
    void (*close)(void *self); /* takes NULL */
};

extern const struct bm_format bm_format_zip;
extern const struct bm_format bm_format_json;
extern const struct bm_format bm_format_bookmarks;
extern const struct bm_format bm_format_table;
extern const struct bm_format bm_format_text;

#endif

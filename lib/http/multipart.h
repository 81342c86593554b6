/*
 * multipart.h - a form with files in it (multipart/form-data, RFC 7578), part by part.
 *
 *     struct bq_multipart form;
 *     struct bq_multipart_part part;
 *     bool more;
 *
 *     status = bq_multipart_open(&form, bq_http_header(call, "Content-Type"), call->body,
 *                                call->body_bytes, err);
 *     while (status == BARQ_OK) {
 *         status = bq_multipart_next(&form, arena, &part, &more, err);
 *         ...
 *     }
 *
 * Nothing is copied but the names. A form of which a byte is not as it must be is
 * refused whole: its reader and its writer do not mean the same.
 */
#ifndef BQ_HTTP_MULTIPART_H
#define BQ_HTTP_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

enum {
    BQ_MULTIPART_MAX_PARTS = 100,
    BQ_MULTIPART_HEAD_MAX_BYTES = 8 * 1024, /* of a part's headers */
    BQ_MULTIPART_BOUNDARY_MAX_BYTES = 70,   /* says RFC 2046 */
};

struct bq_multipart {
    const char *at; /* behind a delimiter */
    const char *end;
    char delimiter[BQ_MULTIPART_BOUNDARY_MAX_BYTES + 5]; /* "\r\n--" and the boundary */
    size_t delimiter_len;
    int n_parts;
};

struct bq_multipart_part {
    const char *name;     /* of the form's field */
    const char *filename; /* as the sender calls it, which may be anything; NULL: it is no file */
    const char *content_type; /* NULL: not said */
    const char *data;         /* within the body */
    size_t len;
};

/* Does the content type (may be NULL) say multipart/form-data? */
bool bq_multipart_is(const char *content_type);
/*
 * `body` is borrowed as long as the form is read.
 *
 * BARQ_ERR_FORMAT  the content type has no proper boundary, or the body does not begin with it
 */
enum barq_status bq_multipart_open(struct bq_multipart *form, const char *content_type,
                                   const char *body, size_t len, struct barq_error *err)
    BARQ_MUST_CHECK;
/*
 * The next part, its names in `arena`; `*more` false and `out` untouched behind the last.
 *
 * BARQ_ERR_FORMAT  it is not as RFC 7578 wants it, or was cut off
 * BARQ_ERR_LIMIT   too many parts, or too long headers of one
 */
enum barq_status bq_multipart_next(struct bq_multipart *form, struct barq_arena *arena,
                                   struct bq_multipart_part *out, bool *more,
                                   struct barq_error *err) BARQ_MUST_CHECK;

#endif

/*
 * upload.h - a file that came with a request: the field of a form
 * (multipart/form-data), or the whole body when that is of any other type.
 */
#ifndef BM_API_UPLOAD_H
#define BM_API_UPLOAD_H

#include "api/request.h"

struct bm_api_upload {
    const char *
        filename; /* as the sender calls it, which may be anything: never open it; NULL: not said */
    const char *bytes; /* not ended by a NUL */
    size_t len;
};

/*
 * For a route that has BM_TAKES_FILES. The file of the field `name`; other
 * fields without a file in them can then be asked for by bm_api_form_text().
 * False, and a refusal, when there is none, or the form is malformed.
 */
bool bm_api_upload(struct bm_api_request *request, const char *name, struct bm_api_upload *out);
/*
 * A field of the form, or a parameter of the query, so that a body of another
 * type can have them, too; else `otherwise`. Noted when it has a NUL in it, is
 * no UTF-8, or is longer than `max`.
 */
const char *bm_api_form_text(struct bm_api_request *request, const char *name, size_t max,
                             const char *otherwise);

#endif

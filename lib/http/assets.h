/*
 * assets.h - files that are within the program, as a browser is answered them.
 *
 *     extern const struct bq_http_asset page[]; (made by tools/page)
 *
 *     if (!bq_http_answer_asset(call, page, "assets/index-Bx3k.js")) { it is no file of the page }
 *
 * A file whose name has a hash of it may be kept for ever; of any other one a
 * browser asks again whether it has changed (ETag), and mostly is told no.
 */
#ifndef BQ_HTTP_ASSETS_H
#define BQ_HTTP_ASSETS_H

#include <stdbool.h>

#include "http/server.h"

/* A table ends with one whose path is NULL. */
struct bq_http_asset {
    const char *path; /* below where the page is, without a slash before it */
    const char *type;
    const char *etag; /* in quotes */
    bool is_lasting;
    const char *plain, *plain_end;
    const char *gzip, *gzip_end; /* compressed: NULL where that is hardly smaller */
    const char *br, *br_end;
};

const struct bq_http_asset *bq_http_asset_find(const struct bq_http_asset *assets,
                                               const char *path);

/* Answers with the file, in the best form that is taken; false, and no answer: there is none. */
bool bq_http_answer_asset(struct bq_http_call *call, const struct bq_http_asset *assets,
                          const char *path);

/*
 * Answers a browser as a page that has addresses of its own: with the file at `path` (which begins with a
 * slash), else, when it wants HTML, with index.html. That is told where it is: its <base href="/"> gets
 * `base_path` ("/sub", "") before the slash, and is never kept, since it names the other files. All have
 * `policy` as their Content-Security-Policy: that of a service worker counts for what it fetches. False, and no answer, for anything else, among it all below /api.
 */
bool bq_http_answer_page(struct bq_http_call *call, const struct bq_http_asset *assets,
                         const char *path, const char *base_path, const char *policy);

#endif

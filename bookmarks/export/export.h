/*
 * export.h - a list as a file.
 *
 * CSV     a row a video, with all that is known of it, its tags, and field_NAME for each field
 * JSON    everything, also notes, chapters, transcripts, and where each value comes from
 * HTML    Netscape bookmarks, as every browser takes them
 * feed    Atom, of the 100 that came last
 *
 * The first three can be imported again; of the JSON comes what was there, of
 * the CSV all but notes, chapters, transcripts and the values' sources. All are
 * written as they are read: memory does not grow with the list.
 */
#ifndef BM_EXPORT_H
#define BM_EXPORT_H

#include <stdio.h>

#include "store/store.h"

enum bm_format { BM_CSV, BM_JSON, BM_HTML, BM_FEED, BM_FORMATS };

const char *bm_format_name(enum bm_format format); /* "csv", "json", "html", "feed" */
bool bm_format_parse(const char *name, enum bm_format *out);
/* "text/csv; charset=utf-8", ... */
const char *bm_format_media_type(enum bm_format format);

/*
 * `session` has no transaction open; there is one for each page, and none
 * while `file` is written to, since that may be a pipe that nobody reads. So
 * what changes meanwhile is in it or not.
 *
 * BARQ_ERR_IO, BARQ_ERR_FULL  `file` took not all of it
 */
enum barq_status bm_export(struct barq_session *session, const struct bm_list *list,
                           enum bm_format wanted, FILE *file, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif

/*
 * layout.h - where in a table the videos are, judged by its first rows.
 */
#ifndef BM_LAYOUT_H
#define BM_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include <barq/error.h>

enum { BM_LAYOUT_ROWS = 10 };

/* What a column can be to us. */
enum bm_column {
    BM_COLUMN_ADDRESS, /* of a video, or else of a playlist or a channel; or its id */
    BM_COLUMN_TITLE,
    BM_COLUMN_ADDED, /* when it was put into its list */
    BM_COLUMN_TAGS,
    BM_COLUMN_FOLDER,
    BM_COLUMN_NOTE,
    BM_COLUMNS
};
enum { BM_NO_COLUMN = -1 };

struct bm_layout {
    char delimiter;
    int columns[BM_COLUMNS]; /* BM_NO_COLUMN: there is none */
    bool has_header;
    size_t
        header_row; /* which of its rows names the columns; those before it are of something else */
    bool own;       /* our own export: all columns mean what they are called */
    bool mixed;     /* of a read-later service: other sites' pages are to be expected */
};

/* The role of a column of this name; BM_COLUMNS: none. The ADDRESS it never is. */
enum bm_column bm_column_of(const char *field);

/*
 * Judges the first bytes of a table: its first BM_LAYOUT_ROWS rows, or all of
 * it. `whole`: `bytes` are all there is.
 *
 * BARQ_ERR_NOTFOUND  no column holds addresses or ids
 * BARQ_ERR_FORMAT    its beginning is no row
 */
enum barq_status bm_layout_judge(const char *bytes, size_t len, bool whole, struct bm_layout *out,
                                 struct barq_error *err) BARQ_MUST_CHECK;

#endif

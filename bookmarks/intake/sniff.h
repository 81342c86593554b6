/*
 * sniff.h - what a file is, judged by its first bytes and rows.
 */
#ifndef BM_SNIFF_H
#define BM_SNIFF_H

#include <stdbool.h>
#include <stddef.h>

#include <barq/error.h>

struct bm_csv;

enum { BM_SNIFF_ROWS = 10 };

/* Where in a file the videos are. */
struct bm_layout {
    char delimiter;  /* BM_CSV_LINES: a list of addresses, one a line */
    size_t column;   /* of the address or id */
    bool has_header; /* the first row that is no comment names the columns */
};

/*
 * Judges the first bytes of a file: its first BM_SNIFF_ROWS rows, or all of
 * it. `whole`: `bytes` are all there is.
 *
 * BARQ_ERR_FORMAT  not text, or not UTF-8 (it says which encoding it looks like, and what to do);
 *                  or no column holds addresses or ids of videos
 * BARQ_ERR_ARG     it is empty
 */
enum barq_status bm_sniff(const char *bytes, size_t len, bool whole, struct bm_layout *out,
                          struct barq_error *err) BARQ_MUST_CHECK;

#endif

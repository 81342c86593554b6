/*
 * csv.h - rows of a CSV file (RFC 4180), from bytes as they come.
 *
 * Bytes are pushed in pieces of any size; after each piece there may be a row:
 *
 *     while (at < end) {
 *         at = bm_csv_push(&csv, at, end, &row);
 *         if (row) { ... bm_csv_field(&csv, 0) ... csv.line ... csv.problem ... }
 *     }
 *     if (bm_csv_end(&csv)) { ... the last row, when no line end closed it ... }
 *
 * Lines end with LF, CR LF or CR. A line that begins with # is a comment. A row
 * that is not as it should be has a `problem`, a sentence, and reading goes on
 * after it: whatever the file holds, each of its lines is in a row, a comment
 * or a problem. Memory is bounded by BM_CSV_ROW_MAX_BYTES.
 */
#ifndef BM_CSV_H
#define BM_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
    BM_CSV_ROW_MAX_BYTES = 1024 * 1024,
    BM_CSV_MAX_FIELDS = 1024,
    BM_CSV_PROBLEM_BYTES = 160,
};

/* In place of a delimiter: each line is one field, and quotes mean nothing. */
#define BM_CSV_LINES '\0'

struct bm_csv {
    char delimiter;
    int state;
    bool after_cr;      /* an LF that comes next belongs to it */
    int bom_len;        /* bytes of a byte order mark seen at the very beginning; -1: past it */
    int64_t next_line;  /* that of the next byte */
    struct bq_buf text; /* the fields, each ended by a NUL */
    size_t starts[BM_CSV_MAX_FIELDS];
    size_t n_fields;
    int64_t line;        /* where the row begins, from 1 */
    int64_t end_line;    /* where it ends */
    bool blank;          /* a line without a byte */
    const char *problem; /* NULL, or what is wrong with the row; its fields are not to be used */
    char problem_text[BM_CSV_PROBLEM_BYTES];
};

void bm_csv_init(struct bm_csv *csv, char delimiter);
void bm_csv_clear(struct bm_csv *csv);
void bm_csv_drop(struct bm_csv *csv); /* for bm_auto(csv) */

/* Reads from `at` up to the end of a row or to `end`; returns how far. `*row`: there is one, until
 * the next call. */
const char *bm_csv_push(struct bm_csv *csv, const char *at, const char *end, bool *row);
/* The file has ended; true when that ends a row. */
bool bm_csv_end(struct bm_csv *csv);

/* Ended by a NUL; "" past the last one. */
const char *bm_csv_field(const struct bm_csv *csv, size_t index);

#endif

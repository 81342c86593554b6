/*
 * column.h - what the name of a column says.
 */
#ifndef BM_COLUMN_H
#define BM_COLUMN_H

#include "formats/csv.h"
#include "formats/layout.h"

/* How surely a column of this name holds addresses or ids; the lower, the surer. BM_RANKS: not. */
enum { BM_RANK_URL, BM_RANK_VIDEO_ID = 10, BM_RANKS = 100 };
int bm_address_rank(const char *field);

/* The first row of our own export? */
bool bm_columns_are_own(const struct bm_csv *csv);
/* The first row of what a read-later service exports? */
bool bm_columns_are_mixed(const struct bm_csv *csv);

#endif

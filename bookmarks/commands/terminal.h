/*
 * terminal.h - text for people: cut and filled to columns, and how far a run is.
 *
 * What is printed comes from outside and may hold anything: control
 * characters, which could drive a terminal, are printed as spaces.
 */
#ifndef BM_TERMINAL_H
#define BM_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "store/store.h"

/* The whole of it, on the line that has begun. */
void bm_print_text(FILE *file, const char *text);

/* Columns of the terminal; 0 when `file` is none. */
int bm_terminal_width(FILE *file);

struct bm_text_column {
    const char *title;
    int width; /* in columns of the terminal; longer text is cut, with an ellipsis */
    bool right;
};
enum { BM_COLUMN_GAP = 2 };
/* One line; NULL cells are empty. */
void bm_print_row(FILE *file, const struct bm_text_column *columns, size_t count,
                  const char *const *cells);
/* The titles, and a line of dashes. */
void bm_print_titles(FILE *file, const struct bm_text_column *columns, size_t count);
/* How wide it is printed; what is no UTF-8 counts byte for byte. */
int bm_text_width(const char *text);

/* "1:02:03", "14:05"; "live" for 0 and "" for what is unknown. */
enum { BM_LENGTH_BYTES = 24 };
void bm_length_text(int64_t duration_s, char out[BM_LENGTH_BYTES]);

/* A bar that is drawn over itself on a terminal; elsewhere a line for each tenth. */
struct bm_progress {
    FILE *file;
    int width;  /* 0: no terminal */
    int tenths; /* told so far */
    bool drawn;
};
void bm_progress_begin(struct bm_progress *progress, FILE *file);
void bm_progress_show(struct bm_progress *progress, const struct bm_counts *counts);
/* Takes the bar away. */
void bm_progress_end(struct bm_progress *progress);

#endif

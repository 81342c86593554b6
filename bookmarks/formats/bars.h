/*
 * bars.h - a list of texts in one cell: "a|b|c", with a backslash before what
 * is a bar or a backslash in a text itself.
 */
#ifndef BM_BARS_H
#define BM_BARS_H

/* The next text, decoded in place; `*at` moves behind it, and becomes NULL after the last. NULL: no more. */
char *bm_bars_next(char **at);

#endif

/*
 * markup.h - text within HTML and XML.
 */
#ifndef BM_MARKUP_H
#define BM_MARKUP_H

#include <stdio.h>

/* With & < > " as entities; control characters that XML does not allow are left out. NULL is "". */
void bm_put_markup(FILE *file, const char *text);

#endif

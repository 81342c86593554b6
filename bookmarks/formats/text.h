/*
 * text.h - addresses and ids in text.
 */
#ifndef BM_TEXT_FORMAT_H
#define BM_TEXT_FORMAT_H

#include <stdbool.h>

/* Nothing but ids of videos, with blanks or commas between, each of them unlike a word? */
bool bm_text_is_ids(const char *line);
/* Is there an address among its words? */
bool bm_text_has_address(const char *line);

#endif

/*
 * label.h - names that people give: to lists, fields, options, tags, views.
 */
#ifndef BM_LABEL_H
#define BM_LABEL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * 1 to `max_bytes` bytes of UTF-8. A label is printed as a line's part, and
 * typed: nothing in it may break lines, or be unseen, so control characters are
 * refused.
 */
bool bm_is_label(const char *text, size_t max_bytes);
/* UTF-8 of at most `max_bytes` bytes in any number of lines: no other control characters. */
bool bm_is_prose(const char *text, size_t max_bytes);

/*
 * What a label is compared by where its case does not count, in any alphabet;
 * of the first BM_LABEL_MAX_BYTES. A letter may take more bytes in the other case.
 */
enum { BM_LABEL_MAX_BYTES = 255, BM_LABEL_KEY_BYTES = 2 * BM_LABEL_MAX_BYTES + 1 };
void bm_label_key(const char *label, char out[BM_LABEL_KEY_BYTES]);

#endif

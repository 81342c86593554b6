/*
 * html.h - tags and the text between them, from HTML as it comes: a stream,
 * no tree, since bookmark files close nothing.
 */
#ifndef BM_HTML_H
#define BM_HTML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
    BM_HTML_TAG_MAX_BYTES = 64 * 1024,
    BM_HTML_VALUE_MAX_BYTES = 4 * 1024, /* what is longer (an icon) is left out */
};

struct bm_html {
    int state;
    bool ended; /* a tag did, in the last call */
    char quote;
    size_t value_bytes; /* of the value in quotes that is being read */
    int dashes;         /* seen in a row, of a comment */
    struct bq_buf text; /* before the tag, as written */
    struct bq_buf tag;  /* between < and > */
    int64_t line;       /* that of the next byte, from 1 */
    int64_t tag_line;   /* where the tag began */
};

/* Of the text between two tags at most `text_max_bytes` are kept. */
void bm_html_init(struct bm_html *html, size_t text_max_bytes);
void bm_html_clear(struct bm_html *html);

/* Reads up to the end of a tag or to `end`. `*tag`: there is one, in html->tag, and before it
 * html->text; until the next call. */
const char *bm_html_push(struct bm_html *html, const char *at, const char *end, bool *tag);

/* Is the tag this one? `name` in small letters, with a / before it when it closes. */
bool bm_html_is(const struct bm_html *html, const char *name);
/* An attribute's value, with its entities decoded, into `out`; false when it is not there, or longer. */
bool bm_html_attribute(const struct bm_html *html, const char *name, char *out, size_t size);

/* Decodes &amp; and its kind in place; what is no entity stays. */
void bm_html_decode(char *text);

#endif

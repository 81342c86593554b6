/*
 * address.h - a web address taken apart, and whether it is YouTube's.
 */
#ifndef BM_VIDEO_ADDRESS_H
#define BM_VIDEO_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

enum { BM_URL_MAX_BYTES = 2048 };

/* An address without its scheme, taken apart in place. */
struct bm_address {
    char *host;
    char *path; /* without its first slash */
    char *query;
    char *fragment;
};

/*
 * False for another scheme than http and https, for "user@host", and for a port that is no number.
 * Without a scheme, too, `text` may be an address. Takes the port and a last dot off the host.
 */
bool bm_address_split(char *text, struct bm_address *out);

bool bm_address_is_youtube(const struct bm_address *address); /* youtu.be left out */
bool bm_address_is_short(const struct bm_address *address);   /* youtu.be */

/*
 * The decoded value of a key; false when it is not there, broken, or longer than `size`.
 * Both & and ; separate, so that "&amp;v=" reads as "v=".
 */
bool bm_address_value(const char *query, const char *key, char *out, size_t size);

/* Ends `text` at the first of `marks`; what follows, or the empty end of the text. */
char *bm_address_cut(char *text, const char *marks);

#endif

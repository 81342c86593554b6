/*
 * place.h - where a server is to be found, perhaps behind a proxy, and from where it is asked.
 */
#ifndef BQ_HTTP_PLACE_H
#define BQ_HTTP_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "http/server.h"

enum { BQ_HTTP_HOST_BYTES = 64 };

/* "127.0.0.1", "[::1]", "::1": does nobody but this machine reach it? */
bool bq_http_is_local(const char *host);
/* Without the brackets that an IPv6 address has in a URL. */
void bq_http_bare_host(const char *host, char out[BQ_HTTP_HOST_BYTES]);

/* "/videos"; "/" and "" are the root. */
bool bq_http_is_base_path(const char *path);
/* Without what a proxy in front of us may have left of its own path; borrowed. */
const char *bq_http_below(const char *base_path, const char *raw_path);

/* Whoever has sent it: of a proxy on this machine, the one that it has sent it for; borrowed. */
const char *bq_http_sender(const struct bq_http_call *call);

#endif

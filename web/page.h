/*
 * page.h - the dashboard's page, as barq-web shows it: made by tools/page of web/page.
 */
#ifndef BW_PAGE_H
#define BW_PAGE_H

#include "http/assets.h"

extern const struct bq_http_asset bw_page[];

/* Its Content-Security-Policy: styles may be inline, since the libraries of menus and dialogs place them so. */
#define BW_PAGE_POLICY                                                                             \
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src "        \
    "'self'; img-src 'self' data:; font-src 'self'; manifest-src 'self'; base-uri 'self'; "        \
    "form-action 'self'; frame-ancestors 'none'"

#endif

/*
 * gate.h - what another site's page could send, told apart from what is ours.
 *
 * A browser sends whatever a page asks for, with the visitor's cookies and passwords. What it cannot
 * be made to do is lie about the host it asks, about whose page asks, and, without having asked first,
 * send a body as JSON.
 */
#ifndef BQ_HTTP_GATE_H
#define BQ_HTTP_GATE_H

#include <stdbool.h>

#include "http/server.h"

/* By which names we are reached, beside localhost and its addresses. */
struct bq_http_names {
    const char *host;       /* where we listen; NULL: none */
    const char *more_hosts; /* with "," between; NULL: none */
};

/* False for a Host that is none of ours: a name that was rebound to us, for one. */
bool bq_http_is_ours(const struct bq_http_names *names, const struct bq_http_call *call);
/*
 * A foreign Origin; and with anything but GET and HEAD what a browser calls cross-site
 * (Sec-Fetch-Site). For a call whose Host is ours.
 */
bool bq_http_is_foreign(const struct bq_http_names *names, const struct bq_http_call *call);
/* Is the body, if there is one, said to be JSON? What a form can send without asking is not. */
bool bq_http_has_only_json(const struct bq_http_call *call);

/*
 * For struct bq_http_server_options: whatever answers a browser, it runs nothing, is shown in nobody's
 * frame, and is nobody else's to read. A page has a policy of its own.
 */
extern const struct bq_http_field bq_http_strict_headers[];

#endif

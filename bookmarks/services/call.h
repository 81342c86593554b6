/*
 * call.h - one request to one of the services that there are.
 *
 * Nobody else is ever called: an address is the service's own, or the base
 * URL that the person has set in its place, and a path that we wrote.
 * Redirects are not followed (see http/client.h).
 */
#ifndef BM_CALL_H
#define BM_CALL_H

#include <barq/value.h>

#include "base/buf.h"
#include "http/client.h"
#include "services/outcome.h"

enum {
    BM_CALL_RETRY_MAX_MS = 3600 * 1000, /* whatever a server asks */
    BM_CALL_URL_MAX_BYTES = 8 * 1024,
};

/* Everything is borrowed for the call. */
struct bm_call {
    const char *home;     /* the service's own base URL */
    const char *base_url; /* as set in its place; NULL: `home` */
    const char *path;     /* begins with a slash; its parts are escaped */
    const char *url;      /* NULL; or whole, in their place, but at the host of the two above */
    const char *const *headers;
    const char *body; /* JSON, then it is a POST; NULL: a GET */
    size_t body_bytes;
    int64_t timeout_ms; /* 0: 30 s */
    size_t answer_max_bytes;
    int cancel_fd;
};

/* Letters, digits and -._~ as they are, all other bytes as %XX. */
void bm_put_escaped(struct bq_buf *out, const char *text);

/*
 * Asks, and waits for the answer, whatever its status; its text lives as long
 * as `*client`, which is made when it is NULL (bq_auto(http_client)).
 *
 * `verdict` (its `service` is set by the caller) is OK when there is an
 * answer; else RETRY, CANCELED, SETUP when the base URL is none, or REFUSED
 * (BAD_ANSWER) when `url` is at another host. Of an
 * answer, `verdict->retry_ms` is what it asks to wait, at most an hour.
 */
enum barq_status bm_call(struct bq_http_client **client, const struct bm_call *call,
                         struct bq_http_answer *answer, struct bm_verdict *verdict,
                         struct barq_error *err) BARQ_MUST_CHECK;

/*
 * Reads an answer that should be JSON into `arena` (one of the caller's, with
 * a limit that is enough for `len` bytes). RETRY when it is none: a portal in
 * between, or a proxy's page.
 */
enum barq_status bm_call_read_json(struct barq_arena *arena, const char *text, size_t len,
                                   struct barq_value **out, struct bm_verdict *verdict,
                                   struct barq_error *err) BARQ_MUST_CHECK;

#endif

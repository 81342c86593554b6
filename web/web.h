/*
 * web.h - the queues of a broker over HTTP, for a dashboard and for Prometheus: what openapi.json says.
 *
 * It is mounted: whoever owns the server asks it for what is below a path of theirs, and has seen to who
 * calls before. So it is the whole of `barq web`, and a part of other programs.
 *
 *     struct bw_web_options options = {.mount = "/queue"};
 *     struct bw_web *web;
 *
 *     bw_web_open(&options, &web, err);
 *     while (!stopped) {
 *         int64_t wait_ms = bq_http_server_turn(server);
 *         bq_loop_wait(&loop, sooner(wait_ms, bw_web_turn(web, server)));
 *     }
 *     bq_http_server_close(server);
 *     bw_web_close(web);
 */
#ifndef BW_WEB_H
#define BW_WEB_H

#include <stdbool.h>
#include <stdint.h>

#include "http/server.h"

enum { BW_THREADS = BQ_HTTP_THREADS }; /* of the server, at most */

struct bw_web;

/* Texts are borrowed as long as the room is open. */
struct bw_web_options {
    const char *url;   /* of the broker; NULL: BARQ_URL, or the default */
    const char *mount; /* the path before "/api", as it is seen from outside; NULL: none */
    bool read_only;    /* nobody changes anything */
};

/* BARQ_ERR_NOMEM. The broker is asked when it is needed. */
enum barq_status bw_web_open(const struct bw_web_options *options, struct bw_web **out,
                             struct barq_error *err) BARQ_MUST_CHECK;
void bw_web_close(struct bw_web *web); /* after the server; takes NULL */
/*
 * Asks the broker once, for whoever wants to be told at once; before there is a server.
 *
 * BARQ_ERR_ARG  there are no queues at such an address
 */
enum barq_status bw_web_try(struct bw_web *web, struct barq_error *err) BARQ_MUST_CHECK;

/* Looks at the broker when that is due (on a thread of the server's). How many ms until the next time; -1: for ever. */
int64_t bw_web_turn(struct bw_web *web, struct bq_http_server *server);

/* Is this path, below the mount, one of ours? */
bool bw_web_has(const char *raw_path);
/* Answers a call for such a path; `can_write`: whoever calls may change something. */
void bw_web_handle(struct bw_web *web, struct bq_http_call *http, const char *raw_path,
                   bool can_write);

#endif

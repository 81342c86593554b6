/*
 * answer.h - answers whoever asks for a path over HTTP: for the probes of a
 * load balancer or a container's keeper, on a loop that has better to do.
 *
 *     GET /livez  ->  200, a few words of JSON, and the connection is closed
 *
 * It is no web server (http/server.h is): one request a connection, GET or
 * HEAD, no body, a bounded head; the answer is made on the loop at once. It
 * is its own, since libmicrohttpd and what that needs would be in each of a
 * worker's processes: 0.6 MiB more (of 0.6), and 1.2 ms more until it runs.
 *
 * Nobody can hold it up: a call that is not over in 5 s is cut off, as is the
 * oldest one when there are too many.
 */
#ifndef BQ_OS_ANSWER_H
#define BQ_OS_ANSWER_H

#include <stddef.h>

#include "os/loop.h"

enum {
    BQ_ANSWER_CALLS = 16, /* at once */
    BQ_ANSWER_HEAD_MAX_BYTES = 2048,
    BQ_ANSWER_BODY_MAX_BYTES = 1024,
    BQ_ANSWER_CALL_MS = 5000,
};

/* Puts a body of JSON, and a NUL, into `body`; returns 200 or 503, or 404 for an unknown path. */
typedef int bq_answer_ask(void *context, const char *path, char body[BQ_ANSWER_BODY_MAX_BYTES]);

struct bq_answers;

/*
 * Listens on "ADDRESS:PORT": "127.0.0.1:8080", "[::1]:8080"; ":8080" and "8080" are of the loopback;
 * port 0 is a free one. `loop` and `context` outlive it.
 *
 * BARQ_ERR_ARG   `where` is no address and port
 * BARQ_ERR_BUSY  someone else listens there
 */
enum barq_status bq_answers_open(struct bq_loop *loop, const char *where, bq_answer_ask *ask,
                                 void *context, struct bq_answers **out, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Takes NULL. */
void bq_answers_close(struct bq_answers *answers);
int bq_answers_port(const struct bq_answers *answers);
/* Cuts off who is late; when that is due again goes into `*next_ms` if earlier. Takes NULL. */
void bq_answers_check(struct bq_answers *answers, int64_t now_ms, int64_t *next_ms);

#endif

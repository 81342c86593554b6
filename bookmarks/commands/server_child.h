/*
 * server_child.h - bookmarks serve as a child process, for the demo.
 */
#ifndef BM_SERVER_CHILD_H
#define BM_SERVER_CHILD_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"
#include "os/child.h"

enum { BM_ADDRESS_BYTES = 64 };

struct bm_server {
    struct bq_child child;
    int out_fd;                     /* what it prints and logs; owned */
    struct bq_buf said;             /* of that, the unfinished line and some before it */
    bool tell;                      /* passes what it says on to stderr */
    char address[BM_ADDRESS_BYTES]; /* "http://127.0.0.1:8460" once it serves; "" before */
};

/* Starts it; `port` "0" is any. The caller then listens until there is an address. */
enum barq_status bm_server_start(struct bm_server *server, const char *port, struct barq_error *err)
    BARQ_MUST_CHECK;
/*
 * Takes what it has said, waiting for that at most `wait_ms`; must be called
 * again and again, since a server whose pipe is full stands still.
 *
 * BARQ_ERR_CANCELED  `stop_fd` (-1: none) is readable
 * BARQ_ERR_IO        it has ended, with what it said last
 */
enum barq_status bm_server_listen(struct bm_server *server, int stop_fd, int wait_ms,
                                  struct barq_error *err) BARQ_MUST_CHECK;
/* Passes on to stderr the last lines of what it said, and from now on all. */
void bm_server_tell(struct bm_server *server);
/* In peace if it can be, and for certain within some seconds. Takes one that was never started. */
void bm_server_stop(struct bm_server *server);
void bm_server_drop(struct bm_server *server); /* for bm_auto(server) */

#endif

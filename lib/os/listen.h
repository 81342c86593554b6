/*
 * listen.h - a socket that listens for TCP connections.
 */
#ifndef BQ_OS_LISTEN_H
#define BQ_OS_LISTEN_H

#include "base/error.h"

/*
 * Listens on `host` (an address in numbers) and `port` (0: a free one, which
 * is put there); the socket does not block.
 *
 * BARQ_ERR_ARG   this is no address
 * BARQ_ERR_BUSY  someone else listens there
 */
enum barq_status bq_listen(const char *host, int *port, int *fd, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif

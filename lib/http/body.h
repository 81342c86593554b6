/*
 * body.h - a request's body as it comes in: in memory at first, and in a
 * temporary file when it grows, which is then mapped. So whoever takes it sees
 * bytes in one piece, and a large one costs no memory that cannot be taken back.
 */
#ifndef BQ_HTTP_BODY_H
#define BQ_HTTP_BODY_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"

struct bq_http_body {
    struct bq_buf memory;
    size_t memory_max_bytes; /* more of it goes to the file */
    size_t max_bytes;
    size_t len;
    int fd;    /* -1: all is in memory */
    char *map; /* of the file, with a NUL behind it; NULL: none yet */
};

void bq_http_body_init(struct bq_http_body *body, size_t memory_max_bytes, size_t max_bytes);
void bq_http_body_clear(struct bq_http_body *body);

/*
 * BARQ_ERR_LIMIT  it is longer than max_bytes
 * BARQ_ERR_FULL   there is no room for the file
 */
enum barq_status bq_http_body_put(struct bq_http_body *body, const char *bytes, size_t len,
                                  struct barq_error *err) BARQ_MUST_CHECK;
/* All of it, with a NUL behind that is not counted; as long as the body. */
enum barq_status bq_http_body_end(struct bq_http_body *body, const char **out,
                                  struct barq_error *err) BARQ_MUST_CHECK;

#endif

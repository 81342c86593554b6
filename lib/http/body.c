#include "http/body.h"

#include <sys/mman.h>
#include <unistd.h>

#include "os/temporary.h"

void bq_http_body_init(struct bq_http_body *body, size_t memory_max_bytes, size_t max_bytes)
{
    *body = (struct bq_http_body){
        .memory_max_bytes = memory_max_bytes, .max_bytes = max_bytes, .fd = -1};
    bq_buf_init(&body->memory, memory_max_bytes);
}

void bq_http_body_clear(struct bq_http_body *body)
{
    bq_buf_clear(&body->memory);
    if (body->map) {
        munmap(body->map, body->len + 1);
    }
    if (body->fd >= 0) {
        close(body->fd);
    }
    body->map = NULL;
    body->fd = -1;
}

static enum barq_status write_all(int fd, const char *bytes, size_t len, struct barq_error *err)
{
    while (len > 0) {
        ssize_t put = write(fd, bytes, len);
        if (put < 0) {
            return bq_fail_errno(err, "http: keep a body in a temporary file");
        }
        bytes += put;
        len -= (size_t)put;
    }
    return BARQ_OK;
}

static enum barq_status move_to_file(struct bq_http_body *body, struct barq_error *err)
{
    enum barq_status status = bq_temporary_file(&body->fd, err);

    if (status == BARQ_OK) {
        status = write_all(body->fd, body->memory.data, body->memory.len, err);
    }
    bq_buf_clear(&body->memory);
    return status;
}

enum barq_status bq_http_body_put(struct bq_http_body *body, const char *bytes, size_t len,
                                  struct barq_error *err)
{
    if (len > body->max_bytes - body->len) {
        return bq_fail(err, BARQ_ERR_LIMIT, "http: the body has more than %zu bytes",
                       body->max_bytes);
    }
    body->len += len;
    if (body->fd < 0 && body->len > body->memory_max_bytes) {
        enum barq_status status = move_to_file(body, err);
        if (status != BARQ_OK) {
            return status;
        }
    }
    if (body->fd >= 0) {
        return write_all(body->fd, bytes, len, err);
    }
    bq_buf_put(&body->memory, bytes, len);
    return body->memory.failed ? bq_fail(err, BARQ_ERR_NOMEM, "http: out of memory") : BARQ_OK;
}

enum barq_status bq_http_body_end(struct bq_http_body *body, const char **out,
                                  struct barq_error *err)
{
    if (body->fd < 0) {
        const char *bytes = bq_buf_cstr(&body->memory);
        *out = bytes ? bytes : *out;
        return bytes ? BARQ_OK : bq_fail(err, BARQ_ERR_NOMEM, "http: out of memory");
    }
    enum barq_status status = write_all(body->fd, "", 1, err);
    if (status != BARQ_OK) {
        return status;
    }
    char *map = mmap(NULL, body->len + 1, PROT_READ, MAP_PRIVATE, body->fd, 0);
    if (map == MAP_FAILED) {
        return bq_fail_errno(err, "http: map a body");
    }
    body->map = map;
    *out = map;
    return BARQ_OK;
}

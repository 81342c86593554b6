#include "broker/pg/request.h"

#include <assert.h>
#include <endian.h>
#include <limits.h>
#include <string.h>

#include "base/text.h"

/* How an array begins: dimensions, whether it has NULLs, its items' type, how many, and the first one's number. */
enum { HAS_NULL_AT = 4, COUNT_AT = 12 };

void bq_pg_request_init(struct pg_request *request, size_t limit_bytes)
{
    *request = (struct pg_request){.count = 0};
    bq_buf_init(&request->data, limit_bytes);
}

void bq_pg_request_clear(struct pg_request *request)
{
    bq_buf_clear(&request->data);
}

void bq_pg_request_drop(struct pg_request *request)
{
    bq_pg_request_clear(request);
}

void bq_pg_request_reset(struct pg_request *request)
{
    bq_buf_reset(&request->data);
    request->count = 0;
}

static void put_be32(struct bq_buf *out, int32_t number)
{
    uint32_t big = htobe32((uint32_t)number);

    bq_buf_put(out, &big, sizeof(big));
}

static void put_be64(struct bq_buf *out, int64_t number)
{
    uint64_t big = htobe64((uint64_t)number);

    bq_buf_put(out, &big, sizeof(big));
}

/* How many bytes of it are one whole character; 0: none is, or a NUL, which the server does not take either. */
static size_t character_at(const char *text, size_t len)
{
    for (size_t bytes = 1; *text != '\0' && bytes <= 4 && bytes <= len; bytes++) {
        if (bq_utf8_valid(text, bytes)) {
            return bytes;
        }
    }
    return 0;
}

static void put_utf8(struct bq_buf *out, const char *text, size_t len)
{
    if (bq_utf8_valid(text, len) && !memchr(text, '\0', len)) {
        bq_buf_put(out, text, len);
        return;
    }
    for (size_t at = 0; at < len;) {
        size_t bytes = character_at(text + at, len - at);

        bq_buf_put(out, bytes > 0 ? text + at : "?", bytes > 0 ? bytes : 1);
        at += bytes > 0 ? bytes : 1;
    }
}

static void begin(struct pg_request *request, Oid type)
{
    assert(request->count < PG_PARAMS_MAX);
    request->types[request->count] = type;
    request->offsets[request->count] = request->data.len;
}

static void end(struct pg_request *request)
{
    size_t len = request->data.len - request->offsets[request->count];

    if (len > INT_MAX) {
        request->data.failed = true;
    }
    request->lengths[request->count++] = (int)(len & INT_MAX);
}

void bq_pg_put_bool(struct pg_request *request, bool yes)
{
    begin(request, PG_BOOL);
    bq_buf_put_u8(&request->data, yes);
    end(request);
}

void bq_pg_put_int4(struct pg_request *request, int32_t number)
{
    begin(request, PG_INT4);
    put_be32(&request->data, number);
    end(request);
}

void bq_pg_put_int8(struct pg_request *request, int64_t number)
{
    begin(request, PG_INT8);
    put_be64(&request->data, number);
    end(request);
}

void bq_pg_put_text(struct pg_request *request, const char *text)
{
    begin(request, PG_TEXT);
    if (!text) {
        request->lengths[request->count++] = -1;
        return;
    }
    put_utf8(&request->data, text, strlen(text));
    end(request);
}

static Oid array_of(enum pg_type type)
{
    switch (type) {
    case PG_BOOL:
        return 1000;
    case PG_BYTEA:
        return 1001;
    case PG_INT4:
        return 1007;
    case PG_INT8:
        return 1016;
    case PG_TEXT:
        break;
    }
    return 1009;
}

void bq_pg_begin_array(struct pg_request *request, enum pg_type type)
{
    begin(request, array_of(type));
    request->array_at = request->data.len;
    request->items = 0;
    request->has_null = false;
    put_be32(&request->data, 1);
    put_be32(&request->data, 0);
    put_be32(&request->data, (int32_t)type);
    put_be32(&request->data, 0);
    put_be32(&request->data, 1);
}

void bq_pg_end_array(struct pg_request *request)
{
    uint32_t has_null = htobe32(request->has_null ? 1 : 0);
    uint32_t items = htobe32((uint32_t)request->items);

    if (request->data.failed) {
        end(request);
        return;
    }
    char *at = request->data.data + request->array_at;
    if (request->items == 0) { /* an empty one has no dimension */
        memset(at, 0, 4);
        request->data.len = request->array_at + COUNT_AT;
    } else {
        memcpy(at + HAS_NULL_AT, &has_null, sizeof(has_null));
        memcpy(at + COUNT_AT, &items, sizeof(items));
    }
    end(request);
}

void bq_pg_add_bool(struct pg_request *request, bool yes)
{
    put_be32(&request->data, 1);
    bq_buf_put_u8(&request->data, yes);
    request->items++;
}

void bq_pg_add_int4(struct pg_request *request, int32_t number)
{
    put_be32(&request->data, sizeof(number));
    put_be32(&request->data, number);
    request->items++;
}

void bq_pg_add_int8(struct pg_request *request, int64_t number)
{
    put_be32(&request->data, sizeof(number));
    put_be64(&request->data, number);
    request->items++;
}

void bq_pg_add_bytes(struct pg_request *request, const void *bytes, size_t len)
{
    if (len > INT_MAX) {
        request->data.failed = true;
        return;
    }
    put_be32(&request->data, (int32_t)len);
    bq_buf_put(&request->data, bytes, len);
    request->items++;
}

/* What is put has the length of what is given. */
void bq_pg_add_words(struct pg_request *request, const char *text, size_t len)
{
    if (len > INT_MAX) {
        request->data.failed = true;
        return;
    }
    put_be32(&request->data, (int32_t)len);
    put_utf8(&request->data, text, len);
    request->items++;
}

void bq_pg_add_text(struct pg_request *request, const char *text)
{
    if (text) {
        bq_pg_add_words(request, text, strlen(text));
    } else {
        bq_pg_add_null(request);
    }
}

void bq_pg_add_null(struct pg_request *request)
{
    put_be32(&request->data, -1);
    request->has_null = true;
    request->items++;
}

void bq_pg_put_texts(struct pg_request *request, const char *const *texts, size_t count)
{
    bq_pg_begin_array(request, PG_TEXT);
    for (size_t i = 0; i < count; i++) {
        bq_pg_add_text(request, texts[i]);
    }
    bq_pg_end_array(request);
}

void bq_pg_put_no_arrays(struct pg_request *request, const enum pg_type *types, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        begin(request, array_of(types[i]));
        request->lengths[request->count++] = -1;
    }
}

void bq_pg_append(struct pg_request *request, const struct pg_request *from)
{
    size_t at = request->data.len;

    assert(request->count + from->count <= PG_PARAMS_MAX);
    for (int i = 0; i < from->count; i++) {
        request->types[request->count] = from->types[i];
        request->offsets[request->count] = at + from->offsets[i];
        request->lengths[request->count++] = from->lengths[i];
    }
    bq_buf_put(&request->data, from->data.data, from->data.len);
    request->data.failed = request->data.failed || from->data.failed;
}

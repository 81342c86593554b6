/*
 * request.h - what a function is called with: parameters in PostgreSQL's
 * binary form, arrays among them, gathered in one buffer.
 *
 * Text that is no UTF-8 would be refused with all that is beside it, for ever:
 * its bad bytes become question marks.
 */
#ifndef BQ_BROKER_PG_REQUEST_H
#define BQ_BROKER_PG_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "pg/libpq.h"

enum { PG_PARAMS_MAX = 96 };

/* Types by their numbers in pg_type, which never change; an array's is beside that of its elements. */
enum pg_type { PG_BOOL = 16, PG_BYTEA = 17, PG_INT8 = 20, PG_INT4 = 23, PG_TEXT = 25 };

struct pg_request {
    struct bq_buf data; /* owned */
    int count;
    Oid types[PG_PARAMS_MAX];
    size_t offsets[PG_PARAMS_MAX];
    int lengths[PG_PARAMS_MAX]; /* -1: NULL */
    /* the array that is being written */
    size_t array_at;
    int items;
    bool has_null;
};

void bq_pg_request_init(struct pg_request *request, size_t limit_bytes);
void bq_pg_request_clear(struct pg_request *request);
void bq_pg_request_drop(struct pg_request *request); /* for bq_auto(pg_request) */
/* Empty again, memory kept. */
void bq_pg_request_reset(struct pg_request *request);

/* Parameters, in their order. A NULL text is a NULL. */
void bq_pg_put_bool(struct pg_request *request, bool yes);
void bq_pg_put_int4(struct pg_request *request, int32_t number);
void bq_pg_put_int8(struct pg_request *request, int64_t number);
void bq_pg_put_text(struct pg_request *request, const char *text);

/* An array, its items, and its end. */
void bq_pg_begin_array(struct pg_request *request, enum pg_type type);
void bq_pg_add_bool(struct pg_request *request, bool yes);
void bq_pg_add_int4(struct pg_request *request, int32_t number);
void bq_pg_add_int8(struct pg_request *request, int64_t number);
void bq_pg_add_text(struct pg_request *request, const char *text);
void bq_pg_add_words(struct pg_request *request, const char *text, size_t len);
void bq_pg_add_bytes(struct pg_request *request, const void *bytes, size_t len);
void bq_pg_add_null(struct pg_request *request);
void bq_pg_end_array(struct pg_request *request);
void bq_pg_put_texts(struct pg_request *request, const char *const *texts, size_t count);
/* The parameters of `from` follow. */
void bq_pg_append(struct pg_request *request, const struct pg_request *from);
/* `count` NULLs of arrays of these types. */
void bq_pg_put_no_arrays(struct pg_request *request, const enum pg_type *types, size_t count);

#endif

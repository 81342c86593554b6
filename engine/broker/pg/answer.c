#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "broker/pg/broker.h"

int64_t bq_pg_number(const PGresult *rows, int row, int column)
{
    const char *at = bq_libpq.PQgetvalue(rows, row, column);
    uint64_t big;
    uint32_t small;

    switch (bq_libpq.PQgetlength(rows, row, column)) {
    case 8:
        memcpy(&big, at, sizeof(big));
        return (int64_t)be64toh(big);
    case 4:
        memcpy(&small, at, sizeof(small));
        return (int32_t)be32toh(small);
    case 1: /* a boolean */
        return at[0];
    default:
        return 0;
    }
}

/* libpq ends each field with a NUL. */
const char *bq_pg_words(const PGresult *rows, int row, int column)
{
    return bq_libpq.PQgetisnull(rows, row, column) ? NULL : bq_libpq.PQgetvalue(rows, row, column);
}

const void *bq_pg_bytes(const PGresult *rows, int row, int column, size_t *len)
{
    *len = (size_t)bq_libpq.PQgetlength(rows, row, column);
    return bq_pg_words(rows, row, column);
}

bool bq_pg_next_number(const char **text, int64_t *out)
{
    char *end = NULL;

    *out = strtoll(*text, &end, 10);
    if (end == *text) {
        return false;
    }
    *text = end;
    return true;
}

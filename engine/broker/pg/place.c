#include "broker/pg/place.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { PLACE_ARENA_BYTES = 64 * 1024 };

static bool is_schema(const char *name)
{
    size_t len = strlen(name);

    if (len == 0 || len > PG_SCHEMA_MAX_BYTES || !bq_utf8_valid(name, len) ||
        bq_starts_with(name, "pg_")) {
        return false;
    }
    for (const char *at = name; *at; at++) {
        if ((unsigned char)*at < ' ' || *at == '$' || *at == '\\' || *at == '\'' || *at == '%') {
            return false;
        }
    }
    return true;
}

static void quote(const char *name, char *out)
{
    *out++ = '"';
    for (; *name; name++) {
        if (*name == '"') {
            *out++ = '"';
        }
        *out++ = *name;
    }
    *out++ = '"';
    *out = '\0';
}

static enum barq_status read_prepare(struct pg_place *place, struct barq_error *err)
{
    const char *prepare = bq_pg_address_own(&place->address, "prepare");

    place->prepares = !prepare || strcmp(prepare, "on") == 0;
    return place->prepares || strcmp(prepare, "off") == 0
               ? BARQ_OK
               : bq_fail(err, BARQ_ERR_ARG, "postgresql: prepare is on or off");
}

enum barq_status bq_pg_place_read(struct pg_place *place, const char *url, struct barq_error *err)
{
    static const char *const own[] = {"schema", "prepare", NULL};
    struct bq_dsn dsn;

    *place = (struct pg_place){.schema = "barq"};
    bq_arena_init(&place->arena, PLACE_ARENA_BYTES);
    enum barq_status status = bq_dsn_parse(&place->arena, url, &dsn, err);
    if (status == BARQ_OK) {
        status = bq_pg_address_read(&place->arena, &dsn, own, &place->address, err);
    }
    if (status == BARQ_OK) {
        status = read_prepare(place, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    const char *schema = bq_pg_address_own(&place->address, "schema");
    place->schema = schema ? schema : place->schema;
    if (!is_schema(place->schema)) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "postgresql: a schema's name has 1 to %d bytes without '$', quotes, "
                       "backslashes and percent signs, and does not begin with pg_",
                       PG_SCHEMA_MAX_BYTES);
    }
    quote(place->schema, place->quoted);
    return BARQ_OK;
}

void bq_pg_place_listen(const struct pg_place *place, const char *what, char *out, size_t bytes)
{
    (void)snprintf(out, bytes, "LISTEN %.*s_%s\"", (int)strlen(place->quoted) - 1, place->quoted,
                   what);
}

void bq_pg_place_clear(struct pg_place *place)
{
    bq_arena_clear(&place->arena);
}

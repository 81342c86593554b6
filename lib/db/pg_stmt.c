#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "db/pg.h"

enum {
    CACHE_MAX_STATEMENTS = 64,
    CACHE_MAX_TEXT_BYTES = 16 * 1024, /* longer ones are not kept */
    PARAMS_MAX_BYTES = 256 * 1024 * 1024,
};

static struct bq_pg_stmt *stmt_of(struct bq_list *link)
{
    return bq_list_owner(link, struct bq_pg_stmt, link);
}

static void drop(struct bq_pg_stmt *stmt)
{
    bq_list_remove(&stmt->link);
    bq_arena_clear(&stmt->arena);
    free(stmt->given);
    free(stmt);
}

void bq_pg_forget_all(struct bq_pg *db)
{
    bq_list_each (at, &db->cache) {
        drop(stmt_of(at));
    }
    db->n_cached = 0;
}

/* Most recently used first: a few take turns, mostly. Their lengths tell them apart. */
static struct bq_pg_stmt *find(struct bq_pg *db, const char *sql, size_t len, uint64_t types)
{
    for (struct bq_list *at = db->cache.prev; at != &db->cache; at = at->prev) {
        struct bq_pg_stmt *stmt = stmt_of(at);

        if (stmt->len == len && stmt->types == types && memcmp(stmt->given, sql, len) == 0) {
            return stmt;
        }
    }
    return NULL;
}

/* The oldest goes, also from the server. */
static enum barq_status make_room(struct bq_pg *db, struct barq_error *err)
{
    enum barq_status status = BARQ_OK;
    char sql[BQ_PG_NAME_BYTES + 16];

    if (db->n_cached < CACHE_MAX_STATEMENTS) {
        return BARQ_OK;
    }
    struct bq_pg_stmt *oldest = stmt_of(db->cache.next);
    if (oldest->prepared) {
        (void)snprintf(sql, sizeof(sql), "DEALLOCATE %s", oldest->name);
        status = bq_pg_say(db, sql, err);
    }
    /* When the connection broke, it took all of them along. */
    if (db->n_cached >= CACHE_MAX_STATEMENTS) {
        drop(oldest);
        db->n_cached--;
    }
    return status;
}

static struct bq_pg_stmt *new_stmt(const char *sql, size_t len, uint64_t types)
{
    struct bq_pg_stmt *stmt = calloc(1, sizeof(*stmt));
    char *given = malloc(len + 1);

    if (!stmt || !given) {
        free(stmt);
        free(given);
        return NULL;
    }
    memcpy(given, sql, len + 1);
    stmt->given = given;
    stmt->len = len;
    stmt->types = types;
    bq_list_init(&stmt->link);
    bq_arena_init(&stmt->arena, (size_t)2 * BQ_PG_TEXT_MAX_BYTES);
    return stmt;
}

/* Exactly one, and nothing behind it. */
static enum barq_status read_only_one(struct bq_pg_stmt *stmt, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena scratch;
    struct bq_pg_text rest = {.rest = ""};

    bq_arena_init(&scratch, BQ_PG_TEXT_MAX_BYTES);
    enum barq_status status = bq_pg_read(&stmt->arena, stmt->given, &stmt->text, err);
    if (status == BARQ_OK && stmt->text.word[0] == '\0') {
        return bq_fail(err, BARQ_ERR_ARG, "postgresql: there is no statement in the text");
    }
    for (const char *at = stmt->text.rest; status == BARQ_OK && *at; at = rest.rest) {
        status = bq_pg_read(&scratch, at, &rest, err);
        if (status == BARQ_OK && rest.word[0] != '\0') {
            return bq_fail(err, BARQ_ERR_ARG, "postgresql: text follows the one statement");
        }
    }
    return status;
}

/* In the cache, or, when it is too long, of one use: `*once` owns it. */
static enum barq_status look_up(struct bq_pg *db, const char *sql, uint64_t types,
                                struct bq_pg_stmt **out, struct bq_pg_stmt **once,
                                struct barq_error *err)
{
    size_t len = strlen(sql);
    struct bq_pg_stmt *stmt = find(db, sql, len, types);
    if (stmt) {
        bq_list_remove(&stmt->link);
        bq_list_add(&db->cache, &stmt->link);
        stmt->again = true;
        *out = stmt;
        return BARQ_OK;
    }

    stmt = new_stmt(sql, len, types);
    if (!stmt) {
        return bq_fail(err, BARQ_ERR_NOMEM, "postgresql: out of memory");
    }
    *once = stmt;
    enum barq_status status = read_only_one(stmt, err);
    if (status == BARQ_OK && len <= CACHE_MAX_TEXT_BYTES) {
        status = make_room(db, err);
    }
    if (status == BARQ_OK && len <= CACHE_MAX_TEXT_BYTES) {
        bq_list_add(&db->cache, &stmt->link);
        db->n_cached++;
        *once = NULL;
    }
    *out = stmt;
    return status;
}

/* A pooler in the wrong mode may give us a server where others have prepared theirs: there a name is the same
 * statement or none, never another one. */
static void give_name(struct bq_pg *db, struct bq_pg_stmt *stmt)
{
    uint64_t text = bq_hash(stmt->text.sql, strlen(stmt->text.sql));

    (void)snprintf(stmt->name, sizeof(stmt->name), "barq_%016llx_%llu",
                   (unsigned long long)(text ^ stmt->types), (unsigned long long)++db->last_name);
}

/* At its first use a statement is only run: many are never used again. */
static enum barq_status prepare(struct bq_pg *db, struct bq_pg_stmt *stmt,
                                const struct bq_pg_params *params, struct barq_error *err)
{
    give_name(db, stmt);
    int sent = bq_libpq.PQsendPrepare(db->connection, stmt->name, stmt->text.sql,
                                      (int)params->count, params->types);
    enum barq_status status = bq_pg_await(db, sent, NULL, err);

    /* With the connection the statement is lost, too: it must not be touched then. */
    if (status == BARQ_OK) {
        stmt->prepared = true;
    }
    return status;
}

static int send_stmt(struct bq_pg *db, struct bq_pg_stmt *stmt, const struct bq_pg_params *params)
{
    return stmt->prepared
               ? bq_libpq.PQsendQueryPrepared(db->connection, stmt->name, (int)params->count,
                                              params->values, params->lengths, params->formats, 0)
               : bq_libpq.PQsendQueryParams(db->connection, stmt->text.sql, (int)params->count,
                                            params->types, params->values, params->lengths,
                                            params->formats, 0);
}

/* Without `out` COMMIT follows in the same flight: the server leaves it out when the statement fails. */
static enum barq_status send(struct bq_pg *db, struct bq_pg_stmt *stmt,
                             const struct bq_pg_params *params, PGresult **out,
                             struct barq_error *err)
{
    if (out) {
        return bq_pg_await(db, send_stmt(db, stmt, params), out, err);
    }
    int sent = bq_libpq.PQenterPipelineMode(db->connection) && send_stmt(db, stmt, params) &&
               bq_libpq.PQsendQueryParams(db->connection, "COMMIT", 0, NULL, NULL, NULL, NULL, 0) &&
               bq_libpq.PQpipelineSync(db->connection);
    return bq_pg_await_commit(db, sent, err);
}

/* The tables have changed, so that what was prepared does not fit any more; or the server has lost it. */
static bool is_outdated(const struct barq_error *err)
{
    return strstr(err->text, "(SQLSTATE 0A000)") || strstr(err->text, "(SQLSTATE 26000)");
}

static enum barq_status run_stmt(struct bq_pg *db, struct bq_pg_stmt *stmt,
                                 const struct bq_pg_params *params, PGresult **out,
                                 struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    if (stmt->again && !stmt->prepared && !db->pooled) {
        status = prepare(db, stmt, params, err);
    }
    if (status == BARQ_OK) {
        status = send(db, stmt, params, out, err);
    }
    if (status != BARQ_ERR_SQL || !stmt->prepared || !is_outdated(err)) {
        return status;
    }
    /* Within a transaction the harm is done. */
    stmt->prepared = false;
    bool idle = db->connection && bq_libpq.PQtransactionStatus(db->connection) == PQTRANS_IDLE;
    return idle ? send(db, stmt, params, out, err) : status;
}

/* Statements whose params are of other types are others to the server. */
static uint64_t types_of(const struct bq_pg_params *params)
{
    return params->count == 0 ? 0 : bq_hash(params->types, params->count * sizeof(Oid));
}

static enum barq_status fit(const struct bq_pg_stmt *stmt, size_t n_params, struct barq_error *err)
{
    if (stmt->text.n_params == n_params) {
        return BARQ_OK;
    }
    return bq_fail(err, BARQ_ERR_ARG, "postgresql: the statement has %zu params, and %zu are given",
                   stmt->text.n_params, n_params);
}

/* `out` as of send(). */
static enum barq_status run(struct bq_pg *db, const char *sql, const struct barq_scalar *params,
                            size_t n_params, PGresult **out, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_pg_params made;
    struct bq_pg_stmt *stmt = NULL;
    struct bq_pg_stmt *once = NULL;
    struct barq_error why;
    struct barq_error *told = err ? err : &why;

    bq_arena_init(&arena, PARAMS_MAX_BYTES);
    enum barq_status status = bq_pg_check(db, told);
    if (status == BARQ_OK) {
        status = bq_pg_params_make(&arena, params, n_params, &made, told);
    }
    if (status != BARQ_OK) {
        return status;
    }
    status = look_up(db, sql, types_of(&made), &stmt, &once, told);
    if (status == BARQ_OK && stmt) {
        status = fit(stmt, n_params, told);
    }
    if (status == BARQ_OK && stmt) {
        status = bq_pg_allow(db, &stmt->text, told);
    }
    if (status == BARQ_OK && stmt) {
        db->base.wrote = db->base.wrote || (stmt->text.traits & BQ_PG_WRITES);
        status = run_stmt(db, stmt, &made, out, told); /* which may lose it with the connection */
    }
    if (once) {
        drop(once);
    }
    return status;
}

enum barq_status bq_pg_run(struct bq_pg *db, const char *sql, const struct barq_scalar *params,
                           size_t n_params, PGresult **out, struct barq_error *err)
{
    return run(db, sql, params, n_params, out, err);
}

enum barq_status bq_pg_run_last(struct bq_pg *db, const char *sql, const struct barq_scalar *params,
                                size_t n_params, struct barq_error *err)
{
    return run(db, sql, params, n_params, NULL, err);
}

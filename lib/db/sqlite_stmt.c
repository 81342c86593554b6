#include <stdlib.h>
#include <string.h>

#include "db/sqlite.h"

enum {
    CACHE_MAX_STATEMENTS = 64,
    CACHE_MAX_TEXT_BYTES = 16 * 1024, /* longer ones are not kept */
};

static struct bq_sqlite_stmt *stmt_of(struct bq_list *link)
{
    return bq_list_owner(link, struct bq_sqlite_stmt, link);
}

static void finalize(struct bq_sqlite_stmt *stmt)
{
    sqlite3_finalize(stmt->handle);
    free(stmt->sql);
    free(stmt);
}

/* Past white space, semicolons and comments. */
static const char *skip_blank(const char *sql)
{
    for (;;) {
        sql += strspn(sql, " \t\r\n\f;");
        if (strncmp(sql, "--", 2) == 0) {
            sql += strcspn(sql, "\n");
        } else if (strncmp(sql, "/*", 2) == 0) {
            const char *end = strstr(sql + 2, "*/");
            sql = end ? end + 2 : sql + strlen(sql);
        } else {
            return sql;
        }
    }
}

/* SQLite's part: what is found there is checked by the authorizer. */
static enum barq_status prepare(struct bq_sqlite *db, const char *sql, unsigned flags,
                                struct bq_sqlite_stmt **out, const char **rest,
                                struct barq_error *err)
{
    struct bq_sqlite_stmt *stmt = calloc(1, sizeof(*stmt));
    if (!stmt) {
        return bq_fail(err, BARQ_ERR_NOMEM, "sqlite: out of memory");
    }

    db->noted = false;
    int code = sqlite3_prepare_v3(db->handle, sql, -1, flags, &stmt->handle, rest);
    if (code != SQLITE_OK) {
        free(stmt);
        return bq_sqlite_fail(db, code, err);
    }
    stmt->guarded = db->noted;
    stmt->busy = true;
    *out = stmt;
    return BARQ_OK;
}

/* Most recently used first: a few take turns, mostly. Their lengths tell them apart. */
static struct bq_sqlite_stmt *find(struct bq_sqlite *db, const char *sql, size_t len)
{
    for (struct bq_list *at = db->cache.prev; at != &db->cache; at = at->prev) {
        struct bq_sqlite_stmt *stmt = stmt_of(at);

        if (stmt->len == len && !stmt->busy && memcmp(stmt->sql, sql, len) == 0) {
            return stmt;
        }
    }
    return NULL;
}

/* The least recently used of those that nobody uses makes room. */
static void make_room(struct bq_sqlite *db)
{
    if (db->n_cached < CACHE_MAX_STATEMENTS) {
        return;
    }
    bq_list_each (at, &db->cache) {
        if (!stmt_of(at)->busy) {
            bq_list_remove(at);
            finalize(stmt_of(at));
            db->n_cached--;
            return;
        }
    }
}

/* Keeps it if there is room; without memory it is simply of one use. */
static void keep(struct bq_sqlite *db, struct bq_sqlite_stmt *stmt, const char *sql, size_t len)
{
    if (len > CACHE_MAX_TEXT_BYTES) {
        return;
    }
    make_room(db);
    if (db->n_cached >= CACHE_MAX_STATEMENTS) {
        return;
    }
    stmt->sql = malloc(len + 1);
    if (stmt->sql) {
        memcpy(stmt->sql, sql, len + 1);
        stmt->len = len;
        bq_list_add(&db->cache, &stmt->link);
        db->n_cached++;
    }
}

/* A kept statement was let through when it was prepared, perhaps before the guard came. */
static enum barq_status use_again(struct bq_sqlite *db, struct bq_sqlite_stmt *stmt,
                                  struct bq_sqlite_stmt **out, struct barq_error *err)
{
    if (stmt->guarded && db->guarded && !db->own) {
        return bq_fail(err, BARQ_ERR_DENIED, "sqlite: not allowed here: %.64s", stmt->sql);
    }
    bq_list_remove(&stmt->link);
    bq_list_add(&db->cache, &stmt->link);
    stmt->busy = true;
    *out = stmt;
    return BARQ_OK;
}

enum barq_status bq_sqlite_prepare(struct bq_sqlite *db, const char *sql,
                                   struct bq_sqlite_stmt **out, struct barq_error *err)
{
    size_t len = strlen(sql);
    struct bq_sqlite_stmt *stmt = find(db, sql, len);
    const char *rest = "";
    if (stmt) {
        return use_again(db, stmt, out, err);
    }

    enum barq_status status = prepare(db, sql, SQLITE_PREPARE_PERSISTENT, &stmt, &rest, err);
    if (!stmt) {
        return status;
    }
    bool one = stmt->handle && *skip_blank(rest) == '\0';
    if (!one) {
        bool none = !stmt->handle;
        finalize(stmt);
        return bq_fail(err, BARQ_ERR_ARG,
                       none ? "sqlite: there is no statement in the text"
                            : "sqlite: text follows the one statement");
    }
    keep(db, stmt, sql, len);
    *out = stmt;
    return BARQ_OK;
}

enum barq_status bq_sqlite_prepare_next(struct bq_sqlite *db, const char **sql,
                                        struct bq_sqlite_stmt **out, struct barq_error *err)
{
    const char *text = skip_blank(*sql);
    if (*text == '\0') {
        *out = NULL;
        return BARQ_OK;
    }
    return prepare(db, text, 0, out, sql, err);
}

void bq_sqlite_release(struct bq_sqlite_stmt *stmt)
{
    if (!stmt) {
        return;
    }
    if (!stmt->sql) {
        finalize(stmt);
        return;
    }
    sqlite3_reset(stmt->handle);
    sqlite3_clear_bindings(stmt->handle);
    stmt->busy = false;
}

void bq_sqlite_forget_all(struct bq_sqlite *db)
{
    bq_list_each (at, &db->cache) {
        finalize(stmt_of(at));
    }
    bq_list_init(&db->cache);
    db->n_cached = 0;
}

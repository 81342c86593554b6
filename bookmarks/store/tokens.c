#include "store/tokens.h"

#include <stdio.h>
#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "store/store.h"

#define SELECT_TOKENS                                                                              \
    "SELECT id, name, scopes, created_at_ms, last_used_at_ms, expires_at_ms FROM tokens"

static const char scope_read[] = "[\"read\"]";
static const char scope_write[] = "[\"read\",\"write\"]";

static struct barq_scalar time_or_null(int64_t at_ms)
{
    return at_ms == INT64_MIN ? barq_sql_null() : barq_sql_int(at_ms);
}

enum barq_status bm_token_add(struct barq_session *session, const char *name, bool can_write,
                              int64_t expires_at_ms, int64_t now_ms, struct barq_arena *arena,
                              struct bm_token *out, char secret[BM_TOKEN_BYTES],
                              struct barq_error *err)
{
    char id[BM_ID_BYTES];
    char random[BM_SECRET_BYTES];
    char hash[BM_SECRET_HASH_BYTES];
    size_t len = strlen(name);
    if (len == 0 || len > BM_NAME_MAX_BYTES || !bq_utf8_valid(name, len)) {
        return bq_fail(err, BARQ_ERR_ARG, "tokens: a name has 1 to %d bytes of UTF-8",
                       BM_NAME_MAX_BYTES);
    }

    bq_uuid7(now_ms, id);
    bm_secret_new(random);
    snprintf(secret, BM_TOKEN_BYTES, "bm_%s", random);
    bm_secret_hash(secret, hash);
    enum barq_status status =
        barq_exec(session,
                  "INSERT INTO tokens (id, name, hash, scopes, created_at_ms, expires_at_ms)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                  BARQ_PARAMS(barq_sql_text(id), barq_sql_text(name), barq_sql_text(hash),
                              barq_sql_text(can_write ? scope_write : scope_read),
                              barq_sql_int(now_ms), time_or_null(expires_at_ms)),
                  err);
    if (status == BARQ_ERR_EXISTS) {
        return bq_fail(err, status, "tokens: there is one of this name");
    }
    if (status != BARQ_OK) {
        return status;
    }
    *out = (struct bm_token){.id = bq_arena_strdup(arena, id),
                             .name = bq_arena_strdup(arena, name),
                             .can_write = can_write,
                             .created_at_ms = now_ms,
                             .last_used_at_ms = INT64_MIN,
                             .expires_at_ms = expires_at_ms};
    return out->id && out->name ? BARQ_OK : bq_fail(err, BARQ_ERR_NOMEM, "tokens: arena is full");
}

static int64_t time_of(const struct barq_rows *rows, int column)
{
    bool is_null = barq_column(rows, column).kind == BARQ_NULL;

    return is_null ? INT64_MIN : barq_column_int(rows, column);
}

static enum barq_status read_token(const struct barq_rows *rows, struct barq_arena *arena,
                                   struct bm_token *out, struct barq_error *err)
{
    *out = (struct bm_token){
        .id = bq_arena_strdup(arena, barq_column_text(rows, 0)),
        .name = bq_arena_strdup(arena, barq_column_text(rows, 1)),
        .can_write = strstr(barq_column_text(rows, 2), "\"write\"") != NULL,
        .created_at_ms = barq_column_int(rows, 3),
        .last_used_at_ms = time_of(rows, 4),
        .expires_at_ms = time_of(rows, 5),
    };
    return out->id && out->name ? BARQ_OK : bq_fail(err, BARQ_ERR_NOMEM, "tokens: arena is full");
}

enum barq_status bm_tokens(struct barq_session *session, struct barq_arena *arena,
                           const struct bm_token **out, size_t *count, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    size_t n = 0;
    struct bm_token *tokens = bq_arena_array(arena, BM_TOKENS_MAX, sizeof(*tokens));
    if (!tokens) {
        return bq_fail(err, BARQ_ERR_NOMEM, "tokens: arena is full");
    }

    enum barq_status status = barq_query(session, SELECT_TOKENS " ORDER BY name LIMIT ?1",
                                         BARQ_PARAMS(barq_sql_int(BM_TOKENS_MAX)), &rows, err);
    for (bool more = true; status == BARQ_OK;) {
        status = barq_rows_next(rows, &more, err);
        if (status != BARQ_OK || !more) {
            break;
        }
        status = read_token(rows, arena, &tokens[n++], err);
    }
    if (status == BARQ_OK) {
        *out = tokens;
        *count = n;
    }
    return status;
}

enum barq_status bm_token_find(struct barq_session *session, const char *secret, int64_t now_ms,
                               struct barq_arena *arena, struct bm_token *out,
                               struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    char hash[BM_SECRET_HASH_BYTES];
    bool more = false;

    bm_secret_hash(secret, hash);
    enum barq_status status = barq_query(
        session, SELECT_TOKENS " WHERE hash = ?1 AND (expires_at_ms IS NULL OR expires_at_ms > ?2)",
        BARQ_PARAMS(barq_sql_text(hash), barq_sql_int(now_ms)), &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    return more ? read_token(rows, arena, out, err)
                : bq_fail(err, BARQ_ERR_NOTFOUND, "tokens: there is no such token, or it is over");
}

enum barq_status bm_token_used(struct barq_session *session, const char *id, int64_t now_ms,
                               struct barq_error *err)
{
    return barq_exec(session, "UPDATE tokens SET last_used_at_ms = ?2 WHERE id = ?1",
                     BARQ_PARAMS(barq_sql_text(id), barq_sql_int(now_ms)), err);
}

enum barq_status bm_token_revoke(struct barq_session *session, const char *id_or_name,
                                 struct barq_error *err)
{
    enum barq_status status = barq_exec(session, "DELETE FROM tokens WHERE id = ?1 OR name = ?1",
                                        BARQ_PARAMS(barq_sql_text(id_or_name)), err);

    if (status == BARQ_OK && barq_changes(session) == 0) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "tokens: there is no token %s", id_or_name);
    }
    return status;
}

#include "store/login.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auto.h"
#include "base/error.h"
#include "base/text.h"
#include "store/settings.h"

enum { HASHED_MAX_BYTES = BM_VERIFIER_BYTES + BM_SECRET_BYTES + 1, AGENT_MAX_BYTES = 200 };

static const char password_key[] = "password";

/* -- the password -- */

enum barq_status bm_password_verifier(struct barq_session *session, struct barq_arena *arena,
                                      const char **out, struct barq_error *err)
{
    const char *given = getenv("BOOKMARKS_PASSWORD");
    char verifier[BM_VERIFIER_BYTES];

    if (!given || *given == '\0') {
        return bm_setting(session, password_key, arena, out, err);
    }
    bm_verifier_of_plain(given, verifier);
    const char *copy = bq_arena_strdup(arena, verifier);
    if (!copy) {
        return bq_fail(err, BARQ_ERR_NOMEM, "password: arena is full");
    }
    *out = copy;
    return BARQ_OK;
}

enum barq_status bm_password_put(struct barq_session *session, const char *verifier, int64_t now_ms,
                                 struct barq_error *err)
{
    return bm_setting_put(session, password_key, verifier, true, now_ms, err);
}

/* -- logins -- */

/* Of the cookie and what the password is verified by, so that a login is over with its password. */
static void hash_of(const char *verifier, const char *cookie, char out[BM_SECRET_HASH_BYTES])
{
    char both[HASHED_MAX_BYTES];

    snprintf(both, sizeof(both), "%.*s %.*s", BM_SECRET_BYTES - 1, cookie, BM_VERIFIER_BYTES - 1,
             verifier);
    bm_secret_hash(both, out);
}

enum barq_status bm_login_add(struct barq_session *session, const char *verifier, const char *agent,
                              int64_t now_ms, char cookie[BM_SECRET_BYTES], struct barq_error *err)
{
    char hash[BM_SECRET_HASH_BYTES];
    size_t agent_len = agent ? bq_utf8_cut(agent, strlen(agent), AGENT_MAX_BYTES) : 0;
    bool is_text = agent && bq_utf8_valid(agent, agent_len);

    bm_secret_new(cookie);
    hash_of(verifier, cookie, hash);
    enum barq_status status = barq_exec(session, "DELETE FROM logins WHERE expires_at_ms <= ?1",
                                        BARQ_PARAMS(barq_sql_int(now_ms)), err);
    if (status != BARQ_OK) {
        return status;
    }
    return barq_exec(session,
                     "INSERT INTO logins (hash, agent, created_at_ms, seen_at_ms, expires_at_ms)"
                     " VALUES (?1, ?2, ?3, ?3, ?4)",
                     BARQ_PARAMS(barq_sql_text(hash),
                                 is_text ? barq_sql_text_of(agent, agent_len) : barq_sql_null(),
                                 barq_sql_int(now_ms), barq_sql_int(now_ms + BM_LOGIN_MS)),
                     err);
}

enum barq_status bm_login_find(struct barq_session *session, const char *verifier,
                               const char *cookie, int64_t now_ms, int64_t *seen_at_ms,
                               struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    char hash[BM_SECRET_HASH_BYTES];
    bool more = false;

    hash_of(verifier, cookie, hash);
    enum barq_status status =
        barq_query(session, "SELECT seen_at_ms FROM logins WHERE hash = ?1 AND expires_at_ms > ?2",
                   BARQ_PARAMS(barq_sql_text(hash), barq_sql_int(now_ms)), &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    if (!more) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "login: there is none, or it is over");
    }
    *seen_at_ms = barq_column_int(rows, 0);
    return BARQ_OK;
}

enum barq_status bm_login_seen(struct barq_session *session, const char *verifier,
                               const char *cookie, int64_t now_ms, struct barq_error *err)
{
    char hash[BM_SECRET_HASH_BYTES];

    hash_of(verifier, cookie, hash);
    return barq_exec(
        session, "UPDATE logins SET seen_at_ms = ?2, expires_at_ms = ?3 WHERE hash = ?1",
        BARQ_PARAMS(barq_sql_text(hash), barq_sql_int(now_ms), barq_sql_int(now_ms + BM_LOGIN_MS)),
        err);
}

enum barq_status bm_login_end(struct barq_session *session, const char *verifier,
                              const char *cookie, struct barq_error *err)
{
    char hash[BM_SECRET_HASH_BYTES];

    hash_of(verifier, cookie, hash);
    return barq_exec(session, "DELETE FROM logins WHERE hash = ?1",
                     BARQ_PARAMS(barq_sql_text(hash)), err);
}

/* -- guesses: counters whose names begin with the quarter of an hour -- */

enum { GUESS_NAME_BYTES = 128 };

static const char all[] = "all";

static void name_of(const char *address, int64_t now_ms, char out[GUESS_NAME_BYTES])
{
    snprintf(out, GUESS_NAME_BYTES, "guess/%012jd/%.60s", (intmax_t)(now_ms / BM_GUESSES_MS),
             address);
}

enum barq_status bm_guess_wait(struct barq_session *session, const char *address, int64_t now_ms,
                               int64_t *wait_ms, struct barq_error *err)
{
    bm_auto(rows) struct barq_rows *rows = NULL;
    char one[GUESS_NAME_BYTES];
    char every[GUESS_NAME_BYTES];
    bool more = false;

    name_of(address, now_ms, one);
    name_of(all, now_ms, every);
    enum barq_status status =
        barq_query(session,
                   "SELECT count(*) FROM counters WHERE (name = ?1 AND value >= ?3)"
                   " OR (name = ?2 AND value >= ?4)",
                   BARQ_PARAMS(barq_sql_text(one), barq_sql_text(every),
                               barq_sql_int(BM_GUESSES_OF_ONE), barq_sql_int(BM_GUESSES_OF_ALL)),
                   &rows, err);
    if (status == BARQ_OK) {
        status = barq_rows_next(rows, &more, err);
    }
    if (status == BARQ_OK) {
        *wait_ms = barq_column_int(rows, 0) > 0 ? BM_GUESSES_MS - now_ms % BM_GUESSES_MS : 0;
    }
    return status;
}

static enum barq_status count_one(struct barq_session *session, const char *address, int64_t now_ms,
                                  struct barq_error *err)
{
    char name[GUESS_NAME_BYTES];

    name_of(address, now_ms, name);
    return barq_exec(session,
                     "INSERT INTO counters (name, value) VALUES (?1, 1)"
                     " ON CONFLICT (name) DO UPDATE SET value = counters.value + 1",
                     BARQ_PARAMS(barq_sql_text(name)), err);
}

enum barq_status bm_guess_count(struct barq_session *session, const char *address, int64_t now_ms,
                                struct barq_error *err)
{
    char first[GUESS_NAME_BYTES];

    name_of("", now_ms, first);
    enum barq_status status =
        barq_exec(session, "DELETE FROM counters WHERE name >= 'guess/' AND name < ?1",
                  BARQ_PARAMS(barq_sql_text(first)), err);
    if (status == BARQ_OK) {
        status = count_one(session, address, now_ms, err);
    }
    return status == BARQ_OK ? count_one(session, all, now_ms, err) : status;
}

/*
 * login.h - the one password, who is logged in with it, and how often it may be guessed.
 *
 * The password is BOOKMARKS_PASSWORD of the environment, or else the one that is
 * stored. A login is bound to it: with another password all logins are over.
 */
#ifndef BM_LOGIN_H
#define BM_LOGIN_H

#include <barq/session.h>

#include "base/arena.h"
#include "store/secret.h"

#define BM_LOGIN_MS (INT64_C(30) * 24 * 3600 * 1000) /* from when it was last used */

/* What the password is verified by; NULL when none is set. In `arena`. */
enum barq_status bm_password_verifier(struct barq_session *session, struct barq_arena *arena,
                                      const char **out, struct barq_error *err) BARQ_MUST_CHECK;
/* Stores what bm_verifier_make() has made; NULL: there is none any more. */
enum barq_status bm_password_put(struct barq_session *session, const char *verifier, int64_t now_ms,
                                 struct barq_error *err) BARQ_MUST_CHECK;

/* A new login, and the secret that its cookie is; throws away those that are over. */
enum barq_status bm_login_add(struct barq_session *session, const char *verifier, const char *agent,
                              int64_t now_ms, char cookie[BM_SECRET_BYTES], struct barq_error *err)
    BARQ_MUST_CHECK;
/* `*seen_at_ms`: when it was last noted as used. BARQ_ERR_NOTFOUND: there is none, or it is over. */
enum barq_status bm_login_find(struct barq_session *session, const char *verifier,
                               const char *cookie, int64_t now_ms, int64_t *seen_at_ms,
                               struct barq_error *err) BARQ_MUST_CHECK;
/* Notes that it was used, so that it lasts longer. */
enum barq_status bm_login_seen(struct barq_session *session, const char *verifier,
                               const char *cookie, int64_t now_ms, struct barq_error *err)
    BARQ_MUST_CHECK;
enum barq_status bm_login_end(struct barq_session *session, const char *verifier,
                              const char *cookie, struct barq_error *err) BARQ_MUST_CHECK;

/* -- guesses: so many wrong ones in a quarter of an hour from one address, and from all -- */

enum { BM_GUESSES_OF_ONE = 10, BM_GUESSES_OF_ALL = 100, BM_GUESSES_MS = 15 * 60 * 1000 };

/* `*wait_ms`: how long no more are taken from there; 0: one is. */
enum barq_status bm_guess_wait(struct barq_session *session, const char *address, int64_t now_ms,
                               int64_t *wait_ms, struct barq_error *err) BARQ_MUST_CHECK;
/* Counts a wrong one. */
enum barq_status bm_guess_count(struct barq_session *session, const char *address, int64_t now_ms,
                                struct barq_error *err) BARQ_MUST_CHECK;

#endif

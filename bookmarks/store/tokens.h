/*
 * tokens.h - personal tokens, for programs: "bm_" and 192 random bits. Only a hash is kept.
 */
#ifndef BM_TOKENS_H
#define BM_TOKENS_H

#include <stdbool.h>
#include <stdint.h>

#include <barq/session.h>

#include "base/arena.h"
#include "store/secret.h"

enum { BM_TOKEN_BYTES = BM_SECRET_BYTES + 3, BM_TOKENS_MAX = 1000 };

struct bm_token {
    const char *id;
    const char *name;
    bool can_write;
    int64_t created_at_ms;
    int64_t last_used_at_ms; /* INT64_MIN: never */
    int64_t expires_at_ms;   /* INT64_MIN: never */
};

/*
 * Makes one; `secret` is shown now or never.
 *
 * BARQ_ERR_EXISTS  there is one of this name
 * BARQ_ERR_ARG     a name has 1 to 255 bytes of UTF-8
 */
enum barq_status bm_token_add(struct barq_session *session, const char *name, bool can_write,
                              int64_t expires_at_ms, int64_t now_ms, struct barq_arena *arena,
                              struct bm_token *out, char secret[BM_TOKEN_BYTES],
                              struct barq_error *err) BARQ_MUST_CHECK;
/* The first BM_TOKENS_MAX, by name. */
enum barq_status bm_tokens(struct barq_session *session, struct barq_arena *arena,
                           const struct bm_token **out, size_t *count, struct barq_error *err)
    BARQ_MUST_CHECK;
/* BARQ_ERR_NOTFOUND: there is none of this secret, or it is over. */
enum barq_status bm_token_find(struct barq_session *session, const char *secret, int64_t now_ms,
                               struct barq_arena *arena, struct bm_token *out,
                               struct barq_error *err) BARQ_MUST_CHECK;
enum barq_status bm_token_used(struct barq_session *session, const char *id, int64_t now_ms,
                               struct barq_error *err) BARQ_MUST_CHECK;
/* BARQ_ERR_NOTFOUND: there is none of this id or name. */
enum barq_status bm_token_revoke(struct barq_session *session, const char *id_or_name,
                                 struct barq_error *err) BARQ_MUST_CHECK;

#endif

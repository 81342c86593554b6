/*
 * tokens.h - a token as the API and the command show it.
 */
#ifndef BM_API_TOKENS_H
#define BM_API_TOKENS_H

#include "store/tokens.h"

/* {"id", "name", "scopes", "created_at", "last_used_at", "expires_at"}, in `arena`; keys can be added. */
struct barq_value *bm_token_json(const struct bm_token *token, struct barq_arena *arena);

#endif

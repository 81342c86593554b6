/*
 * openai.h - chat/completions of OpenAI, and of the servers that speak like it.
 */
#ifndef BM_OPENAI_H
#define BM_OPENAI_H

#include "services/model_call.h"

#define BM_OPENAI_HOME "https://api.openai.com/v1"

/* As bm_model_ask(), which calls this; `out->value` is not read. */
enum barq_status bm_openai_ask(const struct bm_model_call *call, struct bm_model_answer *out,
                               struct bm_verdict *verdict, struct barq_error *err) BARQ_MUST_CHECK;

/*
 * The body of the request, in the call's arena; NULL when that is full. Old
 * servers know only "max_tokens", OpenAI's new models only
 * "max_completion_tokens": `limit_key` is one of them.
 */
const char *bm_openai_body(const struct bm_model_call *call, const char *limit_key, size_t *len);

/* What an answer of HTTP status 200 says. */
enum barq_status bm_openai_take(const struct barq_value *answer, const struct bm_model_call *call,
                                struct bm_model_answer *out, struct bm_verdict *verdict,
                                struct barq_error *err) BARQ_MUST_CHECK;

/* What any other says; `*limit` is set when only the name of the limit is wrong. */
enum barq_status bm_openai_judge(int http_status, const char *text, size_t len,
                                 const struct bm_model_call *call, bool *limit,
                                 struct bm_verdict *verdict, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif

/*
 * gemini.h - generateContent of Google's Gemini.
 */
#ifndef BM_GEMINI_H
#define BM_GEMINI_H

#include "services/model_call.h"

#define BM_GEMINI_HOME "https://generativelanguage.googleapis.com/v1beta"

/* As bm_model_ask(), which calls this; `out->value` is not read. */
enum barq_status bm_gemini_ask(const struct bm_model_call *call, struct bm_model_answer *out,
                               struct bm_verdict *verdict, struct barq_error *err) BARQ_MUST_CHECK;

/* The body of the request, in the call's arena; NULL when that is full. */
const char *bm_gemini_body(const struct bm_model_call *call, size_t *len);

/* What an answer of HTTP status 200 says. */
enum barq_status bm_gemini_take(const struct barq_value *answer, struct barq_arena *arena,
                                struct bm_model_answer *out, struct bm_verdict *verdict,
                                struct barq_error *err) BARQ_MUST_CHECK;

/* What any other says; `text` is JSON or anything. */
enum barq_status bm_gemini_judge(int http_status, const char *text, size_t len,
                                 const struct bm_model_call *call, struct bm_verdict *verdict,
                                 struct barq_error *err) BARQ_MUST_CHECK;

#endif

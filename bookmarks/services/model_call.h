/*
 * model_call.h - what the two ways of asking a model have in common.
 */
#ifndef BM_MODEL_CALL_H
#define BM_MODEL_CALL_H

#include "services/model.h"

enum {
    BM_MODEL_PARSED_MAX_BYTES = 64 * 1024 * 1024,
    BM_MODEL_SAID_BYTES = 200,
};

/* One question and what goes with it. */
struct bm_model_call {
    const struct bm_model *model;
    const struct bm_question *question;
    int cancel_fd;
    int64_t now_ms;
    struct barq_arena *arena;
};

/*
 * What a server says of an error, in `out`, so that it can be shown: one line,
 * cut, and "" when our key is in it or it is not UTF-8.
 */
void bm_model_said(const char *message, const char *key, char out[BM_MODEL_SAID_BYTES]);

#endif

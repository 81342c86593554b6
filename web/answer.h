/*
 * answer.h - what a call has come to, sent.
 */
#ifndef BW_ANSWER_H
#define BW_ANSWER_H

#include "web/call.h"

/* Turns a failure of ours or of the broker, which is logged and not told in detail, into a problem. */
void bw_fail(struct bw_call *call, const struct barq_error *err);
/* Sends status and JSON, unless the handler has answered itself. */
void bw_answer(struct bw_call *call);

#endif

/*
 * span.c - an attempt as a span of its job's trace. The dispatcher exports it: it also knows the end of one that
 * took its executor down.
 */
#include <string.h>

#include "attempt/attempt.h"
#include "base/time.h"

void bq_span_choose(struct barq_context *ctx)
{
    struct bq_trace parent;
    struct bq_trace own;
    bool child = bq_trace_read(ctx->record.traceparent, &parent);
    /* What is only settled is no attempt. */
    bool exported = ctx->place->traced && ctx->run.verdict[0] == '\0';

    ctx->span = exported && (!child || (parent.flags & BQ_TRACE_SAMPLED) != 0);
    if (ctx->span) {
        bq_trace_child(child ? &parent : NULL, &own);
        bq_trace_write(&own, ctx->traceparent);
    } else if (child) {
        /* Nobody will know of a span of ours: the parent stays the parent. */
        bq_trace_write(&parent, ctx->traceparent);
    }
}

void bq_span_say(struct barq_context *ctx)
{
    struct bq_trace parent = {.span_id = ""};
    if (!ctx->span) {
        return;
    }

    (void)bq_trace_read(ctx->record.traceparent, &parent);
    struct bq_span span = {
        .attempt = ctx->run.attempt,
        .started_at_us = bq_wall_us(),
        .traceparent = ctx->traceparent,
        .parent = parent.span_id,
        .tracestate = ctx->record.tracestate ? ctx->record.tracestate : "",
    };
    bq_auto(buf) struct bq_buf body;
    bq_buf_init(&body, BQ_FRAME_SLACK_BYTES);
    bq_span_put(&body, &span);
    /* At once: of a handler that takes its executor down one wants to see the span most of all. */
    bq_desk_post(ctx->place->desk, BQ_MSG_SPAN, &body, true);
}

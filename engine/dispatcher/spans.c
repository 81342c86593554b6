/*
 * spans.c - attempts as spans of OpenTelemetry: kept while they run, told to the exporter when they have ended. There
 * are only those that executors have said to be some (attempt/span.c).
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "codec/json.h"
#include "dispatcher/dispatcher.h"
#include "job/trace.h"

enum {
    SPAN_MAX_BYTES = 16 * 1024, /* as JSON */
    KIND_CONSUMER = 5,
    STATUS_ERROR = 2,
};

struct bq_open_span {
    struct bq_trace own;
    char parent[BQ_SPAN_ID_BYTES]; /* "" none */
    char tracestate[BARQ_TRACESTATE_MAX_BYTES + 1];
    int64_t started_at_us; /* on the wall clock, */
    int64_t started_us;    /* and on the monotonic one */
};

/* What is told of an attempt's end: no word of the job's own, which may be secret. */
struct ending {
    const char *outcome;
    const char *error;   /* of which class; NULL: it is none */
    const char *message; /* with it; NULL: the same word */
    const char *function;
};

bool bq_span_begun(struct bq_claim *claim, const struct bq_frame *frame)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_span said;
    struct bq_reader in = bq_reader_of(frame->body, frame->len);

    bq_arena_init(&arena, BQ_FRAME_SLACK_BYTES);
    if (!bq_span_get(&in, &arena, &said) || claim->span) {
        return false;
    }
    struct bq_open_span *span = calloc(1, sizeof(*span));
    if (span) {
        (void)bq_trace_read(said.traceparent, &span->own);
        memcpy(span->parent, said.parent, strlen(said.parent) + 1);
        memcpy(span->tracestate, said.tracestate, strlen(said.tracestate) + 1);
        span->started_at_us = said.started_at_us;
        span->started_us = bq_mono_us();
    }
    claim->span = span;
    return true;
}

void bq_span_free(struct bq_claim *claim)
{
    free(bq_take(claim->span));
}

/* -- as OTLP has it, in JSON -- */

/* Ids of arq's clients can be any bytes; a collector would refuse the whole batch. */
static void put_text(struct bq_buf *out, const char *text)
{
    char copy[BARQ_JOB_ID_MAX_BYTES + 1];
    size_t len = bq_utf8_clean(text, strlen(text), BARQ_JOB_ID_MAX_BYTES, copy);

    bq_json_put_string(out, copy, len);
}

static void put_attribute(struct bq_buf *out, const char *key, const char *text)
{
    bq_buf_printf(out, "{\"key\":\"%s\",\"value\":{\"stringValue\":", key);
    put_text(out, text);
    bq_buf_puts(out, "}},");
}

static void put_attributes(struct bq_buf *out, const struct bq_claim *claim,
                           const struct ending *ending)
{
    put_attribute(out, "messaging.system", "barq");
    put_attribute(out, "messaging.operation.type", "process");
    put_attribute(out, "messaging.operation.name", "process");
    put_attribute(out, "messaging.destination.name", claim->claimed.job.queue);
    put_attribute(out, "messaging.message.id", claim->claimed.job.id);
    put_attribute(out, "barq.outcome", ending->outcome);
    if (ending->error) {
        put_attribute(out, "error.type", ending->error);
    }
    bq_buf_printf(out, "{\"key\":\"barq.try\",\"value\":{\"intValue\":\"%d\"}}",
                  bq_claim_try(claim));
}

static void put_span(struct bq_buf *out, const struct bq_claim *claim, const struct ending *ending)
{
    const struct bq_open_span *span = claim->span;
    int64_t took_us = bq_mono_us() - span->started_us;

    bq_buf_printf(out, "{\"traceId\":\"%s\",\"spanId\":\"%s\"", span->own.trace_id,
                  span->own.span_id);
    if (span->parent[0] != '\0') {
        bq_buf_printf(out, ",\"parentSpanId\":\"%s\"", span->parent);
    }
    if (span->tracestate[0] != '\0') {
        bq_buf_puts(out, ",\"traceState\":");
        put_text(out, span->tracestate);
    }
    bq_buf_puts(out, ",\"name\":");
    put_text(out, ending->function);
    bq_buf_printf(out,
                  ",\"kind\":%d,\"startTimeUnixNano\":\"%" PRId64
                  "000\",\"endTimeUnixNano\":\"%" PRId64 "000\",\"attributes\":[",
                  KIND_CONSUMER, span->started_at_us, span->started_at_us + took_us);
    put_attributes(out, claim, ending);
    bq_buf_puts(out, "]");
    if (ending->error) {
        bq_buf_printf(out, ",\"status\":{\"code\":%d,\"message\":", STATUS_ERROR);
        put_text(out, ending->message ? ending->message : ending->error);
        bq_buf_puts(out, "}");
    }
    bq_buf_puts(out, "}");
}

static void end(struct bq_dispatcher *dispatcher, struct bq_claim *claim,
                const struct ending *ending)
{
    bq_auto(buf) struct bq_buf out;

    bq_buf_init(&out, SPAN_MAX_BYTES);
    put_span(&out, claim, ending);
    if (out.failed) {
        dispatcher->exporter.dropped++;
    } else {
        bq_exporter_put(&dispatcher->exporter, out.data, out.len);
    }
    bq_span_free(claim);
}

/* -- how attempts end -- */

static const char *class_of(const struct bq_claim *claim, const char *otherwise)
{
    if (claim->canceled == BQ_CANCEL_TIMEOUT) {
        return "timeout";
    }
    return claim->canceled == BQ_CANCEL_ABORT || claim->claimed.aborted ? "aborted" : otherwise;
}

void bq_span_ended(struct bq_dispatcher *dispatcher, struct bq_claim *claim,
                   const struct bq_outcome *outcome)
{
    static const char *const words[] = {
        [BQ_OUTCOME_COMPLETE] = "complete",
        [BQ_OUTCOME_FAILED] = "failed",
        [BQ_OUTCOME_RETRY] = "retry",
        [BQ_OUTCOME_GIVE_BACK] = "given back",
    };
    bool bad = outcome->kind == BQ_OUTCOME_FAILED || outcome->kind == BQ_OUTCOME_RETRY;
    struct ending ending = {
        .outcome = words[outcome->kind],
        .error = bad ? class_of(claim, claim->started ? "error" : "refused") : NULL,
        .function = outcome->function,
    };

    if (claim->span) {
        end(dispatcher, claim, &ending);
    }
}

void bq_span_lost(struct bq_dispatcher *dispatcher, struct bq_claim *claim, const char *how)
{
    const char *enqueued_as = claim->claimed.job.function;
    struct ending ending = {
        .outcome = claim->guilty ? "crashed" : "lost",
        .error = claim->guilty ? class_of(claim, "crash") : "lost",
        .message = how,
        .function = claim->function,
    };

    if (!claim->span) {
        return;
    }
    /* It has not said STARTED, which comes right behind. */
    if (ending.function[0] == '\0') {
        ending.function = enqueued_as[0] != '\0' ? enqueued_as : "<unknown>";
    }
    end(dispatcher, claim, &ending);
}

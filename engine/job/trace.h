/*
 * trace.h - of which trace a job is: W3C Trace Context, level 1.
 *
 *     traceparent  00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
 *     tracestate   congo=t61rcWkgMzE,rojo=00f067aa0ba902b7
 *
 * A job carries both in its bytes (record.h). Where spans are exported, its attempt is one, and the jobs that
 * it enqueues are that span's children; elsewhere they have the parent that the job has.
 */
#ifndef BQ_JOB_TRACE_H
#define BQ_JOB_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include <barq/client.h>

enum {
    BQ_TRACE_ID_BYTES = 33, /* with a NUL, as all here */
    BQ_SPAN_ID_BYTES = 17,
    BQ_TRACEPARENT_BYTES = 56, /* as we write it */
};

struct bq_trace {
    char trace_id[BQ_TRACE_ID_BYTES];
    char span_id[BQ_SPAN_ID_BYTES]; /* the parent of whoever reads it */
    uint8_t flags;
};

enum { BQ_TRACE_SAMPLED = 0x01 };

/* False: it is no traceparent (NULL neither), `out` stays as it is. Of a later version than 00, what level 1 knows. */
bool bq_trace_read(const char *traceparent, struct bq_trace *out);
bool bq_span_id_valid(const char *id);
/* As version 00. */
void bq_trace_write(const struct bq_trace *trace, char out[BQ_TRACEPARENT_BYTES]);
/* A new span in the trace of `parent`, or, when that is NULL, the first one of a new trace. */
void bq_trace_child(const struct bq_trace *parent, struct bq_trace *out);

/* Does the environment ask for spans to be exported? (OTEL_EXPORTER_OTLP_ENDPOINT; otlp/settings.h has the rest.) */
bool bq_trace_exported(void);

#endif

/*
 * exporter.h - the process that takes spans away: barq-otlp(1), a child of the dispatcher, which gives it what has ended
 * in a turn of its loop as a packet. It speaks HTTP, waits, keeps and tries again; here a span is sent, or waits in a
 * small buffer, or is dropped, at once. What crashes or hangs there costs spans, and no job a moment.
 */
#ifndef BQ_DISPATCHER_EXPORTER_H
#define BQ_DISPATCHER_EXPORTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "os/child.h"

struct bq_exporter {
    bool wanted;             /* by the environment; else nothing happens */
    const char *worker_path; /* our own binary; it is looked for beside it; borrowed */
    struct bq_child child;
    int fd;                /* owned; -1: it does not run */
    struct bq_buf waiting; /* a line each */
    int64_t check_at_ms;   /* monotonic, as all here */
    int64_t start_at_ms;   /* not before */
    int64_t again_ms;      /* from its end to that */
    int64_t tell_at_ms;    /* of what was dropped: not before */
    int64_t dropped;       /* spans, as there was nobody to take them, or not fast enough */
    int64_t told;          /* of these */
};

void bq_exporter_init(struct bq_exporter *exporter, const char *worker_path);
/* A span: JSON without a newline (docs/formats/otlp.md). */
void bq_exporter_put(struct bq_exporter *exporter, const char *span, size_t len);
/* Sends what waits, as far as it is taken; once for all spans of a turn of the loop. */
void bq_exporter_flush(struct bq_exporter *exporter);
/* Starts it, takes note of its end, and tells what was dropped; once a second. */
void bq_exporter_check(struct bq_exporter *exporter, int64_t now_ms);
/* It sends what it has, and ends; waits a few seconds for that. */
void bq_exporter_close(struct bq_exporter *exporter);

#endif

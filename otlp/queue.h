/*
 * queue.h - spans that wait to be sent, in the order in which they came; at most OTLP_QUEUE_MAX of them and
 * OTLP_QUEUE_BYTES. What comes when it is full is dropped, and counted.
 */
#ifndef OTLP_QUEUE_H
#define OTLP_QUEUE_H

#include "base/buf.h"
#include "settings.h"

enum {
    OTLP_QUEUE_MAX = 8192,
    OTLP_QUEUE_BYTES = 8 * 1024 * 1024,
    OTLP_BODY_BYTES = OTLP_QUEUE_BYTES + 1024 * 1024,
};

struct otlp_queue {
    struct bq_buf spans; /* a block each */
    size_t count;
    int64_t dropped; /* in all */
};

/* The first spans of the queue as what is posted. */
struct otlp_batch {
    struct bq_buf body;
    size_t count;
    size_t bytes; /* of the queue */
};

void otlp_queue_init(struct otlp_queue *queue);
void otlp_queue_clear(struct otlp_queue *queue);
/* Spans as JSON, each a line. */
void otlp_queue_put_lines(struct otlp_queue *queue, const char *lines, size_t len);

/* Empty, for otlp_batch_fill(), again and again. */
void otlp_batch_init(struct otlp_batch *batch);
void otlp_batch_clear(struct otlp_batch *batch);
/* At most settings->batch_max spans, which stay in the queue. False: out of memory. */
bool otlp_batch_fill(struct otlp_batch *batch, const struct otlp_queue *queue,
                     const struct otlp_settings *settings);
/* Its spans leave the queue; what has come meanwhile stays. */
void otlp_batch_done(struct otlp_batch *batch, struct otlp_queue *queue);

#endif

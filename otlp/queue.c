#include "queue.h"

#include <string.h>

#include "codec/json.h"

void otlp_queue_init(struct otlp_queue *queue)
{
    *queue = (struct otlp_queue){.count = 0};
    bq_buf_init(&queue->spans, OTLP_QUEUE_BYTES);
}

void otlp_queue_clear(struct otlp_queue *queue)
{
    bq_buf_clear(&queue->spans);
}

static void put(struct otlp_queue *queue, const char *span, size_t len)
{
    if (queue->count == OTLP_QUEUE_MAX || !bq_buf_has_room(&queue->spans, sizeof(uint32_t) + len)) {
        queue->dropped++;
        return;
    }
    bq_buf_put_block(&queue->spans, span, len);
    queue->count++;
}

void otlp_queue_put_lines(struct otlp_queue *queue, const char *lines, size_t len)
{
    for (const char *end; len > 0 && (end = memchr(lines, '\n', len)) != NULL;) {
        size_t line = (size_t)(end - lines);
        put(queue, lines, line);
        lines += line + 1;
        len -= line + 1;
    }
}

void otlp_batch_init(struct otlp_batch *batch)
{
    *batch = (struct otlp_batch){.count = 0};
    bq_buf_init(&batch->body, OTLP_BODY_BYTES);
}

void otlp_batch_clear(struct otlp_batch *batch)
{
    bq_buf_clear(&batch->body);
}

static void put_resource(struct bq_buf *body, const struct otlp_settings *settings)
{
    for (size_t i = 0; i < settings->n_attributes; i++) {
        const struct otlp_pair *pair = &settings->attributes[i];
        bq_buf_puts(body, i == 0 ? "{\"key\":" : ",{\"key\":");
        bq_json_put_string(body, pair->name, strlen(pair->name));
        bq_buf_puts(body, ",\"value\":{\"stringValue\":");
        bq_json_put_string(body, pair->value, strlen(pair->value));
        bq_buf_puts(body, "}}");
    }
}

bool otlp_batch_fill(struct otlp_batch *batch, const struct otlp_queue *queue,
                     const struct otlp_settings *settings)
{
    struct bq_reader in = bq_reader_of(queue->spans.data, queue->spans.len);
    struct bq_buf *body = &batch->body;

    bq_buf_clear(body);
    bq_buf_puts(body, "{\"resourceSpans\":[{\"resource\":{\"attributes\":[");
    put_resource(body, settings);
    bq_buf_puts(body, "]},\"scopeSpans\":[{\"scope\":{\"name\":\"barq\",\"version\":\"" BARQ_VERSION
                      "\"},\"spans\":[");
    for (batch->count = 0; batch->count < settings->batch_max && in.at != in.end; batch->count++) {
        size_t len = 0;
        const char *span = bq_read_block(&in, &len);
        bq_buf_puts(body, batch->count == 0 ? "" : ",");
        bq_buf_put(body, span, len);
    }
    bq_buf_puts(body, "]}]}]}");
    batch->bytes = (size_t)(in.at - queue->spans.data);
    return !body->failed;
}

void otlp_batch_done(struct otlp_batch *batch, struct otlp_queue *queue)
{
    bq_buf_consume(&queue->spans, batch->bytes);
    queue->count -= batch->count;
    batch->count = 0;
    batch->bytes = 0;
}

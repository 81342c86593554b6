/*
 * main.c - barq-otlp: takes spans from a worker's dispatcher on descriptor 3, in packets of a line of JSON each, and posts them to
 * a collector (OTLP over HTTP, in JSON). It alone waits for the collector: while that is away spans are kept, up to a
 * limit, and then dropped and counted. It ends when its socket does.
 */
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include <barq/value.h>

#include "base/log.h"
#include "base/time.h"
#include "http/client.h"
#include "os/child.h"
#include "os/signals.h"
#include "queue.h"

enum {
    EXIT_USAGE = 2,
    SETTINGS_BYTES = 256 * 1024,
    PACKET_MAX_BYTES = 64 * 1024,
    ANSWER_MAX_BYTES = 64 * 1024,
    END_LIMIT_MS = 3000, /* less than the dispatcher waits (exporter.c) */
    AGAIN_MIN_MS = 1000,
    AGAIN_MAX_MS = 30 * 1000,
    TELL_EACH_MS = 60 * 1000,
};

struct exporter {
    struct otlp_settings settings;
    struct otlp_queue queue;
    struct otlp_batch batch;
    struct bq_http_client *client;
    int socket_fd;
    int end_fd;       /* a timer; readable when our time to end is over */
    bool closed;      /* no more will come */
    int64_t due_ms;   /* what waits is sent then, full or not */
    int64_t again_ms; /* nothing is sent before */
    int failures;     /* in a row */
    int64_t told;     /* of what was dropped */
    int64_t tell_at_ms;
};

/* -- what comes -- */

/* Takes all that is there; false: no more will come, and what is left has its time. */
static bool take_spans(void *data)
{
    struct exporter *exporter = data;
    struct itimerspec limit = {.it_value.tv_sec = END_LIMIT_MS / 1000};
    static char packet[PACKET_MAX_BYTES];
    ssize_t len;

    while ((len = recv(exporter->socket_fd, packet, sizeof(packet), MSG_DONTWAIT)) > 0) {
        if (exporter->queue.count == 0) {
            exporter->due_ms = bq_mono_ms() + exporter->settings.delay_ms;
        }
        otlp_queue_put_lines(&exporter->queue, packet, (size_t)len);
    }
    if (len == 0 && !exporter->closed) {
        exporter->closed = true;
        exporter->again_ms = 0; /* a last try */
        (void)timerfd_settime(exporter->end_fd, 0, &limit, NULL);
    }
    return !exporter->closed;
}

/* -- what goes -- */

/* A collector may have taken some only. */
static int64_t rejected(const struct bq_http_answer *answer)
{
    bq_auto(arena) struct barq_arena arena;
    struct barq_value *value = NULL;

    bq_arena_init(&arena, (size_t)16 * ANSWER_MAX_BYTES);
    if (barq_from_json(&arena, answer->body, answer->body_bytes, &value, NULL) != BARQ_OK) {
        return 0;
    }
    const struct barq_value *count = barq_get(barq_get(value, "partialSuccess"), "rejectedSpans");
    /* 64 bit are a string in protobuf's JSON; both forms are to be read. */
    const char *text = barq_as_string(count, NULL);
    int64_t spans = text ? strtoll(text, NULL, 10) : barq_as_int(count, 0);
    return spans > 0 ? spans : 0;
}

/* As OTLP has it. */
static bool is_worth_another_try(enum barq_status status, int code)
{
    if (status != BARQ_OK) {
        return status == BARQ_ERR_CONN || status == BARQ_ERR_TIMEOUT || status == BARQ_ERR_CANCELED;
    }
    return code == 429 || code == 502 || code == 503 || code == 504;
}

static void try_later(struct exporter *exporter, int64_t retry_after_ms)
{
    int64_t delay_ms = AGAIN_MIN_MS;

    for (int i = 0; i < exporter->failures && delay_ms < AGAIN_MAX_MS; i++) {
        delay_ms *= 2;
    }
    delay_ms = delay_ms < AGAIN_MAX_MS ? delay_ms : AGAIN_MAX_MS;
    delay_ms = retry_after_ms > delay_ms ? retry_after_ms : delay_ms;
    exporter->again_ms = bq_mono_ms() + delay_ms;
    exporter->failures++;
}

static void drop_batch(struct exporter *exporter)
{
    exporter->queue.dropped += (int64_t)exporter->batch.count;
    otlp_batch_done(&exporter->batch, &exporter->queue);
}

static void judge(struct exporter *exporter, enum barq_status status,
                  const struct bq_http_answer *answer, const struct barq_error *err)
{
    const char *why = status == BARQ_OK ? "its answer says so" : err->text;
    int code = status == BARQ_OK ? answer->status : 0;

    if (code >= 200 && code < 300) {
        int64_t refused = rejected(answer);
        int64_t sent = (int64_t)exporter->batch.count;
        exporter->queue.dropped += refused < sent ? refused : sent; /* it may say any number */
        otlp_batch_done(&exporter->batch, &exporter->queue);
        if (exporter->failures > 0) {
            bq_info("the collector takes spans again");
        }
        exporter->failures = 0;
    } else if (is_worth_another_try(status, code)) {
        if (exporter->failures == 0) {
            bq_warn("the collector takes no spans; they are kept for a while", bq_str("error", why),
                    bq_int("status", code));
        }
        try_later(exporter, code != 0 ? answer->retry_after_ms : 0);
    } else {
        bq_warn("the collector refuses spans", bq_str("error", why), bq_int("status", code),
                bq_int("spans", (int64_t)exporter->batch.count));
        drop_batch(exporter);
    }
}

static void send_batch(struct exporter *exporter)
{
    struct bq_http_answer answer = {.status = 0};
    struct barq_error err;

    if (!otlp_batch_fill(&exporter->batch, &exporter->queue, &exporter->settings)) {
        drop_batch(exporter);
        return;
    }
    struct bq_http_request request = {
        .url = exporter->settings.url,
        .headers = exporter->settings.headers,
        .body = exporter->batch.body.data,
        .body_bytes = exporter->batch.body.len,
        .timeout_ms = exporter->settings.timeout_ms,
        .answer_max_bytes = ANSWER_MAX_BYTES,
        .meanwhile = exporter->closed ? NULL : take_spans,
        .meanwhile_data = exporter,
        .meanwhile_fd = exporter->socket_fd,
    };
    enum barq_status status =
        bq_http_ask(exporter->client, &request, exporter->end_fd, &answer, &err);
    judge(exporter, status, &answer, &err);
    bq_buf_clear(&exporter->batch.body);
}

/* -- the loop -- */

static bool is_over(const struct exporter *exporter)
{
    struct pollfd end = {.fd = exporter->end_fd, .events = POLLIN};

    return poll(&end, 1, 0) > 0;
}

/* When something is to be sent; INT64_MAX: there is nothing. */
static int64_t next_ms(const struct exporter *exporter)
{
    const struct otlp_queue *queue = &exporter->queue;
    int64_t at_ms = exporter->due_ms;

    if (queue->count == 0) {
        return INT64_MAX;
    }
    if (exporter->closed || queue->count >= exporter->settings.batch_max) {
        at_ms = 0;
    }
    return at_ms > exporter->again_ms ? at_ms : exporter->again_ms;
}

static void wait_for(const struct exporter *exporter, int64_t until_ms)
{
    int64_t left_ms = until_ms - bq_mono_ms();
    struct pollfd fds[] = {
        {.fd = exporter->end_fd, .events = POLLIN},
        {.fd = exporter->socket_fd, .events = POLLIN},
    };

    left_ms = left_ms < 0 ? 0 : left_ms;
    (void)poll(fds, exporter->closed ? 1 : 2, left_ms < TELL_EACH_MS ? (int)left_ms : TELL_EACH_MS);
}

static void tell_dropped(struct exporter *exporter, int64_t now_ms)
{
    int64_t dropped = exporter->queue.dropped;

    if (dropped != exporter->told && now_ms >= exporter->tell_at_ms) {
        bq_warn("spans dropped", bq_int("spans", dropped - exporter->told),
                bq_int("in_all", dropped));
        exporter->told = dropped;
        exporter->tell_at_ms = now_ms + TELL_EACH_MS;
    }
}

static void run(struct exporter *exporter)
{
    while (!exporter->closed || (exporter->queue.count > 0 && !is_over(exporter))) {
        int64_t at_ms = next_ms(exporter);
        if (at_ms <= bq_mono_ms()) {
            send_batch(exporter);
        } else {
            wait_for(exporter, at_ms);
            (void)take_spans(exporter);
        }
        tell_dropped(exporter, bq_mono_ms());
    }
    exporter->queue.dropped += (int64_t)exporter->queue.count;
    tell_dropped(exporter, INT64_MAX - TELL_EACH_MS);
}

static void set_log_format(void)
{
    const char *name = getenv("BARQ_LOG_FORMAT");
    enum bq_log_format format;

    if (name && bq_log_format_of(name, &format)) {
        bq_log_set_format(format);
    }
}

int main(void)
{
    bq_auto(arena) struct barq_arena arena;
    struct exporter exporter = {.socket_fd = BQ_CHILD_SOCKET};
    struct pollfd socket = {.fd = BQ_CHILD_SOCKET, .events = POLLIN};
    struct barq_error err;

    bq_signals_leave_to_parent();
    set_log_format();
    bq_arena_init(&arena, SETTINGS_BYTES);
    otlp_queue_init(&exporter.queue);
    otlp_batch_init(&exporter.batch);
    exporter.end_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);
    if (poll(&socket, 1, 0) < 0 || (socket.revents & POLLNVAL) != 0 || exporter.end_fd < 0) {
        bq_error("barq-otlp has no socket: it is started by a worker only");
        return EXIT_USAGE;
    }
    if (otlp_settings_read(&arena, &exporter.settings, &err) != BARQ_OK ||
        bq_http_client_new(&exporter.client, &err) != BARQ_OK) {
        bq_error("spans cannot be exported", bq_str("error", err.text));
        return EXIT_USAGE;
    }
    run(&exporter);
    bq_http_client_free(exporter.client);
    otlp_batch_clear(&exporter.batch);
    otlp_queue_clear(&exporter.queue);
    return EXIT_SUCCESS;
}

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/time.h"
#include "dispatcher/dispatcher.h"

/* Copies them, and makes room for their shares; false when the arena is full. */
static bool take_queues(struct bq_dispatcher *dispatcher, const struct barq_worker_queue *queues,
                        size_t count)
{
    struct barq_arena *arena = &dispatcher->names;

    dispatcher->queues = bq_arena_array(arena, count, sizeof(*dispatcher->queues));
    dispatcher->shares = bq_arena_array(arena, count, sizeof(*dispatcher->shares));
    for (size_t i = 0; dispatcher->queues && dispatcher->shares && i < count; i++) {
        struct bq_weighted *queue = &dispatcher->queues[i];

        *queue = (struct bq_weighted){.name = bq_arena_strdup(arena, queues[i].name),
                                      .weight = queues[i].weight};
        if (!queue->name) {
            return false;
        }
        dispatcher->n_queues++;
    }
    return dispatcher->n_queues == count;
}

/* One without weights is told by its name alone. */
static char *tell_queues(struct bq_dispatcher *dispatcher)
{
    bq_auto(buf) struct bq_buf text;

    bq_buf_init(&text, BQ_FRAME_MAX_BYTES);
    for (size_t i = 0; i < dispatcher->n_queues; i++) {
        const struct bq_weighted *queue = &dispatcher->queues[i];

        bq_buf_printf(&text, "%s%s", i > 0 ? " " : "", queue->name);
        if (dispatcher->n_queues > 1) {
            bq_buf_printf(&text, ":%d", queue->weight);
        }
    }
    const char *told = bq_buf_cstr(&text);
    return told ? bq_arena_strdup(&dispatcher->names, told) : NULL;
}

enum barq_status bq_queues_learn(struct bq_dispatcher *dispatcher, const struct bq_ready *ready,
                                 struct barq_error *err)
{
    const struct barq_worker_queue usual = {.name = dispatcher->broker->ops->default_queue,
                                            .weight = 1};
    const struct barq_worker_queue *queues = &usual;
    size_t count = 1;

    if (dispatcher->options.n_queues > 0) {
        queues = dispatcher->options.queues;
        count = dispatcher->options.n_queues;
    } else if (ready->n_queues > 0) {
        queues = ready->queues;
        count = ready->n_queues;
    }
    if (take_queues(dispatcher, queues, count)) {
        dispatcher->queues_text = tell_queues(dispatcher);
    }
    return dispatcher->queues_text ? BARQ_OK
                                   : bq_fail(err, BARQ_ERR_NOMEM, "worker: out of memory");
}

enum barq_status bq_queues_join(struct bq_dispatcher *dispatcher, const struct bq_ready *ready,
                                struct barq_error *err)
{
    const char *queues[BQ_MAX_QUEUES];
    char host[128] = "";
    char name[192];

    (void)gethostname(host, sizeof(host) - 1);
    (void)snprintf(name, sizeof(name), "%s:%d", host, (int)getpid());
    for (size_t i = 0; i < dispatcher->n_queues; i++) {
        queues[i] = dispatcher->queues[i].name;
    }
    struct bq_worker_lease lease = {
        .queues = queues,
        .n_queues = dispatcher->n_queues,
        .queues_text = dispatcher->queues_text,
        .name = name,
        .lease_ms = dispatcher->options.lease_ms,
        .limits = ready->limits,
        .n_limits = ready->n_limits,
    };
    enum barq_status status =
        dispatcher->broker->ops->join(dispatcher->broker, &lease, BQ_EXCHANGE_TIMEOUT_MS, err);
    if (status != BARQ_OK) {
        return status;
    }
    dispatcher->renew_at_ms = bq_mono_ms() + dispatcher->options.lease_ms / 3;
    dispatcher->ask_lost_at_ms = bq_mono_ms() + BQ_POLL_MS;
    return bq_loop_add(&dispatcher->loop, &dispatcher->broker_watch,
                       dispatcher->broker->ops->fd(dispatcher->broker), EPOLLIN, err);
}

void bq_queues_deal(struct bq_dispatcher *dispatcher, struct bq_exchange *exchange)
{
    size_t count = dispatcher->n_queues;

    if (count < 2 || exchange->claim_max == 0) {
        return; /* all of it from the first */
    }
    bq_deal(dispatcher->queues, count, exchange->claim_max);
    for (size_t i = 0; i < count; i++) {
        const struct bq_weighted *queue = &dispatcher->queues[i];

        dispatcher->shares[queue->place] =
            (struct bq_share){.queue = queue->name, .max = queue->dealt};
    }
    exchange->shares = dispatcher->shares;
    exchange->n_shares = count;
}

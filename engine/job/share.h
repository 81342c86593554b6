/*
 * share.h - how a worker's attention is dealt among its queues: by smooth
 * weighted round robin, so that the weights hold over time however little is
 * dealt at once, and no queue starves.
 */
#ifndef BQ_JOB_SHARE_H
#define BQ_JOB_SHARE_H

#include <stddef.h>
#include <stdint.h>

#include <barq/worker.h>

#include "base/arena.h"
#include "base/error.h"

enum { BQ_MAX_QUEUES = 64, BQ_MAX_WEIGHT = 1000 };

struct bq_weighted {
    const char *name; /* borrowed */
    int weight;       /* 1 to BQ_MAX_WEIGHT */
    int64_t credit;   /* 0 at first; kept from one dealing to the next */
    size_t dealt;     /* of the last dealing */
    size_t
        place; /* who was dealt something first, is 0; who was dealt nothing, behind the others */
};

void bq_deal(struct bq_weighted *queues, size_t count, size_t max);

/*
 * Adds what "fast:3,slow" says to `queues`, of which there are `*count`: names, and weights, which
 * are 1 if not said. Names live in `arena`. BARQ_ERR_ARG says what is wrong.
 */
enum barq_status bq_queues_parse(struct barq_arena *arena, const char *text,
                                 struct barq_worker_queue queues[BQ_MAX_QUEUES], size_t *count,
                                 struct barq_error *err) BARQ_MUST_CHECK;
/* Are there 1 to BQ_MAX_QUEUES, each once, with a name and weight that can be? BARQ_ERR_ARG says what is wrong. */
enum barq_status bq_queues_check(const struct barq_worker_queue *queues, size_t count,
                                 struct barq_error *err) BARQ_MUST_CHECK;

#endif

/*
 * cron.h - the cron jobs of a worker, and how far they are. Each worker asks
 * for each run; the broker takes it once.
 *
 *     not asked ── the broker says since when ──▶ next_at_ms ── that is here: a tick ──▶ the next one
 */
#ifndef BQ_DISPATCHER_CRON_H
#define BQ_DISPATCHER_CRON_H

#include "broker/broker.h"
#include "job/message.h"

enum {
    BQ_CRON_TICKS_MAX = 100, /* in one exchange */
    BQ_CRON_RUNS_BYTES = 4 * 1024 * 1024,
};

struct bq_cron_state {
    struct bq_cron_job job; /* in the table's arena, as all here */
    struct bq_cron_meaning meaning;
    const char *queue;
    bool asked;         /* the broker has said since when runs are missing */
    bool starting;      /* its run at startup is still to be enqueued */
    int64_t next_at_ms; /* the first run that was not enqueued; INT64_MAX: there is none any more */
    int catch_up;       /* missed runs that may still be made up for */
    /* the last three, when the exchange under way has succeeded */
    bool starting_then;
    int64_t next_then_ms;
    int catch_up_then;
};

struct bq_crons {
    const struct bq_codec *codec; /* of their bytes */
    struct barq_arena arena;
    struct bq_cron_state *all;
    size_t count;
    size_t turn;        /* whose ticks come first in the next exchange */
    int64_t seen_at_ms; /* the wall clock when it was last looked at */
    struct bq_tick
        ticks[BQ_CRON_TICKS_MAX]; /* of the exchange under way; their jobs are in `runs` */
    struct bq_cron_state *states[BQ_CRON_TICKS_MAX]; /* whose they are, */
    bool forgotten;                                  /* unless these are others by now */
    struct barq_arena runs;
};

void bq_crons_init(struct bq_crons *crons);
void bq_crons_clear(struct bq_crons *crons);
/* From what an executor has said when it was ready; what was there before goes. Runs are written in JSON unless `codec`
 * was set before. */
enum barq_status bq_crons_learn(struct bq_crons *crons, const struct bq_ready *ready,
                                const char *first_queue, struct barq_error *err) BARQ_MUST_CHECK;
/* Puts what is due into an exchange. */
void bq_crons_add(struct bq_crons *crons, struct bq_exchange *exchange, int64_t wall_ms);
/* The exchange has succeeded. (One that has failed is as if it had not been.) */
void bq_crons_done(struct bq_crons *crons, const struct bq_exchange *exchange);
/* How long until something is due: not negative. */
int64_t bq_crons_wait_ms(const struct bq_crons *crons, int64_t wall_ms);
/* Is what belongs to the start done? */
bool bq_crons_started(const struct bq_crons *crons);

#endif

/*
 * states.h - what happens to an executor, and what it does to it.
 */
#ifndef BQ_EXECUTOR_STATES_H
#define BQ_EXECUTOR_STATES_H

#include "executor/executor.h"

enum bq_executor_event {
    BQ_EXECUTOR_SPAWNED,
    BQ_EXECUTOR_READY,    /* it can take jobs */
    BQ_EXECUTOR_ASSIGNED, /* a job was sent to it */
    BQ_EXECUTOR_DONE,     /* one job of it has ended */
    BQ_EXECUTOR_RETIRED,  /* it has nothing to do, and is to be replaced */
    BQ_EXECUTOR_OVERDUE,  /* past a deadline, misbehaved, or killed for another reason */
    BQ_EXECUTOR_SHUTDOWN, /* to be stopped in peace */
    BQ_EXECUTOR_CLOSED,   /* its end of the socket: it is about to end, or should be */
    BQ_EXECUTOR_EXITED,   /* reaped */
    BQ_EXECUTOR_EVENTS
};

/* False: this event makes no sense in this state, which is the child's fault: kill it. */
bool bq_executor_step(struct bq_executor *executor, enum bq_executor_event event);

#endif

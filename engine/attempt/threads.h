/*
 * threads.h - the thread that handlers run on, so that they never run on the
 * executor's loop.
 */
#ifndef BQ_ATTEMPT_THREADS_H
#define BQ_ATTEMPT_THREADS_H

#include "attempt/context.h"

/* Starts it: takes work from the desk of `place` until it is told to stop, then ends the process in peace. */
enum barq_status bq_thread_start(struct bq_workplace *place, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif

/*
 * threads.h - the threads that handlers run on, so that they never run on the
 * executor's loop.
 */
#ifndef BQ_ATTEMPT_THREADS_H
#define BQ_ATTEMPT_THREADS_H

#include "attempt/context.h"

/*
 * Starts one for each place. They take work from the desk until they are told to stop; the last one to end runs
 * on_shutdown and ends the process in peace. BARQ_ERR_IO etc.: some may have been started, end the process.
 */
enum barq_status bq_threads_start(struct bq_workplace *places, int count, struct barq_error *err)
    BARQ_MUST_CHECK;

#endif

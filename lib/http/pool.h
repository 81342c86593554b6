/*
 * pool.h - the threads of a server: work goes to them, calls for the most part, and comes back done.
 * The loop and its threads share nothing but this.
 */
#ifndef BQ_HTTP_POOL_H
#define BQ_HTTP_POOL_H

#include <pthread.h>
#include <stdbool.h>

#include "http/server.h"

enum { BQ_HTTP_MAX_THREADS = 64 };

struct bq_http_pool {
    pthread_t threads[BQ_HTTP_MAX_THREADS];
    int n_threads;
    int done_fd; /* eventfd: something has come back */

    pthread_mutex_t lock; /* over the rest */
    pthread_cond_t ready;
    struct bq_list waiting;
    struct bq_list done;
    int started; /* gives each thread its number */
    bool stopping;
};

/* Without threads yet. After a failure, too, bq_http_pool_clear() must follow. */
enum barq_status bq_http_pool_init(struct bq_http_pool *pool, struct barq_error *err)
    BARQ_MUST_CHECK;
void bq_http_pool_clear(struct bq_http_pool *pool); /* after bq_http_pool_stop() */

enum barq_status bq_http_pool_start(struct bq_http_pool *pool, int threads, struct barq_error *err)
    BARQ_MUST_CHECK;
/* What is under way ends; what waits is not begun. */
void bq_http_pool_stop(struct bq_http_pool *pool);

void bq_http_pool_give(struct bq_http_pool *pool, struct bq_http_work *work);
/* The next that has come back, or that no thread has begun; NULL: none. */
struct bq_http_work *bq_http_pool_take_done(struct bq_http_pool *pool);
struct bq_http_work *bq_http_pool_take_waiting(struct bq_http_pool *pool);

#endif

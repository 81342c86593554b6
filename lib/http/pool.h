/*
 * pool.h - the threads that run a server's handlers: calls go to them, and
 * come back answered. The loop and its threads share nothing but this.
 */
#ifndef BQ_HTTP_POOL_H
#define BQ_HTTP_POOL_H

#include <pthread.h>
#include <stdbool.h>

#include "http/call.h"

enum { BQ_HTTP_MAX_THREADS = 64 };

struct bq_http_pool {
    pthread_t threads[BQ_HTTP_MAX_THREADS];
    int n_threads;
    bq_http_handler *handle;
    int done_fd; /* eventfd: something has come back */

    pthread_mutex_t lock; /* over the rest */
    pthread_cond_t ready;
    struct bq_list waiting; /* no longer than there are connections */
    struct bq_list done;
    int started; /* gives each thread its number */
    bool stopping;
};

/* Without threads yet. After a failure, too, bq_http_pool_clear() must follow. */
enum barq_status bq_http_pool_init(struct bq_http_pool *pool, struct barq_error *err)
    BARQ_MUST_CHECK;
void bq_http_pool_clear(struct bq_http_pool *pool); /* after bq_http_pool_stop() */

enum barq_status bq_http_pool_start(struct bq_http_pool *pool,
                                    const struct bq_http_server_options *options,
                                    struct barq_error *err) BARQ_MUST_CHECK;
/* Handlers under way end; what waits is not begun. */
void bq_http_pool_stop(struct bq_http_pool *pool);

void bq_http_pool_give(struct bq_http_pool *pool, struct bq_http_exchange *exchange);
/* The next that has come back, or that no thread has begun; NULL: none. */
struct bq_http_exchange *bq_http_pool_take_done(struct bq_http_pool *pool);
struct bq_http_exchange *bq_http_pool_take_waiting(struct bq_http_pool *pool);

#endif

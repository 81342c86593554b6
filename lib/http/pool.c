#include "http/pool.h"

#include <assert.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"

enum barq_status bq_http_pool_init(struct bq_http_pool *pool, struct barq_error *err)
{
    bq_list_init(&pool->waiting);
    bq_list_init(&pool->done);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->ready, NULL);
    pool->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return pool->done_fd >= 0 ? BARQ_OK : bq_fail_errno(err, "http: no eventfd");
}

void bq_http_pool_clear(struct bq_http_pool *pool)
{
    if (pool->done_fd >= 0) {
        close(pool->done_fd);
    }
    pthread_cond_destroy(&pool->ready);
    pthread_mutex_destroy(&pool->lock);
}

static void *run_work(void *arg)
{
    struct bq_http_pool *pool = arg;
    uint64_t one = 1;

    pthread_mutex_lock(&pool->lock);
    int number = pool->started++;
    for (;;) {
        while (!pool->stopping && bq_list_empty(&pool->waiting)) {
            pthread_cond_wait(&pool->ready, &pool->lock);
        }
        if (pool->stopping) {
            break;
        }
        struct bq_http_work *work =
            bq_list_owner(bq_list_shift(&pool->waiting), struct bq_http_work, link);
        pthread_mutex_unlock(&pool->lock);
        work->run(work, number);
        pthread_mutex_lock(&pool->lock);
        bq_list_add(&pool->done, &work->link);
        ssize_t put = write(pool->done_fd, &one, sizeof(one));
        assert(put == sizeof(one));
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Threads get no signals: those are for the loop. */
enum barq_status bq_http_pool_start(struct bq_http_pool *pool, int threads, struct barq_error *err)
{
    sigset_t all;
    sigset_t before;
    int failed = 0;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (!failed && pool->n_threads < threads) {
        failed = pthread_create(&pool->threads[pool->n_threads], NULL, run_work, pool);
        pool->n_threads += !failed;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed ? bq_fail(err, BARQ_ERR_IO, "http: start a thread: %s", strerror(failed))
                  : BARQ_OK;
}

void bq_http_pool_stop(struct bq_http_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->ready);
    pthread_mutex_unlock(&pool->lock);
    while (pool->n_threads > 0) {
        pthread_join(pool->threads[--pool->n_threads], NULL);
    }
}

void bq_http_pool_give(struct bq_http_pool *pool, struct bq_http_work *work)
{
    pthread_mutex_lock(&pool->lock);
    bq_list_add(&pool->waiting, &work->link);
    pthread_cond_signal(&pool->ready);
    pthread_mutex_unlock(&pool->lock);
}

static struct bq_http_work *take_from(struct bq_http_pool *pool, struct bq_list *list)
{
    pthread_mutex_lock(&pool->lock);
    struct bq_list *link = bq_list_shift(list);
    pthread_mutex_unlock(&pool->lock);
    return link ? bq_list_owner(link, struct bq_http_work, link) : NULL;
}

struct bq_http_work *bq_http_pool_take_done(struct bq_http_pool *pool)
{
    return take_from(pool, &pool->done);
}

struct bq_http_work *bq_http_pool_take_waiting(struct bq_http_pool *pool)
{
    return take_from(pool, &pool->waiting);
}

#include "broker/sqlite/writer.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/time.h"

/* Waits for mail; false when the thread is to end. */
static bool wait_for_mail(struct queue_writer *writer, int64_t *ahead_ms)
{
    pthread_mutex_lock(&writer->mutex);
    while (writer->mail != MAIL_GIVEN && !writer->stop) {
        pthread_cond_wait(&writer->mail_came, &writer->mutex);
    }
    bool some = writer->mail == MAIL_GIVEN;
    if (some) {
        writer->mail = MAIL_RUNNING;
        *ahead_ms = writer->ahead_ms;
    }
    pthread_mutex_unlock(&writer->mutex);
    return some;
}

static void *run(void *arg)
{
    struct queue_writer *writer = arg;
    int64_t ahead_ms = 0;

    while (wait_for_mail(writer, &ahead_ms)) {
        bq_queue_exchange(writer->worker, writer->exchange, bq_wall_ms() + ahead_ms);

        pthread_mutex_lock(&writer->mutex);
        writer->mail = MAIL_DONE;
        pthread_mutex_unlock(&writer->mutex);
        (void)!write(writer->event_fd, &(uint64_t){1}, sizeof(uint64_t));
    }
    return NULL;
}

/* Signals are the loop's. */
static int start_thread(struct queue_writer *writer)
{
    sigset_t all;
    sigset_t before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&writer->thread, NULL, run, writer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

enum barq_status bq_writer_start(struct queue_writer *writer, struct queue_worker *worker,
                                 struct barq_error *err)
{
    *writer = (struct queue_writer){.worker = worker, .event_fd = -1};
    int event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (event_fd < 0) {
        return bq_fail_errno(err, "sqlite: eventfd");
    }

    pthread_mutex_init(&writer->mutex, NULL);
    pthread_cond_init(&writer->mail_came, NULL);
    writer->event_fd = event_fd;
    int failed = start_thread(writer);
    if (failed) {
        errno = failed;
        enum barq_status status = bq_fail_errno(err, "sqlite: start the writer");
        bq_writer_stop(writer);
        return status;
    }
    writer->started = true;
    return BARQ_OK;
}

void bq_writer_stop(struct queue_writer *writer)
{
    if (writer->event_fd < 0) {
        return;
    }
    if (writer->started) {
        pthread_mutex_lock(&writer->mutex);
        writer->stop = true;
        pthread_cond_signal(&writer->mail_came);
        pthread_mutex_unlock(&writer->mutex);
        pthread_join(writer->thread, NULL);
    }
    pthread_cond_destroy(&writer->mail_came);
    pthread_mutex_destroy(&writer->mutex);
    close(writer->event_fd);
    *writer = (struct queue_writer){.event_fd = -1};
}

void bq_writer_give(struct queue_writer *writer, struct bq_exchange *exchange, int64_t ahead_ms)
{
    pthread_mutex_lock(&writer->mutex);
    assert(writer->mail == MAIL_NONE);
    writer->mail = MAIL_GIVEN;
    writer->exchange = exchange;
    writer->ahead_ms = ahead_ms;
    pthread_mutex_unlock(&writer->mutex);
    /* Not before: the thread would wake only to wait for the mutex. */
    pthread_cond_signal(&writer->mail_came);
}

struct bq_exchange *bq_writer_take(struct queue_writer *writer)
{
    struct bq_exchange *done = NULL;
    uint64_t rings;

    (void)!read(writer->event_fd, &rings, sizeof(rings));
    pthread_mutex_lock(&writer->mutex);
    if (writer->mail == MAIL_DONE) {
        writer->mail = MAIL_NONE;
        done = bq_take(writer->exchange);
    }
    pthread_mutex_unlock(&writer->mutex);
    return done;
}

/*
 * writer.h - the thread that runs a worker's exchanges, so that no fsync stops
 * the dispatcher.
 *
 * It shares one mailbox with the loop, which holds one exchange, under one
 * mutex. Between give and take the exchange is the thread's, as is the
 * queue_worker from start to stop.
 */
#ifndef BQ_BROKER_SQLITE_WRITER_H
#define BQ_BROKER_SQLITE_WRITER_H

#include <pthread.h>

#include "broker/sqlite/exchange.h"

enum writer_mail { MAIL_NONE, MAIL_GIVEN, MAIL_RUNNING, MAIL_DONE };

struct queue_writer {
    pthread_t thread;
    bool started;
    int event_fd;                /* owned; readable when an exchange is done; -1: none */
    struct queue_worker *worker; /* borrowed */

    pthread_mutex_t mutex; /* over what follows */
    pthread_cond_t mail_came;
    enum writer_mail mail;
    struct bq_exchange *exchange; /* borrowed */
    int64_t ahead_ms;             /* of the clock, see bq_sqlite_advance() */
    bool stop;
};

enum barq_status bq_writer_start(struct queue_writer *writer, struct queue_worker *worker,
                                 struct barq_error *err) BARQ_MUST_CHECK;
/* Waits for the end of the exchange that is under way, if any. Takes one that was never started. */
void bq_writer_stop(struct queue_writer *writer);

/* None may be under way. */
void bq_writer_give(struct queue_writer *writer, struct bq_exchange *exchange, int64_t ahead_ms);
/* The one that is done, or NULL. */
struct bq_exchange *bq_writer_take(struct queue_writer *writer);

#endif

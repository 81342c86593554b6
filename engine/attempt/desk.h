/*
 * desk.h - between an executor's loop and its handler thread: one bounded
 * mailbox under one mutex, the only thing that they share.
 *
 * The loop puts in what the dispatcher said; the thread takes it, and puts
 * what it has to say into the outgoing buffer. A cancel is a flag and an
 * eventfd.
 */
#ifndef BQ_ATTEMPT_DESK_H
#define BQ_ATTEMPT_DESK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "job/message.h"

struct barq_session;

struct bq_desk {
    pthread_mutex_t mutex;
    pthread_cond_t to_thread;
    int bell_fd;       /* owned eventfd: the thread has something for the loop */
    int cancel_fd;     /* owned eventfd: readable while canceled */
    atomic_int cancel; /* enum bq_cancel_reason of the attempt under way */

    /* under the mutex */
    struct bq_buf work;           /* the frame that the thread is to take next: its body */
    uint8_t work_type;            /* 0: none; BQ_MSG_RUN, SWEEP, PRUNE */
    bool stop;                    /* nothing is given any more */
    uint8_t reply_type;           /* 0: none; BQ_MSG_RELAYED, HELD */
    int64_t reply_count;          /* of HELD */
    int64_t attempt;              /* under way; 0: none */
    bool deaf;                    /* no cancel is heard until something is given */
    struct bq_buf out;            /* frames to send: u8 type, block body, ... */
    bool eager;                   /* the loop doesn't look any more: whatever is posted rings */
    uint64_t posted;              /* frames ever put into out */
    uint64_t sent;                /* of them, given to the socket */
    bool flushing;                /* the thread waits for that */
    struct barq_session *session; /* of the attempt under way, to be cancelled; borrowed */
};

enum barq_status bq_desk_init(struct bq_desk *desk, size_t limit, struct barq_error *err)
    BARQ_MUST_CHECK;
void bq_desk_clear(struct bq_desk *desk);

/* -- the loop's side -- */

/*
 * Gives the thread something to do; from now on replies and cancels of `attempt` are its. False: it hasn't taken
 * the last one yet, or memory is out.
 */
bool bq_desk_give(struct bq_desk *desk, uint8_t type, int64_t attempt, const char *body,
                  size_t len);
/* The thread is to end once it has done what it was given; whatever it waits for still comes. */
void bq_desk_stop(struct bq_desk *desk);
void bq_desk_reply(struct bq_desk *desk, uint8_t type, int64_t attempt, int64_t count);
void bq_desk_cancel(struct bq_desk *desk, int64_t attempt, enum bq_cancel_reason reason);
/* Takes what is to be sent: swaps it into `out`, which must be empty. */
void bq_desk_collect(struct bq_desk *desk, struct bq_buf *out);
/* What was collected is on its way. */
void bq_desk_sent(struct bq_desk *desk);

/* -- the thread's side -- */

/* Waits for work: its type; the body is copied into `body`. BQ_MSG_STOP: there will be none. */
uint8_t bq_desk_take(struct bq_desk *desk, struct bq_buf *body);
/* From now on a cancel reaches this session, too; NULL: none. */
void bq_desk_session(struct bq_desk *desk, struct barq_session *session);
/* Forgets a cancel, and hears none until the next work: what follows is the engine's own, or on_job_failure. */
void bq_desk_uncancel(struct bq_desk *desk);

/* Says something: `body` is the frame's. `ring`: the loop is to send it now, otherwise it will within milliseconds. */
void bq_desk_post(struct bq_desk *desk, enum bq_message type, const struct bq_buf *body, bool ring);
/* Waits until all that was posted has been given to the socket. */
void bq_desk_flush(struct bq_desk *desk);
/* Waits for the reply of this type to the attempt under way; returns its count. */
int64_t bq_desk_await(struct bq_desk *desk, uint8_t type);

#endif

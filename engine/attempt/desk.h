/*
 * desk.h - between an executor's loop and its handler threads: one bounded
 * mailbox under one mutex, the only thing that they share.
 *
 * The loop puts in what the dispatcher said; a thread takes it to its seat,
 * and what it has to say goes into the socket. An outcome is in the socket
 * before its thread takes anything else: of what the dispatcher has sent, and
 * heard no outcome of, at most the first `n_seats` can have been begun.
 *
 * A cancel is a flag and an eventfd, of each seat.
 */
#ifndef BQ_ATTEMPT_DESK_H
#define BQ_ATTEMPT_DESK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "job/message.h"
#include "os/frame.h"

struct barq_session;

enum { BQ_PROGRESS_EACH_MS = 100 }; /* no more often is told how far an attempt is */

/* One handler thread's part of it. */
struct bq_seat {
    struct bq_desk *desk; /* borrowed */
    int cancel_fd;        /* owned eventfd: readable while canceled */
    bool prints;          /* an attempt on it has; its thread's alone */
    atomic_int cancel;    /* enum bq_cancel_reason of the attempt under way */
    pthread_cond_t reply_came;

    /* under the desk's mutex */
    int64_t attempt;              /* under way; 0: none */
    int64_t taken_us;             /* when it was taken, */
    int64_t took_us;              /* and how long it took */
    bool deaf;                    /* no cancel is heard until something is taken */
    uint8_t reply_type;           /* 0: none; BQ_MSG_RELAYED, HELD, ACKED */
    int64_t reply_count;          /* what came with it */
    struct barq_session *session; /* of the attempt under way, to be cancelled; borrowed */
    struct bq_progress progress;  /* as it was said last; its note is `note` */
    char note[BARQ_NOTE_MAX_BYTES + 1];
    bool untold;        /* the dispatcher does not know it yet */
    int64_t told_at_ms; /* when it was told something, last; 0: never */
};

/* Who is told instead of a dispatcher; on the thread that says it. A reply may come from within. */
typedef void bq_desk_listener(void *data, uint8_t type, const struct bq_buf *body);

struct bq_desk {
    pthread_mutex_t mutex;
    pthread_cond_t work_came;
    struct bq_seat *seats; /* owned */
    int n_seats;
    _Atomic(void *) state;      /* what on_startup left, shared by the handlers */
    bq_desk_listener *listener; /* NULL: what is said goes into the socket */
    void *listener_data;        /* borrowed */
    int output_fd; /* owned: what stdout and stderr were at first, a pipe to the dispatcher; -1: none */
    int64_t output_key; /* of the marks that are set there: what is printed can have none */
    int bell_fd;        /* owned eventfd: progress is untold, the loop is to look soon */

    /* under the mutex */
    struct bq_buf work;     /* to be taken, in order: u8 type, u8 cancel, i64 attempt, block body */
    size_t work_taken;      /* bytes of `work` that are gone */
    uint64_t taken;         /* how often something was; */
    uint64_t taken_at_look; /* how often by the last look */
    int idle;               /* threads that wait for work */
    int woken;              /* of them, were told that there is some */
    int ended;              /* threads that will take none any more */
    int quick;              /* above 0: most attempts are quickly done */
    bool stop;              /* nothing is given any more */
    struct bq_channel out;  /* the writing half of the socket */
    bool eager;             /* the loop doesn't look any more: whatever is posted is sent */
};

/* `fd`: the socket, borrowed. No frame is larger than `limit`. */
enum barq_status bq_desk_init(struct bq_desk *desk, int fd, size_t limit, int n_seats,
                              struct barq_error *err) BARQ_MUST_CHECK;
void bq_desk_clear(struct bq_desk *desk);

/* -- the loop's side -- */

/* Something to do, for the next thread that is free. False: memory is out, or more than ever fits. */
bool bq_desk_give(struct bq_desk *desk, uint8_t type, int64_t attempt, const char *body,
                  size_t len);
/* Takes back what no thread has taken, and says so: BQ_MSG_RETURNED. */
void bq_desk_recall(struct bq_desk *desk);
/* The threads are to end once everything given is done; whatever they wait for still comes. */
void bq_desk_stop(struct bq_desk *desk);
void bq_desk_reply(struct bq_desk *desk, uint8_t type, int64_t attempt, int64_t count);
/* Also of an attempt that nobody has taken yet. */
void bq_desk_cancel(struct bq_desk *desk, int64_t attempt, enum bq_cancel_reason reason);
/* The bell has rung: look in BQ_PROGRESS_EACH_MS. */
void bq_desk_heard(struct bq_desk *desk);
/*
 * Some milliseconds after something was given: sends what was not worth a write of its own, and wakes who could help
 * if nothing was taken since the last look. From now on everything is sent at once, until something is given. True:
 * look again, since something still lies there.
 */
bool bq_desk_look(struct bq_desk *desk);

/* -- the threads' side -- */

/* Waits for work: its type; the body is copied into `body`. BQ_MSG_STOP: there will be none. */
uint8_t bq_desk_take(struct bq_seat *seat, struct bq_buf *body);
/* How long the attempt under way has taken: by what was said last others are judged. */
int64_t bq_desk_took_us(struct bq_seat *seat);
/* Takes nothing any more. True for the last thread that says so. */
bool bq_desk_leave(struct bq_desk *desk);
/* From now on a cancel reaches this session, too; NULL: none. */
void bq_desk_session(struct bq_seat *seat, struct barq_session *session);
/* Forgets a cancel, and hears none until the next work: what follows is the engine's own, or on_job_failure. */
void bq_desk_uncancel(struct bq_seat *seat);

/* Says something: `body` is the frame's. `now`: it is in the socket when this returns; else it will be in a moment. */
void bq_desk_post(struct bq_desk *desk, enum bq_message type, const struct bq_buf *body, bool now);
/* How far the attempt under way is; told now, or in a moment together with what is said of it until then. */
void bq_desk_progress(struct bq_seat *seat, int64_t done, int64_t total, const char *note);
/* No more will be said: what is untold goes before what is posted next. */
void bq_desk_tell(struct bq_seat *seat);
/* Waits for the reply of this type to the attempt under way; returns its count. */
int64_t bq_desk_await(struct bq_seat *seat, uint8_t type);

#endif

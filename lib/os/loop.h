/*
 * loop.h - one thread that waits for many descriptors (epoll).
 *
 * Watches live in their owners; a loop keeps no list of them. A loop has no
 * timers: its owner knows its next deadline and gives it to bq_loop_wait().
 */
#ifndef BQ_OS_LOOP_H
#define BQ_OS_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct bq_watch;
/* `events` as EPOLLIN, EPOLLOUT, EPOLLHUP, ... */
typedef void bq_watch_ready(struct bq_watch *watch, uint32_t events);

struct bq_watch {
    int fd; /* borrowed; -1 while not watched */
    uint32_t events;
    bq_watch_ready *ready;
};

struct bq_loop {
    int fd;                     /* owned */
    struct bq_watch *batch[64]; /* of the wait under way; a watch that is removed leaves a NULL */
    int batch_len;
};

enum barq_status bq_loop_init(struct bq_loop *loop, struct barq_error *err) BARQ_MUST_CHECK;
void bq_loop_clear(struct bq_loop *loop);

/* `watch->ready` is set by the owner before. Level-triggered. */
enum barq_status bq_loop_add(struct bq_loop *loop, struct bq_watch *watch, int fd, uint32_t events,
                             struct barq_error *err) BARQ_MUST_CHECK;
/* Other events for a watched descriptor; nothing is done when they are the same. */
void bq_loop_change(struct bq_loop *loop, struct bq_watch *watch, uint32_t events);
/* Also from within a callback, for any watch: it will not be called any more. Takes one not watched. */
void bq_loop_remove(struct bq_loop *loop, struct bq_watch *watch);

/* Waits until something is ready or `timeout_ms` is over (-1: for ever), and calls what is ready. */
void bq_loop_wait(struct bq_loop *loop, int64_t timeout_ms);

#endif

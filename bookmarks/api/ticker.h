/*
 * ticker.h - new events, read once for all who listen.
 *
 * While somebody listens, the events table is asked for what is new, four times a second, on one of the
 * server's threads; what there is goes into a ring, and from there to each client by its own filter,
 * as fast as that takes it. So many clients cost what one does. Nobody listens: nothing is asked.
 *
 * A client that is behind the ring, because it was away for long or reads slowly, is not caught up
 * here: its stream ends, it comes again by itself with the number that it has seen, and the handler
 * (events.c) gives it the first page of what it has missed.
 *
 * All of it is the loop's, but for what `run` does on its thread.
 */
#ifndef BM_API_TICKER_H
#define BM_API_TICKER_H

#include "api/api.h"
#include "http/stream.h"
#include "store/events.h"
#include "store/id.h"

enum {
    BM_TICKER_RING = 1024, /* events that are kept for those who listen */
    BM_TICKER_PAGE = 500,  /* that are read at a time */
    BM_TICKER_POLL_MS = 250,
    BM_TICKER_BEAT_MS = 15000, /* a line for everybody, so that who has gone is noticed */
};

/* "id: 7\nevent: run.started\ndata: {...}\n\n"; NULL when `arena` is full. */
const char *bm_event_text(const struct bm_event *event, struct barq_arena *arena);

struct bm_ticker;

/* Who listens; in the arena of its call. */
struct bm_tab {
    struct bq_http_stream stream; /* first */
    struct bm_ticker *ticker;
    const char *list_id, *run_id; /* NULL: any */
    int64_t seen;                 /* the number of the last event that it has, or did not ask for */
    const char *first;            /* what it is sent first */
    size_t n_first;
    bool behind; /* there is more to catch up than that */

    /* The ticker's. */
    struct bq_list link;
    size_t sent; /* of the first, or of the event after `seen` */
    bool beat;   /* it is to be sent a line */
};
/* Makes the stream of a tab, whose members above are set. */
void bm_tab_init(struct bm_tab *tab);

struct bm_ticker_event {
    int64_t seq;
    char list_id[BM_ID_BYTES], run_id[BM_ID_BYTES]; /* "": none */
    char *text;                                     /* owned */
    size_t len;
};

struct bm_ticker {
    struct bq_http_work work; /* first */
    struct bm_api *api;
    struct bq_list tabs;
    struct bm_ticker_event
        ring[BM_TICKER_RING]; /* the event of number n is at n % BM_TICKER_RING */
    int64_t first, last;      /* numbers of those that are in it; first > last: none */
    int64_t poll_ms, beat_ms; /* when, by bq_mono_ms() */
    bool working;
    bool stale; /* what is being read is for those who have gone */

    /* The work's own, while it is under way. */
    int64_t after;
    struct barq_arena arena;
    const struct bm_event *events;
    size_t count;
    enum barq_status status;
};

/* It is large: make it on the heap, once. */
void bm_ticker_init(struct bm_ticker *ticker, struct bm_api *api);
/* After the server was closed. */
void bm_ticker_clear(struct bm_ticker *ticker);
/* Does what is due; after bq_http_server_turn(). How many ms until the next time, -1: for ever. */
int64_t bm_ticker_turn(struct bm_ticker *ticker, struct bq_http_server *server);

#endif

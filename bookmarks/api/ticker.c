#include "api/ticker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/run_json.h"
#include "base/log.h"
#include "base/time.h"

enum { ARENA_BYTES = 64 * 1024 * 1024 };

const char *bm_event_text(const struct bm_event *event, struct barq_arena *arena)
{
    const char *json = NULL;

    if (barq_to_json(arena, bm_event_json(event, arena), &json, NULL, NULL) != BARQ_OK) {
        return NULL;
    }
    return bq_arena_format(arena, "id: %lld\nevent: %s\ndata: %s\n\n", (long long)event->seq,
                           event->kind, json);
}

/* -- the ring -- */

static struct bm_ticker_event *at(struct bm_ticker *ticker, int64_t seq)
{
    return &ticker->ring[seq % BM_TICKER_RING];
}

/* Nothing is known but that `seq` has been seen. */
static void start_at(struct bm_ticker *ticker, int64_t seq)
{
    for (size_t i = 0; i < BM_TICKER_RING; i++) {
        free(ticker->ring[i].text);
        ticker->ring[i].text = NULL;
    }
    ticker->first = seq + 1;
    ticker->last = seq;
    ticker->stale = ticker->working;
    ticker->poll_ms = 0;
    ticker->beat_ms = bq_mono_ms() + BM_TICKER_BEAT_MS;
}

static bool keep(struct bm_ticker *ticker, const struct bm_event *event)
{
    struct bm_ticker_event *slot = at(ticker, event->seq);
    const char *text = bm_event_text(event, &ticker->arena);
    char *copy = text ? strdup(text) : NULL;
    if (!copy) {
        return false;
    }

    free(slot->text);
    *slot = (struct bm_ticker_event){.seq = event->seq, .text = copy, .len = strlen(copy)};
    (void)snprintf(slot->list_id, BM_ID_BYTES, "%s", event->list_id ? event->list_id : "");
    (void)snprintf(slot->run_id, BM_ID_BYTES, "%s", event->run_id ? event->run_id : "");
    if (event->seq !=
        ticker->last + 1) { /* what is between was pruned, or there was no memory for it */
        ticker->first = event->seq;
    }
    ticker->last = event->seq;
    if (ticker->last - ticker->first >= BM_TICKER_RING) {
        ticker->first = ticker->last - BM_TICKER_RING + 1;
    }
    return true;
}

/* -- those who listen -- */

static const char beat[] = ":\n\n";

static bool wants(const struct bm_tab *tab, const struct bm_ticker_event *event)
{
    return (!tab->list_id || strcmp(tab->list_id, event->list_id) == 0) &&
           (!tab->run_id || strcmp(tab->run_id, event->run_id) == 0);
}

/* As much of a text as there is room for; true when that was the rest of it. */
static bool put(struct bm_tab *tab, const char *text, size_t len, char *out, size_t room,
                size_t *put_len)
{
    size_t left = len - tab->sent;
    size_t part = left < room - *put_len ? left : room - *put_len;

    memcpy(out + *put_len, text + tab->sent, part);
    *put_len += part;
    tab->sent = part < left ? tab->sent + part : 0;
    return part == left;
}

/* Events from the ring, as many as there is room for. */
static size_t put_events(struct bm_tab *tab, char *out, size_t room)
{
    struct bm_ticker *ticker = tab->ticker;
    size_t len = 0;

    while (tab->seen < ticker->last && len < room) {
        const struct bm_ticker_event *event = at(ticker, tab->seen + 1);
        if (wants(tab, event) && !put(tab, event->text, event->len, out, room, &len)) {
            break;
        }
        tab->seen = event->seq;
    }
    return len;
}

static ssize_t read_tab(struct bq_http_stream *stream, char *out, size_t room)
{
    struct bm_tab *tab = (struct bm_tab *)(void *)stream;
    struct bm_ticker *ticker = tab->ticker;
    size_t len = 0;

    if (bq_list_empty(&tab->link)) {
        if (bq_list_empty(&ticker->tabs)) {
            start_at(ticker, tab->seen);
        }
        bq_list_add(&ticker->tabs, &tab->link);
    }
    if (tab->first) {
        if (put(tab, tab->first, tab->n_first, out, room, &len)) {
            tab->first = NULL;
        }
        return (ssize_t)len;
    }
    if (tab->behind || tab->seen + 1 < ticker->first) {
        return BQ_HTTP_STREAM_OVER;
    }
    len = put_events(tab, out, room);
    if (len == 0 && tab->beat) {
        put(tab, beat, sizeof(beat) - 1, out, room, &len);
    }
    tab->beat = false;
    return (ssize_t)len;
}

static void forget_tab(struct bq_http_stream *stream)
{
    bq_list_remove(&((struct bm_tab *)(void *)stream)->link);
}

void bm_tab_init(struct bm_tab *tab)
{
    tab->stream.read = read_tab;
    tab->stream.end = forget_tab;
    bq_list_init(&tab->link);
}

static void wake_all(struct bm_ticker *ticker, bool with_beat)
{
    bq_list_each (link, &ticker->tabs) {
        struct bm_tab *tab = bq_list_owner(link, struct bm_tab, link);
        tab->beat |= with_beat;
        bq_http_stream_wake(&tab->stream);
    }
}

/* -- reading -- */

/* On a thread, in its session. */
static void read_new(struct bq_http_work *work, int thread)
{
    struct bm_ticker *ticker = (struct bm_ticker *)(void *)work;
    struct barq_session **own = &ticker->api->sessions[thread];
    const struct bm_event_filter filter = {.after = ticker->after};
    struct barq_error err = {0};

    enum barq_status status = *own ? BARQ_OK : bm_store_open(own, &err);
    if (status == BARQ_OK) {
        status = barq_session_begin(*own, false, &err);
    }
    if (status == BARQ_OK) {
        status = bm_events(*own, &filter, BM_TICKER_PAGE, &ticker->arena, &ticker->events,
                           &ticker->count, &err);
        barq_session_rollback(*own);
    }
    ticker->status = status;
    if (status != BARQ_OK) {
        bq_error("events cannot be read", bq_str("error", err.text));
        barq_session_close(*own);
        *own = NULL;
    }
}

/* On the loop. */
static void take_new(struct bq_http_work *work)
{
    struct bm_ticker *ticker = (struct bm_ticker *)(void *)work;
    bool good = ticker->status == BARQ_OK && !ticker->stale;

    for (size_t i = 0; good && i < ticker->count; i++) {
        good = keep(ticker, &ticker->events[i]);
    }
    if (good && ticker->count > 0) {
        wake_all(ticker, false);
    }
    if (ticker->count == BM_TICKER_PAGE) {
        ticker->poll_ms = 0; /* there is more */
    }
    bq_arena_reset(&ticker->arena);
    ticker->count = 0;
    ticker->stale = false;
    ticker->working = false;
}

int64_t bm_ticker_turn(struct bm_ticker *ticker, struct bq_http_server *server)
{
    int64_t now_ms = bq_mono_ms();
    if (bq_list_empty(&ticker->tabs)) {
        return -1;
    }

    if (!ticker->working && now_ms >= ticker->poll_ms) {
        ticker->working = true;
        ticker->after = ticker->last;
        ticker->poll_ms = now_ms + BM_TICKER_POLL_MS;
        bq_http_server_do(server, &ticker->work);
    }
    if (now_ms >= ticker->beat_ms) {
        ticker->beat_ms = now_ms + BM_TICKER_BEAT_MS;
        wake_all(ticker, true);
        return 0;
    }
    int64_t next_ms = ticker->poll_ms < ticker->beat_ms ? ticker->poll_ms : ticker->beat_ms;
    if (ticker->working) { /* its end wakes the loop */
        next_ms = ticker->beat_ms;
    }
    return next_ms > now_ms ? next_ms - now_ms : 0;
}

void bm_ticker_init(struct bm_ticker *ticker, struct bm_api *api)
{
    *ticker = (struct bm_ticker){.api = api, .first = 1};
    ticker->work.run = read_new;
    ticker->work.done = take_new;
    bq_list_init(&ticker->tabs);
    bq_arena_init(&ticker->arena, ARENA_BYTES);
}

void bm_ticker_clear(struct bm_ticker *ticker)
{
    start_at(ticker, 0);
    bq_arena_clear(&ticker->arena);
}

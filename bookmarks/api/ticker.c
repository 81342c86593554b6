#include "api/feed.h"

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

static struct bm_feed_event *at(struct bm_feed *feed, int64_t seq)
{
    return &feed->ring[seq % BM_FEED_RING];
}

/* Nothing is known but that `seq` has been seen. */
static void start_at(struct bm_feed *feed, int64_t seq)
{
    for (size_t i = 0; i < BM_FEED_RING; i++) {
        free(feed->ring[i].text);
        feed->ring[i].text = NULL;
    }
    feed->first = seq + 1;
    feed->last = seq;
    feed->stale = feed->working;
    feed->poll_ms = 0;
    feed->beat_ms = bq_mono_ms() + BM_FEED_BEAT_MS;
}

static bool keep(struct bm_feed *feed, const struct bm_event *event)
{
    struct bm_feed_event *slot = at(feed, event->seq);
    const char *text = bm_event_text(event, &feed->arena);
    char *copy = text ? strdup(text) : NULL;
    if (!copy) {
        return false;
    }

    free(slot->text);
    *slot = (struct bm_feed_event){.seq = event->seq, .text = copy, .len = strlen(copy)};
    (void)snprintf(slot->list_id, BM_ID_BYTES, "%s", event->list_id ? event->list_id : "");
    (void)snprintf(slot->run_id, BM_ID_BYTES, "%s", event->run_id ? event->run_id : "");
    if (event->seq !=
        feed->last + 1) { /* what is between was pruned, or there was no memory for it */
        feed->first = event->seq;
    }
    feed->last = event->seq;
    if (feed->last - feed->first >= BM_FEED_RING) {
        feed->first = feed->last - BM_FEED_RING + 1;
    }
    return true;
}

/* -- those who listen -- */

static const char beat[] = ":\n\n";

static bool wants(const struct bm_tab *tab, const struct bm_feed_event *event)
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
    struct bm_feed *feed = tab->feed;
    size_t len = 0;

    while (tab->seen < feed->last && len < room) {
        const struct bm_feed_event *event = at(feed, tab->seen + 1);
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
    struct bm_feed *feed = tab->feed;
    size_t len = 0;

    if (bq_list_empty(&tab->link)) {
        if (bq_list_empty(&feed->tabs)) {
            start_at(feed, tab->seen);
        }
        bq_list_add(&feed->tabs, &tab->link);
    }
    if (tab->first) {
        if (put(tab, tab->first, tab->n_first, out, room, &len)) {
            tab->first = NULL;
        }
        return (ssize_t)len;
    }
    if (tab->behind || tab->seen + 1 < feed->first) {
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

static void wake_all(struct bm_feed *feed, bool with_beat)
{
    bq_list_each (link, &feed->tabs) {
        struct bm_tab *tab = bq_list_owner(link, struct bm_tab, link);
        tab->beat |= with_beat;
        bq_http_stream_wake(&tab->stream);
    }
}

/* -- reading -- */

/* On a thread, in its session. */
static void read_new(struct bq_http_work *work, int thread)
{
    struct bm_feed *feed = (struct bm_feed *)(void *)work;
    struct barq_session **own = &feed->api->sessions[thread];
    const struct bm_event_filter filter = {.after = feed->after};
    struct barq_error err = {0};

    enum barq_status status = *own ? BARQ_OK : bm_store_open(own, &err);
    if (status == BARQ_OK) {
        status = barq_session_begin(*own, false, &err);
    }
    if (status == BARQ_OK) {
        status =
            bm_events(*own, &filter, BM_FEED_PAGE, &feed->arena, &feed->events, &feed->count, &err);
        barq_session_rollback(*own);
    }
    feed->status = status;
    if (status != BARQ_OK) {
        bq_error("events cannot be read", bq_str("error", err.text));
        barq_session_close(*own);
        *own = NULL;
    }
}

/* On the loop. */
static void take_new(struct bq_http_work *work)
{
    struct bm_feed *feed = (struct bm_feed *)(void *)work;
    bool good = feed->status == BARQ_OK && !feed->stale;

    for (size_t i = 0; good && i < feed->count; i++) {
        good = keep(feed, &feed->events[i]);
    }
    if (good && feed->count > 0) {
        wake_all(feed, false);
    }
    if (feed->count == BM_FEED_PAGE) {
        feed->poll_ms = 0; /* there is more */
    }
    bq_arena_reset(&feed->arena);
    feed->count = 0;
    feed->stale = false;
    feed->working = false;
}

int64_t bm_feed_turn(struct bm_feed *feed, struct bq_http_server *server)
{
    int64_t now_ms = bq_mono_ms();
    if (bq_list_empty(&feed->tabs)) {
        return -1;
    }

    if (!feed->working && now_ms >= feed->poll_ms) {
        feed->working = true;
        feed->after = feed->last;
        feed->poll_ms = now_ms + BM_FEED_POLL_MS;
        bq_http_server_do(server, &feed->work);
    }
    if (now_ms >= feed->beat_ms) {
        feed->beat_ms = now_ms + BM_FEED_BEAT_MS;
        wake_all(feed, true);
        return 0;
    }
    int64_t next_ms = feed->poll_ms < feed->beat_ms ? feed->poll_ms : feed->beat_ms;
    if (feed->working) { /* its end wakes the loop */
        next_ms = feed->beat_ms;
    }
    return next_ms > now_ms ? next_ms - now_ms : 0;
}

void bm_feed_init(struct bm_feed *feed, struct bm_api *api)
{
    *feed = (struct bm_feed){.api = api, .first = 1};
    feed->work.run = read_new;
    feed->work.done = take_new;
    bq_list_init(&feed->tabs);
    bq_arena_init(&feed->arena, ARENA_BYTES);
}

void bm_feed_clear(struct bm_feed *feed)
{
    start_at(feed, 0);
    bq_arena_clear(&feed->arena);
}

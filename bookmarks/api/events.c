/* What has happened, as it happens: server-sent events. */
#include <string.h>

#include "api/problem.h"
#include "api/read.h"
#include "api/routes.h"
#include "api/run_json.h"
#include "api/ticker.h"
#include "base/buf.h"
#include "base/text.h"

enum { PAGE_MAX_BYTES = 16 * 1024 * 1024 };

/* Where to begin: Last-Event-ID, which a browser sends by itself, else ?after=; BARQ_OFF: with what is new. */
static int64_t read_after(struct bm_api_request *request)
{
    const char *header = bq_http_header(request->http, "Last-Event-ID");
    int64_t after = bm_api_query_int(request, "after", 0, INT64_MAX, BARQ_OFF);

    if (header && *header != '\0' && (!bq_parse_int(header, &after) || after < 0)) {
        bm_api_refuse(request, BM_PROBLEM_EVENT_ID, NULL);
    }
    return after;
}

/*
 * The page of what was missed, after a line that says how soon to come again. Who begins with what is new is told
 * where that is: a connection that is lost before anything has happened is taken up from there.
 */
static enum barq_status catch_up(struct bm_api_request *request, int64_t after, int64_t newest,
                                 struct bm_tab *tab, struct barq_error *err)
{
    const struct bm_event_filter filter = {
        .after = after, .list_id = tab->list_id, .run_id = tab->run_id};
    const struct bm_event *events = NULL;
    struct bq_buf text;
    size_t count = 0;
    bq_buf_init(&text, PAGE_MAX_BYTES);

    bq_buf_puts(&text, "retry: 1000\n\n");
    if (after == BARQ_OFF) {
        bq_buf_printf(&text, "id: %lld\n\n", (long long)newest);
    }
    enum barq_status status = after == BARQ_OFF
                                  ? BARQ_OK
                                  : bm_events(request->session, &filter, BM_TICKER_PAGE,
                                              request->arena, &events, &count, err);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        const char *one = bm_event_text(&events[i], request->arena);
        bq_buf_puts(&text, one ? one : "");
        tab->seen = events[i].seq;
    }
    tab->behind = count == BM_TICKER_PAGE;
    tab->n_first = text.len;
    tab->first = bq_arena_memdup(request->arena, text.data, text.len);
    bool full = text.failed || !tab->first;
    bq_buf_clear(&text);
    return status == BARQ_OK && full ? BARQ_ERR_NOMEM : status;
}

static enum barq_status find_list(struct bm_api_request *request, struct bm_tab *tab,
                                  struct barq_error *err)
{
    const char *given = bm_api_query(request, "list_id", NULL);
    struct bm_list list;
    if (!given) {
        return BARQ_OK;
    }

    enum barq_status status = bm_list_find(request->session, given, request->arena, &list, err);
    tab->list_id = status == BARQ_OK ? list.id : NULL;
    return bm_api_refuse_when(request, status, BARQ_ERR_NOTFOUND, BM_PROBLEM_NO_LIST, err);
}

static enum barq_status listen_to_events(struct bm_api_request *request, struct barq_error *err)
{
    struct bm_tab *tab = bq_arena_alloc(request->arena, sizeof(*tab));
    int64_t after = read_after(request);
    int64_t newest = 0;
    if (!bm_api_good(request)) {
        return BARQ_OK;
    }
    if (!tab || !request->api->ticker) {
        return BARQ_ERR_NOMEM;
    }

    tab->ticker = request->api->ticker;
    tab->run_id = bm_api_query(request, "run_id", NULL);
    enum barq_status status = find_list(request, tab, err);
    if (status != BARQ_OK || request->status >= 400) {
        return status;
    }
    status = bm_events_newest(request->session, &newest, err);
    if (status == BARQ_OK) {
        status = catch_up(request, after, newest, tab, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    if (!tab->behind) {
        tab->seen = newest; /* what is not for it does not count as missed */
    }
    bm_tab_init(tab);
    bq_http_answer_header(request->http, "X-Accel-Buffering", "no"); /* nginx would collect it */
    bq_http_answer_stream(request->http, "text/event-stream", &tab->stream);
    request->answered = true;
    return BARQ_OK;
}

/* The same as a page, for whoever does not stay. */
static enum barq_status history(struct bm_api_request *request, struct barq_error *err)
{
    const struct bm_event_filter filter = {
        .after = bm_api_query_int(request, "after", 0, INT64_MAX, 0),
        .list_id = bm_api_query(request, "list_id", NULL),
        .run_id = bm_api_query(request, "run_id", NULL),
    };
    int64_t limit = bm_api_query_int(request, "limit", 1, BM_EVENTS_PAGE_MAX, BM_EVENTS_PAGE_MAX);
    const struct bm_event *events = NULL;
    size_t count = 0;
    if (!bm_api_good(request)) {
        return BARQ_OK;
    }

    enum barq_status status =
        bm_events(request->session, &filter, (size_t)limit, request->arena, &events, &count, err);
    request->answer = barq_list(request->arena);
    for (size_t i = 0; status == BARQ_OK && i < count; i++) {
        barq_add(request->answer, bm_event_json(&events[i], request->arena));
    }
    return status;
}

static const struct bm_api_route routes[] = {
    {"GET", "/api/events", listen_to_events, BM_READING},
    {"GET", "/api/events/history", history, BM_READING},
};

const struct bm_api_topic bm_api_events_topic = BM_API_TOPIC(routes);

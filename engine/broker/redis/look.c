#include "broker/redis/look.h"

#include <string.h>

#include "base/text.h"
#include "broker/redis/broker.h"
#include "broker/reply.h"
#include "job/message.h"

enum {
    SCAN_JOBS = 500,   /* looked at in one call, */
    SCANS_MAX = 50,    /* calls for a page of results, which may be few among many keys, */
    ADOPT_JOBS = 1000, /* and taken over from arq's clients in each queue */
    LOOK_BYTES = 64 * 1024,
    LIST_EXTRA_BYTES = 4096, /* of a job in an arena, beside its payload and result */
};

void bq_redis_look_begin(struct bq_buf *request, struct bq_broker *broker, const char *what,
                         size_t pairs)
{
    bq_buf_init(request, LOOK_BYTES);
    bq_redis_begin_request(request, bq_redis_broker_of(broker)->redis, pairs + 2);
    bq_pack_text(request, "what");
    bq_pack_text(request, what);
    bq_pack_text(request, "payload_max");
    bq_pack_int(request, BQ_JOB_MAX_BYTES);
}

enum barq_status bq_redis_look_ask(struct bq_broker *broker, const struct bq_buf *request,
                                   const char *what, int64_t until_ms,
                                   const struct bq_redis_reply **reply, struct barq_error *err)
{
    struct bq_redis_ask look = {
        .script = BQ_SCRIPT_LOOK, .doing = what, .until_ms = until_ms, .only_asks = true};

    return bq_redis_ask(bq_redis_broker_of(broker)->redis, &look, request, reply, err);
}

enum barq_status bq_redis_find(struct bq_broker *broker, const char *id, struct barq_arena *arena,
                               struct bq_found *out, int64_t timeout_ms, struct barq_error *err)
{
    const struct bq_redis_reply *reply = NULL;
    bq_auto(buf) struct bq_buf request;

    bq_redis_look_begin(&request, broker, "find", 1);
    bq_pack_text(&request, "id");
    bq_pack_text(&request, id);
    enum barq_status status =
        bq_redis_look_ask(broker, &request, "find", bq_redis_until(timeout_ms), &reply, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (reply->kind != BQ_REDIS_ARRAY) {
        return bq_fail(err, BARQ_ERR_NOTFOUND, "redis: there is no such job");
    }
    return bq_redis_read_found(reply, arena, out, err);
}

/*
 * A page that is being filled: with jobs of which there is a record, in the order of their numbers, and then, where
 * results are asked for, with those of which there is nothing else.
 */
struct page {
    struct bq_found *jobs;
    size_t count;
    size_t limit;
    int64_t after;    /* the number of the last job looked at */
    const char *scan; /* in the arena; where it is among results; NULL: not there yet */
    int scans;        /* looks among results */
    bool ended;       /* there are no more */
    bool full;
};

/* What a cursor begins with that is among results. */
#define SCAN_CURSOR "scan:"

static void pack_filter(struct bq_buf *request, const struct barq_list_filter *filter)
{
    static const char *const words[] = {
        [BARQ_JOB_DEFERRED] = "deferred",   [BARQ_JOB_QUEUED] = "queued",
        [BARQ_JOB_IN_PROGRESS] = "running", [BARQ_JOB_COMPLETE] = "complete",
        [BARQ_JOB_FAILED] = "failed",
    };

    bq_pack_text(request, "queue");
    bq_pack_text_if(request, filter->queue);
    bq_pack_text(request, "status");
    bq_pack_text_if(request, filter->status > 0 && filter->status <= BARQ_JOB_FAILED
                                 ? words[filter->status]
                                 : NULL);
}

static void pack_page(struct bq_buf *request, const struct page *page, size_t room)
{
    bq_pack_text(request, "after");
    bq_pack_int(request, page->after);
    bq_pack_text(request, "limit");
    bq_pack_int(request, (int64_t)(page->limit - page->count));
    bq_pack_text(request, "count");
    bq_pack_int(request, SCAN_JOBS);
    bq_pack_text(request, "scan");
    bq_pack_text_if(request, page->scan);
    bq_pack_text(request, "adopt");
    bq_pack_int(request, ADOPT_JOBS);
    bq_pack_text(request, "bytes");
    bq_pack_int(request, (int64_t)room);
}

static size_t room_in(const struct barq_arena *arena, size_t jobs)
{
    size_t taken = arena->used_bytes + jobs * LIST_EXTRA_BYTES;

    return taken < arena->limit_bytes ? arena->limit_bytes - taken : 0;
}

/* Of each job on a page, where it was found follows it. */
enum { LOOK_WHERE = 11 };

/* The page is at what `reply` has there. False: no room for that. */
static bool move_on(struct page *page, const struct bq_redis_reply *reply, size_t i,
                    struct barq_arena *arena)
{
    if (!page->scan) {
        page->after = bq_reply_number(reply, i);
        return true;
    }
    const char *scan = bq_reply_words(reply, i);
    page->scan = scan ? bq_reply_text(arena, scan) : NULL;
    return page->scan != NULL;
}

/* Of an arq worker's result only its bytes say whether it is asked for. */
static bool fits(const struct bq_found *found, const struct barq_list_filter *filter)
{
    return (!filter->queue || strcmp(found->job.queue, filter->queue) == 0) &&
           (filter->status <= 0 || filter->status == (int)found->status);
}

/* False: the page is full, or the arena is. */
static bool add_jobs(const struct bq_redis_reply *found, const struct barq_list_filter *filter,
                     struct barq_arena *arena, struct page *page)
{
    for (size_t i = 0; i < found->len; i++) {
        struct bq_found *job = &page->jobs[page->count];

        if (bq_redis_read_found(&found->items[i], arena, job, NULL) != BARQ_OK ||
            !move_on(page, &found->items[i], LOOK_WHERE, arena)) {
            return false;
        }
        page->count += fits(job, filter);
    }
    return true;
}

static bool wants_results(const struct barq_list_filter *filter)
{
    return filter->status <= 0 || filter->status == BARQ_JOB_COMPLETE ||
           filter->status == BARQ_JOB_FAILED;
}

/* Behind the last job come the results, also of a full page, which may be the last; behind these nothing. */
static void end_part(struct page *page, const struct barq_list_filter *filter)
{
    if (!page->scan && wants_results(filter)) {
        page->scan = "0";
        page->full = false;
    } else {
        page->ended = true;
    }
}

/* Is the page where `reply` says that it ended? */
static bool is_there(const struct page *page, const struct bq_redis_reply *reply)
{
    const char *scan = bq_reply_words(reply, 0);

    return page->scan ? scan && strcmp(scan, page->scan) == 0
                      : bq_reply_number(reply, 0) == page->after;
}

static enum barq_status look_on(struct bq_broker *broker, const struct barq_list_filter *filter,
                                struct barq_arena *arena, struct page *page, int64_t until_ms,
                                struct barq_error *err)
{
    const struct bq_redis_reply *reply = NULL;
    bq_auto(buf) struct bq_buf request;

    bq_redis_look_begin(&request, broker, "list", 8);
    pack_filter(&request, filter);
    pack_page(&request, page, room_in(arena, page->limit));
    enum barq_status status = bq_redis_look_ask(broker, &request, "list", until_ms, &reply, err);
    if (status != BARQ_OK) {
        return status;
    }
    const struct bq_redis_reply *found = bq_reply_item(reply, 2);
    if (found->kind != BQ_REDIS_ARRAY || found->len > page->limit - page->count) {
        return bq_fail(err, BARQ_ERR_CORRUPT, "redis: list: an answer that is none");
    }
    if (!add_jobs(found, filter, arena, page)) {
        page->full = true;
        return page->count > 0 ? BARQ_OK
                               : bq_fail(err, BARQ_ERR_NOMEM, "redis: no room for a list of jobs");
    }
    /* A part that ended early did so before a job that had no room. */
    bool done = bq_reply_number(reply, 1) != 0;
    page->full = page->count == page->limit || (!done && found->len > 0 && is_there(page, reply));
    page->scans += page->scan != NULL;
    page->full = page->full || page->scans == SCANS_MAX;
    if (!move_on(page, reply, 0, arena)) {
        return bq_fail(err, BARQ_ERR_NOMEM, "redis: no room for a list of jobs");
    }
    if (done) {
        end_part(page, filter);
    }
    return BARQ_OK;
}

static bool read_cursor(const char *cursor, struct page *page)
{
    size_t prefix = strlen(SCAN_CURSOR);

    if (strncmp(cursor, SCAN_CURSOR, prefix) != 0) {
        return bq_parse_int(cursor, &page->after);
    }
    page->scan = cursor + prefix;
    size_t digits = strspn(page->scan, "0123456789");
    return digits > 0 && (page->scan[digits] == ':' || page->scan[digits] == '\0');
}

enum barq_status bq_redis_list(struct bq_broker *broker, const struct barq_list_filter *filter,
                               const char *cursor, size_t limit, struct barq_arena *arena,
                               struct bq_found **out, size_t *count, const char **next,
                               int64_t timeout_ms, struct barq_error *err)
{
    int64_t until_ms = bq_redis_until(timeout_ms);
    struct page page = {.limit = limit};
    enum barq_status status = BARQ_OK;

    if (cursor && *cursor && !read_cursor(cursor, &page)) {
        return bq_fail(err, BARQ_ERR_ARG, "redis: this is no cursor of a list of jobs");
    }
    page.jobs = bq_arena_array(arena, limit, sizeof(*page.jobs));
    if (!page.jobs) {
        return bq_fail(err, BARQ_ERR_NOMEM, "redis: no room for a list of jobs");
    }
    while (status == BARQ_OK && !page.full && !page.ended) {
        status = look_on(broker, filter, arena, &page, until_ms, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    *next = NULL;
    if (!page.ended) {
        *next = page.scan ? bq_arena_format(arena, SCAN_CURSOR "%s", page.scan)
                          : bq_reply_cursor(arena, page.after);
        if (!*next) {
            return bq_fail(err, BARQ_ERR_NOMEM, "redis: no room for a list of jobs");
        }
    }
    *out = page.jobs;
    *count = page.count;
    return BARQ_OK;
}

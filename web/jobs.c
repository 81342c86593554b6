/*
 * jobs.c - jobs in pages, and one by one.
 */
#include <string.h>

#include "base/error.h"
#include "web/deed.h"
#include "web/find.h"
#include "web/job_json.h"
#include "web/read.h"
#include "web/text.h"

enum { LIMIT = 50, LIMIT_MAX = 500, LEAST_PAGE = 20 };

/* -- many -- */

static enum barq_status answer_page(struct bw_call *call, struct barq_value *jobs, size_t scanned,
                                    const char *next)
{
    call->answer = barq_map(call->arena);
    barq_set_key(call->answer, "jobs", jobs);
    barq_set_key(call->answer, "scanned", barq_int(call->arena, (int64_t)scanned));
    barq_set_key(call->answer, "next_cursor", bw_text(call->arena, next));
    return BARQ_OK;
}

static bool has_status(const struct barq_job_info *job, int wanted)
{
    bool waits = job->status == BARQ_JOB_DEFERRED || job->status == BARQ_JOB_QUEUED;
    bool ended = job->status == BARQ_JOB_COMPLETE || job->status == BARQ_JOB_FAILED;

    return wanted == BARQ_OFF || (wanted == BARQ_LIST_WAITING && waits) ||
           (wanted == BARQ_LIST_FINISHED && ended) || wanted == (int)job->status;
}

/* Whoever looks for an id is not to wait until it turns up among a million. */
static enum barq_status find_id(struct bw_call *call, const struct bw_filter *filter,
                                struct barq_value *jobs, struct barq_error *err)
{
    struct barq_job_info job;

    enum barq_status status = barq_info(call->client, filter->search, call->arena, &job, err);
    if (status == BARQ_ERR_NOTFOUND || status == BARQ_ERR_ARG || status == BARQ_ERR_LIMIT) {
        return BARQ_OK; /* then it is some other text */
    }
    if (status == BARQ_OK && bw_fits(filter, &job) && has_status(&job, filter->list.status) &&
        (!filter->list.queue || strcmp(filter->list.queue, job.queue) == 0)) {
        barq_add(jobs, bw_job_summary(call->arena, &job));
    }
    return status;
}

static enum barq_status find_all(struct bw_call *call, struct bw_find *find, size_t limit,
                                 struct barq_value *jobs, struct barq_error *err)
{
    bool picks = find->filter->function || find->filter->search;
    size_t least = picks && limit > LEAST_PAGE ? LEAST_PAGE : 1;
    size_t found = 0;

    /*
     * Pages are read to their ends, so that the broker's cursor is ours, too: never more than there is room for. Where
     * few fit, a page that is nearly full is not filled up by ever smaller ones.
     */
    while (bw_find_goes_on(find) && limit - found >= least) {
        enum barq_status status = bw_find_page(find, call, limit - found, err);
        if (status != BARQ_OK) {
            return status;
        }
        for (size_t i = 0; i < find->count; i++) {
            if (bw_fits(find->filter, &find->jobs[i])) {
                barq_add(jobs, bw_job_summary(call->arena, &find->jobs[i]));
                found++;
            }
        }
    }
    return BARQ_OK;
}

static enum barq_status list(struct bw_call *call, struct barq_error *err)
{
    const struct bw_filter filter = {
        .list = {.queue = bw_query(call, "queue", BARQ_QUEUE_MAX_BYTES),
                 .status = bw_status_of(bw_query_word(call, "status", bw_statuses, BARQ_OFF))},
        .function = bw_query(call, "function", BARQ_FUNCTION_MAX_BYTES),
        .search = bw_query(call, "search", BW_SEARCH_MAX_BYTES),
    };
    const char *cursor = bw_query(call, "cursor", BW_CURSOR_MAX_BYTES);
    int64_t limit = bw_query_int(call, "limit", 1, LIMIT_MAX, LIMIT);
    struct barq_value *jobs = barq_list(call->arena);
    struct bw_find find;
    if (call->status >= 400) {
        return BARQ_OK;
    }

    if (filter.search && !cursor) {
        enum barq_status status = find_id(call, &filter, jobs, err);
        if (status != BARQ_OK || barq_count(jobs) > 0) {
            return status == BARQ_OK ? answer_page(call, jobs, 1, NULL) : status;
        }
    }
    bw_find_init(&find, &filter, cursor);
    enum barq_status status = find_all(call, &find, (size_t)limit, jobs, err);
    bw_find_clear(&find);
    if (status == BARQ_ERR_ARG) {
        return bw_refuse(call, BW_PROBLEM_INVALID, bq_http_sentence(call->arena, err->text));
    }
    return status == BARQ_OK ? answer_page(call, jobs, find.scanned, find.cursor) : status;
}

/* -- one -- */

/* What a state does not allow, and what is not there, is the caller's to know. */
static enum barq_status refuse_when(struct bw_call *call, enum barq_status status,
                                    const struct barq_error *err)
{
    const char *why = bq_http_sentence(call->arena, err->text);

    if (status == BARQ_ERR_CONFLICT) {
        return bw_refuse(call, BW_PROBLEM_JOB_STATE, why);
    }
    if (status == BARQ_ERR_NOTFOUND || status == BARQ_ERR_ARG || status == BARQ_ERR_LIMIT) {
        return bw_refuse(call, BW_PROBLEM_NO_JOB, NULL);
    }
    return status;
}

static enum barq_status show(struct bw_call *call, struct barq_error *err)
{
    struct barq_job_info job;

    enum barq_status status = barq_info(call->client, call->ids[0], call->arena, &job, err);
    if (status != BARQ_OK) {
        return refuse_when(call, status, err);
    }
    call->answer = bw_job(call->arena, &job);
    return BARQ_OK;
}

static enum barq_status do_to(struct bw_call *call, bw_deed *deed, struct barq_error *err)
{
    enum barq_status status = bw_do(call, deed, call->ids[0], err);

    return status == BARQ_OK ? BARQ_OK : refuse_when(call, status, err);
}

static enum barq_status do_and_show(struct bw_call *call, bw_deed *deed, struct barq_error *err)
{
    enum barq_status status = do_to(call, deed, err);

    return status == BARQ_OK && call->status < 400 ? show(call, err) : status;
}

static enum barq_status retry(struct bw_call *call, struct barq_error *err)
{
    return do_and_show(call, barq_retry_dead, err);
}

static enum barq_status abort_one(struct bw_call *call, struct barq_error *err)
{
    return do_and_show(call, barq_abort, err);
}

static enum barq_status delete_one(struct bw_call *call, struct barq_error *err)
{
    call->status = 204;
    return do_to(call, barq_delete, err);
}

const struct bw_route bw_job_routes[] = {
    {.method = "GET", .path = "/api/jobs", .run = list},
    {.method = "GET", .path = "/api/jobs/{id}", .run = show},
    {.method = "POST", .path = "/api/jobs/{id}/retry", .run = retry},
    {.method = "POST", .path = "/api/jobs/{id}/abort", .run = abort_one},
    {.method = "POST", .path = "/api/jobs/{id}/delete", .run = delete_one},
    {.method = NULL},
};

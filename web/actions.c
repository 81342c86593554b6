/*
 * actions.c - one thing done to many jobs: those that are named, or all that fit a filter.
 */
#include <string.h>

#include "base/arena.h"
#include "web/deed.h"
#include "web/find.h"
#include "web/read.h"
#include "web/text.h"

enum { IDS_MAX = 1000, PAGE = 100, REFUSALS_MAX = 100 };

struct action {
    bw_deed *run;
    int status;          /* that a filter asks for, if it asks for none */
    unsigned applies_to; /* a bit for each enum barq_job_status */
};

static const char *const names[] = {"retry", "abort", "delete", NULL};
/* clang-format off */
static const struct action actions[] = {
    {barq_retry_dead, BARQ_JOB_FAILED, 1u << BARQ_JOB_FAILED},
    {barq_abort, BARQ_OFF, 1u << BARQ_JOB_DEFERRED | 1u << BARQ_JOB_QUEUED | 1u << BARQ_JOB_IN_PROGRESS},
    {barq_delete, BARQ_OFF, 1u << BARQ_JOB_DEFERRED | 1u << BARQ_JOB_QUEUED | 1u << BARQ_JOB_COMPLETE | 1u << BARQ_JOB_FAILED},
};
/* clang-format on */

struct doing {
    const struct action *action;
    int64_t done;
    int64_t refused;
    struct barq_value *refusals;
};

/* -- a job -- */

static void refuse(struct bw_call *call, struct doing *doing, const char *id,
                   enum barq_status status, const struct barq_error *err)
{
    enum bw_problem problem =
        status == BARQ_ERR_CONFLICT ? BW_PROBLEM_JOB_STATE : BW_PROBLEM_NO_JOB;
    struct barq_value *refusal = barq_map(call->arena);

    if (++doing->refused > REFUSALS_MAX) {
        return;
    }
    barq_set_key(refusal, "id", bw_text(call->arena, id));
    barq_set_key(refusal, "code", barq_string(call->arena, bw_problem(problem)->code));
    barq_set_key(refusal, "detail", bw_text(call->arena, bq_http_sentence(call->arena, err->text)));
    barq_add(doing->refusals, refusal);
}

static enum barq_status do_one(struct bw_call *call, struct doing *doing, const char *id,
                               struct barq_error *err)
{
    enum barq_status status = bw_do(call, doing->action->run, id, err);
    if (status == BARQ_OK) {
        doing->done++;
        return BARQ_OK;
    }
    if (status == BARQ_ERR_NOTFOUND || status == BARQ_ERR_CONFLICT || status == BARQ_ERR_ARG ||
        status == BARQ_ERR_LIMIT) {
        refuse(call, doing, id, status, err);
        return BARQ_OK;
    }
    return status;
}

static enum barq_status answer(struct bw_call *call, struct doing *doing, int64_t scanned,
                               const char *next)
{
    call->answer = barq_map(call->arena);
    barq_set_key(call->answer, "done", barq_int(call->arena, doing->done));
    barq_set_key(call->answer, "refused", barq_int(call->arena, doing->refused));
    barq_set_key(call->answer, "refusals", doing->refusals);
    barq_set_key(call->answer, "scanned", barq_int(call->arena, scanned));
    barq_set_key(call->answer, "next_cursor", bw_text(call->arena, next));
    return BARQ_OK;
}

/* -- by their ids -- */

static enum barq_status by_ids(struct bw_call *call, struct doing *doing, const char *const *ids,
                               size_t count, struct barq_error *err)
{
    for (size_t i = 0; i < count; i++) {
        enum barq_status status = do_one(call, doing, ids[i], err);
        if (status != BARQ_OK) {
            return status;
        }
    }
    return answer(call, doing, (int64_t)count, NULL);
}

/* -- by a filter -- */

static bool applies(const struct action *action, const struct barq_job_info *job)
{
    return (action->applies_to & 1u << job->status) != 0;
}

static enum barq_status do_page(struct bw_call *call, struct doing *doing,
                                const struct bw_find *find, struct barq_error *err)
{
    for (size_t i = 0; i < find->count; i++) {
        const struct barq_job_info *job = &find->jobs[i];
        if (!bw_fits(find->filter, job) || !applies(doing->action, job)) {
            continue;
        }
        enum barq_status status = do_one(call, doing, job->id, err);
        if (status != BARQ_OK) {
            return status;
        }
    }
    return BARQ_OK;
}

static enum barq_status by_filter(struct bw_call *call, struct doing *doing,
                                  const struct bw_filter *filter, const char *cursor,
                                  struct barq_error *err)
{
    struct bw_find find;
    enum barq_status status = BARQ_OK;

    bw_find_init(&find, filter, cursor);
    while (status == BARQ_OK && bw_find_goes_on(&find)) {
        status = bw_find_page(&find, call, PAGE, err);
        if (status == BARQ_ERR_ARG) {
            bw_find_clear(&find);
            return bw_refuse(call, BW_PROBLEM_INVALID, bq_http_sentence(call->arena, err->text));
        }
        if (status == BARQ_OK) {
            status = do_page(call, doing, &find, err);
        }
    }
    bw_find_clear(&find);
    return status == BARQ_OK ? answer(call, doing, (int64_t)find.scanned, find.cursor) : status;
}

/* -- what was asked for -- */

static void read_filter(struct bw_call *call, const struct barq_value *object,
                        const struct action *action, struct bw_filter *out)
{
    static const char *const members[] = {"queue", "status", "function", "search", NULL};

    if (barq_kind(object) != BARQ_MAP) {
        (void)!bw_refuse(call, BW_PROBLEM_INVALID, "filter must be an object");
        return;
    }
    (void)bw_has_only(call, object, members);
    int word = bw_member_word(call, object, "status", bw_statuses, BARQ_OFF);
    *out = (struct bw_filter){
        .list = {.queue = bw_member(call, object, "queue", BARQ_QUEUE_MAX_BYTES),
                 .status = word < 0 ? action->status : bw_status_of(word)},
        .function = bw_member(call, object, "function", BARQ_FUNCTION_MAX_BYTES),
        .search = bw_member(call, object, "search", BW_SEARCH_MAX_BYTES),
    };
}

static enum barq_status act(struct bw_call *call, struct barq_error *err)
{
    static const char *const members[] = {"action", "ids", "filter", "cursor", NULL};
    const struct barq_value *body = bw_body(call, members);
    int which = bw_member_word(call, body, "action", names, BARQ_OFF);
    size_t n_ids = 0;
    const char *const *ids =
        bw_member_texts(call, body, "ids", IDS_MAX, BARQ_JOB_ID_MAX_BYTES, &n_ids);
    const struct barq_value *filter = barq_get(body, "filter");
    const char *cursor = bw_member(call, body, "cursor", BW_CURSOR_MAX_BYTES);
    struct bw_filter wanted = {.list = {.status = BARQ_OFF}};

    if (call->status < 400 && which < 0) {
        return bw_refuse(call, BW_PROBLEM_INVALID, "action must be retry, abort or delete");
    }
    if (call->status < 400 && (ids != NULL) == !barq_is_null(filter)) {
        return bw_refuse(call, BW_PROBLEM_INVALID, "there must be either ids or a filter");
    }
    if (call->status < 400 && !ids) {
        read_filter(call, filter, &actions[which], &wanted);
    }
    if (call->status >= 400) {
        return BARQ_OK;
    }
    struct doing doing = {.action = &actions[which], .refusals = barq_list(call->arena)};
    return ids ? by_ids(call, &doing, ids, n_ids, err)
               : by_filter(call, &doing, &wanted, cursor, err);
}

const struct bw_route bw_action_routes[] = {
    {.method = "POST", .path = "/api/jobs/actions", .run = act},
    {.method = NULL},
};

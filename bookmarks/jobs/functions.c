#include "jobs/functions.h"

#include <string.h>

#include "base/log.h"
#include "base/time.h"
#include "store/store.h"

static enum barq_status on_startup(struct barq_context *ctx, struct barq_error *err)
{
    struct barq_session *session = NULL;
    bool current = false;
    int from = 0;
    int to = 0;

    enum barq_status status = barq_session_read(ctx, &session, err);
    if (status == BARQ_OK) {
        status = bm_tables_current(session, &current, err);
    }
    if (status == BARQ_OK) {
        status = barq_session_end(session, err);
    }
    if (status == BARQ_OK && !current) {
        status = barq_session_write(ctx, &session, err);
        status = status == BARQ_OK ? bm_migrate(session, &from, &to, err) : status;
    }
    return status;
}

static enum barq_status on_shutdown(struct barq_context *ctx, struct barq_error *err)
{
    (void)ctx;
    (void)err;
    bq_debug("bookmarks stopped");
    return BARQ_OK;
}

/* Of each service all that ask it, in all workers, share one limit. */
static const struct barq_limit youtube = {.name = "youtube", .max_running = 4};
static const struct barq_limit captions = {
    .name = "captions", .max_running = 2, .max_starts = 2, .per_ms = 1000};
static const struct barq_limit feeds = {
    .name = "feeds", .max_running = 2, .max_starts = 2, .per_ms = 1000};
static const struct barq_limit models = {.name = "models", .max_running = 4};

/* An outage of two hours is outlived: 50 waits of 150 s on average. */
enum { OUTSIDE_TRIES = 60 };

static const struct barq_function functions[] = {
    {.name = "process_list", .run = bm_process_list},
    {.name = "fetch_metadata",
     .run = bm_fetch_metadata,
     .max_tries = OUTSIDE_TRIES,
     .limit = &youtube},
    {.name = "process_video", .run = bm_process_video},
    {.name = "fetch_transcript", .run = bm_fetch_transcript, .limit = &captions},
    {.name = "extract_fields",
     .run = bm_extract_fields,
     .job_timeout_ms = BARQ_OFF, /* the call has its own, which can be set */
     .limit = &models},
    {.name = "expand_source",
     .run = bm_expand_source,
     .max_tries = OUTSIDE_TRIES,
     .limit = &youtube},
    {.name = "end_hold", .run = bm_end_hold, .max_tries = OUTSIDE_TRIES},
    {.name = "check_videos", .run = bm_check_videos, .limit = &youtube},
    {.name = "poll_subscriptions", .run = bm_poll_subscriptions},
    {.name = "poll_subscription", .run = bm_poll_subscription, .limit = &feeds},
    {.name = "prune", .run = bm_prune},
    {.name = NULL},
};

static const struct barq_cron crons[] = {
    {.function = "check_videos", .expression = "41 */6 * * *", .missed = BARQ_MISSED_ONCE},
    {.function = "poll_subscriptions", .expression = "*/15 * * * *", .missed = BARQ_MISSED_ONCE},
    {.function = "prune", .expression = "17 4 * * *", .missed = BARQ_MISSED_ONCE},
    {.function = NULL},
};

const struct barq_settings bm_settings = {
    .abi = BARQ_ABI,
    .functions = functions,
    .max_jobs = BARQ_DEFAULT_MAX_JOBS,
    .max_tries = BARQ_DEFAULT_MAX_TRIES,
    .job_timeout_ms = BARQ_DEFAULT_JOB_TIMEOUT_MS,
    .keep_result_ms = BARQ_DEFAULT_KEEP_RESULT_MS,
    .on_startup = on_startup,
    .on_shutdown = on_shutdown,
    .on_job_failure = bm_on_job_failure,
    .cron_jobs = crons,
};

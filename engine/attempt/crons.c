#include <string.h>

#include "attempt/attempt.h"

static bool is_registered(const struct barq_settings *settings, const char *function)
{
    for (const struct barq_function *at = settings->functions; at->name; at++) {
        if (strcmp(at->name, function) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_twice(const struct bq_cron_job *jobs, const struct bq_cron_job *last)
{
    for (const struct bq_cron_job *at = jobs; at != last; at++) {
        if (strcmp(at->name, last->name) == 0 && strcmp(at->queue, last->queue) == 0) {
            return true;
        }
    }
    return false;
}

static enum barq_status read_one(struct barq_arena *arena, const struct barq_settings *settings,
                                 const struct barq_cron *cron, struct bq_cron_job *out,
                                 struct barq_error *err)
{
    if (!is_registered(settings, cron->function)) {
        return bq_fail(err, BARQ_ERR_ARG, "cron job of '%.80s': there is no such function",
                       cron->function);
    }
    return bq_cron_job_of(arena, cron, out, err);
}

enum barq_status bq_settings_crons(struct barq_arena *arena, const struct barq_settings *settings,
                                   struct bq_cron_job **out, size_t *count, struct barq_error *err)
{
    struct bq_cron_job *jobs = bq_arena_array(arena, BQ_CRON_JOBS_MAX, sizeof(*jobs));
    size_t n_jobs = 0;

    if (!jobs) {
        return bq_fail(err, BARQ_ERR_NOMEM, "settings: no memory for the cron jobs");
    }
    for (const struct barq_cron *at = settings->cron_jobs; at && at->function; at++) {
        struct bq_cron_job *job = &jobs[n_jobs];
        struct barq_error why;

        if (n_jobs++ == BQ_CRON_JOBS_MAX) {
            return bq_fail(err, BARQ_ERR_LIMIT, "settings: there are more than %d cron jobs",
                           BQ_CRON_JOBS_MAX);
        }
        enum barq_status status = read_one(arena, settings, at, job, &why);
        if (status != BARQ_OK) {
            return bq_fail(err, status, "settings: %s", why.text);
        }
        if (is_twice(jobs, job)) {
            return bq_fail(err, BARQ_ERR_ARG,
                           "settings: cron job '%.80s' is there twice; give one of them a name",
                           job->name);
        }
    }
    *out = jobs;
    *count = n_jobs;
    return BARQ_OK;
}

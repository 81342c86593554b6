#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attempt/attempt.h"
#include "attempt/policy.h"
#include "base/error.h"

enum barq_status bq_module_load(const char *path, const struct barq_settings **out,
                                struct barq_error *err)
{
    /* Without a slash dlopen would look in the library path instead. */
    bq_auto(memory) char *real = realpath(path, NULL);
    if (!real) {
        return bq_fail_errno(err, "module: %s", path);
    }

    void *handle = dlopen(real, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        return bq_fail(err, BARQ_ERR_FORMAT, "module: cannot load %s: %s", path, dlerror());
    }
    const struct barq_settings *settings = dlsym(handle, "barq_settings");
    if (!settings) {
        return bq_fail(
            err, BARQ_ERR_FORMAT,
            "module: %s has no barq_settings: end it with BARQ_MODULE = {.abi = BARQ_ABI, ...};",
            path);
    }
    if (settings->abi != BARQ_ABI) {
        return bq_fail(err, BARQ_ERR_FORMAT,
                       "module: %s was built for ABI %d of barq, this is %d: build it again with "
                       "this barq's headers",
                       path, settings->abi, BARQ_ABI);
    }
    *out = settings;
    return BARQ_OK;
}

static bool named_twice(const struct barq_function *functions, const struct barq_function *at)
{
    for (const struct barq_function *other = functions; other != at; other++) {
        if (strcmp(other->name, at->name) == 0) {
            return true;
        }
    }
    return false;
}

/* What a function may say for itself, or the settings for all. Zero is the default, BARQ_OFF none; what is negative
 * otherwise is a mistake. */
static bool limits_make_sense(const struct barq_function *at)
{
    bool switches = at->retry_on_error >= BARQ_OFF && at->retry_on_timeout >= BARQ_OFF;
    bool times = at->job_timeout_ms >= BARQ_OFF && at->keep_result_ms >= BARQ_OFF &&
                 at->retry_min_ms >= 0 && at->retry_max_ms >= 0;

    return switches && times && at->max_tries >= 0 && at->memory_max_bytes >= BARQ_OFF &&
           at->cpu_max_ms >= BARQ_OFF && at->output_max_bytes >= BARQ_OFF &&
           at->recycle_after >= BARQ_OFF;
}

/* The settings, as a function that says for itself what they say for all. */
static struct barq_function for_all(const struct barq_settings *settings)
{
    return (struct barq_function){
        .job_timeout_ms = settings->job_timeout_ms,
        .max_tries = settings->max_tries,
        .keep_result_ms = settings->keep_result_ms,
        .retry_min_ms = settings->retry_min_ms,
        .retry_max_ms = settings->retry_max_ms,
        .retry_on_error = settings->retry_on_error,
        .retry_on_timeout = settings->retry_on_timeout,
        .memory_max_bytes = settings->memory_max_bytes,
        .cpu_max_ms = settings->cpu_max_ms,
        .output_max_bytes = settings->output_max_bytes,
        .recycle_after = settings->recycle_after,
    };
}

static enum barq_status check_function(const struct barq_settings *settings,
                                       const struct barq_function *at, struct barq_error *err)
{
    if (!bq_name_valid(at->name) || !at->run) {
        return bq_fail(err, BARQ_ERR_ARG, "settings: function '%s' has a bad name or no handler",
                       at->name);
    }
    if (named_twice(settings->functions, at)) {
        return bq_fail(err, BARQ_ERR_ARG, "settings: function '%s' is there twice", at->name);
    }
    if (!limits_make_sense(at)) {
        return bq_fail(err, BARQ_ERR_ARG, "settings: function '%s' has a negative limit", at->name);
    }
    int64_t timeout_ms = bq_function_timeout_ms(settings, at);
    if (settings->shared_with_arq &&
        (timeout_ms == BARQ_OFF || timeout_ms > BQ_SHARED_TIMEOUT_MAX_MS)) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "settings: function '%s' has no job_timeout, or one of more than a year: on "
                       "a queue shared with arq its lock goes by that",
                       at->name);
    }
    if (at->cpu_max_ms > 0 && settings->threads > 1) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "settings: function '%s' limits CPU time, which is a process's: threads "
                       "must be 1",
                       at->name);
    }
    return BARQ_OK;
}

static enum barq_status check_crons(const struct barq_settings *settings, struct barq_error *err)
{
    bq_auto(arena) struct barq_arena arena;
    struct bq_cron_job *jobs;
    size_t count;

    bq_arena_init(&arena, BQ_CRONS_ARENA_BYTES);
    return bq_settings_crons(&arena, settings, &jobs, &count, err);
}

enum barq_status bq_settings_check(const struct barq_settings *settings, struct barq_error *err)
{
    if (settings->abi != BARQ_ABI) {
        return bq_fail(err, BARQ_ERR_BUG, "settings: abi is %d, not BARQ_ABI (%d)", settings->abi,
                       BARQ_ABI);
    }
    if (!settings->functions || !settings->functions[0].name) {
        return bq_fail(err, BARQ_ERR_ARG, "settings: at least one function must be registered");
    }
    for (const struct barq_function *at = settings->functions; at->name; at++) {
        enum barq_status status = check_function(settings, at, err);
        if (status != BARQ_OK) {
            return status;
        }
    }
    if (settings->queue_name && !bq_name_valid(settings->queue_name)) {
        return bq_fail(err, BARQ_ERR_ARG, "settings: queue_name is no name of 1 to 255 bytes");
    }
    enum barq_status told = bq_rules_check(settings, err);
    if (told != BARQ_OK) {
        return told;
    }
    struct barq_function all = for_all(settings);
    if (settings->max_jobs < 0 || settings->threads < 0 || settings->threads > BARQ_MAX_THREADS ||
        settings->recycle_after < 0 || settings->job_completion_wait_ms < 0 ||
        settings->pool_size < 0 || settings->max_overflow < BARQ_OFF ||
        settings->pool_recycle_ms < BARQ_OFF || settings->health_check_interval_ms < BARQ_OFF ||
        !limits_make_sense(&all)) {
        return bq_fail(err, BARQ_ERR_ARG, "settings: a limit is negative");
    }
    if (settings->cpu_max_ms > 0 && settings->threads > 1) {
        return bq_fail(err, BARQ_ERR_ARG, "settings: cpu_max_ms is a process's: threads must be 1");
    }
    return check_crons(settings, err);
}

#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attempt/attempt.h"
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

/* Zero is the default, BARQ_OFF none; what is negative otherwise is a mistake. */
static bool limits_make_sense(int64_t job_timeout_ms, int64_t keep_result_ms, int max_tries)
{
    return job_timeout_ms >= BARQ_OFF && keep_result_ms >= BARQ_OFF && max_tries >= 0;
}

static enum barq_status check_function(const struct barq_function *functions,
                                       const struct barq_function *at, struct barq_error *err)
{
    if (!bq_name_valid(at->name) || !at->run) {
        return bq_fail(err, BARQ_ERR_ARG, "settings: function '%s' has a bad name or no handler",
                       at->name);
    }
    if (named_twice(functions, at)) {
        return bq_fail(err, BARQ_ERR_ARG, "settings: function '%s' is there twice", at->name);
    }
    if (!limits_make_sense(at->job_timeout_ms, at->keep_result_ms, at->max_tries)) {
        return bq_fail(err, BARQ_ERR_ARG, "settings: function '%s' has a negative limit", at->name);
    }
    return BARQ_OK;
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
        enum barq_status status = check_function(settings->functions, at, err);
        if (status != BARQ_OK) {
            return status;
        }
    }
    if (settings->queue_name && !bq_name_valid(settings->queue_name)) {
        return bq_fail(err, BARQ_ERR_ARG, "settings: queue_name is no name of 1 to 255 bytes");
    }
    if (settings->max_jobs < 0 || settings->recycle_after < 0 ||
        settings->job_completion_wait_ms < 0 || settings->health_check_interval_ms < BARQ_OFF ||
        settings->retry_min_ms < 0 || settings->retry_max_ms < 0 ||
        !limits_make_sense(settings->job_timeout_ms, settings->keep_result_ms,
                           settings->max_tries)) {
        return bq_fail(err, BARQ_ERR_ARG, "settings: a limit is negative");
    }
    return BARQ_OK;
}

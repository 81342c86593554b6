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
        if (!bq_name_valid(at->name) || !at->run) {
            return bq_fail(err, BARQ_ERR_ARG,
                           "settings: function '%s' has a bad name or no handler", at->name);
        }
        if (named_twice(settings->functions, at)) {
            return bq_fail(err, BARQ_ERR_ARG, "settings: function '%s' is there twice", at->name);
        }
    }
    if (settings->max_jobs < 0 || settings->max_tries < 0) {
        return bq_fail(err, BARQ_ERR_ARG, "settings: max_jobs and max_tries cannot be negative");
    }
    return BARQ_OK;
}

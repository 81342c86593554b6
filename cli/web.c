/*
 * web.c - barq web: a program of its own, barq-web, which stands beside this one. A worker and its executors are this
 * program, too, and are not to carry an HTTP server along.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "cli.h"

static const char name[] = "barq-web";

/* False: there is no such path. */
static bool find_beside(char path[PATH_MAX])
{
    ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - sizeof(name));
    if (len <= 0) {
        return false;
    }

    path[len] = '\0';
    char *slash = strrchr(path, '/');
    if (!slash) {
        return false;
    }
    memcpy(slash + 1, name, sizeof(name));
    return true;
}

static int run(int argc, char **argv)
{
    char path[PATH_MAX];
    struct barq_error err;

    (void)argc;
    if (!find_beside(path)) {
        cli_complain("web: cannot find this program's own file");
        return CLI_BROKEN;
    }
    execv(path, argv);
    bq_fail_errno(&err, "web: cannot run %s, which is installed with barq", path);
    return cli_failed(err.status, &err);
}

const struct cli_command cli_web = {
    .name = "web",
    .summary = "serve a dashboard of the queues, and metrics",
    .run = run,
};

#include "support/outside.h"

#include <fcntl.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void spawn(struct outside *outside, int stdin_fd, int stdout_fd)
{
    const char *root = getenv("SOURCE_ROOT");
    assert_non_null(root);
    char script[512];
    char facts[512];
    snprintf(script, sizeof(script), "%s/tests/support/outside.py", root);
    snprintf(facts, sizeof(facts), "%s/examples/facts.csv", root);
    char python[] = "python3";
    char *const argv[] = {python, script, facts, NULL};

    posix_spawn_file_actions_t actions;
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&actions, stdin_fd, 0), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&actions, stdout_fd, 1), 0);
    assert_int_equal(posix_spawnp(&outside->pid, python, &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
}

void outside_start(struct outside *outside)
{
    int in[2];
    int out[2];
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    spawn(outside, in[0], out[1]);
    close(in[0]);
    close(out[1]);
    outside->stdin_fd = in[1];

    FILE *said = fdopen(out[0], "r");
    assert_non_null(said);
    assert_non_null(fgets(outside->host, sizeof(outside->host), said));
    char *path = strstr(outside->host, "/youtube/v3");
    assert_non_null(path);
    *path = '\0';
    fclose(said);
}

void outside_stop(struct outside *outside)
{
    close(outside->stdin_fd);
    assert_int_equal(waitpid(outside->pid, NULL, 0), outside->pid);
}

const char *outside_url(const struct outside *outside, const char *place, const char *deed)
{
    static char url[OUTSIDE_URL_BYTES];

    snprintf(url, sizeof(url), *deed ? "%s/%s/do/%s/" : "%s/%s%s", outside->host, place, deed);
    return url;
}

const char *outside_recorded(const struct outside *outside, int status, const char *path)
{
    static char url[OUTSIDE_URL_BYTES];

    snprintf(url, sizeof(url), "%s/recorded/%d/%s/", outside->host, status, path);
    return url;
}

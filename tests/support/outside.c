#include "support/youtube.h"

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

static void spawn(struct youtube *youtube, int stdin_fd, int stdout_fd)
{
    const char *root = getenv("SOURCE_ROOT");
    assert_non_null(root);
    char script[512];
    char facts[512];
    snprintf(script, sizeof(script), "%s/tests/support/youtube.py", root);
    snprintf(facts, sizeof(facts), "%s/examples/facts.csv", root);
    char python[] = "python3";
    char *const argv[] = {python, script, facts, NULL};

    posix_spawn_file_actions_t actions;
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&actions, stdin_fd, 0), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&actions, stdout_fd, 1), 0);
    assert_int_equal(posix_spawnp(&youtube->pid, python, &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
}

void youtube_start(struct youtube *youtube)
{
    int in[2];
    int out[2];
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    spawn(youtube, in[0], out[1]);
    close(in[0]);
    close(out[1]);
    youtube->stdin_fd = in[1];

    FILE *said = fdopen(out[0], "r");
    assert_non_null(said);
    assert_non_null(fgets(youtube->url, sizeof(youtube->url), said));
    youtube->url[strcspn(youtube->url, "\n")] = '\0';
    fclose(said);
}

void youtube_stop(struct youtube *youtube)
{
    close(youtube->stdin_fd);
    assert_int_equal(waitpid(youtube->pid, NULL, 0), youtube->pid);
}

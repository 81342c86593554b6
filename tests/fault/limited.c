/*
 * limited.c - functions with limits, that write down how many of them run at
 * once, and how often one has started. What vanished with its worker, or was
 * killed, does not run.
 *
 * In $HOME: a file for each that runs, running-PID-WORKER; a line in `seen` for
 * each start, with how many ran then; a line in `starts` for each start.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <barq/worker.h>

enum { PATH_BYTES = 4096 };

static void path_of(char path[PATH_BYTES], const char *name)
{
    (void)snprintf(path, PATH_BYTES, "%s/%s", getenv("HOME"), name);
}

static void add_line(const char *name, long number)
{
    char path[PATH_BYTES];
    char line[32];

    path_of(path, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    int len = snprintf(line, sizeof(line), "%ld\n", number);
    (void)!write(fd, line, (size_t)len);
    close(fd);
}

/* Is there such a process, and not only what is left of it? */
static bool lives(long pid)
{
    char path[64];
    char state = 'X';

    (void)snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
    FILE *file = fopen(path, "re");
    if (file) {
        if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1) {
            state = 'X';
        }
        (void)fclose(file);
    }
    return state != 'X' && state != 'Z';
}

static long count_running(void)
{
    char path[PATH_BYTES];
    long count = 0;

    path_of(path, "");
    DIR *folder = opendir(path);
    for (const struct dirent *at = readdir(folder); at; at = readdir(folder)) {
        long pid = 0;
        long worker = 0;

        if (sscanf(at->d_name, "running-%ld-%ld", &pid, &worker) == 2 && lives(pid) &&
            lives(worker)) {
            count++;
        }
    }
    closedir(folder);
    return count;
}

static enum barq_status two(struct barq_context *ctx, struct barq_error *err)
{
    char name[64];
    char path[PATH_BYTES];

    (void)snprintf(name, sizeof(name), "running-%ld-%ld", (long)getpid(), (long)getppid());
    path_of(path, name);
    close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    add_line("seen", count_running());
    enum barq_status status = barq_sleep(ctx, 20, err);
    (void)unlink(path);
    return status;
}

static enum barq_status five(struct barq_context *ctx, struct barq_error *err)
{
    add_line("starts", (long)getpid());
    return barq_sleep(ctx, 20, err);
}

static const struct barq_limit two_run = {.max_running = 2};
static const struct barq_limit five_start = {.max_starts = 5, .per_ms = 3600000};

static const struct barq_function functions[] = {
    {.name = "two", .run = two, .limit = &two_run},
    {.name = "five", .run = five, .limit = &five_start},
    {.name = NULL},
};

BARQ_MODULE = {.abi = BARQ_ABI, .functions = functions, .retry_min_ms = 1, .retry_max_ms = 20};

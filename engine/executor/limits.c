#include "executor/limits.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"

enum {
    FILE_BYTES = 128,
    /* Above what has not asked for anything, as of 1000; so much that it counts as if it held 30 % of the memory. */
    EXPENDABLE = 300,
};

static int open_of(pid_t pid, const char *name, int flags)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
    return open(path, flags | O_CLOEXEC);
}

/* "size resident shared ..." in pages. */
int64_t bq_resident_bytes(pid_t pid)
{
    char text[FILE_BYTES];
    bq_auto(fd) int fd = open_of(pid, "statm", O_RDONLY);
    if (fd < 0) {
        return -1;
    }

    ssize_t len = read(fd, text, sizeof(text) - 1);
    if (len <= 0) {
        return -1;
    }
    text[len] = '\0';
    char *resident = text;
    (void)strtoll(text, &resident, 10);
    return (int64_t)strtoll(resident, NULL, 10) * sysconf(_SC_PAGESIZE);
}

int64_t bq_cpu_us(pid_t pid)
{
    clockid_t clock;
    struct timespec used;

    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0) {
        return -1;
    }
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

void bq_expendable(pid_t pid)
{
    char text[FILE_BYTES];
    bq_auto(fd) int fd = open_of(pid, "oom_score_adj", O_RDWR);
    if (fd < 0) {
        return;
    }

    ssize_t len = read(fd, text, sizeof(text) - 1);
    text[len > 0 ? len : 0] = '\0';
    long wanted = strtol(text, NULL, 10) + EXPENDABLE;
    int bytes = snprintf(text, sizeof(text), "%ld", wanted < 1000 ? wanted : 1000);
    ssize_t done = pwrite(fd, text, (size_t)bytes, 0);
    (void)done; /* nothing depends upon it */
}

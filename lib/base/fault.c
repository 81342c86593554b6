#include "base/fault.h"

#ifdef BQ_FAULTS

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/log.h"

enum { POINTS_MAX = 128 };

struct order {
    char word[16];
    unsigned nth; /* 1: the first time */
};

/*
 * How often each point was reached while there was a file for it. Handlers
 * reach points in their threads, so there is a mutex; only test builds have it.
 */
static struct {
    pthread_mutex_t mutex;
    const char *point[POINTS_MAX];
    unsigned times[POINTS_MAX];
} counts = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static bool write_path(char path[PATH_MAX], const char *folder, const char *point, const char *end)
{
    int len = snprintf(path, PATH_MAX, "%s/%s%s", folder, point, end);

    return len > 0 && len < PATH_MAX;
}

static bool read_order(const char *path, struct order *out)
{
    char text[64];
    bq_auto(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    ssize_t len = read(fd, text, sizeof(text) - 1);
    if (len <= 0) {
        return false;
    }

    text[len] = '\0';
    out->nth = 1;
    return sscanf(text, "%15s %u", out->word, &out->nth) >= 1;
}

/* Whether this is the time that was asked for; counts from one again once it was. */
static bool is_due(const char *point, unsigned nth)
{
    bool due = false;

    pthread_mutex_lock(&counts.mutex);
    for (size_t i = 0; i < POINTS_MAX; i++) {
        if (!counts.point[i]) {
            counts.point[i] = point;
        }
        if (strcmp(counts.point[i], point) == 0) {
            due = ++counts.times[i] >= nth;
            counts.times[i] = due ? 0 : counts.times[i];
            break;
        }
    }
    pthread_mutex_unlock(&counts.mutex);
    return due;
}

/* Of several processes here at once, one succeeds. */
static bool take_order(const char *folder, const char *point)
{
    char from[PATH_MAX];
    char to[PATH_MAX];
    char end[32];

    snprintf(end, sizeof(end), ".taken.%d", (int)getpid());
    if (!write_path(from, folder, point, "") || !write_path(to, folder, point, end)) {
        return false;
    }
    return rename(from, to) == 0 && unlink(to) == 0;
}

/* By rename, so that nobody reads half a number. */
static void report_hit(const char *folder, const char *point)
{
    char part[PATH_MAX];
    char hit[PATH_MAX];

    if (!write_path(part, folder, point, ".hit.part") || !write_path(hit, folder, point, ".hit")) {
        return;
    }
    bq_auto(fd) int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0 || dprintf(fd, "%d\n", (int)getpid()) < 0 || rename(part, hit) != 0) {
        bq_error("fault point could not report", bq_str("point", point));
    }
}

/* raise(), not kill(): it is this thread that must not go one step further. */
static bool act(const char *point, const char *word)
{
    if (strcmp(word, "kill") == 0) {
        raise(SIGKILL);
    } else if (strcmp(word, "stop") == 0) {
        raise(SIGSTOP);
    } else if (strcmp(word, "exit") == 0) {
        _exit(0);
    } else if (strcmp(word, "fail") == 0) {
        return true;
    } else if (strcmp(word, "hang") == 0) {
        for (;;) {
            pause();
        }
    } else {
        bq_error("fault point was told nonsense", bq_str("point", point), bq_str("word", word));
    }
    return false;
}

bool bq_faults_wanted(void)
{
    return getenv("BARQ_FAULTS") != NULL;
}

bool bq_fault_reached(const char *point)
{
    const char *folder = getenv("BARQ_FAULTS");
    char path[PATH_MAX];
    struct order order;

    if (!folder || !write_path(path, folder, point, "") || !read_order(path, &order) ||
        !is_due(point, order.nth) || !take_order(folder, point)) {
        return false;
    }
    report_hit(folder, point);
    return act(point, order.word);
}

#endif

#include "os/wake.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"

/* As SQLite does with the files that it makes beside a database; what is not allowed stays as it is. */
static void open_up(int fd, const char *path)
{
    char whole[PATH_MAX];
    struct stat about;
    int len = snprintf(whole, sizeof(whole), "%s", path);
    char *hyphen = strrchr(whole, '-');
    if (!hyphen || len >= (int)sizeof(whole)) {
        return;
    }

    *hyphen = '\0';
    if (stat(whole, &about) == 0) {
        (void)fchmod(fd, about.st_mode & 0666);
        (void)!fchown(fd, about.st_uid, about.st_gid);
    }
}

static int open_file(const char *path, int access)
{
    int flags = access | O_NOFOLLOW | O_CLOEXEC;
    int fd = open(path, flags | O_CREAT | O_EXCL, 0666);

    if (fd >= 0) {
        open_up(fd, path);
        return fd;
    }
    return errno == EEXIST ? open(path, flags) : -1;
}

enum barq_status bq_wake_open(const char *path, int *fd, struct barq_error *err)
{
    int opened = open_file(path, O_WRONLY);

    if (opened < 0) {
        return bq_fail_errno(err, "wake: open %s", path);
    }
    *fd = opened;
    return BARQ_OK;
}

void bq_wake_ring(int fd)
{
    /* Always the same byte in the same place: the file never grows. Lost is lost, see the header. */
    (void)!pwrite(fd, "!", 1, 0);
}

enum barq_status bq_wake_watch(const char *path, int *fd, struct barq_error *err)
{
    /* Read-only, so that who may only read it can be woken by it. */
    bq_auto(fd) int file = open_file(path, O_RDONLY);
    if (file < 0) {
        return bq_fail_errno(err, "wake: open %s", path);
    }

    bq_auto(fd) int opened = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (opened < 0) {
        return bq_fail_errno(err, "wake: no inotify");
    }
    if (inotify_add_watch(opened, path, IN_MODIFY) < 0) {
        return bq_fail_errno(err, "wake: watch %s", path);
    }
    *fd = bq_fd_take(&opened);
    return BARQ_OK;
}

bool bq_wake_take(int fd)
{
    char events[sizeof(struct inotify_event) + NAME_MAX + 1];
    bool some = false;

    while (read(fd, events, sizeof(events)) > 0) {
        some = true;
    }
    return some;
}

bool bq_wake_wait(int fd, int64_t timeout_ms)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    int timeout = timeout_ms < 0 ? -1 : timeout_ms > INT_MAX ? INT_MAX : (int)timeout_ms;

    return poll(&wait, 1, timeout) > 0 && bq_wake_take(fd);
}

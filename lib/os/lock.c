#include "os/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"

/*
 * Locks of the open file description, not flock(): they can be looked at
 * without being taken, so a look never keeps anybody from taking one.
 */
static struct flock whole_file(void)
{
    return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
}

enum barq_status bq_lock_take(const char *path, int *fd, struct barq_error *err)
{
    bq_auto(fd) int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0) {
        return bq_fail_errno(err, "lock: open %s", path);
    }

    struct flock lock = whole_file();
    if (fcntl(file, F_OFD_SETLK, &lock) != 0) {
        if (errno == EAGAIN || errno == EACCES) {
            return bq_fail(err, BARQ_ERR_BUSY, "lock: %s is held by another process", path);
        }
        return bq_fail_errno(err, "lock: %s", path);
    }
    *fd = bq_fd_take(&file);
    return BARQ_OK;
}

enum bq_lock_state bq_lock_look(const char *path)
{
    struct flock lock = whole_file();
    bq_auto(fd) int file = open(path, O_RDONLY | O_CLOEXEC);

    if (file < 0 || fcntl(file, F_OFD_GETLK, &lock) != 0) {
        return BQ_LOCK_UNKNOWN;
    }
    return lock.l_type == F_UNLCK ? BQ_LOCK_FREE : BQ_LOCK_HELD;
}

bool bq_lock_is_at(int fd, const char *path)
{
    struct stat ours;
    struct stat there;

    return fstat(fd, &ours) == 0 && stat(path, &there) == 0 && ours.st_dev == there.st_dev &&
           ours.st_ino == there.st_ino;
}

#include "services/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

enum { PIECE_BYTES = 64 * 1024 };

struct walk {
    bm_folder_visit *visit;
    void *owner;
    size_t left; /* entries to look at */
    bool over;
};

static void folder_drop(DIR **folder)
{
    if (*folder) {
        closedir(*folder);
    }
}

bool bm_folder_read(int folder_fd, const char *name, size_t max_bytes, struct bq_buf *text)
{
    bq_auto(fd) int fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat is;
    size_t before = text->len;
    if (fd < 0 || fstat(fd, &is) != 0 || !S_ISREG(is.st_mode)) {
        return false;
    }

    while (text->len - before <= max_bytes) {
        char *room = bq_buf_reserve(text, PIECE_BYTES);
        ssize_t got = room ? read(fd, room, PIECE_BYTES) : -1;
        if (got < 0 && room && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got == 0;
        }
        text->len += (size_t)got;
    }
    return false;
}

static bool is_folder(int folder_fd, const struct dirent *entry)
{
    struct stat is;

    if (entry->d_type != DT_UNKNOWN) {
        return entry->d_type == DT_DIR;
    }
    return fstatat(folder_fd, entry->d_name, &is, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(is.st_mode);
}

/* Takes over `fd`. A folder within that cannot be read is as if it were empty. */
static void look_through(struct walk *walk, int fd, int depth)
{
    __attribute__((cleanup(folder_drop))) DIR *folder = fdopendir(fd);
    const struct dirent *entry = NULL;
    if (!folder) {
        close(fd);
        return;
    }

    while (!walk->over && walk->left > 0 && (entry = readdir(folder))) {
        walk->left--;
        if (*entry->d_name == '.') {
            continue;
        }
        if (!is_folder(dirfd(folder), entry)) {
            walk->over = !walk->visit(walk->owner, dirfd(folder), entry->d_name);
        } else if (depth < BM_FOLDER_DEPTH) {
            int inner = openat(dirfd(folder), entry->d_name,
                               O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
            if (inner >= 0) {
                look_through(walk, inner, depth + 1);
            }
        }
    }
}

enum barq_status bm_folder_walk(const char *folder, bm_folder_visit *visit, void *owner,
                                struct barq_error *err)
{
    struct walk walk = {.visit = visit, .owner = owner, .left = BM_FOLDER_ENTRIES};
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return bq_fail_errno(err, "folder: open %s", folder);
    }

    look_through(&walk, fd, 0);
    return BARQ_OK;
}

#include "services/info_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"
#include "formats/info_json.h"

enum { PIECE_BYTES = 64 * 1024 };

struct search {
    struct bm_metadata *videos;
    size_t count;
    size_t found;
    size_t left; /* entries to look at */
    struct barq_arena *arena;
    bool full;
};

static void folder_drop(DIR **folder)
{
    if (*folder) {
        closedir(*folder);
    }
}

/* The whole of a file that is one, and not too large; false otherwise. */
static bool read_file(int folder_fd, const char *name, struct bq_buf *text)
{
    bq_auto(fd) int fd = openat(folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat is;
    if (fd < 0 || fstat(fd, &is) != 0 || !S_ISREG(is.st_mode) || is.st_size > BM_INFO_MAX_BYTES) {
        return false;
    }

    for (;;) {
        char *room = bq_buf_reserve(text, PIECE_BYTES);
        ssize_t got = room ? read(fd, room, PIECE_BYTES) : -1;
        if (got <= 0) {
            return got == 0;
        }
        text->len += (size_t)got;
    }
}

static void take_file(struct search *search, int folder_fd, const char *name,
                      struct bm_metadata *video)
{
    bq_auto(buf) struct bq_buf text;
    struct bm_info info;
    bq_buf_init(&text, BM_INFO_MAX_BYTES + 2 * PIECE_BYTES);
    if (!read_file(folder_fd, name, &text) || text.len == 0) {
        return;
    }

    enum barq_status status = bm_info_read(text.data, text.len, search->arena, &info, NULL);
    search->full |= status == BARQ_ERR_NOMEM;
    if (status == BARQ_OK && strcmp(info.video.youtube_id, video->youtube_id) == 0) {
        *video = info.video;
        video->origin = "file";
        search->found++;
    }
}

static void look_at(struct search *search, int folder_fd, const char *name)
{
    if (!bq_ends_with(name, ".info.json")) {
        return;
    }
    for (size_t i = 0; i < search->count; i++) {
        struct bm_metadata *video = &search->videos[i];
        if (!video->found && strstr(name, video->youtube_id)) {
            take_file(search, folder_fd, name, video);
        }
    }
}

static bool is_folder(int folder_fd, const struct dirent *entry)
{
    struct stat is;

    if (entry->d_type != DT_UNKNOWN) {
        return entry->d_type == DT_DIR;
    }
    return fstatat(folder_fd, entry->d_name, &is, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(is.st_mode);
}

static enum barq_status walk(struct search *search, int fd, int depth, struct barq_error *err)
{
    __attribute__((cleanup(folder_drop))) DIR *folder = fdopendir(fd);
    if (!folder) {
        close(fd);
        return bq_fail_errno(err, "info folder: read");
    }

    const struct dirent *entry = NULL;
    while (search->found < search->count && !search->full && search->left > 0 &&
           (entry = readdir(folder))) {
        search->left--;
        if (*entry->d_name == '.') {
            continue;
        }
        if (!is_folder(dirfd(folder), entry)) {
            look_at(search, dirfd(folder), entry->d_name);
        } else if (depth < BM_INFO_FOLDER_DEPTH) {
            int inner = openat(dirfd(folder), entry->d_name,
                               O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
            if (inner >= 0 && walk(search, inner, depth + 1, err) != BARQ_OK) {
                return BARQ_ERR_IO;
            }
        }
    }
    return BARQ_OK;
}

enum barq_status bm_info_folder_fetch(const char *folder, struct bm_metadata *videos, size_t count,
                                      struct barq_arena *arena, size_t *found,
                                      struct barq_error *err)
{
    struct search search = {
        .videos = videos, .count = count, .left = BM_INFO_FOLDER_ENTRIES, .arena = arena};
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return bq_fail_errno(err, "info folder: open %s", folder);
    }

    enum barq_status status = walk(&search, fd, 0, err);
    if (status != BARQ_OK) {
        return status;
    }
    if (search.full) {
        return bq_fail(err, BARQ_ERR_NOMEM, "info folder: arena is full");
    }
    *found = search.found;
    return BARQ_OK;
}

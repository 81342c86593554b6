#include "os/changes.h"

#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/auto.h"

enum { EVENTS_BYTES = 16 * (sizeof(struct inotify_event) + NAME_MAX + 1) };

/* Takes "folder/name" apart; false when there is no name. */
static bool split(const char *path, char folder[PATH_MAX], char name[NAME_MAX + 1])
{
    const char *slash = strrchr(path, '/');
    const char *last = slash ? slash + 1 : path;
    int len = slash ? (int)(slash - path) + 1 : 0;

    if (last[0] == '\0' || strlen(last) > NAME_MAX || len >= PATH_MAX) {
        return false;
    }
    (void)snprintf(name, NAME_MAX + 1, "%s", last);
    (void)snprintf(folder, PATH_MAX, "%.*s", len > 0 ? len : 1, len > 0 ? path : ".");
    return true;
}

enum barq_status bq_changes_open(struct bq_changes *changes, const char *path,
                                 struct barq_error *err)
{
    char folder[PATH_MAX];
    *changes = (struct bq_changes){.fd = -1};
    if (!split(path, folder, changes->name)) {
        return bq_fail(err, BARQ_ERR_ARG, "watch: %s is no file's name", path);
    }

    bq_auto(fd) int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0) {
        return bq_fail_errno(err, "watch: no inotify");
    }
    if (inotify_add_watch(fd, folder,
                          IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ONLYDIR) < 0) {
        return bq_fail_errno(err, "watch: %s", folder);
    }
    changes->fd = bq_fd_take(&fd);
    return BARQ_OK;
}

/* Were there more than fit, nobody knows what was lost: it counts as a change. */
static bool is_about(const struct inotify_event *event, const char *name)
{
    return (event->mask & IN_Q_OVERFLOW) || (event->len > 0 && strcmp(event->name, name) == 0);
}

bool bq_changes_take(struct bq_changes *changes)
{
    _Alignas(struct inotify_event) char events[EVENTS_BYTES];
    bool changed = false;
    ssize_t len;

    while ((len = read(changes->fd, events, sizeof(events))) > 0) {
        for (char *at = events; at < events + len;) {
            const struct inotify_event *event = (const struct inotify_event *)(const void *)at;
            changed = changed || is_about(event, changes->name);
            at += sizeof(*event) + event->len;
        }
    }
    return changed;
}

void bq_changes_close(struct bq_changes *changes)
{
    bq_fd_drop(&changes->fd);
}

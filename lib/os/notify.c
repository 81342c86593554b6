#include "os/notify.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/text.h"

enum { US_PER_MS = 1000 };

/* "/run/..." is a file, "@name" a name without one: its first byte is a NUL. */
static bool set_address(struct bq_notify *notify, const char *name)
{
    size_t len = name ? strlen(name) : 0;

    if (len < 2 || len >= sizeof(notify->address.sun_path) || (name[0] != '/' && name[0] != '@')) {
        return false;
    }
    notify->address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(notify->address.sun_path, name, len);
    if (name[0] == '@') {
        notify->address.sun_path[0] = '\0';
    }
    notify->address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    return true;
}

/* It may be meant for another process, which had us started. */
static int64_t read_watchdog_ms(void)
{
    const char *usec = getenv("WATCHDOG_USEC");
    const char *pid = getenv("WATCHDOG_PID");
    int64_t us = 0;
    int64_t whose = getpid();

    if (!usec || !bq_parse_int(usec, &us) || us < US_PER_MS) {
        return 0;
    }
    return pid && (!bq_parse_int(pid, &whose) || whose != getpid()) ? 0 : us / US_PER_MS;
}

void bq_notify_open(struct bq_notify *notify)
{
    *notify = (struct bq_notify){.fd = -1};
    if (set_address(notify, getenv("NOTIFY_SOCKET"))) {
        notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    }
    if (notify->fd >= 0) {
        notify->watchdog_ms = read_watchdog_ms();
    }
    (void)unsetenv("NOTIFY_SOCKET");
    (void)unsetenv("WATCHDOG_USEC");
    (void)unsetenv("WATCHDOG_PID");
}

void bq_notify_say(const struct bq_notify *notify, const char *lines)
{
    if (notify->fd >= 0) {
        (void)!sendto(notify->fd, lines, strlen(lines), MSG_DONTWAIT | MSG_NOSIGNAL,
                      (const struct sockaddr *)&notify->address, notify->address_len);
    }
}

void bq_notify_reloading(const struct bq_notify *notify)
{
    struct timespec now;
    char lines[64];

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    (void)snprintf(lines, sizeof(lines), "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
                   (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
    bq_notify_say(notify, lines);
}

void bq_notify_close(struct bq_notify *notify)
{
    bq_fd_drop(&notify->fd);
}

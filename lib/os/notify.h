/*
 * notify.h - telling the service manager how we are: systemd's sd_notify(3)
 * protocol, datagrams of "NAME=value" lines to a socket that it names.
 *
 *     bq_notify_open(&notify);
 *     bq_notify_say(&notify, "READY=1");
 *
 * libsystemd would be a dependency for one sendto(2). Without a service
 * manager nothing is said. What cannot be sent at once is lost: whoever
 * listens must not be able to stop us.
 */
#ifndef BQ_OS_NOTIFY_H
#define BQ_OS_NOTIFY_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct bq_notify {
    int fd; /* owned; -1: nobody listens */
    struct sockaddr_un address;
    socklen_t address_len;
    int64_t watchdog_ms; /* we are ended when not heard of ("WATCHDOG=1") for so long; 0: never */
};

/* Takes what is meant for this process out of the environment, so that no child speaks for us. */
void bq_notify_open(struct bq_notify *notify);
void bq_notify_say(const struct bq_notify *notify, const char *lines);
/* "RELOADING=1", which wants the time, too. */
void bq_notify_reloading(const struct bq_notify *notify);
void bq_notify_close(struct bq_notify *notify);

#endif

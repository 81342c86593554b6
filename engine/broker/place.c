#include "broker/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/auto.h"

static size_t read_line(const char *path, char *out, size_t bytes)
{
    bq_auto(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, out, bytes - 1);

    out[len < 0 ? 0 : len] = '\0';
    out[strcspn(out, "\n")] = '\0';
    return strlen(out);
}

void bq_place_name(char out[BQ_PLACE_BYTES])
{
    char boot[40];
    char network[40];
    ssize_t len = readlink("/proc/self/ns/net", network, sizeof(network) - 1);

    out[0] = '\0';
    if (len > 0 && read_line("/proc/sys/kernel/random/boot_id", boot, sizeof(boot)) > 0) {
        network[len] = '\0';
        (void)snprintf(out, BQ_PLACE_BYTES, "%s %s", boot, network);
    }
}

enum barq_status bq_place_take(const char *token, int *fd, struct barq_error *err)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int len = snprintf(name.sun_path + 1, sizeof(name.sun_path) - 1, "barq-worker-%s", token);
    socklen_t bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);
    int taken = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (taken < 0) {
        return bq_fail_errno(err, "broker: a socket to be known by");
    }
    if (bind(taken, (const struct sockaddr *)&name, bytes) != 0) {
        enum barq_status status =
            errno == EADDRINUSE ? bq_fail(err, BARQ_ERR_BUSY, "broker: the worker %s lives", token)
                                : bq_fail_errno(err, "broker: a name to be known by");
        close(taken);
        return status;
    }
    *fd = taken;
    return BARQ_OK;
}

bool bq_place_is_free(const char *token)
{
    bq_auto(fd) int fd = -1;

    return bq_place_take(token, &fd, NULL) == BARQ_OK;
}

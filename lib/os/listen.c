#include "os/listen.h"

#include <errno.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "base/text.h"

static int port_of(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof(address);
    char text[8] = "";
    int64_t port = 0;

    getsockname(fd, (struct sockaddr *)&address, &len);
    getnameinfo((struct sockaddr *)&address, len, NULL, 0, text, sizeof(text),
                NI_NUMERICHOST | NI_NUMERICSERV);
    return bq_parse_int(text, &port) ? (int)port : 0;
}

static enum barq_status bind_to(const struct addrinfo *address, int *out)
{
    int on = 1;
    bq_auto(fd) int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        bind(fd, address->ai_addr, address->ai_addrlen) != 0 || listen(fd, SOMAXCONN) != 0) {
        return errno == EADDRINUSE ? BARQ_ERR_BUSY : BARQ_ERR_IO;
    }
    *out = bq_fd_take(&fd);
    return BARQ_OK;
}

enum barq_status bq_listen(const char *host, int *port, int *fd, struct barq_error *err)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char text[16];

    snprintf(text, sizeof(text), "%d", *port);
    if (*port < 0 || *port > UINT16_MAX || getaddrinfo(host, text, &hints, &found) != 0) {
        return bq_fail(err, BARQ_ERR_ARG,
                       "listen: '%s' is no address to listen on: give a number, as 127.0.0.1",
                       host);
    }
    enum barq_status status = bind_to(found, fd);
    int why = errno;
    freeaddrinfo(found);
    if (status == BARQ_ERR_BUSY) {
        return bq_fail(err, status, "listen: %s port %d is in use by another program", host, *port);
    }
    if (status != BARQ_OK) {
        errno = why;
        return bq_fail_errno(err, "listen: on %s port %d", host, *port);
    }
    *port = port_of(*fd);
    return BARQ_OK;
}

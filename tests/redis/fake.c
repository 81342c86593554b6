#include "fake.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/time.h"

enum { DEADLINE_MS = 10000, HEARD_BYTES = 4096 };

void fake_listen(struct fake *fake)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);

    fake->fd = -1;
    fake->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fake->listen_fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fake->listen_fd, 16), 0);
    assert_int_equal(getsockname(fake->listen_fd, (struct sockaddr *)&address, &len), 0);
    fake->port = ntohs(address.sin_port);
}

/* Works at `redis` until `fd` is readable. */
static void work_until(struct bq_redis *redis, int fd)
{
    int64_t until_ms = bq_mono_ms() + DEADLINE_MS;

    for (;;) {
        struct pollfd look[] = {{.fd = fd, .events = POLLIN},
                                {.fd = bq_redis_fd(redis), .events = POLLIN}};
        (void)bq_redis_work(redis);
        int64_t left_ms = until_ms - bq_mono_ms();
        assert_true(left_ms > 0);
        assert_true(poll(look, 2, (int)left_ms) > 0);
        if (look[0].revents) {
            return;
        }
    }
}

void fake_accept(struct fake *fake, struct bq_redis *redis)
{
    work_until(redis, fake->listen_fd);
    fake->fd = accept4(fake->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    assert_true(fake->fd >= 0);
}

void fake_hear(struct fake *fake, struct bq_redis *redis, const char *text)
{
    char heard[HEARD_BYTES];
    size_t len = 0;

    do {
        work_until(redis, fake->fd);
        ssize_t got = recv(fake->fd, heard + len, sizeof(heard) - 1 - len, 0);
        assert_true(got > 0);
        len += (size_t)got;
        heard[len] = '\0';
    } while (len < strlen(text) || strcmp(heard + len - strlen(text), text) != 0);
}

void fake_say(struct fake *fake, const char *bytes, size_t len)
{
    assert_int_equal(send(fake->fd, bytes, len, MSG_NOSIGNAL), len);
}

void fake_hang_up(struct fake *fake)
{
    if (fake->fd >= 0) {
        close(fake->fd);
        fake->fd = -1;
    }
}

void fake_close(struct fake *fake)
{
    fake_hang_up(fake);
    if (fake->listen_fd >= 0) {
        close(fake->listen_fd);
        fake->listen_fd = -1;
    }
}

/* What no real server would do. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/time.h"
#include "drive.h"
#include "fake.h"

#define SAY(text) fake_say(&fake, text, sizeof(text) - 1)

static struct fake fake;
static struct bq_redis *redis;

static int begin(void **state)
{
    (void)state;
    fake_listen(&fake);
    redis = NULL;
    return 0;
}

static int end(void **state)
{
    (void)state;
    bq_redis_close(redis);
    fake_close(&fake);
    return 0;
}

/* Two questions are asked at first: the client's name, and a ping. */
static void come(void)
{
    redis = drive_open("redis://127.0.0.1:%d", fake.port);
    fake_accept(&fake, redis);
    fake_hear(&fake, redis,
              "*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$4\r\ntest\r\n*1\r\n$4\r\nPING\r\n");
    SAY("+OK\r\n+PONG\r\n");
    drive_until_ready(redis);
}

static void a_peer_that_says_nothing_is_given_up(void **state)
{
    (void)state;
    int64_t began_ms = bq_mono_ms();

    redis = drive_open("redis://127.0.0.1:%d?connect_timeout=0.2", fake.port);
    drive_until_error(redis, "greeting: no answer within 0.2 s");
    assert_true(bq_mono_ms() - began_ms >= 200);
    assert_int_equal(bq_redis_state(redis), BQ_REDIS_AWAY);
    fake_accept(&fake, redis);
    fake_hang_up(&fake);
    fake_accept(&fake, redis); /* it tries again */
}

static void a_peer_that_says_nothing_in_tls_is_given_up(void **state)
{
    (void)state;
    redis = drive_open("rediss://127.0.0.1:%d?connect_timeout=0.2&ssl_cert_reqs=none", fake.port);
    drive_until_error(redis, "agreeing on TLS: no answer within 0.2 s");
}

static void a_peer_that_knows_no_tls_is_told(void **state)
{
    (void)state;
    redis = drive_open("rediss://127.0.0.1:%d?ssl_cert_reqs=none", fake.port);
    fake_accept(&fake, redis);
    SAY("-ERR unknown command\r\n");
    drive_until_error(redis, "does not answer in TLS");

    fake_hang_up(&fake);
    fake_accept(&fake, redis);
    fake_hang_up(&fake);
    drive_until_error(redis, "redis://?");
}

static void a_peer_that_wants_tls_is_told(void **state)
{
    (void)state;
    redis = drive_open("redis://127.0.0.1:%d", fake.port);
    fake_accept(&fake, redis);
    SAY("\x15\x03\x03\x00\x02\x02\x28");
    drive_until_error(redis, "should begin with rediss://");
}

static void a_peer_that_speaks_of_something_else_is_told(void **state)
{
    (void)state;
    redis = drive_open("redis://127.0.0.1:%d", fake.port);
    fake_accept(&fake, redis);
    SAY("HTTP/1.1 400 Bad Request\r\n\r\n");
    drive_until_error(redis, "does not answer as a Redis server does");
}

static void a_peer_that_hangs_up_has_its_last_word(void **state)
{
    (void)state;
    redis = drive_open("redis://127.0.0.1:%d", fake.port);
    fake_accept(&fake, redis);
    SAY("+OK\r\n-ERR max number of clients reached\r\n");
    fake_hang_up(&fake);
    drive_until_error(redis, "the server says: ERR max number of clients reached");
}

static void a_server_that_loads_is_waited_for(void **state)
{
    (void)state;
    redis = drive_open("redis://127.0.0.1:%d", fake.port);
    for (int i = 0; i < 2; i++) {
        fake_accept(&fake, redis);
        SAY("+OK\r\n-LOADING Redis is loading the dataset in memory\r\n");
        drive_until_error(redis, "loading its data");
        fake_hang_up(&fake);
    }
    assert_int_equal(bq_redis_era(redis), 0);
    fake_accept(&fake, redis);
    SAY("+OK\r\n+PONG\r\n");
    drive_until_ready(redis);
    assert_int_equal(bq_redis_era(redis), 1);
}

static void an_echo_of_the_password_is_not_repeated(void **state)
{
    (void)state;
    redis = drive_open("redis://:s3cret@127.0.0.1:%d", fake.port);
    fake_accept(&fake, redis);
    SAY("-ERR unknown command `AUTH`, with args beginning with: `s3cret`, \r\n");
    drive_until_error(redis, "does not take AUTH");
    assert_null(strstr(bq_redis_error(redis)->text, "s3cret"));
}

static void garbage_breaks_it(void **state)
{
    (void)state;
    come();
    drive_send(redis, "PING");
    drive_send(redis, "PING");
    (void)bq_redis_work(redis);
    SAY("+PONG\r\n?\r\n");
    assert_string_equal(drive_next(redis)->text, "PONG");
    assert_null(bq_redis_next(redis));
    assert_int_equal(bq_redis_state(redis), BQ_REDIS_AWAY);
    assert_int_equal(bq_redis_pending(redis), 0);
    assert_non_null(strstr(bq_redis_error(redis)->text, "Protocol error"));
}

static void a_reply_cut_anywhere_breaks_it(void **state)
{
    (void)state;
    static const char reply[] = "*2\r\n$5\r\nhello\r\n:12\r\n";

    for (size_t cut = 0; cut < sizeof(reply) - 1; cut++) {
        come();
        drive_send(redis, "PING");
        (void)bq_redis_work(redis);
        fake_say(&fake, reply, cut);
        fake_hang_up(&fake);
        while (bq_redis_work(redis) == BQ_REDIS_READY) {
            assert_null(bq_redis_next(redis));
        }
        assert_int_equal(bq_redis_pending(redis), 0);
        assert_int_equal(bq_redis_error(redis)->status, BARQ_ERR_CONN);
        bq_redis_close(redis);
        redis = NULL;
    }
}

/* With SIGPIPE as it is by default, and a peer that reads nothing and goes. */
static void writing_to_who_has_gone_raises_no_signal(void **state)
{
    (void)state;
    static char large[1 << 20];
    const struct bq_redis_word words[] = {BQ_REDIS_WORD("ECHO"), {large, sizeof(large)}};
    (void)signal(SIGPIPE, SIG_DFL);

    come();
    for (int i = 0; i < 8; i++) {
        assert_int_equal(bq_redis_send(redis, words, 2, NULL), BARQ_OK);
    }
    assert_int_equal(bq_redis_work(redis), BQ_REDIS_READY);
    fake_hang_up(&fake);
    drive_until_away(redis);
    assert_int_equal(bq_redis_pending(redis), 0);
}

static void too_much_to_send_is_refused_whole(void **state)
{
    (void)state;
    char *large = calloc(1, 200 << 20);
    const struct bq_redis_word words[] = {BQ_REDIS_WORD("ECHO"), {large, 200 << 20}};
    struct barq_error err;

    assert_non_null(large);
    come();
    assert_int_equal(bq_redis_send(redis, words, 2, &err), BARQ_OK);
    assert_int_equal(bq_redis_send(redis, words, 2, &err), BARQ_OK);
    assert_int_equal(bq_redis_send(redis, words, 2, &err), BARQ_ERR_LIMIT);
    assert_int_equal(bq_redis_pending(redis), 2);
    drive_send(redis, "PING");
    free(large);
}

static void it_waits_without_spinning(void **state)
{
    (void)state;
    come();
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN};
    assert_int_equal(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, bq_redis_fd(redis), &event), 0);

    (void)bq_redis_work(redis);
    assert_null(bq_redis_next(redis));
    assert_int_equal(epoll_wait(epoll_fd, &event, 1, 0), 0);
    assert_false(bq_redis_wait(redis, bq_mono_ms()));
    SAY("+push\r\n");
    assert_int_equal(epoll_wait(epoll_fd, &event, 1, 10000), 1);
    assert_string_equal(drive_next(redis)->text, "push");
    assert_null(bq_redis_next(redis));
    assert_int_equal(epoll_wait(epoll_fd, &event, 1, 0), 0);
    close(epoll_fd);
}

static void attempts_come_less_and_less_often(void **state)
{
    (void)state;
    int64_t rests_ms[6];
    fake_close(&fake);
    redis = drive_open("redis://127.0.0.1:%d", fake.port);
    drive_until_away(redis);
    for (int i = 0; i < 6; i++) {
        int64_t began_ms = bq_mono_ms();
        assert_true(bq_redis_wait(redis, began_ms + 10000));
        rests_ms[i] = bq_mono_ms() - began_ms;
        (void)bq_redis_work(redis);
        drive_until_away(redis);
    }
    /* Later than asked for is the machine's; earlier would be ours. */
    for (int i = 0; i < 6; i++) {
        assert_true(rests_ms[i] >= (50 << i) * 3 / 4 - 2);
    }
}

static void names_of_no_host_are_told(void **state)
{
    (void)state;
    redis = drive_open("redis://no-such-host.invalid");
    drive_until_error(redis, "looking up the host: no address of \"no-such-host.invalid\"");
}

static void it_may_be_closed_while_a_name_is_looked_up(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        redis = drive_open("redis://localhost:%d", fake.port);
        (void)bq_redis_work(redis);
        bq_redis_close(redis);
    }
    redis = NULL;
}

static void no_descriptor_is_left_over(void **state)
{
    (void)state;
    int before = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(before);
    for (int i = 0; i < 5; i++) {
        come();
        fake_hang_up(&fake);
        drive_until_away(redis);
        fake_accept(&fake, redis);
        bq_redis_close(redis);
        fake_hang_up(&fake);
    }
    redis = NULL;
    int after = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(after);
    assert_int_equal(after, before);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    static const struct CMUnitTest tests[] = {
        TEST(a_peer_that_says_nothing_is_given_up),
        TEST(a_peer_that_says_nothing_in_tls_is_given_up),
        TEST(a_peer_that_knows_no_tls_is_told),
        TEST(a_peer_that_wants_tls_is_told),
        TEST(a_peer_that_speaks_of_something_else_is_told),
        TEST(a_peer_that_hangs_up_has_its_last_word),
        TEST(a_server_that_loads_is_waited_for),
        TEST(an_echo_of_the_password_is_not_repeated),
        TEST(garbage_breaks_it),
        TEST(a_reply_cut_anywhere_breaks_it),
        TEST(writing_to_who_has_gone_raises_no_signal),
        TEST(too_much_to_send_is_refused_whole),
        TEST(it_waits_without_spinning),
        TEST(attempts_come_less_and_less_often),
        TEST(names_of_no_host_are_told),
        TEST(it_may_be_closed_while_a_name_is_looked_up),
        TEST(no_descriptor_is_left_over),
    };

    return cmocka_run_group_tests_name("redis/peer", tests, NULL, NULL);
}

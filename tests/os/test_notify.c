#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/notify.h"
#include "support/folder.h"

/* The service manager's end. */
static int manager = -1;

static void listen_at(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(name);

    assert_true(len < sizeof(address.sun_path));
    memcpy(address.sun_path, name, len);
    if (name[0] == '@') {
        address.sun_path[0] = '\0';
    }
    manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(manager, (const struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
                     0);
    setenv("NOTIFY_SOCKET", name, 1);
}

static const char *heard(void)
{
    static char text[256];
    ssize_t len = recv(manager, text, sizeof(text) - 1, 0);

    text[len < 0 ? 0 : len] = '\0';
    return text;
}

static int forget(void **state)
{
    close(manager);
    manager = -1;
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    return folder_remove(state);
}

static void what_is_said_arrives(const char *name)
{
    struct bq_notify notify;

    listen_at(name);
    bq_notify_open(&notify);
    bq_notify_say(&notify, "READY=1\nSTATUS=works on barq");
    assert_string_equal(heard(), "READY=1\nSTATUS=works on barq");
    bq_notify_reloading(&notify);
    assert_memory_equal(heard(), "RELOADING=1\nMONOTONIC_USEC=", 27);
    bq_notify_close(&notify);
    bq_notify_say(&notify, "STOPPING=1");
    assert_string_equal(heard(), "");
}

static void a_manager_at_a_path_hears_what_is_said(void **state)
{
    (void)state;
    char path[256];

    (void)snprintf(path, sizeof(path), "%s/notify", folder_path());
    what_is_said_arrives(path);
}

static void a_manager_without_a_path_hears_what_is_said(void **state)
{
    (void)state;
    char name[64];

    (void)snprintf(name, sizeof(name), "@barq-test-%d", (int)getpid());
    what_is_said_arrives(name);
}

static void nobody_or_nonsense_is_told_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"", "@", "relative/path", "/not/there"};
    char long_name[300] = "/";
    struct bq_notify notify;

    bq_notify_open(&notify);
    assert_int_equal(notify.fd, -1);
    bq_notify_say(&notify, "READY=1");
    bq_notify_close(&notify);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        setenv("NOTIFY_SOCKET", names[i], 1);
        bq_notify_open(&notify);
        assert_true(notify.fd == -1 || names[i][0] == '/');
        bq_notify_say(&notify, "READY=1");
        bq_notify_close(&notify);
    }
    memset(long_name + 1, 'x', sizeof(long_name) - 2);
    setenv("NOTIFY_SOCKET", long_name, 1);
    bq_notify_open(&notify);
    assert_int_equal(notify.fd, -1);
}

static void children_are_not_told_where_the_manager_is(void **state)
{
    (void)state;
    struct bq_notify notify;

    listen_at("@barq-test-children");
    setenv("WATCHDOG_USEC", "3000000", 1);
    bq_notify_open(&notify);
    assert_int_equal(notify.watchdog_ms, 3000);
    assert_null(getenv("NOTIFY_SOCKET"));
    assert_null(getenv("WATCHDOG_USEC"));
    bq_notify_close(&notify);
}

static void a_watchdog_of_another_process_is_none(void **state)
{
    (void)state;
    static const struct {
        const char *usec;
        const char *pid;
        int64_t watchdog_ms;
    } cases[] = {
        {"500000", NULL, 500}, {"500000", "1", 0}, {"500000", "x", 0},
        {"0", NULL, 0},        {"-5", NULL, 0},    {"soon", NULL, 0},
    };
    char own[16];
    struct bq_notify notify;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        setenv("NOTIFY_SOCKET", "@barq-test-watchdog", 1);
        setenv("WATCHDOG_USEC", cases[i].usec, 1);
        if (cases[i].pid) {
            setenv("WATCHDOG_PID", cases[i].pid, 1);
        }
        bq_notify_open(&notify);
        assert_int_equal(notify.watchdog_ms, cases[i].watchdog_ms);
        bq_notify_close(&notify);
    }
    (void)snprintf(own, sizeof(own), "%d", (int)getpid());
    setenv("NOTIFY_SOCKET", "@barq-test-watchdog", 1);
    setenv("WATCHDOG_USEC", "500000", 1);
    setenv("WATCHDOG_PID", own, 1);
    bq_notify_open(&notify);
    assert_int_equal(notify.watchdog_ms, 500);
    bq_notify_close(&notify);
}

static void a_manager_that_does_not_read_stops_nobody(void **state)
{
    (void)state;
    struct bq_notify notify;

    listen_at("@barq-test-full");
    bq_notify_open(&notify);
    for (int i = 0; i < 5000; i++) {
        bq_notify_say(&notify, "WATCHDOG=1");
    }
    assert_string_equal(heard(), "WATCHDOG=1");
    bq_notify_close(&notify);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_make, forget)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_manager_at_a_path_hears_what_is_said),
        TEST(a_manager_without_a_path_hears_what_is_said),
        TEST(nobody_or_nonsense_is_told_nothing),
        TEST(children_are_not_told_where_the_manager_is),
        TEST(a_watchdog_of_another_process_is_none),
        TEST(a_manager_that_does_not_read_stops_nobody),
    };

    return cmocka_run_group_tests_name("notify", tests, NULL, NULL);
}

/*
 * hello_test.c - a test of hello.c, without a worker. It says what it found as TAP; any framework does as well.
 *
 *     cc hello_test.c hello.c $(pkg-config --cflags --libs barq) -o hello_test
 *     ./hello_test
 */
#include <stdio.h>
#include <string.h>

#include <barq/testing.h>

extern const struct barq_settings barq_settings; /* hello.c's */

static int tests;
static int failures;

static void say(int good, const char *what)
{
    failures += !good;
    (void)printf("%sok %d - %s\n", good ? "" : "not ", ++tests, what);
}

static void greets_by_name(struct barq_test *test)
{
    struct barq_test_outcome outcome;
    const struct barq_value *args = barq_test_json(test, "[\"world\"]");

    say(barq_test_run(test, "greet", args, NULL, &outcome, NULL) == BARQ_OK &&
            outcome.kind == BARQ_TEST_COMPLETE &&
            strcmp(barq_as_string(outcome.result, ""), "Hello, world!") == 0,
        "greets by name");
}

static void greets_nobody(struct barq_test *test)
{
    struct barq_test_outcome outcome;

    say(barq_test_run(test, "greet", NULL, NULL, &outcome, NULL) == BARQ_OK &&
            outcome.kind == BARQ_TEST_FAILED && strcmp(outcome.error, "greet: whom?") == 0,
        "does not greet nobody");
}

static void greets_who_is_in_the_queue(struct barq_test *test)
{
    struct barq_test_drained drained;
    const struct barq_value *args = barq_test_json(test, "[\"queue\"]");

    say(barq_enqueue(barq_test_client(test), "greet", args, NULL, NULL, NULL, NULL) == BARQ_OK &&
            barq_test_count(test, "greet") == 1 &&
            barq_test_drain(test, &drained, NULL) == BARQ_OK && drained.complete == 1,
        "greets who is in the queue");
}

int main(void)
{
    struct barq_test *test;
    struct barq_error err;

    if (barq_test_open(&barq_settings, NULL, &test, &err) != BARQ_OK) {
        (void)printf("Bail out! %s\n", err.text);
        return 1;
    }
    (void)printf("1..3\n");
    greets_by_name(test);
    greets_nobody(test);
    greets_who_is_in_the_queue(test);
    barq_test_close(test);
    return failures > 0;
}

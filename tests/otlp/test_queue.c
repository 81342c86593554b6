#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../otlp/queue.h"

static const struct otlp_pair service = {"service.name", "a \"shop\""};
static const struct otlp_settings settings = {
    .attributes = &service, .n_attributes = 1, .batch_max = 2};

static struct otlp_queue queue;
static struct otlp_batch batch;

static int set_up(void **state)
{
    (void)state;
    otlp_queue_init(&queue);
    otlp_batch_init(&batch);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    otlp_queue_clear(&queue);
    otlp_batch_clear(&batch);
    return 0;
}

static void put(const char *lines)
{
    otlp_queue_put_lines(&queue, lines, strlen(lines));
}

static const char *next_batch(void)
{
    assert_true(otlp_batch_fill(&batch, &queue, &settings));
    const char *spans = strstr(bq_buf_cstr(&batch.body), "\"spans\":");
    assert_non_null(spans);
    return spans;
}

static void spans_go_in_batches_in_their_order(void **state)
{
    (void)state;
    put("{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n");
    assert_int_equal(queue.count, 3);
    assert_string_equal(next_batch(), "\"spans\":[{\"a\":1},{\"b\":2}]}]}]}");
    assert_int_equal(batch.count, 2);
    put("{\"d\":4}\n"); /* while they are on their way */
    otlp_batch_done(&batch, &queue);
    assert_string_equal(next_batch(), "\"spans\":[{\"c\":3},{\"d\":4}]}]}]}");
    otlp_batch_done(&batch, &queue);
    assert_int_equal(queue.count, 0);
    assert_int_equal(queue.dropped, 0);
}

static void what_was_not_taken_goes_again(void **state)
{
    (void)state;
    put("{\"a\":1}\n");
    (void)next_batch();
    assert_string_equal(next_batch(), "\"spans\":[{\"a\":1}]}]}]}");
    assert_int_equal(queue.count, 1);
}

static void who_tells_is_in_each_batch(void **state)
{
    (void)state;
    put("{}\n");
    (void)next_batch();
    assert_non_null(strstr(batch.body.data,
                           "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":"
                           "\"service.name\",\"value\":{\"stringValue\":\"a \\\"shop\\\"\"}}]}"));
}

static void what_comes_to_a_full_queue_is_dropped_and_counted(void **state)
{
    (void)state;
    static char large[OTLP_QUEUE_BYTES / 4];

    for (int i = 0; i < OTLP_QUEUE_MAX + 5; i++) {
        put("{}\n");
    }
    assert_int_equal(queue.count, OTLP_QUEUE_MAX);
    assert_int_equal(queue.dropped, 5);
    (void)next_batch();
    otlp_batch_done(&batch, &queue);
    put("{}\n");
    assert_int_equal(queue.dropped, 5);

    tear_down(state);
    set_up(state);
    memset(large, 'x', sizeof(large) - 1);
    large[sizeof(large) - 2] = '\n';
    for (int i = 0; i < 5; i++) {
        put(large);
    }
    assert_true(queue.count >= 3 && queue.dropped >= 1 && queue.count + queue.dropped == 5);
    put("{}\n");
    assert_int_equal(queue.count + queue.dropped, 6);
}

static void a_line_without_an_end_is_none(void **state)
{
    (void)state;
    put("{\"a\":1}\n{\"b\"");
    assert_int_equal(queue.count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(spans_go_in_batches_in_their_order),
        TEST(what_was_not_taken_goes_again),
        TEST(who_tells_is_in_each_batch),
        TEST(what_comes_to_a_full_queue_is_dropped_and_counted),
        TEST(a_line_without_an_end_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "drive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"

enum { DEADLINE_MS = 20000, WORDS_MAX = 16 };

struct bq_redis *drive_open(const char *format, ...)
{
    static const struct bq_redis_options options = {.client_name = "test", .reply_max_bytes = 0};
    bq_auto(arena) struct barq_arena arena;
    struct bq_redis *redis = NULL;
    struct barq_error err;
    struct bq_dsn dsn;
    va_list values;

    bq_arena_init(&arena, 1 << 16);
    va_start(values, format);
    const char *url = bq_arena_vformat(&arena, format, values);
    va_end(values);
    assert_int_equal(bq_dsn_parse(&arena, url, &dsn, NULL), BARQ_OK);
    if (bq_redis_open(&dsn, &options, &redis, &err) != BARQ_OK) {
        fail_msg("%s: %s", url, err.text);
    }
    return redis;
}

static void wait_once(struct bq_redis *redis, int64_t until_ms)
{
    if (!bq_redis_wait(redis, until_ms)) {
        fail_msg("nothing has happened: %s", bq_redis_error(redis)->text);
    }
}

void drive_until_ready(struct bq_redis *redis)
{
    int64_t until_ms = bq_mono_ms() + DEADLINE_MS;

    while (bq_redis_work(redis) != BQ_REDIS_READY) {
        wait_once(redis, until_ms);
    }
}

void drive_until_away(struct bq_redis *redis)
{
    int64_t until_ms = bq_mono_ms() + DEADLINE_MS;

    while (bq_redis_work(redis) != BQ_REDIS_AWAY) {
        wait_once(redis, until_ms);
    }
}

void drive_until_error(struct bq_redis *redis, const char *says)
{
    drive_until_status(redis, says, BARQ_ERR_CONN);
}

void drive_until_status(struct bq_redis *redis, const char *says, enum barq_status status)
{
    int64_t until_ms = bq_mono_ms() + DEADLINE_MS;

    while (bq_redis_work(redis) == BQ_REDIS_READY || !strstr(bq_redis_error(redis)->text, says)) {
        wait_once(redis, until_ms);
    }
    assert_int_equal(bq_redis_error(redis)->status, status);
    assert_ptr_equal(strstr(bq_redis_error(redis)->text, "redis: "), bq_redis_error(redis)->text);
}

void drive_send(struct bq_redis *redis, const char *command)
{
    struct bq_redis_word words[WORDS_MAX];
    struct barq_error err;
    size_t count = 0;

    for (const char *at = command; *at; count++) {
        assert_true(count < WORDS_MAX);
        words[count] = (struct bq_redis_word){at, strcspn(at, " ")};
        at += words[count].len;
        at += *at == ' ';
    }
    if (bq_redis_send(redis, words, count, &err) != BARQ_OK) {
        fail_msg("%s: %s", command, err.text);
    }
}

const struct bq_redis_reply *drive_next(struct bq_redis *redis)
{
    int64_t until_ms = bq_mono_ms() + DEADLINE_MS;

    for (;;) {
        (void)bq_redis_work(redis);
        const struct bq_redis_reply *reply = bq_redis_next(redis);
        if (reply) {
            return reply;
        }
        if (bq_redis_state(redis) != BQ_REDIS_READY) {
            fail_msg("%s", bq_redis_error(redis)->text);
        }
        wait_once(redis, until_ms);
    }
}

const struct bq_redis_reply *drive_ask(struct bq_redis *redis, const char *command)
{
    drive_send(redis, command);
    return drive_next(redis);
}

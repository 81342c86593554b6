/*
 * events.c - keyspace events: with them a worker hears what arq's clients do,
 * who publish nothing.
 */
#include <stdio.h>
#include <string.h>

#include "broker/redis/broker.h"

enum { FLAGS_BYTES = 64 };

/* K: by key; z: of sorted sets, which A stands for, too. */
static bool are_on(const char *flags)
{
    return strchr(flags, 'K') && strpbrk(flags, "zA");
}

static bool are_wanted(const struct bq_redis *redis)
{
    const char *wanted = bq_redis_option(redis, "keyspace_events");

    return wanted && strcmp(wanted, "on") == 0;
}

static void add_to(const char *there, char flags[FLAGS_BYTES])
{
    (void)snprintf(flags, FLAGS_BYTES, "%.32sKz", there ? there : "");
}

bool bq_redis_ask_events(struct bq_redis *redis)
{
    const struct bq_redis_word words[] = {BQ_REDIS_WORD("CONFIG"), BQ_REDIS_WORD("GET"),
                                          BQ_REDIS_WORD("notify-keyspace-events")};

    return are_wanted(redis) && bq_redis_send(redis, words, 3, NULL) == BARQ_OK;
}

bool bq_redis_answer_events(struct bq_redis *redis, const struct bq_redis_reply *reply)
{
    const char *there = bq_reply_words(reply, 1);
    char flags[FLAGS_BYTES];

    if (!there || are_on(there)) {
        return true;
    }
    add_to(there, flags);
    const struct bq_redis_word words[] = {BQ_REDIS_WORD("CONFIG"), BQ_REDIS_WORD("SET"),
                                          BQ_REDIS_WORD("notify-keyspace-events"),
                                          BQ_REDIS_WORD(flags)};
    return bq_redis_send(redis, words, 4, NULL) == BARQ_OK;
}

static enum barq_status set_flags(struct bq_redis *redis, const char *flags, int64_t until_ms,
                                  struct barq_error *err)
{
    const char *const words[] = {"CONFIG", "SET", "notify-keyspace-events", flags};
    const struct bq_redis_reply *reply = NULL;

    enum barq_status status = bq_redis_tell(redis, words, 4, until_ms, &reply, err);
    if (status == BARQ_OK && reply->kind == BQ_REDIS_ERROR) {
        return bq_fail(err, BARQ_ERR_DENIED,
                       "redis: %s lets nobody turn keyspace events on (%.200s): set "
                       "notify-keyspace-events to Kz there, or leave keyspace_events out",
                       bq_redis_address(redis), reply->text);
    }
    return status;
}

enum barq_status bq_redis_turn_events_on(struct bq_redis *redis, int64_t until_ms,
                                         struct barq_error *err)
{
    const char *const words[] = {"CONFIG", "GET", "notify-keyspace-events"};
    const char *wanted = bq_redis_option(redis, "keyspace_events");
    const struct bq_redis_reply *reply = NULL;
    char flags[FLAGS_BYTES];

    if (!wanted || strcmp(wanted, "off") == 0) {
        return BARQ_OK;
    }
    if (strcmp(wanted, "on") != 0) {
        return bq_fail(err, BARQ_ERR_ARG, "redis: keyspace_events is \"%.40s\"; it is on or off",
                       wanted);
    }
    enum barq_status status = bq_redis_tell(redis, words, 3, until_ms, &reply, err);
    if (status != BARQ_OK) {
        return status;
    }
    const char *there = bq_reply_words(reply, 1);
    if (there && are_on(there)) {
        return BARQ_OK;
    }
    add_to(there, flags);
    return set_flags(redis, flags, until_ms, err);
}

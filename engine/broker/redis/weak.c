/*
 * weak.c - what of a server's settings makes its promises weaker than barq's.
 */
#include <string.h>

#include "base/text.h"
#include "broker/redis/broker.h"

enum { WEAK_MAX = 12 };

struct weak {
    const char **sentences;
    size_t count;
};

static void add(struct weak *weak, const char *sentence)
{
    if (weak->count < WEAK_MAX) {
        weak->sentences[weak->count++] = sentence;
    }
}

/* The value of a setting as CONFIG GET or INFO tells it; "" when it is not told. In `arena`. */
static const char *config(struct bq_redis *redis, const char *name, struct barq_arena *arena,
                          int64_t until_ms)
{
    const char *const words[] = {"CONFIG", "GET", name};
    const struct bq_redis_reply *reply = NULL;

    if (bq_redis_tell(redis, words, 3, until_ms, &reply, NULL) != BARQ_OK) {
        return "";
    }
    const char *value = bq_reply_words(reply, 1);
    const char *copy = value ? bq_arena_strdup(arena, value) : NULL;
    return copy ? copy : "";
}

static const char *info(const char *text, const char *name, struct barq_arena *arena)
{
    const char *at = strstr(text, name);

    if (!at || at[strlen(name)] != ':') {
        return "";
    }
    at += strlen(name) + 1;
    const char *copy = bq_arena_strndup(arena, at, strcspn(at, "\r\n"));
    return copy ? copy : "";
}

static void look_at_settings(struct bq_redis *redis, struct barq_arena *arena, int64_t until_ms,
                             struct weak *weak)
{
    const char *aof = config(redis, "appendonly", arena, until_ms);
    const char *sync = config(redis, "appendfsync", arena, until_ms);
    const char *policy = config(redis, "maxmemory-policy", arena, until_ms);
    const char *memory = config(redis, "maxmemory", arena, until_ms);
    const char *events = config(redis, "notify-keyspace-events", arena, until_ms);

    if (!*aof) {
        add(weak, "the server does not tell its settings (CONFIG GET): whether it keeps what it "
                  "accepted was not seen");
        return;
    }
    if (strcmp(aof, "no") == 0) {
        add(weak, "no append-only file: a crash of the server loses what came since its last "
                  "snapshot; set appendonly yes");
    } else if (strcmp(sync, "always") != 0) {
        add(weak, strcmp(sync, "no") == 0
                      ? "the append-only file is synced when the system likes (appendfsync no): a "
                        "crash of the machine loses what came last; everysec or always"
                      : "the append-only file is synced each second (appendfsync everysec): a "
                        "crash of the machine loses up to two seconds; always loses nothing");
    }
    if (strcmp(policy, "noeviction") != 0) {
        add(weak, strcmp(memory, "0") == 0
                      ? "keys may be evicted once maxmemory is set: set maxmemory-policy noeviction"
                      : "keys are evicted when memory is short, jobs among them: set "
                        "maxmemory-policy noeviction");
    }
    if (!strpbrk(events, "K") || !strpbrk(events, "zA")) {
        add(weak, "keyspace events are off: jobs of arq's clients are picked up by polling; "
                  "notify-keyspace-events Kz, or keyspace_events=on in the address");
    }
}

static void look_at_replicas(struct bq_redis *redis, struct barq_arena *arena, int64_t until_ms,
                             struct weak *weak)
{
    const char *const words[] = {"INFO", "replication"};
    const struct bq_redis_reply *reply = NULL;

    if (bq_redis_tell(redis, words, 2, until_ms, &reply, NULL) != BARQ_OK ||
        reply->kind != BQ_REDIS_TEXT) {
        return;
    }
    const char *role = info(reply->text, "role", arena);
    const char *replicas = info(reply->text, "connected_slaves", arena);
    if (*role && strcmp(role, "master") != 0) {
        add(weak, "the server is a replica: nothing can be enqueued or claimed at it");
    }
    if (*replicas && strcmp(replicas, "0") != 0) {
        add(weak, "replicas follow later: a failover loses what they had not got yet, and jobs "
                  "whose claim was lost run again (their effects stay single)");
    }
}

enum barq_status bq_redis_weaknesses(struct bq_broker *broker, struct barq_arena *arena,
                                     const char *const **out, size_t *count, int64_t timeout_ms,
                                     struct barq_error *err)
{
    struct bq_redis *redis = bq_redis_broker_of(broker)->redis;
    int64_t until_ms = bq_redis_until(timeout_ms);
    const char *const ping[] = {"PING"};
    const struct bq_redis_reply *reply = NULL;
    struct weak weak = {.sentences = bq_arena_array(arena, WEAK_MAX, sizeof(char *))};

    if (!weak.sentences) {
        return bq_fail(err, BARQ_ERR_NOMEM, "redis: no room for what is weak");
    }
    enum barq_status status = bq_redis_tell(redis, ping, 1, until_ms, &reply, err);
    if (status != BARQ_OK) {
        return status;
    }
    look_at_settings(redis, arena, until_ms, &weak);
    look_at_replicas(redis, arena, until_ms, &weak);
    *out = weak.sentences;
    *count = weak.count;
    return BARQ_OK;
}

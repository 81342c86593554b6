#include <inttypes.h>
#include <string.h>

#include "base/time.h"
#include "broker/redis/broker.h"

void bq_redis_begin_request(struct bq_buf *request, const struct bq_redis *redis, size_t pairs)
{
    bq_pack_map(request, pairs + 1);
    bq_pack_text(request, "db");
    bq_pack_int(request, bq_redis_db(redis));
}

int64_t bq_redis_until(int64_t timeout_ms)
{
    int64_t now_ms = bq_mono_ms();

    return timeout_ms < INT64_MAX - now_ms ? now_ms + timeout_ms : INT64_MAX;
}

/* A wrong password, name or certificate does not get better while one waits. */
static bool is_hopeless(const struct bq_redis *redis)
{
    enum barq_status why = bq_redis_error(redis)->status;

    return why == BARQ_ERR_DENIED || why == BARQ_ERR_ARG;
}

static enum barq_status get_ready(struct bq_redis *redis, int64_t until_ms, struct barq_error *err)
{
    for (;;) {
        enum bq_redis_state state = bq_redis_work(redis);

        if (state == BQ_REDIS_READY) {
            return BARQ_OK;
        }
        if ((state == BQ_REDIS_AWAY && is_hopeless(redis)) || !bq_redis_wait(redis, until_ms)) {
            const struct barq_error *why = bq_redis_error(redis);

            return bq_fail(err, why->status != BARQ_OK ? why->status : BARQ_ERR_TIMEOUT, "%s",
                           why->status != BARQ_OK ? why->text : "redis: no connection in time");
        }
    }
}

/* The answer to what was sent. What nobody answers may have happened. */
static enum barq_status get_reply(struct bq_redis *redis, int64_t until_ms,
                                  const struct bq_redis_reply **reply, struct barq_error *err)
{
    for (;;) {
        enum bq_redis_state state = bq_redis_work(redis);

        *reply = bq_redis_next(redis);
        if (*reply) {
            return BARQ_OK;
        }
        if (state != BQ_REDIS_READY || bq_redis_pending(redis) == 0) {
            const struct barq_error *why = bq_redis_error(redis);

            return bq_fail(err, BARQ_ERR_CONN, "%s",
                           why->text[0] != '\0' ? why->text : "redis: the connection broke");
        }
        if (!bq_redis_wait(redis, until_ms)) {
            bq_redis_break(redis, "no answer in time");
            return bq_fail(err, BARQ_ERR_CONN, "redis: %s did not answer in time",
                           bq_redis_address(redis));
        }
    }
}

enum barq_status bq_redis_tell(struct bq_redis *redis, const char *const *words, size_t count,
                               int64_t until_ms, const struct bq_redis_reply **reply,
                               struct barq_error *err)
{
    enum { WORDS_MAX = 8 };
    struct bq_redis_word all[WORDS_MAX];

    for (size_t i = 0; i < count && i < WORDS_MAX; i++) {
        all[i] = BQ_REDIS_WORD(words[i]);
    }
    enum barq_status status = get_ready(redis, until_ms, err);
    if (status == BARQ_OK) {
        status = bq_redis_send(redis, all, count < WORDS_MAX ? count : WORDS_MAX, err);
    }
    return status == BARQ_OK ? get_reply(redis, until_ms, reply, err) : status;
}

static enum barq_status ask_once(struct bq_redis *redis, const struct bq_script_call *call,
                                 int64_t until_ms, const struct bq_redis_reply **reply,
                                 struct barq_error *err)
{
    enum barq_status status = bq_script_send(redis, call, err);

    return status == BARQ_OK ? get_reply(redis, until_ms, reply, err) : status;
}

/* The same, with the script's text if the server does not know it; when it is connected. */
static enum barq_status ask_through(struct bq_redis *redis, struct bq_script_call *call,
                                    int64_t until_ms, const struct bq_redis_reply **reply,
                                    struct barq_error *err)
{
    call->with_text = false;
    enum barq_status status = get_ready(redis, until_ms, err);
    if (status == BARQ_OK) {
        status = ask_once(redis, call, until_ms, reply, err);
    }
    if (status == BARQ_OK && bq_script_is_unknown(*reply)) {
        call->with_text = true;
        status = ask_once(redis, call, until_ms, reply, err);
    }
    return status;
}

enum barq_status bq_redis_ask(struct bq_redis *redis, const struct bq_redis_ask *ask,
                              const struct bq_buf *request, const struct bq_redis_reply **reply,
                              struct barq_error *err)
{
    struct bq_script_call call = {.script = ask->script, .request = request, .plain = ask->plain};

    *reply = NULL;
    const struct bq_buf *failed = request->failed ? request : ask->plain;
    if (failed && failed->failed) {
        return bq_fail(err, failed->starved ? BARQ_ERR_NOMEM : BARQ_ERR_LIMIT,
                       "redis: %s: more than %d bytes at once", ask->doing, REDIS_CLIENT_MAX_BYTES);
    }
    enum barq_status status = ask_through(redis, &call, ask->until_ms, reply, err);
    while (status == BARQ_ERR_CONN && ask->only_asks && bq_mono_ms() < ask->until_ms) {
        status = ask_through(redis, &call, ask->until_ms, reply, err);
    }
    if (status != BARQ_OK || !*reply || (*reply)->kind != BQ_REDIS_ERROR) {
        return status;
    }
    status = bq_script_fail(*reply, ask->doing, err);
    if (status == BARQ_ERR_CONN) { /* perhaps another one is the master now */
        bq_redis_break(redis, err ? err->text : "it cannot serve now");
    }
    return status;
}

/*
 * An attempt: from a host's name, or a Sentinel's, to a server that has taken
 * the greeting. Each phase has a step, which goes on, waits, or fails.
 */
#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "base/time.h"
#include "redis/connection.h"

enum {
    FIRST_REST_MS = 50,
    LAST_REST_MS = 3000,
    DOUBLINGS_MAX = 6,
    FIRST_LOOK_MS = 1,
    LAST_LOOK_MS = 50,
    SHOWN_BYTES = 240,
    PLACE_BYTES = 320,
};

/* Goes on to another phase, or nothing more can be done now. */
enum next { AGAIN, WAIT };

static const char *const doings[BQ_REDIS_PHASES] = {
    [BQ_REDIS_RESTING] = "",
    [BQ_REDIS_RESOLVING] = "looking up the host: ",
    [BQ_REDIS_CONNECTING] = "connecting: ",
    [BQ_REDIS_SECURING] = "agreeing on TLS: ",
    [BQ_REDIS_GREETING] = "greeting: ",
    [BQ_REDIS_TALKING] = "",
};

static const char closed[] = "the server has closed the connection";

/* -- failing -- */

/* What does not get better while one waits is told apart: a refused password, no such database. */
static enum barq_status status_of(const struct barq_error *reason)
{
    bool hopeless = reason->status == BARQ_ERR_DENIED || reason->status == BARQ_ERR_ARG;

    return hopeless ? reason->status : BARQ_ERR_CONN;
}

/* "redis: ADDRESS: [Sentinel HOST:PORT: ]connecting: REASON" */
static void put_error(struct bq_redis *redis, const struct barq_error *reason)
{
    const struct bq_redis_address *address = &redis->address;
    char place[PLACE_BYTES] = "";

    if (address->way == BQ_REDIS_BY_SENTINEL && redis->phase != BQ_REDIS_RESTING) {
        snprintf(place, sizeof(place), "%s %.80s:%d: ", redis->at_sentinel ? "Sentinel" : "master",
                 redis->host.name, redis->host.port);
    }
    (void)bq_fail(&redis->error, status_of(reason), "redis: %.*s: %s%s%s", SHOWN_BYTES,
                  address->shown, place, doings[redis->phase], reason->text);
}

/* Doubles up to its limit; each a little less, so that not all clients come at once. */
static int64_t rest_ms(int failures)
{
    int64_t whole_ms = FIRST_REST_MS << (failures < DOUBLINGS_MAX ? failures : DOUBLINGS_MAX);
    uint32_t dice = 0;

    bq_random(&dice, sizeof(dice));
    if (whole_ms > LAST_REST_MS) {
        whole_ms = LAST_REST_MS;
    }
    return whole_ms - (int64_t)(dice % (uint32_t)(whole_ms / 4));
}

static void rest(struct bq_redis *redis)
{
    bq_redis_hang_up(redis);
    bq_redis_resolve_abandon(&redis->resolver);
    redis->at_ms = bq_mono_ms() + rest_ms(redis->failures++);
    redis->phase = BQ_REDIS_RESTING;
}

void bq_redis_retire(struct bq_redis *redis, const struct barq_error *reason)
{
    put_error(redis, reason);
    rest(redis);
}

static enum next try_host(struct bq_redis *redis);

static enum next try_sentinel(struct bq_redis *redis)
{
    redis->at_sentinel = true;
    redis->host = redis->address.hosts[redis->sentinel];
    return try_host(redis);
}

/* The host at hand has failed: another Sentinel may know better. */
static enum next fail(struct bq_redis *redis, const struct barq_error *reason)
{
    if (!redis->at_sentinel || !redis->has_blamed_master) {
        put_error(redis, reason);
    }
    if (redis->phase == BQ_REDIS_SECURING) {
        /* Perhaps new certificates are in the files the next time. */
        bq_redis_trust_free(redis->trust);
        redis->trust = NULL;
    }
    if (redis->address.way != BQ_REDIS_BY_SENTINEL) {
        rest(redis);
        return WAIT;
    }

    redis->has_blamed_master = redis->has_blamed_master || !redis->at_sentinel;
    if (++redis->sentinel >= redis->address.n_hosts) {
        rest(redis);
        return WAIT;
    }
    return try_sentinel(redis);
}

static bool is_over(const struct bq_redis *redis)
{
    return bq_mono_ms() >= redis->at_ms;
}

static enum next fail_late(struct bq_redis *redis)
{
    struct barq_error reason;

    (void)bq_fail(&reason, BARQ_ERR_TIMEOUT, "no answer within %.3g s%s",
                  (double)redis->address.connect_timeout_ms / 1000,
                  redis->phase == BQ_REDIS_SECURING ? ": is its port one without TLS, for redis://?"
                                                    : "");
    return fail(redis, &reason);
}

/* -- resting -- */

static enum next begin(struct bq_redis *redis)
{
    if (!is_over(redis)) {
        return WAIT;
    }
    redis->has_blamed_master = false;
    redis->sentinel = 0;
    if (redis->address.way == BQ_REDIS_BY_SENTINEL) {
        return try_sentinel(redis);
    }
    redis->at_sentinel = false;
    if (redis->address.n_hosts > 0) {
        redis->host = redis->address.hosts[0];
    }
    return try_host(redis);
}

/* -- connecting -- */

static enum next connect_to(struct bq_redis *redis, const struct sockaddr *address, socklen_t len)
{
    struct barq_error reason;

    bq_redis_hang_up(redis);
    redis->phase = BQ_REDIS_CONNECTING;
    if (bq_redis_transport_connect(&redis->transport, address, len, &reason) != BARQ_OK) {
        return redis->next ? AGAIN : fail(redis, &reason);
    }
    return AGAIN;
}

/* Each of the addresses that are left gets its share of the time that is left. */
static enum next connect_next(struct bq_redis *redis)
{
    const struct addrinfo *at = redis->next;
    int64_t now_ms = bq_mono_ms();
    int64_t count = 0;
    assert(at);
    for (const struct addrinfo *left = at; left; left = left->ai_next) {
        count++;
    }

    redis->next = at->ai_next;
    redis->at_ms = now_ms + (redis->deadline_ms - now_ms) / count;
    return connect_to(redis, at->ai_addr, at->ai_addrlen);
}

static enum next connect_socket(struct bq_redis *redis)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    memcpy(address.sun_path, redis->address.socket, strlen(redis->address.socket) + 1);
    redis->next = NULL;
    redis->at_ms = redis->deadline_ms;
    return connect_to(redis, (const struct sockaddr *)&address, sizeof(address));
}

static enum next try_host(struct bq_redis *redis)
{
    struct barq_error reason;

    bq_redis_hang_up(redis);
    bq_redis_reader_reset(redis->reader);
    redis->deadline_ms = bq_mono_ms() + redis->address.connect_timeout_ms;
    if (redis->address.way == BQ_REDIS_BY_UNIX) {
        return connect_socket(redis);
    }
    redis->phase = BQ_REDIS_RESOLVING;
    redis->look_ms = FIRST_LOOK_MS;
    redis->next = NULL;
    if (bq_redis_resolve_begin(&redis->resolver, &redis->host, &reason) != BARQ_OK) {
        return fail(redis, &reason);
    }
    return AGAIN;
}

static enum next resolve(struct bq_redis *redis)
{
    struct barq_error reason;
    int64_t now_ms = bq_mono_ms();

    if (bq_redis_resolve_look(&redis->resolver, &redis->next, &reason) != BARQ_OK) {
        return fail(redis, &reason);
    }
    if (redis->next) {
        return connect_next(redis);
    }
    redis->at_ms = redis->deadline_ms;
    if (now_ms >= redis->deadline_ms) {
        return fail_late(redis);
    }
    if (now_ms + redis->look_ms < redis->deadline_ms) {
        redis->at_ms = now_ms + redis->look_ms;
    }
    redis->look_ms = redis->look_ms * 2 < LAST_LOOK_MS ? redis->look_ms * 2 : LAST_LOOK_MS;
    return WAIT;
}

static enum next greet(struct bq_redis *redis)
{
    bool asked = redis->at_sentinel
                     ? bq_redis_greet_sentinel(&redis->greeting, &redis->address, &redis->out)
                     : bq_redis_greet_server(&redis->greeting, &redis->address, &redis->out);

    redis->phase = BQ_REDIS_GREETING;
    if (!asked) {
        struct barq_error reason;
        (void)bq_fail(&reason, BARQ_ERR_NOMEM, "out of memory");
        return fail(redis, &reason);
    }
    return AGAIN;
}

static enum barq_status start_tls(struct bq_redis *redis, struct barq_error *err)
{
    struct bq_redis_tls *tls = NULL;
    enum barq_status status =
        redis->trust ? BARQ_OK : bq_redis_trust_new(&redis->address.files, &redis->trust, err);

    status =
        status == BARQ_OK ? bq_redis_tls_new(redis->trust, redis->host.name, &tls, err) : status;
    return status == BARQ_OK ? bq_redis_transport_secure(&redis->transport, tls, err) : status;
}

static enum next be_connected(struct bq_redis *redis)
{
    struct barq_error reason;

    redis->at_ms = redis->deadline_ms;
    if (!redis->address.tls) {
        return greet(redis);
    }
    redis->phase = BQ_REDIS_SECURING;
    return start_tls(redis, &reason) == BARQ_OK ? AGAIN : fail(redis, &reason);
}

static enum next wait_for_socket(struct bq_redis *redis)
{
    struct barq_error reason;
    bool done = false;

    if (redis->transport.fd < 0) {
        return connect_next(redis); /* the address before this one failed at once */
    }
    if (bq_redis_transport_look(&redis->transport, &done, &reason) != BARQ_OK) {
        return redis->next ? connect_next(redis) : fail(redis, &reason);
    }
    if (done) {
        return be_connected(redis);
    }
    if (!is_over(redis)) {
        return WAIT;
    }
    return redis->next ? connect_next(redis) : fail_late(redis);
}

/* -- TLS and the greeting -- */

static enum next secure(struct bq_redis *redis)
{
    struct barq_error reason;
    bool done = false;

    if (bq_redis_transport_greet(&redis->transport, &done, &reason) != BARQ_OK) {
        return fail(redis, &reason);
    }
    if (done) {
        return greet(redis);
    }
    return is_over(redis) ? fail_late(redis) : WAIT;
}

static enum next be_greeted(struct bq_redis *redis)
{
    if (redis->at_sentinel) {
        redis->at_sentinel = false;
        memcpy(redis->host_name, redis->greeting.master_name, sizeof(redis->host_name));
        redis->host = (struct bq_redis_host){
            .name = redis->host_name,
            .port = redis->greeting.master.port,
        };
        return try_host(redis);
    }
    redis->at_ms = 0;
    redis->failures = 0;
    redis->era++;
    redis->phase = BQ_REDIS_TALKING;
    return WAIT;
}

/* The answers that are there. */
static enum barq_status take_answers(struct bq_redis *redis, struct barq_error *err)
{
    const struct bq_redis_reply *reply = NULL;

    while (!bq_redis_greeting_is_over(&redis->greeting)) {
        enum barq_status status = bq_redis_reader_next(redis->reader, &reply, err);
        if (status != BARQ_OK || !reply) {
            return status;
        }
        status = bq_redis_greeting_take(&redis->greeting, reply, err);
        if (status != BARQ_OK) {
            return status;
        }
    }
    return BARQ_OK;
}

static enum next fail_cut(struct bq_redis *redis, const char *how)
{
    struct barq_error reason;
    bool may_want_tls = !redis->address.tls && redis->greeting.answered == 0;

    (void)bq_fail(&reason, BARQ_ERR_CONN, "%s%s", how,
                  may_want_tls ? ": is its port one with TLS, for rediss://?" : "");
    return fail(redis, &reason);
}

static enum next hear(struct bq_redis *redis)
{
    struct barq_error unsent;
    struct barq_error reason;
    size_t len = 0;
    enum barq_status sent = bq_redis_flush(redis, &unsent);
    enum barq_status heard = bq_redis_fill(redis, &len, &reason);

    if (heard != BARQ_OK) {
        return fail_cut(redis, reason.text);
    }
    if (take_answers(redis, &reason) != BARQ_OK) {
        return fail(redis, &reason);
    }
    if (bq_redis_greeting_is_over(&redis->greeting)) {
        return be_greeted(redis);
    }
    /* Only now: a server that has hung up may have said why. */
    if (redis->has_ended || sent != BARQ_OK) {
        return fail_cut(redis, redis->has_ended ? closed : unsent.text);
    }
    if (len > 0) {
        return AGAIN;
    }
    return is_over(redis) ? fail_late(redis) : WAIT;
}

/* -- connected -- */

static enum next talk(struct bq_redis *redis)
{
    struct barq_error reason;
    size_t len = 0;
    bool had_ended = redis->has_ended;
    enum barq_status status = bq_redis_flush(redis, &reason);

    status = status == BARQ_OK ? bq_redis_fill(redis, &len, &reason) : status;
    /* Whoever wants replies has had the time between two calls to take them. */
    if (status == BARQ_OK && redis->has_ended &&
        (had_ended || bq_redis_reader_is_empty(redis->reader))) {
        status = bq_fail(&reason, BARQ_ERR_CONN, "%s", closed);
    }
    if (status != BARQ_OK) {
        bq_redis_retire(redis, &reason);
    }
    return WAIT;
}

void bq_redis_attempt(struct bq_redis *redis)
{
    static enum next (*const steps[BQ_REDIS_PHASES])(struct bq_redis *) = {
        [BQ_REDIS_RESTING] = begin,
        [BQ_REDIS_RESOLVING] = resolve,
        [BQ_REDIS_CONNECTING] = wait_for_socket,
        [BQ_REDIS_SECURING] = secure,
        [BQ_REDIS_GREETING] = hear,
        [BQ_REDIS_TALKING] = talk,
    };

    while (steps[redis->phase](redis) == AGAIN) {
    }
}

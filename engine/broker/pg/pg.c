/*
 * pg.c - the broker on PostgreSQL: its table, and the client half's connection.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "broker/pg/broker.h"
#include "broker/pg/schema.h"

enum {
    POLL_MS = 1000,
    LOOK_AGAIN_MS = 1000,  /* between two looks by itself */
    WATCH_MS = 120 * 1000, /* so long workers tell of ends, once a client waits */
    WATCH_ASK_MS = 5000,
    MIGRATE_MS = 60 * 1000,
    LISTEN_BYTES = PG_SCHEMA_QUOTED_BYTES + 24,
};

static const struct bq_broker_ops pg_ops;

static void pg_close(struct bq_broker *base)
{
    struct pg_broker *broker = bq_pg_broker_of(base);

    bq_pg_worker_free(broker->worker);
    bq_link_close(broker->link);
    bq_link_close(broker->done);
    bq_pg_place_clear(&broker->place);
    free(broker);
}

static void bq_pg_broker_drop(struct pg_broker **broker)
{
    if (*broker) {
        pg_close(&(*broker)->base);
    }
}

static enum barq_status pg_open(const char *url, const struct bq_dsn *dsn, struct bq_broker **out,
                                struct barq_error *err)
{
    bq_auto(pg_broker) struct pg_broker *broker = calloc(1, sizeof(*broker));
    uint64_t random;
    (void)dsn;

    if (!broker) {
        return bq_fail(err, BARQ_ERR_NOMEM, "postgresql: out of memory");
    }
    bq_random(&random, sizeof(random));
    (void)snprintf(broker->token, sizeof(broker->token), "%016llx", (unsigned long long)random);
    enum barq_status status = bq_libpq_load(err);
    if (status == BARQ_OK) {
        status = bq_pg_place_read(&broker->place, url, err);
    }
    if (status == BARQ_OK) {
        status = bq_link_open(&broker->place, &broker->link, err);
    }
    if (status != BARQ_OK) {
        return status;
    }
    broker->base.ops = &pg_ops;
    *out = &bq_take(broker)->base;
    return BARQ_OK;
}

/* A connection brings the schema up to date by itself; asked before is what it was. */
static enum barq_status pg_migrate(const char *url, int *from, int *to, struct barq_error *err)
{
    struct bq_broker *base = NULL;

    enum barq_status status = pg_open(url, NULL, &base, err);
    if (status != BARQ_OK) {
        return status;
    }
    struct pg_link *link = bq_pg_broker_of(base)->link;
    status = bq_pg_get_ready(link, bq_pg_until(MIGRATE_MS), err);
    if (status == BARQ_OK) {
        *from = bq_link_version_found(link);
        *to = PG_VERSION;
    }
    pg_close(base);
    return status;
}

/* True when it listens: what is told from now on is heard. */
static bool listen_for_ends(struct pg_broker *broker)
{
    char sql[LISTEN_BYTES];
    enum pg_link_state state = bq_link_work(broker->done);

    bq_libpq.PQclear(bq_link_answer(broker->done));
    if (state == PG_LINK_READY && broker->done_era != bq_link_era(broker->done)) {
        broker->done_era = bq_link_era(broker->done);
        bq_pg_place_listen(&broker->place, "done", sql, sizeof(sql));
        bq_link_say(broker->done, sql);
        return false;
    }
    return state == PG_LINK_READY;
}

/* Everything that was told; false: nothing was. */
static bool drain(struct pg_link *link)
{
    bool any = false;
    PGnotify *heard;

    while ((heard = bq_link_heard(link))) {
        bq_libpq.PQfreemem(heard);
        any = true;
    }
    return any;
}

/* Workers tell of ends only while somebody waits. */
static bool is_watched(struct pg_broker *broker)
{
    struct pg_ask ask = {
        .statement = PG_WATCH, .doing = "wait", .until_ms = bq_pg_until(WATCH_ASK_MS)};
    bq_auto(pg_request) struct pg_request request;
    bq_auto(pg_result) PGresult *answer = NULL;

    bq_pg_request_init(&request, PG_REQUEST_MAX_BYTES);
    if (bq_mono_ms() < broker->watched_until_ms) {
        return true;
    }
    bq_pg_put_text(&request, broker->token);
    bq_pg_put_int8(&request, WATCH_MS);
    if (bq_pg_ask(broker->link, &ask, &request, &answer, NULL) == BARQ_OK) {
        broker->watched_until_ms = bq_pg_until(WATCH_MS / 2);
    }
    return false;
}

static void sleep_until(int64_t until_ms)
{
    int64_t left_ms = until_ms - bq_mono_ms();

    (void)poll(NULL, 0, left_ms > 0 ? (int)left_ms : 0);
}

/* The first call only begins to listen: what had finished before was not told. */
static void pg_wait_finished(struct bq_broker *base, int64_t timeout_ms)
{
    struct pg_broker *broker = bq_pg_broker_of(base);
    int64_t until_ms = bq_pg_until(timeout_ms < LOOK_AGAIN_MS ? timeout_ms : LOOK_AGAIN_MS);

    if (!broker->done && bq_link_open(&broker->place, &broker->done, NULL) != BARQ_OK) {
        sleep_until(until_ms);
        return;
    }
    bool new = broker->done_era == 0;
    bool watched = is_watched(broker);
    int64_t listen_until_ms = new ? bq_pg_until(WATCH_ASK_MS) : until_ms;
    while (!listen_for_ends(broker)) {
        if (!bq_link_wait(broker->done, listen_until_ms)) {
            return;
        }
    }
    if (new || !watched) {
        return;
    }
    do {
        if (listen_for_ends(broker) && drain(broker->done)) {
            return;
        }
    } while (bq_link_wait(broker->done, until_ms));
}

static const struct bq_broker_ops pg_ops = {
    .name = "postgresql",
    .default_queue = "barq",
    .codec = &bq_codec_json,
    .poll_ms = POLL_MS,
    .enqueue = bq_pg_enqueue,
    .find = bq_pg_find,
    .wait_finished = pg_wait_finished,
    .abort = bq_pg_abort,
    .list = bq_pg_list,
    .stats = bq_pg_stats,
    .pause = bq_pg_pause,
    .workers = bq_pg_workers,
    .limits = bq_pg_limits,
    .weaknesses = bq_pg_weaknesses,
    .crons = bq_pg_crons,
    .revive = bq_pg_revive,
    .remove = bq_pg_remove,
    .join = bq_pg_join,
    .fd = bq_pg_worker_fd,
    .begin = bq_pg_begin,
    .end = bq_pg_end,
    .woken = bq_pg_woken,
    .close = pg_close,
};

const struct bq_broker_kind bq_broker_postgresql = {
    .scheme = "postgresql", .open = pg_open, .migrate = pg_migrate};
const struct bq_broker_kind bq_broker_postgres = {
    .scheme = "postgres", .open = pg_open, .migrate = pg_migrate};

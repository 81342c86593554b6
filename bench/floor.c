/*
 * floor.c - what a worker's SQL costs by itself: a bare loop that claims and
 * finishes the jobs of a queue's file, 100 in a transaction, with the
 * statements of engine/broker/sqlite. Prints jobs a second.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sqlite3.h>

enum { BATCH = 100, ID_BYTES = 64, KEEP_MS = 3600000 };

enum statement { BEGIN, READ, RUN, UNWAIT, FIND, UNRUN, FINISH, COUNT, COMMIT, STATEMENTS };

static const char *const texts[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [READ] = "SELECT w.due_at, w.seq, j.id, j.payload, j.enqueued_at, j.expires_at,"
             " j.claimed_before, j.aborted, j.tries, j.losses, j.crashes, j.alone,"
             " j.function, j.key FROM barq_waiting w CROSS JOIN barq_jobs j ON j.seq = w.seq"
             " WHERE w.queue = 1 AND w.lost = 0 AND w.priority = 0 AND w.due_at <= ?1"
             " ORDER BY w.due_at, w.seq LIMIT ?2",
    [RUN] = "INSERT INTO barq_running (seq, worker, claim, claimed_at)"
            " SELECT seq, 1, 1, ?3 FROM barq_waiting"
            " WHERE queue = 1 AND lost = 0 AND priority = 0 AND (due_at, seq) <= (?1, ?2)",
    [UNWAIT] = "DELETE FROM barq_waiting WHERE queue = 1 AND lost = 0 AND priority = 0"
               " AND (due_at, seq) <= (?1, ?2)",
    [FIND] = "SELECT seq, queue FROM barq_jobs WHERE id = ?1",
    [UNRUN] = "DELETE FROM barq_running WHERE seq = ?1 AND worker = 1 AND claim = 1",
    [FINISH] = "UPDATE barq_jobs SET state = 1, aborted = 0, payload = NULL, result = ?2,"
               " finished_at = ?3, result_until = ?4, gone_at = ?4 WHERE seq = ?1",
    [COUNT] = "UPDATE barq_queues SET waiting = waiting - ?1, running = running + ?1 - ?2,"
              " complete = complete + ?2 WHERE queue = 1",
    [COMMIT] = "COMMIT",
};

static sqlite3 *db;
static sqlite3_stmt *statements[STATEMENTS];
static char ids[BATCH][ID_BYTES]; /* of the jobs that are claimed, and to be finished next */

static void check(bool good)
{
    if (!good) {
        (void)fprintf(stderr, "bench: floor: %s\n", sqlite3_errmsg(db));
        exit(EXIT_FAILURE);
    }
}

static void bind(enum statement which, int at, int64_t number)
{
    check(sqlite3_bind_int64(statements[which], at, number) == SQLITE_OK);
}

/* One that gives no rows. */
static void run(enum statement which)
{
    check(sqlite3_step(statements[which]) == SQLITE_DONE);
    sqlite3_reset(statements[which]);
}

static int64_t clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void open_queue(const char *path)
{
    check(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK);
    check(sqlite3_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", NULL, NULL,
                       NULL) == SQLITE_OK);
    for (int i = 0; i < STATEMENTS; i++) {
        check(sqlite3_prepare_v3(db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &statements[i],
                                 NULL) == SQLITE_OK);
    }
}

static void finish_one(const char *id, int64_t now_ms)
{
    check(sqlite3_bind_text(statements[FIND], 1, id, -1, SQLITE_STATIC) == SQLITE_OK);
    check(sqlite3_step(statements[FIND]) == SQLITE_ROW);
    int64_t seq = sqlite3_column_int64(statements[FIND], 0);
    sqlite3_reset(statements[FIND]);
    bind(UNRUN, 1, seq);
    run(UNRUN);
    bind(FINISH, 1, seq);
    check(sqlite3_bind_blob(statements[FINISH], 2, "null", 4, SQLITE_STATIC) == SQLITE_OK);
    bind(FINISH, 3, now_ms);
    bind(FINISH, 4, now_ms + KEEP_MS);
    run(FINISH);
}

/* Claims up to a batch into `ids`: how many. */
static int claim(int64_t now_ms)
{
    int64_t due_at = 0;
    int64_t seq = 0;
    int count = 0;

    bind(READ, 1, now_ms);
    bind(READ, 2, BATCH);
    while (sqlite3_step(statements[READ]) == SQLITE_ROW) {
        due_at = sqlite3_column_int64(statements[READ], 0);
        seq = sqlite3_column_int64(statements[READ], 1);
        (void)snprintf(ids[count++], ID_BYTES, "%s",
                       (const char *)sqlite3_column_text(statements[READ], 2));
    }
    sqlite3_reset(statements[READ]);
    for (enum statement move = RUN; move <= UNWAIT; move++) {
        bind(move, 1, due_at);
        bind(move, 2, seq);
        if (move == RUN) {
            bind(move, 3, now_ms);
        }
        run(move);
    }
    return count;
}

/* One transaction, as one exchange of a worker: finishes `claimed` jobs, claims others: how many. */
static int exchange(int claimed)
{
    int64_t now_ms = clock_ms();

    run(BEGIN);
    for (int i = 0; i < claimed; i++) {
        finish_one(ids[i], now_ms);
    }
    int next = claim(now_ms);
    bind(COUNT, 1, next);
    bind(COUNT, 2, claimed);
    run(COUNT);
    run(COMMIT);
    return next;
}

int main(int argc, char **argv)
{
    struct timespec begun;
    struct timespec ended;
    long finished = 0;

    if (argc != 2) {
        (void)fprintf(stderr, "usage: floor QUEUE-FILE\n");
        return 2;
    }
    open_queue(argv[1]);
    clock_gettime(CLOCK_MONOTONIC, &begun);
    for (int claimed = exchange(0); claimed > 0; claimed = exchange(claimed)) {
        finished += claimed;
    }
    clock_gettime(CLOCK_MONOTONIC, &ended);
    double seconds =
        (double)(ended.tv_sec - begun.tv_sec) + (double)(ended.tv_nsec - begun.tv_nsec) / 1e9;
    (void)printf("%.0f\n", (double)finished / seconds);
    for (int i = 0; i < STATEMENTS; i++) {
        sqlite3_finalize(statements[i]);
    }
    sqlite3_close(db);
    return EXIT_SUCCESS;
}

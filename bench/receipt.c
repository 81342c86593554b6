/*
 * receipt.c - what the receipt costs a job that writes one row: sessions as an
 * attempt uses them, one after the other, with and without it, in turn. Prints
 * sessions a second, with the receipt and without.
 *
 *     receipt DATABASE-URL COUNT
 */
#include "session/receipt.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ID_BYTES = 32, RESULT_BYTES = 60, TURN = 50 };

static struct barq_session *session;
static struct barq_error err;

static void check(enum barq_status status)
{
    if (status != BARQ_OK) {
        (void)fprintf(stderr, "bench: receipt: %s\n", err.text);
        exit(EXIT_FAILURE);
    }
}

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void run_one(long number, bool receipt)
{
    static const char result[RESULT_BYTES];
    int64_t now_ms = clock_ns(CLOCK_REALTIME) / 1000000;
    char id[ID_BYTES];
    struct bq_identity identity = {
        .queue = "barq", .id = id, .enqueued_at_ms = now_ms, .nonce = "0123456789abcdef"};
    struct bq_session_job job = {.identity = &identity};
    struct bq_receipt row = {.success = true, .result = result, .result_bytes = sizeof(result)};

    (void)snprintf(id, sizeof(id), "%ld", number);
    check(bq_session_bind(session, &job, &err));
    check(bq_session_use(session, BQ_DB_WRITE, &err));
    check(barq_exec(session, "INSERT INTO bench_rows (job) VALUES (?1)",
                    BARQ_PARAMS(barq_sql_text(id)), &err));
    if (receipt) {
        bool written = false;
        check(bq_session_written(session, &written, &err));
        check(bq_receipt_commit(session, &identity, &row, now_ms, &err));
    } else {
        check(bq_session_commit(session, &err));
    }
    bq_session_unbind(session);
}

/* A few with, a few without, so that both meet the same machine. */
int main(int argc, char **argv)
{
    double seconds[2] = {0, 0};
    if (argc != 3) {
        (void)fprintf(stderr, "usage: receipt DATABASE-URL COUNT\n");
        return 2;
    }
    long count = strtol(argv[2], NULL, 10);

    check(bq_session_open(argv[1], &session, &err));
    for (long done = 0; done < 2 * count;) {
        bool receipt = done / TURN % 2 == 0;
        int64_t begun_ns = clock_ns(CLOCK_MONOTONIC);
        for (int i = 0; i < TURN; i++) {
            run_one(done++, receipt);
        }
        seconds[receipt] += (double)(clock_ns(CLOCK_MONOTONIC) - begun_ns) / 1e9;
    }
    (void)printf("%.1f %.1f\n", (double)count / seconds[1], (double)count / seconds[0]);
    bq_session_close(session);
    return EXIT_SUCCESS;
}

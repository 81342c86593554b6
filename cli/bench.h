/*
 * bench.h - barq bench: its clients are processes, which write what they saw into memory that they
 * share with the one that started them.
 */
#ifndef BARQ_CLI_BENCH_H
#define BARQ_CLI_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <barq/client.h>

enum { BENCH_NO_WAIT = -2 }; /* BARQ_OFF: for ever */

struct bench_plan {
    const char *url;
    const char *queue;
    const char *function;
    const struct barq_value *args;
    int64_t jobs;
    int64_t clients;
    int64_t batch;
    int64_t wait_ms;
    bool keep;
};

enum bench_state { BENCH_NEW, BENCH_ENQUEUED, BENCH_COMPLETE, BENCH_FAILED };

struct bench_job {
    char id[BARQ_NEW_ID_BYTES];
    enum bench_state state;
    int64_t enqueued_at_ms; /* 0: not known, since it has kept no result */
    int64_t finished_at_ms;
};

/* What one client has done, with its share of the jobs. */
struct bench_client {
    struct bench_job *jobs;
    size_t count;
    int64_t begun_us;
    int64_t ended_us; /* the last job was in its queue */
    int64_t left;     /* jobs that run on and could not be deleted */
    enum barq_status status;
    struct barq_error err;
};

/* -- bench_client.c -- */

/*
 * A client from its connection to its end: enqueues, waits, deletes. `stop_fd` is at its end when it shall
 * only delete what it has enqueued.
 */
void bench_run_client(const struct bench_plan *plan, struct bench_client *client, int stop_fd);

/* -- bench_figures.c -- */

/* All of it lies in memory that is shared with the clients. */
struct bench {
    struct bench_plan plan;
    struct bench_client *clients;
    struct bench_job *jobs;
    bool stopped;
};

struct bench_figures {
    int64_t enqueued;
    int64_t complete;
    int64_t failed;
    int64_t left;
    double enqueue_s;
    double enqueue_rate;
    double finish_rate;    /* -1: not measured, as are the following */
    int64_t percentile[3]; /* p50, p95, p99 */
};

struct bench_figures bench_measure(const struct bench *bench);
void bench_print(const struct bench *bench, const struct bench_figures *figures);
void bench_print_json(struct barq_arena *arena, const struct bench *bench,
                      const struct bench_figures *figures);

#endif

/*
 * cron.h - a cron job: a schedule and what is enqueued at its times.
 *
 * A run is the job `cron:QUEUE:NAME:INSTANT` (INSTANT in ms), whose enqueue
 * time is its instant and whose nonce is empty: whoever makes it, it is the
 * same job.
 */
#ifndef BQ_JOB_CRON_H
#define BQ_JOB_CRON_H

#include <barq/worker.h>

#include "base/cron.h"
#include "codec/codec.h"
#include "job/job.h"

enum {
    BQ_CRON_JOBS_MAX = 500,                  /* of a worker */
    BQ_CRON_NAME_MAX_BYTES = 200,            /* so that a run's id has its 512 bytes */
    BQ_CRON_ARGUMENTS_MAX_BYTES = 4096,      /* all of them fit into one frame */
    BQ_CRON_LATE_MS = 60 * 1000,             /* a run that is due for longer was missed */
    BQ_CRONS_ARENA_BYTES = 32 * 1024 * 1024, /* what they mean has room in it */
    BQ_CRON_CATCH_UP_MAX = 1000,             /* missed runs that are made up for, of one cron job */
};

/* As it travels to the dispatcher; no string is NULL. */
struct bq_cron_job {
    const char *name;
    const char *function;
    const char *schedule;  /* an expression */
    const char *time_zone; /* "": the system's */
    const char *queue;     /* "": the worker's first */
    const char *arguments; /* JSON; "": none */
    bool run_at_startup;
    enum barq_missed missed;
};

/*
 * Of one of the settings' cron jobs, in `arena`; all of it is checked.
 *
 * BARQ_ERR_ARG and others: the error says which cron job it is and what is wrong in it
 */
enum barq_status bq_cron_job_of(struct barq_arena *arena, const struct barq_cron *cron,
                                struct bq_cron_job *out, struct barq_error *err) BARQ_MUST_CHECK;

/* What its texts mean, in `arena`. */
struct bq_cron_meaning {
    struct bq_cron schedule;
    struct bq_zone *zone;
    const struct barq_value *args;   /* NULL: none */
    const struct barq_value *kwargs; /* likewise */
};
enum barq_status bq_cron_job_read(struct barq_arena *arena, const struct bq_cron_job *job,
                                  struct bq_cron_meaning *out, struct barq_error *err)
    BARQ_MUST_CHECK;

/* The run of an instant, written in `codec`, in `arena`. */
enum barq_status bq_cron_job_make(struct barq_arena *arena, const struct bq_codec *codec,
                                  const struct bq_cron_job *job,
                                  const struct bq_cron_meaning *meaning, const char *queue,
                                  int64_t at_ms, struct bq_job *out, struct barq_error *err)
    BARQ_MUST_CHECK;

/*
 * Of the runs from `first_ms` (one of them) on, none of which has been enqueued, the one that is to be
 * enqueued next; it may be later than `now_ms`, and then it is not due yet. Runs before it are left
 * out. Those that are due for longer than BQ_CRON_LATE_MS were missed. `*catch_up` is how many of
 * these may still be made up for, and is counted down.
 */
int64_t bq_cron_due(const struct bq_cron_meaning *meaning, enum barq_missed missed,
                    int64_t first_ms, int64_t now_ms, int *catch_up);

#endif

/*
 * jobs.c - jobs as functions are told of them: an array for each of their
 * fields, in the order of sql/enqueue.sql.
 */
#include "broker/pg/broker.h"

static const struct bq_job *job_at(const struct pg_jobs *jobs, size_t i)
{
    return (const struct bq_job *)((const char *)jobs->first + i * jobs->stride);
}

typedef const char *text_of(const struct bq_job *job);
typedef int64_t number_of(const struct bq_job *job);

static const char *id_of(const struct bq_job *job)
{
    return job->id;
}

static const char *queue_of(const struct bq_job *job)
{
    return job->queue;
}

static const char *function_of(const struct bq_job *job)
{
    return job->function ? job->function : "";
}

static const char *key_of(const struct bq_job *job)
{
    return job->key;
}

static int64_t enqueued_of(const struct bq_job *job)
{
    return job->enqueued_at_ms;
}

static int64_t due_of(const struct bq_job *job)
{
    return job->due_at_ms;
}

static int64_t expires_of(const struct bq_job *job)
{
    return job->expires_at_ms;
}

static void put_texts(struct pg_request *request, const struct pg_jobs *jobs, text_of *field)
{
    bq_pg_begin_array(request, PG_TEXT);
    for (size_t i = 0; i < jobs->count; i++) {
        bq_pg_add_text(request, field(job_at(jobs, i)));
    }
    bq_pg_end_array(request);
}

static void put_numbers(struct pg_request *request, const struct pg_jobs *jobs, number_of *field)
{
    bq_pg_begin_array(request, PG_INT8);
    for (size_t i = 0; i < jobs->count; i++) {
        bq_pg_add_int8(request, field(job_at(jobs, i)));
    }
    bq_pg_end_array(request);
}

static void put_payloads(struct pg_request *request, const struct pg_jobs *jobs)
{
    bq_pg_begin_array(request, PG_BYTEA);
    for (size_t i = 0; i < jobs->count; i++) {
        bq_pg_add_bytes(request, job_at(jobs, i)->payload, job_at(jobs, i)->payload_bytes);
    }
    bq_pg_end_array(request);
}

static void put_flags(struct pg_request *request, const struct pg_jobs *jobs)
{
    bq_pg_begin_array(request, PG_INT4);
    for (size_t i = 0; i < jobs->count; i++) {
        bq_pg_add_int4(request, job_at(jobs, i)->priority);
    }
    bq_pg_end_array(request);
    bq_pg_begin_array(request, PG_BOOL);
    for (size_t i = 0; i < jobs->count; i++) {
        bq_pg_add_bool(request, job_at(jobs, i)->uncertain);
    }
    bq_pg_end_array(request);
    bq_pg_begin_array(request, PG_BOOL);
    for (size_t i = 0; i < jobs->count; i++) {
        bq_pg_add_bool(request, job_at(jobs, i)->after_failed);
    }
    bq_pg_end_array(request);
}

/* Whom they wait for, with the places, from 1 on, of those that do. */
static void put_after(struct pg_request *request, const struct pg_jobs *jobs)
{
    bq_pg_begin_array(request, PG_INT4);
    for (size_t i = 0; i < jobs->count; i++) {
        for (size_t k = 0; k < job_at(jobs, i)->n_after; k++) {
            bq_pg_add_int4(request, (int32_t)(i + 1));
        }
    }
    bq_pg_end_array(request);
    bq_pg_begin_array(request, PG_TEXT);
    for (size_t i = 0; i < jobs->count; i++) {
        for (size_t k = 0; k < job_at(jobs, i)->n_after; k++) {
            bq_pg_add_text(request, job_at(jobs, i)->after[k]);
        }
    }
    bq_pg_end_array(request);
}

void bq_pg_put_jobs(struct pg_request *request, const struct pg_jobs *jobs)
{
    put_texts(request, jobs, id_of);
    put_texts(request, jobs, queue_of);
    put_payloads(request, jobs);
    put_numbers(request, jobs, enqueued_of);
    put_numbers(request, jobs, due_of);
    put_numbers(request, jobs, expires_of);
    put_texts(request, jobs, function_of);
    put_texts(request, jobs, key_of);
    put_flags(request, jobs);
    put_after(request, jobs);
}

void bq_pg_put_no_jobs(struct pg_request *request)
{
    static const enum pg_type types[] = {PG_TEXT, PG_TEXT, PG_BYTEA, PG_INT8, PG_INT8,
                                         PG_INT8, PG_TEXT, PG_TEXT,  PG_INT4, PG_BOOL,
                                         PG_BOOL, PG_INT4, PG_TEXT};

    bq_pg_put_no_arrays(request, types, sizeof(types) / sizeof(types[0]));
}

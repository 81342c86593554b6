#include "broker/report.h"

#include <stdlib.h>
#include <string.h>

#include "broker/memory/store.h"

static struct memory_job *reported(const struct memory_broker *handle,
                                   const struct bq_report *report, int64_t now_ms)
{
    struct memory_job *job = bq_memory_find(handle->store, report->id, now_ms);
    bool ours =
        job && job->state == MEMORY_RUNNING && job->holder == handle && job->claim == report->claim;

    return ours ? job : NULL;
}

bool bq_memory_make_report(const struct memory_broker *handle, const struct bq_report *report,
                           struct made_report *made, int64_t now_ms)
{
    const struct memory_job *job = reported(handle, report, now_ms);

    if (!job) {
        return true;
    }
    if (report->progress && report->note && report->note[0] != '\0') {
        made->note = strdup(report->note);
        if (!made->note) {
            return false;
        }
    }
    if (report->log_bytes > 0) {
        bq_auto(buf) struct bq_buf log;

        bq_buf_init(&log, BQ_JOB_LOG_MAX_BYTES + 1);
        bq_report_log(&log, job->log, report->log, report->log_bytes);
        const char *text = bq_buf_cstr(&log);
        made->log = text ? strdup(text) : NULL;
        return made->log != NULL;
    }
    return true;
}

void bq_memory_report(struct memory_broker *handle, const struct bq_report *report,
                      struct made_report *made, int64_t now_ms)
{
    struct memory_job *job = reported(handle, report, now_ms);

    if (!job) {
        return;
    }
    if (report->progress) {
        free(job->note);
        job->note = bq_take(made->note);
        job->done = report->done;
        job->total = report->total;
        job->progress_at_ms = now_ms;
        handle->store->finishes++;
    }
    if (made->log) {
        free(job->log);
        job->log = bq_take(made->log);
    }
}

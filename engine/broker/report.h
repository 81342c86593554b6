/*
 * report.h - what a broker keeps of a job's log: its last lines.
 */
#ifndef BQ_BROKER_REPORT_H
#define BQ_BROKER_REPORT_H

#include "base/buf.h"
#include "job/job.h"

/*
 * Puts `log` (NULL: none) with `more` behind it into `out`: whole lines from the first that leaves it within
 * BQ_JOB_LOG_MAX_BYTES; of a single line that is longer than that, its end, from a whole character on.
 */
void bq_report_log(struct bq_buf *out, const char *log, const char *more, size_t more_bytes);

#endif

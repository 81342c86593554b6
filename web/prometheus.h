/*
 * prometheus.h - Prometheus' text format 0.0.4, family by family.
 */
#ifndef BW_PROMETHEUS_H
#define BW_PROMETHEUS_H

#include <barq/admin.h>

#include "base/buf.h"

#define BW_PROMETHEUS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Its samples follow at once, and never later. */
void bw_family(struct bq_buf *out, const char *name, const char *type, const char *help);
/* `labels` are names and their values in turn, ended by a NULL; NULL: none. */
void bw_sample_int(struct bq_buf *out, const char *name, const char *const *labels, int64_t number);
/* The samples of one histogram, in seconds; at most two labels. */
void bw_sample_histogram(struct bq_buf *out, const char *name, const char *const *labels,
                         const struct barq_histogram *histogram);

#define BW_LABELS(...) ((const char *const[]){__VA_ARGS__, NULL})

#endif

/*
 * history.h - what a broker remembers of a job's earlier attempts: a JSON list
 * of maps, of which the newest are kept.
 */
#ifndef BQ_BROKER_HISTORY_H
#define BQ_BROKER_HISTORY_H

#include <stdint.h>

#include "base/buf.h"
#include "job/job.h"

enum { BQ_HISTORY_MAX_BYTES = BQ_HISTORY_MAX_ENTRIES * BQ_HISTORY_ENTRY_MAX_BYTES };

/*
 * Puts `list` with `entry` behind it into `out`. Old entries make room, so that there are never
 * more than BQ_HISTORY_MAX_ENTRIES and BQ_HISTORY_MAX_BYTES; an entry which is longer than that
 * alone is left out. A `list` that is none counts as empty.
 */
void bq_history_add(struct bq_buf *out, const char *list, const char *entry);

/* The entry of a lost lease: "its worker vanished". */
enum { BQ_HISTORY_LOST_BYTES = 96 };
void bq_history_lost(int64_t now_ms, char *out);

#endif

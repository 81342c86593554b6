/*
 * orphans.h - what falls to the first process of a container: children that
 * it has not started, whose parents have ended. Nobody else reaps them.
 */
#ifndef BQ_OS_ORPHANS_H
#define BQ_OS_ORPHANS_H

#include <stdbool.h>
#include <sys/types.h>

/* Do orphans become our children? We are process 1, or have been made a subreaper (prctl(2)). */
bool bq_orphans_fall_to_us(void);
/* Is this a child of our own, which is reaped where it was started? */
typedef bool bq_orphans_ours(const void *context, pid_t pid);
/*
 * Reaps those that have ended; never waits. One of our own that has ended, and is not reaped yet, may
 * hide others until the next call.
 */
void bq_orphans_reap(bq_orphans_ours *ours, const void *context);

#endif

/*
 * limits.h - how much of the machine an executor uses: its process, with all
 * its threads, without what it may have started itself.
 */
#ifndef BQ_EXECUTOR_LIMITS_H
#define BQ_EXECUTOR_LIMITS_H

#include <stdint.h>
#include <sys/types.h>

/* Of a child that is not reaped. -1: cannot be told (there is no /proc). 0: it has ended. Neither ever waits. */
int64_t bq_resident_bytes(pid_t pid);
int64_t bq_cpu_us(pid_t pid);

/* When memory is out, the kernel is to take this process, and what it starts, rather than us. Silently. */
void bq_expendable(pid_t pid);

#endif

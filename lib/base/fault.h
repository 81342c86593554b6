/*
 * fault.h - places where a test can stop, kill or cut a process exactly.
 *
 *     bq_fault("attempt.committed");
 *
 * Compiled in only with -Dfaults=true; otherwise nothing is left of it. With
 * it, the environment variable BARQ_FAULTS names a folder. When a process
 * reaches a point and the folder has a file of the point's name, the file is
 * taken away (by rename, so that of several processes only one takes it) and
 * its first word is done:
 *
 *     kill      SIGKILL to itself
 *     stop      SIGSTOP to itself (the test continues it)
 *     exit      _exit(0)
 *     fail      bq_fault_cut() returns true, where the code asks for it
 *     hang      waits for ever
 *
 * A second word N means: only the Nth time (a counter per process, of the
 * times that the file was there; put it there whole, by rename). Before it
 * acts, the process writes "POINT.hit" with its pid into the folder, so that a
 * test can wait for it.
 */
#ifndef BQ_BASE_FAULT_H
#define BQ_BASE_FAULT_H

#include <stdbool.h>

#ifdef BQ_FAULTS
bool bq_fault_reached(const char *point);
/* Is there a folder? Then what is usually done at once is done step by step, with points between. */
bool bq_faults_wanted(void);
#define bq_fault(point)     ((void)bq_fault_reached(point))
#define bq_fault_cut(point) bq_fault_reached(point)
#else
#define bq_fault(point)     ((void)0)
#define bq_fault_cut(point) false
#define bq_faults_wanted()  false
#endif

#endif

/*
 * job_json.h - a job, as openapi.json has it.
 */
#ifndef BW_JOB_JSON_H
#define BW_JOB_JSON_H

#include <barq/client.h>

/* In a list. */
struct barq_value *bw_job_summary(struct barq_arena *arena, const struct barq_job_info *job);
/* All of it. */
struct barq_value *bw_job(struct barq_arena *arena, const struct barq_job_info *job);

#endif

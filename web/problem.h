/*
 * problem.h - what the room refuses; openapi.json lists the codes once more.
 */
#ifndef BW_PROBLEM_H
#define BW_PROBLEM_H

#include <barq/error.h>

#include "http/problem.h"

enum bw_problem {
    BW_PROBLEM_INVALID,
    BW_PROBLEM_BODY,
    BW_PROBLEM_MEDIA_TYPE,
    BW_PROBLEM_NOT_FOUND,
    BW_PROBLEM_METHOD,
    BW_PROBLEM_NO_QUEUE,
    BW_PROBLEM_NO_JOB,
    BW_PROBLEM_JOB_STATE,
    BW_PROBLEM_READ_ONLY,
    BW_PROBLEM_SCOPE,
    BW_PROBLEM_BROKER_AWAY,
    BW_PROBLEM_BROKER_FULL,
    BW_PROBLEM_TOO_MUCH,
    BW_PROBLEM_INTERNAL,
    /* of whoever serves the room alone */
    BW_PROBLEM_HOST,
    BW_PROBLEM_FOREIGN,
    BW_PROBLEM_LOGIN,
    BW_PROBLEM_GUESSES,
    BW_PROBLEMS
};

struct bw_call;

const struct bq_http_problem *bw_problem(enum bw_problem problem);
/* Makes it the call's answer; `detail` (borrowed) NULL: the title says it all. BARQ_OK, to be returned by a handler. */
enum barq_status bw_refuse(struct bw_call *call, enum bw_problem problem, const char *detail);
/* The same with a detail that is made here. */
enum barq_status bw_refuse_as(struct bw_call *call, enum bw_problem problem, const char *format,
                              ...) BARQ_PRINTF(3, 4);

#endif

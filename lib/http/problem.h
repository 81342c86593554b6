/*
 * problem.h - what is refused, as RFC 9457 (application/problem+json), with a code that programs go by:
 *
 *     {"type": "/docs#problem-list_not_found", "title": "There is no such list", "status": 404,
 *      "code": "list_not_found", "detail": "There is no list talks"}
 */
#ifndef BQ_HTTP_PROBLEM_H
#define BQ_HTTP_PROBLEM_H

#include <barq/value.h>

#define BQ_HTTP_PROBLEM_TYPE "application/problem+json"

/* A line of a table: its code never changes its meaning. */
struct bq_http_problem {
    int status;
    const char *code;
    const char *title;
};

/* `where` (borrowed) is the page that explains codes; `detail` NULL: the title says it all. */
struct barq_value *bq_http_problem(struct barq_arena *arena, const struct bq_http_problem *problem,
                                   const char *where, const char *detail);
/* When there is no room for the real one, or for the answer. */
extern const char bq_http_too_large[];
/* "lists: there is none" is for a log; people are told "There is none". NULL when the arena is full. */
const char *bq_http_sentence(struct barq_arena *arena, const char *text);

#endif

/*
 * problem.h - what the API refuses, as RFC 9457 (application/problem+json):
 *
 *     {"type": "/docs#problem-list_not_found", "title": "There is no such list", "status": 404,
 *      "code": "list_not_found", "detail": "There is no list talks",
 *      "errors": [{"pointer": "#/name", "detail": "must be a string"}]}
 *
 * A code never changes its meaning; programs go by it. "detail" is for people.
 * "errors" names each member of the body ("pointer", as of RFC 6901) and each
 * parameter of the query ("parameter") that is wrong.
 */
#ifndef BM_API_PROBLEM_H
#define BM_API_PROBLEM_H

#include "api/request.h"
#include "http/problem.h"

/* problem.c has each one's status, code and title; one is added to both. */
enum bm_problem {
    /* of any call */
    BM_PROBLEM_INVALID,    /* 422: members of the body or the query are wrong */
    BM_PROBLEM_BODY,       /* 422: no JSON object */
    BM_PROBLEM_MULTIPART,  /* 422: a form that is not as it must be */
    BM_PROBLEM_NO_FILE,    /* 422: nothing was sent where a file should be */
    BM_PROBLEM_MEDIA_TYPE, /* 415 */
    BM_PROBLEM_NOT_FOUND,  /* 404: no such path */
    BM_PROBLEM_METHOD,     /* 405 */
    BM_PROBLEM_HOST,       /* 403 */
    BM_PROBLEM_FOREIGN,    /* 403: another site's page */
    BM_PROBLEM_CHANGED,    /* 412: If-Match */
    BM_PROBLEM_KEY,        /* 422: this is no Idempotency-Key */
    BM_PROBLEM_KEY_REUSED, /* 422 */
    BM_PROBLEM_UNDER_WAY,  /* 409: the first of this Idempotency-Key is */
    BM_PROBLEM_INTERNAL,   /* 500 */
    BM_PROBLEM_TOO_MUCH,   /* 500: the answer does not fit its limit */
    BM_PROBLEM_BUSY,       /* 503: the database is, or is away */
    BM_PROBLEM_FULL,       /* 507 */
    /* who calls */
    BM_PROBLEM_LOGIN,        /* 401: nobody is logged in */
    BM_PROBLEM_TOKEN,        /* 401: this is no token, or it is over */
    BM_PROBLEM_SCOPE,        /* 403: the token may only read */
    BM_PROBLEM_NOT_BY_TOKEN, /* 403: log in for that */
    BM_PROBLEM_PASSWORD,     /* 401: a wrong one */
    BM_PROBLEM_NO_PASSWORD,  /* 409: none is set */
    BM_PROBLEM_GUESSES,      /* 429: too many wrong passwords */
    BM_PROBLEM_NO_TOKEN,     /* 404 */
    BM_PROBLEM_TOKEN_EXISTS, /* 409: one of this name */
    /* lists */
    BM_PROBLEM_NO_LIST,     /* 404 */
    BM_PROBLEM_LIST_EXISTS, /* 409: one of this name */
    /* fields and values */
    BM_PROBLEM_NO_FIELD,        /* 404 */
    BM_PROBLEM_FIELD_EXISTS,    /* 409: the list has one of this name */
    BM_PROBLEM_TOO_MANY_FIELDS, /* 409: in the list, or on its cards */
    BM_PROBLEM_VALUES_MISFIT,   /* 409: the changed field would not allow values that there are */
    /* who is asked outside */
    BM_PROBLEM_NO_MODEL,       /* 409: none is set */
    BM_PROBLEM_SERVICE_SETUP,  /* 409: a key, model or address that a person must change */
    BM_PROBLEM_SERVICE_HELD,   /* 503: with Retry-After */
    BM_PROBLEM_SERVICE_FAILED, /* 502: it did not answer, or nothing that is of use */
    /* tags, notes, channels, views */
    BM_PROBLEM_NO_TAG,          /* 404 */
    BM_PROBLEM_TAG_EXISTS,      /* 409: one of this name, in any case */
    BM_PROBLEM_TOO_MANY_TAGS,   /* 409: or too many of one video */
    BM_PROBLEM_SECOND_CATEGORY, /* 409: a video has one at most */
    BM_PROBLEM_NO_NOTE,         /* 404 */
    BM_PROBLEM_TOO_MANY_NOTES,  /* 409 */
    BM_PROBLEM_NO_CHANNEL,      /* 404 */
    BM_PROBLEM_NO_TRANSCRIPT,   /* 404 */
    BM_PROBLEM_NO_VIEW,         /* 404 */
    BM_PROBLEM_VIEW_EXISTS,     /* 409: one of this name, of the same list */
    BM_PROBLEM_TOO_MANY_VIEWS,  /* 409 */
    /* videos */
    BM_PROBLEM_NO_VIDEO,     /* 404 */
    BM_PROBLEM_VIDEO_EXISTS, /* 409: in this list */
    /* import */
    BM_PROBLEM_UNREADABLE_FILE, /* 422: nothing that videos can be read from; it says why */
    /* runs */
    BM_PROBLEM_NO_JOB,              /* 404 */
    BM_PROBLEM_NOTHING_PENDING,     /* 400 */
    BM_PROBLEM_NOTHING_FAILED,      /* 404: so there is nothing to retry */
    BM_PROBLEM_RUN_STATE,           /* 409: it is paused already, is over, ... */
    BM_PROBLEM_NO_HOLD,             /* 404 */
    BM_PROBLEM_EVENT_ID,            /* 422: Last-Event-ID is no number */
    BM_PROBLEM_NO_SUBSCRIPTION,     /* 404 */
    BM_PROBLEM_SUBSCRIPTION_EXISTS, /* 409 */
    BM_PROBLEMS
};

const struct bq_http_problem *bm_problem_kind(enum bm_problem problem);

/* `detail` NULL: the title says it all. Borrowed; members noted as wrong go with it. */
void bm_api_refuse(struct bm_api_request *request, enum bm_problem problem, const char *detail);
/*
 * When `status` is `expected`: refuses with err's sentence, without the room
 * that it begins with, and returns BARQ_OK. Else `status`.
 */
enum barq_status bm_api_refuse_when(struct bm_api_request *request, enum barq_status status,
                                    enum barq_status expected, enum bm_problem problem,
                                    const struct barq_error *err) BARQ_MUST_CHECK;

#endif

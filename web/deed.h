/* deed.h - what is done to a job: retry, abort, delete. */
#ifndef BW_DEED_H
#define BW_DEED_H

#include "web/call.h"

/* One of barq_retry_dead(), barq_abort(), barq_delete(). */
typedef enum barq_status bw_deed(struct barq_client *client, const char *id,
                                 struct barq_error *err);

/*
 * Does it to the job `id`. BARQ_ERR_NOTFOUND: there is no such job; BARQ_ERR_CONFLICT: there is one, in a state
 * that this cannot be done in.
 */
enum barq_status bw_do(struct bw_call *call, bw_deed *deed, const char *id, struct barq_error *err);

#endif

#include "web/deed.h"

/* A deed finds no job of a state that it is for; is there one of another? */
static enum barq_status look_again(struct bw_call *call, const char *id, struct barq_error *err)
{
    enum barq_job_status found = BARQ_JOB_NOT_FOUND;
    struct barq_error why = *err;

    enum barq_status status = barq_status_of(call->client, id, &found, err);
    if (status != BARQ_OK) {
        return status;
    }
    *err = why;
    return found == BARQ_JOB_NOT_FOUND ? BARQ_ERR_NOTFOUND : BARQ_ERR_CONFLICT;
}

enum barq_status bw_do(struct bw_call *call, bw_deed *deed, const char *id, struct barq_error *err)
{
    enum barq_status status = deed(call->client, id, err);

    return status == BARQ_ERR_NOTFOUND ? look_again(call, id, err) : status;
}

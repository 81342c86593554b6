#include <stdlib.h>

#include "base/time.h"
#include "broker/pg/broker.h"

int64_t bq_pg_until(int64_t timeout_ms)
{
    int64_t now_ms = bq_mono_ms();

    return timeout_ms < INT64_MAX - now_ms ? now_ms + timeout_ms : INT64_MAX;
}

void bq_pg_result_drop(PGresult **result)
{
    if (*result) {
        bq_libpq.PQclear(*result);
    }
}

enum barq_status bq_pg_get_ready(struct pg_link *link, int64_t until_ms, struct barq_error *err)
{
    for (;;) {
        enum pg_link_state state = bq_link_work(link);

        if (state == PG_LINK_READY) {
            return BARQ_OK;
        }
        if ((state == PG_LINK_AWAY && bq_link_is_hopeless(link)) || !bq_link_wait(link, until_ms)) {
            const struct barq_error *why = bq_link_error(link);

            return bq_fail(err, why->status != BARQ_OK ? why->status : BARQ_ERR_CONN, "%s",
                           why->status != BARQ_OK ? why->text
                                                  : "postgresql: no connection in time");
        }
    }
}

/* The answer to what was sent. What nobody answers may have happened. */
static enum barq_status get_answer(struct pg_link *link, int64_t until_ms, PGresult **answer,
                                   struct barq_error *err)
{
    for (;;) {
        enum pg_link_state state = bq_link_work(link);

        *answer = bq_link_answer(link);
        if (*answer) {
            return BARQ_OK;
        }
        if (state != PG_LINK_CALLING) {
            return bq_fail(err, BARQ_ERR_CONN, "%s", bq_link_error(link)->text);
        }
        if (!bq_link_wait(link, until_ms)) {
            bq_link_break(link, "no answer in time");
            return bq_fail(err, BARQ_ERR_CONN, "%s", bq_link_error(link)->text);
        }
    }
}

static enum barq_status ask_once(struct pg_link *link, const struct pg_ask *ask,
                                 const struct pg_request *request, PGresult **answer,
                                 struct barq_error *err)
{
    enum barq_status status = bq_pg_get_ready(link, ask->until_ms, err);

    if (status != BARQ_OK) {
        return status;
    }
    bq_link_call(link, ask->statement, request);
    status = get_answer(link, ask->until_ms, answer, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bq_link_judge(link, *answer, ask->doing, err);
    if (status != BARQ_OK) {
        bq_libpq.PQclear(bq_take(*answer));
    }
    /* A schema that is gone, or a server that only reads by now: the next connection sees to that. */
    if (status == BARQ_ERR_SQL || status == BARQ_ERR_DENIED) {
        bq_link_break(link, "it refuses what it should not");
    }
    return status;
}

enum barq_status bq_pg_ask(struct pg_link *link, const struct pg_ask *ask,
                           const struct pg_request *request, PGresult **answer,
                           struct barq_error *err)
{
    enum barq_status status = BARQ_OK;

    *answer = NULL;
    if (request->data.failed) {
        return bq_fail(err, request->data.starved ? BARQ_ERR_NOMEM : BARQ_ERR_LIMIT,
                       "postgresql: %s: more than %d bytes at once", ask->doing,
                       PG_REQUEST_MAX_BYTES);
    }
    do {
        status = ask_once(link, ask, request, answer, err);
        /* A deadlock, or the like, has rolled all of it back. */
    } while ((status == BARQ_ERR_CONFLICT || (status == BARQ_ERR_CONN && ask->only_asks)) &&
             !bq_link_is_hopeless(link) && bq_mono_ms() < ask->until_ms);
    return status;
}

#include "session/inside.h"

/* Within an open transaction of whoever has the session. */
static enum barq_status check(struct barq_session *session, struct barq_error *err)
{
    enum barq_status status = bq_session_check(session, err);

    if (status == BARQ_OK && session->state == BQ_SESSION_CLOSED) {
        return bq_fail(err, BARQ_ERR_BUG, "session: no transaction is open");
    }
    return status;
}

static enum barq_status call(struct barq_session *session,
                             enum barq_status (*step)(struct bq_db *db, struct barq_error *err),
                             struct barq_error *err)
{
    struct barq_error why;
    struct barq_error *told = err ? err : &why;

    enum barq_status status = check(session, told);
    if (status != BARQ_OK) {
        return status;
    }
    status = step(session->db, told);
    return bq_session_after(session, status, told);
}

enum barq_status barq_savepoint(struct barq_session *session, struct barq_error *err)
{
    return call(session, bq_db_savepoint, err);
}

enum barq_status barq_savepoint_release(struct barq_session *session, struct barq_error *err)
{
    return call(session, bq_db_savepoint_release, err);
}

enum barq_status barq_savepoint_rollback(struct barq_session *session, struct barq_error *err)
{
    return call(session, bq_db_savepoint_rollback, err);
}

#include "store/store.h"

#include "auto.h"
#include "base/error.h"

static enum barq_status migrate(struct barq_session *session, struct barq_error *err)
{
    int from;
    int to;

    enum barq_status status = barq_session_begin(session, true, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bm_migrate(session, &from, &to, err);
    if (status == BARQ_OK) {
        return barq_session_commit(session, err);
    }
    barq_session_rollback(session);
    return status;
}

/* Asked for reading first, so that a look at the lists does not wait for whoever writes. */
static enum barq_status migrate_if_needed(struct barq_session *session, struct barq_error *err)
{
    bool current = false;

    enum barq_status status = barq_session_begin(session, false, err);
    if (status != BARQ_OK) {
        return status;
    }
    status = bm_tables_current(session, &current, err);
    barq_session_rollback(session);
    return status != BARQ_OK || current ? status : migrate(session, err);
}

enum barq_status bm_store_open(struct barq_session **out, struct barq_error *err)
{
    bm_auto(session) struct barq_session *session = NULL;

    enum barq_status status = barq_session_open(NULL, &session, err);
    if (status == BARQ_OK) {
        status = migrate_if_needed(session, err);
    }
    if (status == BARQ_OK) {
        *out = bq_take(session);
    }
    return status;
}

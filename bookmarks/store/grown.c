#include "store/grown.h"

#include <string.h>

enum { MANY = 1000 };

enum barq_status bm_tables_grown(struct barq_session *session, int64_t added,
                                 struct barq_error *err)
{
    if (added < MANY || strcmp(barq_session_database(session), "postgresql") != 0) {
        return BARQ_OK;
    }

    enum barq_status status = barq_session_begin(session, true, err);
    if (status == BARQ_OK) {
        /* Whoever has one of them locked, a vacuum say, is not waited for. */
        status = barq_exec(session, "ANALYZE (SKIP_LOCKED) videos, video_texts, video_tags",
                           BARQ_NO_PARAMS, err);
    }
    if (status == BARQ_OK) {
        return barq_session_commit(session, err);
    }
    barq_session_rollback(session);
    return status;
}

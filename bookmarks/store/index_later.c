#include "store/index_later.h"

#include <string.h>

static bool is_sqlite(const struct barq_session *session)
{
    return strcmp(barq_session_database(session), "sqlite") == 0;
}

enum barq_status bm_index_later(struct barq_session *session, struct barq_error *err)
{
    if (!is_sqlite(session)) {
        return BARQ_OK;
    }
    return barq_exec(session,
                     "INSERT INTO search_later (number) VALUES (0) ON CONFLICT (number) DO NOTHING",
                     BARQ_NO_PARAMS, err);
}

enum barq_status bm_index_now(struct barq_session *session, struct barq_error *err)
{
    if (!is_sqlite(session)) {
        return BARQ_OK;
    }
    enum barq_status status =
        barq_exec(session,
                  "INSERT INTO video_search (rowid, title, channel, description, transcript, notes,"
                  " tags, fields) SELECT number, title, channel, description, transcript, notes,"
                  " tags, fields FROM video_texts WHERE number IN (SELECT number FROM search_later)"
                  " ORDER BY number",
                  BARQ_NO_PARAMS, err);
    return status == BARQ_OK ? barq_exec(session, "DELETE FROM search_later", BARQ_NO_PARAMS, err)
                             : status;
}

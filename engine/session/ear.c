#include <stdlib.h>

#include "session/inside.h"

struct bq_ear {
    struct bq_db *db; /* owned */
};

enum barq_status bq_ear_open(const char *url, struct bq_ear **out, int *fd, struct barq_error *err)
{
    struct bq_ear *ear = calloc(1, sizeof(*ear));
    if (!ear) {
        return bq_fail(err, BARQ_ERR_NOMEM, "session: out of memory");
    }

    enum barq_status status = bq_db_open(url, NULL, &ear->db, err);
    if (status == BARQ_OK) {
        status = bq_db_listen(ear->db, BQ_OUTBOX_CHANNEL, fd, err);
    }
    if (status != BARQ_OK || *fd < 0) {
        bq_ear_close(ear);
        return status;
    }
    *out = ear;
    return BARQ_OK;
}

enum barq_status bq_ear_heard(struct bq_ear *ear, bool *heard, struct barq_error *err)
{
    return bq_db_heard(ear->db, heard, err);
}

void bq_ear_close(struct bq_ear *ear)
{
    if (ear) {
        bq_db_close(ear->db);
        free(ear);
    }
}

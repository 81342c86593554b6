/*
 * outbox.h - jobs to be enqueued if the transaction commits: rows in the
 * session's database. A row is the finished job.
 *
 * A job's rows belong to its receipt: its attempt streams them after COMMIT,
 * and again when the job comes back. Rows without a parent are an
 * application's; the house executor sweeps those.
 */
#ifndef BQ_SESSION_OUTBOX_H
#define BQ_SESSION_OUTBOX_H

#include "session/session.h"

struct bq_outbox_row {
    int64_t seq; /* grows */
    /* Always `uncertain`: whoever relays cannot know whether somebody else has done so, and the job
     * has run, meanwhile. */
    struct bq_job job;
};

/* Writes a row in the open write transaction; its parent is the job the session is bound to, or
 * nobody. BARQ_ERR_BUG: it is not open for writing. */
enum barq_status bq_outbox_put(struct barq_session *session, const struct bq_job *job,
                               struct barq_error *err) BARQ_MUST_CHECK;
/* Has anything been put since the transaction began? */
bool bq_outbox_has(const struct barq_session *session);

/*
 * The next rows of `parent` after `after_seq`, at most `max_rows` and about `max_bytes` (but at
 * least one), in `arena`, outside a transaction.
 */
enum barq_status bq_outbox_read(struct barq_session *session, const struct bq_identity *parent,
                                int64_t after_seq, size_t max_rows, size_t max_bytes,
                                struct barq_arena *arena, struct bq_outbox_row **out, size_t *count,
                                struct barq_error *err) BARQ_MUST_CHECK;
/* Deletes the rows of `parent` up to `upto_seq`, in a transaction of its own: they are relayed. */
enum barq_status bq_outbox_delete(struct barq_session *session, const struct bq_identity *parent,
                                  int64_t upto_seq, struct barq_error *err) BARQ_MUST_CHECK;

/*
 * The same for the rows of an application, which anybody can write: one that is larger than
 * BQ_JOB_MAX_BYTES comes without payload. Of what can be no job the id is ""; the rest is to be checked
 * (bq_job_valid()).
 */
enum barq_status bq_outbox_sweep(struct barq_session *session, int64_t after_seq, size_t max_rows,
                                 size_t max_bytes, struct barq_arena *arena,
                                 struct bq_outbox_row **out, size_t *count, struct barq_error *err)
    BARQ_MUST_CHECK;
/* Deletes swept rows by their seq, in a transaction of its own. */
enum barq_status bq_outbox_swept(struct barq_session *session, const struct bq_outbox_row *rows,
                                 size_t count, struct barq_error *err) BARQ_MUST_CHECK;

#endif

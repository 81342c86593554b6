/*
 * receipt.h - "this job has its final outcome, and here it is": a row in the
 * session's database. Whoever inserts it first decides.
 */
#ifndef BQ_SESSION_RECEIPT_H
#define BQ_SESSION_RECEIPT_H

#include "session/session.h"

struct bq_receipt {
    bool success;
    const void *result; /* the encoded result (job/record.h) */
    size_t result_bytes;
    int64_t keep_result_ms; /* as the broker gets it; BARQ_OFF: none */
};

/* Looks; outside or inside a transaction. The result in `arena`; empty when it is larger than
 * what can be told, which then is only that the job has ended, and how. */
enum barq_status bq_receipt_find(struct barq_session *session, const struct bq_identity *identity,
                                 struct barq_arena *arena, struct bq_receipt *out, bool *found,
                                 struct barq_error *err) BARQ_MUST_CHECK;
/* Inserts, in the write transaction that is open; on SQLite it was the beginning of that which
 * waited for another one's end. BARQ_ERR_EXISTS: somebody was first; the caller rolls back and looks. */
enum barq_status bq_receipt_insert(struct barq_session *session, const struct bq_identity *identity,
                                   const struct bq_receipt *receipt, int64_t now_ms,
                                   struct barq_error *err) BARQ_MUST_CHECK;
/* The same and COMMIT, as the last of the transaction, which is over whatever happens; on PostgreSQL in one flight.
 * Statuses of both; BARQ_ERR_CONN: nobody knows. */
enum barq_status bq_receipt_commit(struct barq_session *session, const struct bq_identity *identity,
                                   const struct bq_receipt *receipt, int64_t now_ms,
                                   struct barq_error *err) BARQ_MUST_CHECK;

/* The oldest receipts written before `before_ms`, at most `max`, oldest first; identities in
 * `arena`. Outside a transaction. */
enum barq_status bq_receipt_oldest(struct barq_session *session, int64_t before_ms, size_t max,
                                   struct barq_arena *arena, struct bq_identity **out,
                                   size_t *count, struct barq_error *err) BARQ_MUST_CHECK;
/* Deletes these, and outbox rows that are left of them, in a transaction of its own. */
enum barq_status bq_receipt_delete(struct barq_session *session,
                                   const struct bq_identity *identities, size_t count,
                                   struct barq_error *err) BARQ_MUST_CHECK;

#endif

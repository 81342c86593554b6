/*
 * index_later.h - many texts written in one transaction, and indexed at its end.
 *
 *     begin; bm_index_later(); ... bm_index_now(); commit
 *
 * Without it each is indexed when it is written, which is as right, but of many
 * slower in SQLite. What is rolled back between the two is nobody's concern. In
 * PostgreSQL both do nothing.
 */
#ifndef BM_INDEX_LATER_H
#define BM_INDEX_LATER_H

#include <barq/session.h>

enum barq_status bm_index_later(struct barq_session *session, struct barq_error *err)
    BARQ_MUST_CHECK;
enum barq_status bm_index_now(struct barq_session *session, struct barq_error *err) BARQ_MUST_CHECK;

#endif

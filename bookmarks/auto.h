/*
 * auto.h - bq_auto() for the application's own: bm_auto(csv) struct bm_csv csv;
 */
#ifndef BM_AUTO_H
#define BM_AUTO_H

#include <barq/session.h>

/* On leaving the scope calls bm_NAME_drop(&variable). */
#define bm_auto(name) __attribute__((cleanup(bm_##name##_drop)))

/* bm_auto(rows) struct barq_rows *rows = NULL; */
static inline void bm_rows_drop(struct barq_rows **rows)
{
    barq_rows_close(*rows);
}

/* bm_auto(session) struct barq_session *session = NULL; rolls back what is open. */
static inline void bm_session_drop(struct barq_session **session)
{
    barq_session_close(*session);
}

#endif

/*
 * libpq.h - PostgreSQL's own client library, loaded when it is first needed.
 *
 * Linked in, it would bring two dozen libraries (Kerberos, LDAP, GnuTLS) into each
 * executor, also of those who have no PostgreSQL: 3.5 MB and 5 ms of its start.
 *
 * After one bq_libpq_load() that succeeded, bq_libpq.PQexec(...) is PQexec(...).
 */
#ifndef BQ_PG_LIBPQ_H
#define BQ_PG_LIBPQ_H

#include <libpq-fe.h>

#include "base/error.h"

/* clang-format off */
#define BQ_LIBPQ_FUNCTIONS(DO) \
    DO(PQcancel) DO(PQclear) DO(PQcmdStatus) DO(PQcmdTuples) DO(PQconndefaults) DO(PQconninfoFree) \
    DO(PQconnectPoll) DO(PQconnectStartParams) DO(PQconsumeInput) DO(PQdb) DO(PQdescribePrepared) \
    DO(PQenterPipelineMode) DO(PQerrorMessage) DO(PQexec) DO(PQexitPipelineMode) DO(PQfinish) \
    DO(PQflush) DO(PQfname) DO(PQfreeCancel) DO(PQfreemem) DO(PQftype) DO(PQgetCancel) \
    DO(PQgetisnull) DO(PQgetlength) DO(PQgetResult) DO(PQgetvalue) DO(PQhost) DO(PQisBusy) \
    DO(PQnfields) DO(PQnotifies) DO(PQnparams) DO(PQntuples) DO(PQparameterStatus) \
    DO(PQpipelineStatus) DO(PQpipelineSync) DO(PQport) DO(PQresultErrorField) \
    DO(PQresultErrorMessage) DO(PQresultStatus) DO(PQsendDescribePrepared) DO(PQsendFlushRequest) \
    DO(PQsendPrepare) DO(PQsendQuery) DO(PQsendQueryParams) DO(PQsendQueryPrepared) \
    DO(PQserverVersion) DO(PQsetErrorVerbosity) DO(PQsetNoticeReceiver) DO(PQsetnonblocking) \
    DO(PQsetSingleRowMode) DO(PQsocket) DO(PQstatus) DO(PQtransactionStatus) DO(PQunescapeBytea)
/* clang-format on */

struct bq_libpq {
#define BQ_LIBPQ_MEMBER(name) __typeof__(name) *name;
    BQ_LIBPQ_FUNCTIONS(BQ_LIBPQ_MEMBER)
#undef BQ_LIBPQ_MEMBER
};

/* Filled once, by the first bq_libpq_load(); the same for all threads, as the library itself is. */
extern struct bq_libpq bq_libpq;

/* From any thread. BARQ_ERR_NOTFOUND: it is not installed, or too old (14 is the oldest that will do). */
enum barq_status bq_libpq_load(struct barq_error *err) BARQ_MUST_CHECK;

#endif

/*
 * link.h - one connection to a server with a queue's schema, which comes back
 * by itself. It never blocks, but within bq_link_wait(), and while a host's name
 * is looked up: that is libpq's, so name hosts by address (or hostaddr) where a
 * name server may be slow.
 *
 * When it is connected it asks what server that is, and brings the schema up to
 * date, before it is ready: so a server that was away, or is an empty one by now,
 * needs nobody's care.
 *
 * One call at a time is under way on it. Its outcome is unknown when the
 * connection breaks before the answer.
 */
#ifndef BQ_BROKER_PG_LINK_H
#define BQ_BROKER_PG_LINK_H

#include "broker/pg/place.h"
#include "broker/pg/request.h"

enum pg_link_state { PG_LINK_AWAY, PG_LINK_READY, PG_LINK_CALLING };

/* What is called: each kind is prepared once on a connection. */
enum pg_statement {
    PG_EXCHANGE,
    PG_ENQUEUE,
    PG_ABORT,
    PG_PAUSE,
    PG_REVIVE,
    PG_REMOVE,
    PG_WATCH,
    PG_FIND,
    PG_LIST,
    PG_STATS,
    PG_WORKERS,
    PG_CRONS,
    PG_LIMITS,
    PG_WEAK,
    PG_STATEMENTS
};

struct pg_link;

/* `place` is borrowed as long as the link lives. */
enum barq_status bq_link_open(const struct pg_place *place, struct pg_link **out,
                              struct barq_error *err) BARQ_MUST_CHECK;
void bq_link_close(struct pg_link *link); /* takes NULL */

/* Readable when bq_link_work() should be called. Fixed. */
int bq_link_fd(const struct pg_link *link);
/* Goes on with whatever it does. */
enum pg_link_state bq_link_work(struct pg_link *link);
/* Waits until there may be something to do; false when it is `until_ms` by bq_mono_ms(). */
bool bq_link_wait(struct pg_link *link, int64_t until_ms);
/* Grows with each connection; 0: there has been none. */
int64_t bq_link_era(const struct pg_link *link);
/* The version of the schema that the last connection found, before it brought that up to date; 0: there was none. */
int bq_link_version_found(const struct pg_link *link);
/* Why it is away, or was last. */
const struct barq_error *bq_link_error(const struct pg_link *link);
bool bq_link_is_hopeless(const struct pg_link *link);

/* Sends a call when it is ready; `request` is borrowed until the answer. */
void bq_link_call(struct pg_link *link, enum pg_statement statement,
                  const struct pg_request *request);
/* Sends plain SQL: it is not prepared, and has no parameters. Borrowed until the answer. */
void bq_link_say(struct pg_link *link, const char *sql);
/* The answer to it, once, to be freed with PQclear(); NULL: it is not there. An error's too. */
PGresult *bq_link_answer(struct pg_link *link);
/* What an answer that is an error means; BARQ_OK when it is none. */
enum barq_status bq_link_judge(struct pg_link *link, const PGresult *answer, const char *doing,
                               struct barq_error *err) BARQ_MUST_CHECK;
/* Ends the connection: a new one is made. */
void bq_link_break(struct pg_link *link, const char *why);
/* The next notification, to be freed with PQfreemem(); NULL: there is none. */
PGnotify *bq_link_heard(struct pg_link *link);

#endif

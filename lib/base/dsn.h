/*
 * dsn.h - the address of a broker or a database, taken apart.
 *
 *     redis://worker:secret@cache.local:6379/0
 *     redis+sentinel://a:26379,b:26379/mymaster
 *     sqlite:jobs.db                 relative to where the program runs
 *     sqlite:///var/lib/barq/jobs.db
 *     memory:
 *
 * A DSN is only split here. Which schemes exist, and what hosts, path and
 * options mean, is for whoever opens it.
 */
#ifndef BQ_BASE_DSN_H
#define BQ_BASE_DSN_H

#include "base/arena.h"
#include "base/error.h"

enum { BQ_DSN_MAX_BYTES = 2048 };

/* No field is NULL: what is absent is "". */
struct bq_dsn {
    const char *scheme;
    const char *user;     /* percent-decoded */
    const char *password; /* percent-decoded; never logged */
    const char *hosts;    /* as written: "cache.local:6379", "[::1]", "a:1,b:2" */
    const char *path;     /* percent-decoded, with its leading slash if it had one */
    const char *options;  /* as written, after the question mark */
};

/*
 * Splits `text` into `out`, whose strings live in `arena`.
 *
 * BARQ_ERR_LIMIT   `text` is longer than BQ_DSN_MAX_BYTES
 * BARQ_ERR_FORMAT  `text` is no DSN; the error says what is wrong but quotes
 *                  nothing of it, since that may be the password
 * BARQ_ERR_NOMEM   `arena` is at its limit
 */
enum barq_status bq_dsn_parse(struct barq_arena *arena, const char *text, struct bq_dsn *out,
                              struct barq_error *err) BARQ_MUST_CHECK;

/*
 * Writes asterisks over what can be a password in `text`, a DSN or not: what is between the first colon and the last @
 * behind "://", and the value of each option whose name ends with "password". Its length stays.
 */
void bq_dsn_hide(char *text);

#endif
